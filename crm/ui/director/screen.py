"""Whether the period will be made, by whom, and what needs a look: all of it without scrolling, each figure leading on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import streamlit as st

from crm.access import Reach
from crm.charts.director import attainment_map, way
from crm.office.queries import today
from crm.staff.sign_in import Board, SignedIn
from crm.targets.models import PeriodKind
from crm.targets.periods import first_day, last_day
from crm.targets.queries.standing import Standing, standing
from crm.targets.queries.watch import Watch, watch
from crm.ui.address import choice
from crm.ui.boards import one_board
from crm.ui.desk import figures, go
from crm.ui.director.attention import attention
from crm.ui.director.leading import attainment_of
from crm.ui.director.rows import overdue_rows, rows_behind
from crm.ui.director.sending import send
from crm.ui.director.sentences import SHOWN, answer, column_title, map_answer, way_answer
from crm.ui.director.tiles import tiles
from crm.ui.insight.about import titled
from crm.ui.insight.cohort_controls import option
from crm.ui.show import Built, empty, heading, plain, show
from crm.ui.text import literal
from crm.ui.tile import Tile, tile
from crm.words import say

HEIGHT = 260


def director(person: SignedIn, trade: Callable[[SignedIn], None]) -> None:
    """`trade` draws the other view, one click away; whoever leads nobody sees it alone."""
    if person.actor.grant("targets").see < Reach.TEAM or not person.boards:
        trade(person)
        return
    if "rows" in st.query_params:
        _with_rows(person)
        return
    place = st.container(horizontal=True, vertical_alignment="center", key="director.controls")
    with place:
        board = one_board(person, "director.board")
        side = option("view", _views(), "targets", title=say("View"), key="director", draw=_buttons)
    if board is None:
        return
    if side == "trade":
        trade(replace(person, boards=(board,)))
        return
    with place:
        told = _standing(board)
        if told is not None:
            _periods(told)
        st.space("stretch")
    if told is None:
        trade(replace(person, boards=(board,)))
        return
    seen = figures(watch, board_id=board.id, unit_id=told.subject_id)
    found = tiles(told, seen, board)
    with place:
        send(told, seen, board, found)
    _screen(told, seen, board, found)


_buttons = partial(st.segmented_control, label_visibility="collapsed", required=True)


def _views() -> dict[str, str]:
    return {"targets": say("Targets"), "trade": say("Trade this month")}


def _standing(board: Board) -> Standing | None:
    """Of the quarter; on its last day, when nothing is ahead of it any more, of the year."""
    day = figures(today)
    over = day == last_day(PeriodKind.QUARTER, first_day(PeriodKind.QUARTER, day))
    period = choice("period", ("quarter", "year"), "year" if over else "quarter")
    told: Standing | None = figures(standing, board_id=board.id, period=period)
    return told


def _periods(told: Standing) -> None:
    words = {"quarter": say("This quarter"), "year": say("This year")}
    option("period", words, told.period, title=say("Period"), key="director", draw=_buttons)


def _with_rows(person: SignedIn) -> None:
    board = one_board(person, "director.board")
    told = _standing(board) if board is not None else None
    if board is None or told is None:
        return
    rows = choice("rows", tuple(_ROWS), "reached")
    if rows == "reached":
        _periods(told)
    _ROWS[rows](told, board)


_ROWS = {"reached": rows_behind, "overdue": overdue_rows}


def _screen(told: Standing, seen: Watch, board: Board, found: list[Tile]) -> None:
    st.subheader(literal(answer(told, board.currency)), anchor=False)
    row = st.container(horizontal=True, key="director.tiles", gap="small")
    for one in found:
        with row.container(width="stretch", key=f"director.tile.{one.name}"):
            tile(one, border=False)
    left, middle, right = st.columns([1.25, 1.25, 1], gap="medium")
    with left:
        _map(told, board)
    with middle:
        _way(told, board)
    with right:
        attention(seen, board)


def _map(told: Standing, board: Board) -> None:
    frame = told.periods
    if not frame["share"].notna().any():
        heading("Attainment over time")
        _no_target()
        return
    with titled("{answer}", "director.map", answer=map_answer(told)):
        pass
    kept = told.parts["subject"].head(SHOWN)
    shown = frame[frame["subject"].isin(kept)]
    columns = [column_title(start, kind) for start, kind in zip(shown["starts_on"], shown["period"], strict=True)]
    keys = [f"{kind}-{one}" for kind, one in zip(shown["subject_kind"], shown["subject_id"], strict=True)]
    starts = [start.isoformat() for start in shown["starts_on"]]
    picked = show(Built(attainment_map, shown.assign(column=columns, key=keys, start=starts), HEIGHT), key="director.map.chart")
    if picked:
        key, start = picked[0]
        kind, _, subject_id = str(key).rpartition("-")
        period, day = str(shown["period"].iloc[0]), dt.date.fromisoformat(start)
        go("targets", **attainment_of(told, board, (kind, int(subject_id)), period, day))


def _no_target() -> None:
    empty("No target of money holds for this period. Enter targets in a plan and approve it: then each team stands here.")
    if st.button(say("Target plans"), icon=":material/arrow_forward:", key="director.plans"):
        go("targets", show="plans")


def _way(told: Standing, board: Board) -> None:
    with titled("{answer}", "director.way", answer=way_answer(told, board.currency)):
        if st.button("", icon=":material/arrow_forward:", key="director.way.lead", type="tertiary", help=say("Show the rows")):
            go("targets", **attainment_of(told, board, (told.kind, told.subject_id), told.period, told.start))
    plain(Built(way, told.path, told.day, told.end, told.base, HEIGHT), key="director.way.chart")


__all__ = ["director"]
