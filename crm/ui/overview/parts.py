"""Blocks that several of the overviews have."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd
import streamlit as st

from crm.customers import queries
from crm.ui.desk import go, load
from crm.ui.planned import planned_controls
from crm.ui.show import empty, heading
from crm.ui.table import records, table
from crm.ui.text import literal
from crm.words import label
from crm.words.formats import date_relative


def renewals(day: dt.date, board_id: int | None = None) -> None:
    due = load(queries.renewals_due, until=day + dt.timedelta(30), board_id=board_id, limit=8)
    if due.empty:
        return
    heading("{count:renewal|renewals} due in 30 days", count=len(due))
    chosen = table(due, key="overview.renewals", columns=["customer", "product", "ends_on"])
    if chosen.opened:
        go("customer", customer=chosen.opened)


def due_list(owner_id: int | None, day: dt.date, board_id: int | None = None, limit: int = 30) -> None:
    """Planned activities that are due: done with one click, opened with another."""
    rows = load(
        queries.planned_activities,
        until=day if owner_id is None else day + dt.timedelta(14),
        owner_id=owner_id,
        board_id=board_id,
        limit=limit,
    )
    if owner_id is not None:
        late = int((rows["planned_on"] < day).sum()) if len(rows) else 0
        heading("{count:customer is|customers are} waiting for you, {late} overdue", count=len(rows), late=late)
        if rows.empty:
            empty("Nobody is waiting. A planned activity puts a customer here.")
    for row in records(rows):
        _due(row, day)


def _due(row: Any, day: dt.date) -> None:
    """Who; what and by when stand below."""
    when = f":{'red' if row.planned_on < day else 'gray'}[{date_relative(row.planned_on, day)}]"
    what = literal(row.topic) if pd.notna(row.topic) else label(row.kind, of="kind")
    with st.container(gap=None, key=f"due.{row.activity_id}"):
        with st.container(horizontal=True, vertical_alignment="center"):
            if st.button(literal(row.name), key=f"due.open.{row.activity_id}", type="tertiary"):
                go("customer", customer=row.id)
            st.space("stretch")
            planned_controls(int(row.activity_id), int(row.version), "due")
        st.caption(f"{when} · {what}")


def daily_record(author_id: int | None, day: dt.date) -> None:
    rows = load(queries.daily_record, day=day, author_id=author_id)
    heading("{count:activity|activities} done today", count=len(rows))
    if len(rows):
        chosen = table(
            rows,
            key="overview.daily",
            columns=["author", "kind", "name", "text"] if author_id is None else ["kind", "name", "text"],
        )
        if chosen.opened:
            go("customer", customer=chosen.opened)
