"""What attainment pays: the statements of a period, reckoned line by line, and the rules by which they are made."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd
import streamlit as st

from crm.access import Reach
from crm.staff.sign_in import Board, SignedIn
from crm.targets import queries
from crm.ui.boards import one_board
from crm.ui.desk import load, me
from crm.ui.dialog import open_dialog
from crm.ui.exporter import export_button
from crm.ui.insight.cohort_controls import option
from crm.ui.show import empty, heading
from crm.ui.table import records, table
from crm.ui.team.controls import buttons, short_list
from crm.ui.team.frames import as_shown
from crm.ui.team.incentive_making import making
from crm.ui.team.incentive_rules import rules
from crm.ui.team.incentive_statement import Statement, statement_dialog
from crm.ui.tile import Tile, tiles, told
from crm.words import label, say
from crm.words.formats import date_short, number, percent, short_money

ALL = "all"
COLUMNS = ["person", "rule", "span", "measure", "target_amount", "actual_amount", "attained", "amount", "created_on"]
SAME = ("rule", "span", "measure")
"""Columns that are left out of the table where all rows say the same."""


def incentives(person: SignedIn) -> None:
    board = one_board(person, "incentives.board")
    if board is None:
        empty("Incentives belong to a board, and you work in none.")
        return
    controls = st.container(horizontal=True, vertical_alignment="bottom", key="incentives.controls")
    with controls:
        views = {"statements": say("Statements"), "rules": say("Rules")}
        view = option("view", views, "statements", title=say("View"), key="incentives", draw=buttons)
    if view == "rules":
        rules(board)
        return
    known = load(queries.incentives, board_id=board.id)
    with controls:
        found, chosen = _asked(board, known)
    _statements(board, known, found, chosen)


def _asked(board: Board, known: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """-> all statements of the board, and those of the period and rule that were chosen"""
    found = load(queries.statements)
    rows = found[found["board_id"] == board.id]
    chosen = _of_period(rows)
    st.space("stretch")
    making(board, known)
    return rows, chosen


def _statements(board: Board, known: pd.DataFrame, rows: pd.DataFrame, chosen: pd.DataFrame) -> None:
    if rows.empty:
        _nothing(known)
        return
    shown = _readable(chosen)
    if shown.empty:
        empty("No statement of this period and rule. Choose another one.")
        return
    _tiles(board, shown)
    _list(board, shown)


def _nothing(known: pd.DataFrame) -> None:
    if me().actor.grant("targets").see is Reach.OWN:
        empty("Here you will read what your attainment earned, line by line. There is no statement of yours yet.")
    elif known.empty:
        empty("No rule yet says what attainment pays. Make one under “Rules”; statements are then reckoned for each period.")
    else:
        empty("No statement yet. When a period with approved targets is over, reckon it: each person gets his statement.")


def _of_period(rows: pd.DataFrame) -> pd.DataFrame:
    """The newest period at first."""
    if rows.empty:
        return rows
    spans = {(one.starts_on, one.ends_on) for one in records(rows)}
    titles = {_code(*span): _span(*span) for span in sorted(spans, reverse=True)} | {ALL: say("All periods")}
    now = option("period", titles, next(iter(titles)), title=say("Period"), key="incentives", draw=short_list)
    rows = rows if now == ALL else rows[[_code(one.starts_on, one.ends_on) == now for one in records(rows)]]
    names = {ALL: say("All rules")} | {name: name for name in dict.fromkeys(rows["rule"])}
    if len(names) > 2:
        rule = option("rule", names, ALL, title=label("rule"), key="incentives", draw=short_list)
        rows = rows if rule == ALL else rows[rows["rule"] == rule]
    return rows


def _code(start: dt.date, end: dt.date) -> str:
    return f"{start.isoformat()}_{end.isoformat()}"


def _span(start: dt.date, end: dt.date) -> str:
    return f"{date_short(start)} – {date_short(end)}"


def _readable(rows: pd.DataFrame) -> pd.DataFrame:
    money = {name: rows[name].astype("float64") for name in ("base", "actual", "amount", "share")}
    spans = [_span(one.starts_on, one.ends_on) for one in records(rows)]
    told_ = rows.assign(
        **money,
        target_amount=money["base"],
        actual_amount=money["actual"],
        span=spans,
        created_on=[one.date() for one in rows["created_at"]],
    )
    return told_.assign(attained=told_["share"] * 100).sort_values("amount", ascending=False, kind="stable", ignore_index=True)


def _tiles(board: Board, rows: pd.DataFrame) -> None:
    where = {"show": "incentives", "board": str(board.id)}
    where |= {name: st.query_params[name] for name in ("period", "rule") if name in st.query_params}
    total, met = float(rows["amount"].sum()), int((rows["share"] >= 1).sum())
    mean = float(rows["share"].mean()) if len(rows) else None
    amount = short_money(total, board.currency)
    about = say("The newest statement of each person, rule and period; as far as you see them.")
    of = say("{n} of {total}", n=met, total=len(rows))
    found = [
        Tile("incentives.amount", say("Earned"), total, amount, "team", where, total="amount", about=about),
        Tile("incentives.count", say("Statements"), len(rows), number(len(rows), 0), "team", where),
        Tile("incentives.met", say("Met their target"), met, of, "team", where, total=None),
        Tile("incentives.share", say("Mean attainment"), mean, percent(mean), "team", where, total=None),
    ]
    tiles(found, "incentives.tiles")


def _list(board: Board, rows: pd.DataFrame) -> None:
    total = float(rows["amount"].sum())
    told("team", {"count": len(rows), "amount": total})
    labels = {name: label(name, of="head") for name in COLUMNS}
    labels |= {
        "amount": label("earned"),
        "target_amount": label("base", of="target"),
        "actual_amount": label("actual", of="head"),
    }
    with st.container(horizontal=True, vertical_alignment="center", key="incentives.head"):
        with st.container(width="stretch"):
            first = rows.iloc[0]
            values: dict[str, Any] = {"amount": short_money(total, board.currency), "count": len(rows)}
            most = {"name": first["person"], "most": short_money(first["amount"], board.currency)}
            if rows["person"].nunique() > 1:
                heading("{amount} for {count:statement|statements}; most for {name}: {most}", **values, **most)
            else:
                heading("{name} earned {amount}", name=first["person"], amount=values["amount"])
        where = {"board": board.name, "period": st.query_params.get("period", "")}
        export_button("incentive_statements", as_shown(rows), labels, where, area="targets", key="incentives.export")
    columns = [name for name in COLUMNS if name not in SAME or rows[name].nunique() > 1]
    shown = pd.concat([rows, pd.DataFrame([{"id": 0, "person": say("Sum"), "amount": total}])]) if len(rows) > 1 else rows
    chosen = table(shown.reset_index(drop=True), key="incentives.table", columns=columns, labels=labels, once=True)
    if chosen.opened:
        one = next(row for row in records(rows) if row.id == chosen.opened)
        open_dialog(f"{one.person} · {one.span}", statement_dialog, Statement.of(one))


__all__ = ["incentives"]
