"""The rows behind a figure of the screen that no list of another page shows."""

from __future__ import annotations

import datetime as dt
from typing import Any

import streamlit as st

from crm.customers.queries import attention, planned_activities
from crm.staff.sign_in import Board
from crm.targets.models import Measure
from crm.targets.queries import rows_of
from crm.targets.queries.standing import Standing
from crm.ui.desk import figures, go, load
from crm.ui.paging import page_of, pager
from crm.ui.show import empty, heading
from crm.ui.table import table
from crm.ui.tile import told
from crm.words import label, say
from crm.words.formats import date_short, money

SIZE = 50


def rows_behind(of: Standing, board: Board) -> None:
    """What the sum of the period is made of, newest first."""
    _back(of, board)
    asked = {"measure": of.measure, "kind": of.kind, "subject_id": of.subject_id, "board_id": board.id}
    found = load(rows_of, **asked, since=of.start, until=of.day)
    total = round(float(found["value"].sum()), 4)
    told("overview", {"count": len(found), "value": total})
    if found.empty:
        empty("Nothing came in since {day}.", day=date_short(of.start))
        return
    heading(
        "{measure} of {name} from {first} to {last}: {amount} in {count:row|rows}",
        measure=label(of.measure),
        name=of.name,
        first=date_short(of.start),
        last=date_short(of.day),
        amount=money(total, board.currency),
        count=len(found),
    )
    page = page_of(len(found), SIZE)
    shown = found.iloc[(page - 1) * SIZE : page * SIZE]
    chosen = table(
        shown.rename(columns={"day": "day_on"}),
        key=f"director.rows.{page}",
        columns=["day_on", "title", "value"],
        currency=board.currency,
    )
    if chosen.opened is not None:
        _open(of, shown.loc[shown["id"] == chosen.opened].iloc[0])
    pager(len(found), SIZE, "director.rows.pager")


def overdue_rows(of: Standing, board: Board) -> None:
    """What was planned with customers of the board for a day that has passed, longest overdue first."""
    _back(of, board)
    count = figures(attention, today=of.day, board_id=board.id)["overdue"]
    told("overview", {"count": count})
    if not count:
        empty("Nothing is overdue.")
        return
    heading("{count:activity is|activities are} overdue", count=count)
    page = page_of(count, SIZE)
    asked = {"until": of.day - dt.timedelta(1), "board_id": board.id, "limit": SIZE, "offset": (page - 1) * SIZE}
    shown = load(planned_activities, **asked)
    rows = shown.rename(columns={"id": "customer_id", "activity_id": "id", "name": "customer"})
    chosen = table(rows, key=f"director.overdue.{page}", columns=["planned_on", "customer", "kind", "topic", "author"])
    if chosen.opened is not None:
        go("customer", customer=int(rows.loc[rows["id"] == chosen.opened, "customer_id"].iloc[0]))
    pager(count, SIZE, "director.overdue.pager")


def _back(of: Standing, board: Board) -> None:
    if st.button(say("Back"), icon=":material/arrow_back:", type="tertiary", key="director.back"):
        go("overview", board=board.id, period=of.period)


def _open(of: Standing, row: Any) -> None:
    if of.measure == Measure.WON:
        go("opportunity", opportunity=int(row["id"]))
    if (customer := row["customer_id"]) == customer and customer is not None:
        go("customer", customer=int(customer))


__all__ = ["overdue_rows", "rows_behind"]
