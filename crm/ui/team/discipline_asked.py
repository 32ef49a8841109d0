"""Which days, which unit, which person, and which rows behind a figure: all of it in the address."""

from __future__ import annotations

import calendar
import datetime as dt
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import streamlit as st

from crm.access import Reach
from crm.targets.queries import firm_day
from crm.ui.address import choice, number
from crm.ui.desk import figures, me
from crm.ui.filtering import units_in_reach
from crm.ui.insight.cohort_controls import day_in_address, put
from crm.words import say
from crm.words.formats import date_short

MONTH, WEEK = "month", "week"
PERIODS = {MONTH: "Month", WEEK: "Week"}
ROWS = ("missing", "deals", "leads", "silent", "not_kept")
KEPT = ("show", "period", "day", "team", "who")
"""Goes along from one view to the next."""


@dataclass(frozen=True)
class Asked:
    today: dt.date
    day: dt.date
    """Of the period."""
    period: str
    team_id: int | None
    person_id: int | None
    rows: str

    @cached_property
    def since(self) -> dt.date:
        return self.day.replace(day=1) if self.period == MONTH else self.day - dt.timedelta(self.day.weekday())

    @cached_property
    def until(self) -> dt.date:
        if self.period == WEEK:
            return self.since + dt.timedelta(6)
        return self.day.replace(day=calendar.monthrange(self.day.year, self.day.month)[1])

    @property
    def days(self) -> list[dt.date]:
        return [self.since + dt.timedelta(number) for number in range((self.until - self.since).days + 1)]

    @property
    def about(self) -> dict[str, Any]:
        """What the queries are asked."""
        return {"since": self.since, "until": self.until, "team_id": self.team_id, "person_id": self.person_id}

    @property
    def address(self) -> dict[str, Any]:
        where = {"show": "discipline", "period": self.period, "day": self.day.isoformat()}
        given = {"team": self.team_id, "who": self.person_id}
        return where | {name: value for name, value in given.items() if value is not None}

    @property
    def title(self) -> str:
        if self.period == MONTH:
            return f"{self.day:%Y-%m}"
        return say("{first} to {last}", first=date_short(self.since), last=date_short(self.until))


def asked() -> Asked:
    """What stands in the address; of a rep always himself."""
    day = figures(firm_day)
    actor = me().actor
    own = actor.grant("staff").see is Reach.OWN
    wanted = number("who", 0)
    return Asked(
        today=day,
        day=min(day_in_address("day") or day, day),
        period=choice("period", PERIODS, MONTH),
        team_id=None if own else number("team", 0) or None,
        person_id=actor.user_id if own else wanted or None,
        rows=choice("rows", ROWS, ""),
    )


def controls(of: Asked) -> None:
    """Month or week, which one, and which unit."""
    st.session_state["discipline.period"] = of.period
    st.segmented_control(
        say("Period"),
        list(PERIODS),
        key="discipline.period",
        required=True,
        format_func=lambda one: say(PERIODS[one]),
        label_visibility="collapsed",
        on_change=lambda: put("period", st.session_state["discipline.period"]),
    )
    with st.container(horizontal=True, vertical_alignment="center", gap="small", width="content", key="discipline.step"):
        _step(of.since - dt.timedelta(1), "chevron_left", "before", False)
        st.markdown(f"**{of.title}**", width="content")
        _step(of.until + dt.timedelta(1), "chevron_right", "next", of.until >= of.today)
    if me().actor.grant("staff").see is not Reach.OWN:
        _team(of)


def _step(day: dt.date, icon: str, key: str, off: bool) -> None:
    words = say("The period before") if key == "before" else say("The next period")
    st.button(
        "",
        icon=f":material/{icon}:",
        key=f"discipline.{key}",
        type="tertiary",
        help=words,
        disabled=off,
        on_click=put,
        args=("day", day.isoformat()),
    )


def _team(of: Asked) -> None:
    teams = {0: say("All teams"), **units_in_reach("staff")}
    st.session_state["discipline.team"] = of.team_id if of.team_id in teams else 0
    st.selectbox(
        say("Team"),
        list(teams),
        key="discipline.team",
        format_func=teams.__getitem__,
        label_visibility="collapsed",
        width=220,
        on_change=lambda: put("team", st.session_state["discipline.team"] or None),
    )
