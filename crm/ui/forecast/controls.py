"""What both pages ask first: which board, whose deals. All of it stands in the address."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import streamlit as st

from crm.pipeline.filters import OpportunityFilter
from crm.pipeline.queries.outlook import boards_that_sell, sellers
from crm.staff.sign_in import Board, SignedIn
from crm.ui.address import parameters
from crm.ui.boards import one_board
from crm.ui.desk import figures, go, load
from crm.ui.insight.cohort_controls import day_in_address, option, put
from crm.ui.table import records
from crm.words import say

ALL = "all"
OLDEST, NEWEST = dt.date(1970, 1, 1), dt.date(2100, 12, 31)


def board_of(person: SignedIn, key: str) -> Board | None:
    """One of those of which a person sees opportunities; None where there is none."""
    known = {board.id: board for board in person.boards}
    selling = tuple(known[one] for one in figures(boards_that_sell) if one in known)
    return one_board(replace(person, boards=selling), f"{key}.board")


def whose(board_id: int, key: str) -> tuple[OpportunityFilter, str]:
    """All of the board that a person sees, one unit's, or one owner's -> filter, and its name."""
    rows = records(load(sellers, board_id=board_id))
    names = {ALL: say("All deals that I see")}
    if len({row.team_id for row in rows}) > 1:
        names |= {f"unit-{row.team_id}": str(row.team) for row in rows}
    if len({row.owner_id for row in rows}) > 1:
        names |= {f"person-{row.owner_id}": str(row.owner) for row in rows}
    where = OpportunityFilter(board_id=(board_id,))
    if len(names) == 1:
        return where, names[ALL]
    chosen = option("whose", names, ALL, title=say("Whose"), key=key)
    kind, _, number = chosen.partition("-")
    field = {"unit": "team_id", "person": "owner_id"}.get(kind)
    return (where.model_copy(update={field: (int(number),)}) if field else where), names[chosen]


def day(name: str, title: str, key: str) -> dt.date | None:
    """A day that may be left empty."""
    st.session_state[f"{key}.{name}"] = day_in_address(name)
    own = f"{key}.{name}"
    st.date_input(title, None, OLDEST, NEWEST, key=own, format="YYYY-MM-DD", on_change=lambda: put(name, st.session_state[own]))
    return day_in_address(name)


def deals(where: OpportunityFilter, **changes: Any) -> None:
    """The list of the opportunities behind a figure."""
    known = OpportunityFilter.model_validate(where.model_dump() | changes)
    go("pipeline", show="list", **parameters(known))


__all__ = ["ALL", "board_of", "day", "deals", "whose"]
