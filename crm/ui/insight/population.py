"""Whose purchases a lab looks at: a board, perhaps one group of its customers, perhaps a span of days; kept in the address."""

from __future__ import annotations

import datetime as dt

import streamlit as st

from crm.customers.queries import group_choices
from crm.insight.queries import Population
from crm.staff.sign_in import SignedIn
from crm.ui.address import number
from crm.ui.boards import one_board
from crm.ui.customer_filters import NEWEST, OLDEST
from crm.ui.desk import figures
from crm.words import say

ANY = 0


def chosen_population(person: SignedIn, key: str, *, days: bool = True, free: bool = False) -> Population | None:
    """The controls, one below the other, for the left of a lab; None for somebody without a board. `free`: a person may have
    orders of no amount counted as purchases."""
    board = one_board(person, f"{key}.board")
    if board is None:
        return None
    group = _group(board.id, key)
    since, until = _days(key) if days else (None, None)
    return Population(board_id=board.id, group_id=group, since=since, until=until, count_free=free and _free(key))


def _group(board_id: int, key: str) -> int | None:
    names = figures(group_choices, board_id=board_id)
    if not names:
        return None
    asked = number("group", 0)
    now = asked if asked in names else ANY
    st.session_state[f"{key}.group"] = now
    st.selectbox(
        say("Customers"),
        [ANY, *names],
        format_func=lambda one: names.get(one) or say("All customers"),
        key=f"{key}.group",
        on_change=_keep,
        args=("group", f"{key}.group"),
    )
    return now or None


def _days(key: str) -> tuple[dt.date | None, dt.date | None]:
    """Purchases from a day and to a day; empty = all of them."""
    found = []
    for name, title in (("since", say("Purchases from")), ("until", say("Purchases until"))):
        day = _day(st.query_params.get(name, ""))
        st.session_state[f"{key}.{name}"] = day
        st.date_input(
            title, None, OLDEST, NEWEST, key=f"{key}.{name}", format="YYYY-MM-DD", on_change=_keep, args=(name, f"{key}.{name}")
        )
        found.append(day)
    return found[0], found[1]


def _free(key: str) -> bool:
    now = st.query_params.get("free") == "1"
    st.session_state[f"{key}.free"] = now
    st.checkbox(
        say("Count free orders"),
        key=f"{key}.free",
        help=say("An order of no amount counts as a purchase: for a model of when customers come, not of what they pay."),
        on_change=_keep,
        args=("free", f"{key}.free"),
    )
    return now


def _day(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None


def _keep(name: str, key: str) -> None:
    chosen = st.session_state[key]
    if chosen:
        st.query_params[name] = "1" if chosen is True else str(chosen)
    else:
        st.query_params.pop(name, None)
