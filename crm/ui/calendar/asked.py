"""What a calendar is asked for, and the line above it that asks: which days, whose, which kinds. All of it in the address."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import pandas as pd
import streamlit as st
from babel.dates import format_date, format_skeleton
from dateutil.relativedelta import relativedelta

from crm.access import Reach
from crm.office.queries import today
from crm.staff.queries import colleagues
from crm.ui.address import choice
from crm.ui.calendar.entries import GROUPS
from crm.ui.desk import figures, load, me
from crm.ui.table import records
from crm.words import label, language, say
from crm.words.formats import LOCALES

VIEWS = {"month": "Month", "week": "Week"}
KEPT = ("show", "view", "day", "whose", "kind", "state")


@dataclass(frozen=True, slots=True)
class Asked:
    view: str
    day: dt.date
    whose: str
    """mine, team, or the id of a person"""
    people: tuple[int, ...] | None
    """None = everybody whose days I see"""
    groups: tuple[str, ...]
    """none = all"""

    @property
    def since(self) -> dt.date:
        """The first day that is shown: a Monday."""
        first = self.day.replace(day=1) if self.view == "month" else self.day
        return first - dt.timedelta(first.weekday())

    @property
    def until(self) -> dt.date:
        last = self.day + relativedelta(day=31) if self.view == "month" else self.day
        return last + dt.timedelta(6 - last.weekday())

    @property
    def several(self) -> bool:
        """Are the days of more than one person shown?"""
        return self.whose == "team"


def read() -> Asked:
    people = choices()
    whose = choice("whose", tuple(people), next(iter(people)))
    groups = tuple(one for one in GROUPS if one in st.query_params.get_all("kind"))
    return Asked(choice("view", VIEWS, "month"), _day(), whose, _ids(whose), groups)


def _day() -> dt.date:
    try:
        return dt.date.fromisoformat(st.query_params.get("day", ""))
    except ValueError:
        return figures(today)


def choices() -> dict[str, str]:
    """mine, team, and each person of it -> in words; those that make sense for me, the usual one first."""
    actor = me().actor
    reach, acts = actor.grant("office").see, actor.grant("office").change is not Reach.NOTHING
    known = {"mine": say("Mine")} if acts else {}
    if reach > Reach.OWN:
        known["team"] = say("Everybody") if reach is Reach.EVERYTHING else say("My team")
        known |= {str(row.id): str(row.name) for row in records(team()) if row.id != actor.user_id}
    return known


def team() -> pd.DataFrame:
    """The people whose days I may look at."""
    actor = me().actor
    reach = actor.grant("office").see
    return load(colleagues, unit_ids=None if reach is Reach.EVERYTHING else tuple(sorted(actor.team_ids)))


def _ids(whose: str) -> tuple[int, ...] | None:
    actor = me().actor
    if whose == "team":
        everything = actor.grant("office").see is Reach.EVERYTHING
        return None if everything else tuple(row.id for row in records(team()))
    return (actor.user_id if whose == "mine" else int(whose),)


# --------------------------------------------------------------------------------------------------- the line above


def controls(asked: Asked, *, months_only: bool = False) -> None:
    """Back, today, on; which days; whose. `months_only`: without the choice of a view."""
    view = "month" if months_only else asked.view
    step = relativedelta(months=1) if view == "month" else relativedelta(weeks=1)
    with st.container(horizontal=True, vertical_alignment="center", key="calendar.controls"):
        _go("chevron_left", say("Earlier"), asked.day - step, "back")
        _go(None, say("Today"), figures(today), "today")
        _go("chevron_right", say("Later"), asked.day + step, "on")
        st.markdown(f"**{title(asked, view)}**", width="stretch")
        if not months_only:
            _one_of("view", {name: say(text) for name, text in VIEWS.items()}, asked.view)
        people = choices()
        if len(people) > 1:
            _whose(people, asked.whose)


def title(asked: Asked, view: str) -> str:
    locale = LOCALES[language()]
    if view == "month":
        return str(format_skeleton("yMMMM", asked.day, locale=locale))
    same = asked.since.month == asked.until.month and language() == "en"
    first = format_date(asked.since, "d" if same else "d MMM" if language() == "en" else "y年M月d日", locale=locale)
    return f"{first} – {format_date(asked.until, 'd MMM y' if language() == 'en' else 'M月d日', locale=locale)}"


def kinds(asked: Asked) -> None:
    st.session_state["calendar.kinds"] = list(asked.groups)
    st.pills(
        say("Kinds"),
        list(GROUPS),
        selection_mode="multi",
        format_func=lambda one: f":material/{GROUPS[one]}: {label(one, of='entry')}",
        key="calendar.kinds",
        label_visibility="collapsed",
        on_change=lambda: _put(kind=st.session_state["calendar.kinds"]),
    )


def _go(icon: str | None, text: str, day: dt.date, key: str) -> None:
    st.button(
        "" if icon else text,
        icon=f":material/{icon}:" if icon else None,
        help=text if icon else None,
        key=f"calendar.{key}",
        on_click=_put,
        kwargs={"day": day.isoformat()},
    )


def _one_of(name: str, titles: dict[str, str], now: str) -> None:
    st.session_state[f"calendar.{name}"] = now
    st.segmented_control(
        say("View"),
        list(titles),
        key=f"calendar.{name}",
        required=True,
        format_func=titles.__getitem__,
        label_visibility="collapsed",
        on_change=lambda: _put(**{name: st.session_state[f"calendar.{name}"]}),
    )


def _whose(people: dict[str, str], now: str) -> None:
    st.session_state["calendar.whose"] = now
    st.selectbox(
        say("Whose"),
        list(people),
        key="calendar.whose",
        format_func=people.__getitem__,
        label_visibility="collapsed",
        width=190,
        on_change=lambda: _put(whose=st.session_state["calendar.whose"]),
    )


def _put(**changed: str | list[str]) -> None:
    kept: dict[str, str | list[str]] = {one: st.query_params.get_all(one) for one in KEPT if one in st.query_params}
    st.query_params.from_dict(kept | changed)
