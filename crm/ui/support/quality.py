"""What the figures of the service go by: a period, a board, a team, a kind, a product; all of it in the address."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import streamlit as st

from crm.catalogue.queries import product_choices
from crm.office.queries import today
from crm.support.filters import CaseFilter
from crm.support.models import CaseKind
from crm.ui.address import choice, parameters
from crm.ui.desk import figures, go, me
from crm.ui.filtering import units_in_reach
from crm.ui.insight.cohort_controls import day_in_address, option, put
from crm.ui.text import literal
from crm.words import label, say
from crm.words.formats import date_short

KEPT = ("period", "since", "until", "board", "team", "kind", "product")
"""Goes along from one side to the next."""
PERIODS = {"30": "30 days", "90": "90 days", "365": "12 months", "own": "Own days"}
DEFAULT, OWN = "90", "own"
OLDEST, NEWEST = dt.date(1970, 1, 1), dt.date(2100, 12, 31)
ANY = ""


@dataclass(frozen=True)
class Asked:
    since: dt.date
    until: dt.date
    today: dt.date
    where: CaseFilter
    """Without the period."""
    scope: str

    @property
    def days(self) -> int:
        return (self.until - self.since).days + 1

    @property
    def opened(self) -> CaseFilter:
        """The cases opened in the period."""
        return self.where.model_copy(update={"opened_from": self.since, "opened_to": self.until})

    def list(self, **changes: Any) -> CaseFilter:
        """The cases opened in the period to which more applies."""
        return self.opened.model_copy(update=changes)

    def open(self, **changes: Any) -> CaseFilter:
        """What is open now."""
        return self.where.model_copy(update={"open": True} | changes)


def cases_of(where: CaseFilter) -> dict[str, Any]:
    """The address of their list."""
    return {"show": "list"} | parameters(where)


def show_cases(where: CaseFilter) -> None:
    go("cases", **cases_of(where))


def asked(key: str, *, cases: bool = True) -> Asked:
    """The line of controls. `cases`: also by kind and product."""
    day = figures(today)
    with st.container(horizontal=True, vertical_alignment="bottom", key=f"{key}.controls"):
        since, until = _period(day, key)
        where = CaseFilter(**_board(key), **_team(key), **(_kind(key) | _product(key) if cases else {}))
    return Asked(since, until, day, where, _scope(since, until, where))


def _period(day: dt.date, key: str) -> tuple[dt.date, dt.date]:
    since, until = day_in_address("since"), day_in_address("until")
    default = OWN if since or until else DEFAULT
    now = choice("period", PERIODS, default)
    st.session_state[f"{key}.period"] = now
    st.segmented_control(
        say("Period"),
        list(PERIODS),
        key=f"{key}.period",
        required=True,
        format_func=lambda one: say(PERIODS[one]),
        label_visibility="collapsed",
        on_change=_period_chosen,
        args=(f"{key}.period",),
    )
    if now != OWN:
        return day - dt.timedelta(int(now) - 1), day
    last = _day("until", say("To"), until or day, key)
    first = _day("since", say("From"), since or last - dt.timedelta(int(DEFAULT) - 1), key)
    return min(first, last), max(first, last)


def _period_chosen(key: str) -> None:
    put("period", st.session_state[key])
    if st.session_state[key] != OWN:
        put("since", None)
        put("until", None)


def _day(name: str, title: str, now: dt.date, key: str) -> dt.date:
    own = f"{key}.{name}"
    st.session_state[own] = now
    st.date_input(
        title, None, OLDEST, NEWEST, key=own, format="YYYY-MM-DD", width=130, on_change=lambda: put(name, st.session_state[own])
    )
    return now


def _board(key: str) -> dict[str, Any]:
    boards = {str(board.id): board.name for board in me().boards}
    return _one("board", "board_id", boards, say("All boards"), key) if len(boards) > 1 else {}


def _team(key: str) -> dict[str, Any]:
    teams = {str(one): name for one, name in units_in_reach("support").items()}
    return _one("team", "team_id", teams, say("All teams"), key) if len(teams) > 1 else {}


def _kind(key: str) -> dict[str, Any]:
    kinds = {kind.value: label(kind, of="kind") for kind in CaseKind}
    return _one("kind", "kind", kinds, say("All kinds"), key)


def _product(key: str) -> dict[str, Any]:
    products = {str(one): name for one, name in figures(product_choices).items()}
    return _one("product", "product_id", products, say("All products"), key) if products else {}


def _one(name: str, field: str, texts: dict[str, str], every: str, key: str) -> dict[str, Any]:
    """One of them or all -> the field of the filter."""
    chosen = option(name, {ANY: every, **texts}, ANY, title=label(name), key=key)
    return {field: (chosen if name == "kind" else int(chosen),)} if chosen else {}


def _scope(since: dt.date, until: dt.date, where: CaseFilter) -> str:
    parts = [say("{first} to {last}", first=date_short(since), last=date_short(until))]
    parts += [board.name for board in me().boards if board.id in where.board_id]
    parts += [name for one, name in units_in_reach("support").items() if one in where.team_id] if where.team_id else []
    parts += [label(one, of="kind") for one in where.kind]
    parts += [name for one, name in figures(product_choices).items() if one in where.product_id] if where.product_id else []
    return " · ".join(literal(part) for part in parts)
