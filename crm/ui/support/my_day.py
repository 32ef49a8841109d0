"""What an agent asks first: what of mine runs out of time, what was put before me, what nobody has, whom I visit."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from crm.office.queries import today
from crm.pipeline.queries.deals import moment
from crm.staff.sign_in import SignedIn
from crm.support import queries
from crm.support.filters import CaseFilter
from crm.ui.address import parameters
from crm.ui.desk import figures, go, load
from crm.ui.show import empty, heading
from crm.ui.support.going import remember
from crm.ui.support.new_case import new_case_button
from crm.ui.support.queue import SHADES, WIDTHS, readable, shade_text
from crm.ui.support.remaining import time_left
from crm.ui.support.times import local
from crm.ui.support.visits import firm_zone
from crm.ui.table import records, table
from crm.ui.text import literal
from crm.words import label, say
from crm.words.formats import date_relative

NEXT = 6
COLUMNS = ("shade", "case", "customer", "clock")


def my_cases(person: SignedIn) -> None:
    """My open cases by colour, and what of them runs out first; each leads to the queue."""
    mine = figures(queries.queue, whose="mine", size=50)
    with st.container(horizontal=True, vertical_alignment="center", key="day.top"):
        with st.container(width="stretch"):
            heading("{count:open case|open cases} of mine, {late} late", count=mine.counts["cases"], late=mine.counts["breached"])
        new_case_button("day.new")
    if mine.rows.empty:
        empty("You have no open case. Take one that nobody has, or write down a new one.")
        return
    with st.container(horizontal=True, key="day.shades"):
        for shade in SHADES:
            if st.button(shade_text(shade, mine.counts[shade]), key=f"day.{shade}", disabled=not mine.counts[shade]):
                go("cases", whose="mine", shade=shade)
    _next(mine.rows, mine.ids)


def _next(rows: pd.DataFrame, ids: list[int]) -> None:
    """What is broken next, not what is broken already: that stands in the queue."""
    going = rows[rows["left"].astype("float64") > 0].sort_values("left").head(NEXT)
    if going.empty:
        return
    shown = readable(going, figures(moment))
    first = records(going)[0]
    heading("Runs out next: {number}, {rest}", number=first.number, rest=time_left(first, figures(moment)))
    chosen = table(
        shown,
        key="day.next",
        columns=COLUMNS,
        labels={"shade": label("time_left")},
        widths=WIDTHS,
    )
    if chosen.opened is not None:
        remember(ids)
        go("case", case=chosen.opened)


def waiting_cases(person: SignedIn) -> None:
    """Put before me because they are late, and those that nobody has taken."""
    told = CaseFilter(escalated_to_id=person.user_id, open=True)
    escalated, free = figures(queries.totals, where=told)["open"], figures(queries.whose_counts)["unassigned"]
    with st.container(horizontal=True, key="day.waiting"):
        text = say("{count:case is|cases are} escalated to me", count=escalated)
        _leads(text, escalated, "escalated", **parameters(told), whose="all")
        _leads(say("{count:case has|cases have} nobody yet", count=free), free, "free", whose="unassigned")


def _leads(text: str, count: int, key: str, **where: Any) -> None:
    if st.button(text, key=f"day.{key}", icon=":material/arrow_forward:", type="tertiary", disabled=not count):
        go("cases", **where)


def my_visits(person: SignedIn) -> None:
    rows = load(queries.visit_list, technician_id=person.user_id, limit=5)
    if rows.empty:
        return
    day, zone = figures(today), firm_zone()
    heading("{count:visit|visits} before me", count=len(rows))
    for row in records(rows):
        at = local(row.planned_at, zone)
        text = f"{date_relative(at.date(), day)} {at:%H:%M} · {literal(row.customer or row.subject)}"
        if st.button(text, key=f"day.visit.{row.id}", icon=":material/directions_walk:", type="tertiary"):
            go("case", case=row.case_id)
