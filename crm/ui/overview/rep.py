"""My day: what is planned and when, what is overdue, whom to call, which deals want an action, what my customers wait for."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd
import streamlit as st

from crm.insight.queries.calls import PLANNED, paces, queue
from crm.office.queries import agenda, done_on, today
from crm.pipeline import queries as pipeline
from crm.pipeline.queries.deals import moment
from crm.staff.sign_in import SignedIn
from crm.support import queries as support
from crm.support.filters import CaseFilter
from crm.ui.activities import ICONS
from crm.ui.address import parameters
from crm.ui.desk import figures, go, load
from crm.ui.inbox.doing import open_record, opens
from crm.ui.insight.call_card import glance
from crm.ui.insight.calls import CHOSEN, draw_once
from crm.ui.planned import planned_controls
from crm.ui.quick_log import log_button, undo_log
from crm.ui.show import empty, heading
from crm.ui.support.remaining import time_left
from crm.ui.table import records
from crm.ui.targets.mine import mine
from crm.ui.text import literal
from crm.words import label, say
from crm.words.formats import date_relative, date_short, short_money

TODAY, LATE, CALLS, DEALS, CASES, DONE = 5, 4, 5, 3, 4, 3
"""As many of each as one screen holds; the others stand where the list leads."""
SHORT = 60
REASONS = {
    "refused": "A lead refused it",
    "passed": "Should have closed on {day}",
    "silent": "Untouched for {count:day|days}",
    "unplanned": "Nothing planned",
}


def rep(person: SignedIn) -> None:
    day = figures(today)
    mine(person)
    left, middle, right = st.columns([1.25, 1, 1], gap="medium")
    with left:
        _plan(person, day)
    with middle:
        _calls(person, day)
        _deals(person)
    with right:
        _cases()
        _done(person, day)


def _headed(template: str, key: str, icon: str = ":material/arrow_forward:", **values: Any) -> bool:
    """The answer, and the way to all of it; -> was it taken?"""
    with st.container(horizontal=True, vertical_alignment="center"):
        with st.container(width="stretch"):
            heading(template, **values)
        return st.button("", icon=icon, key=key, type="tertiary", help=say("Show all"))


# ------------------------------------------------------------------------------------------------------ my plan


def _plan(person: SignedIn, day: dt.date) -> None:
    rows = load(agenda, user_id=person.user_id, until=day)
    late = rows["planned_on"] < day
    undo_log("day")
    told = {"count": int((~late).sum()), "late": int(late.sum())}
    if _headed("{count} planned for today, {late} overdue", "day.calendar", icon=":material/calendar_month:", **told):
        go("calendar")
    if rows.empty:
        empty("Nothing is planned and nobody waits. What you plan with a customer or a deal stands here on its day.")
        return
    now = rows[~late].sort_values("starts_at", kind="stable", na_position="last")
    with st.container(gap="xxsmall", key="day.plan"):
        _some(now, TODAY, day, first=True)
        if late.any():
            st.markdown(f":red[**{say('Overdue')}**]")
            _some(rows[late], LATE, day, first=now.empty)


def _some(rows: pd.DataFrame, most: int, day: dt.date, *, first: bool) -> None:
    for place, row in enumerate(records(rows.head(most))):
        _planned(row, day, quick=first and place == 0)
    if len(rows) > most and st.button(
        say("{count} more", count=len(rows) - most), key=f"day.more.{first}", type="tertiary", icon=":material/arrow_forward:"
    ):
        go("calendar")


def _name(text: str, key: str, icon: str | None = None) -> bool:
    """On one line, cut off where the controls begin; -> was it clicked?"""
    with st.container(width="stretch"):
        return st.button(literal(text), icon=icon, key=key, type="tertiary", wrap=False)


def _below(parts: list[str]) -> None:
    st.caption(" · ".join(part for part in parts if part), wrap=False)


def _planned(row: Any, day: dt.date, *, quick: bool) -> None:
    """When, with whom, what; the first answers to the keyboard."""
    late = row.planned_on < day
    when = f":red[{date_relative(row.planned_on, day)}]" if late else ""
    at = f"**{row.starts_at:%H:%M}**" if pd.notna(row.starts_at) else ""
    what = literal(row.topic) if pd.notna(row.topic) else label(row.kind, of="kind")
    parts = [when, at, what, literal(row.place) if pd.notna(row.place) else ""]
    with st.container(gap=None, key=f"due.{row.id}"):
        with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
            icon = f":material/{ICONS.get(row.kind, 'event')}:"
            if _name(row.name, f"due.open.{row.id}", icon) and opens(row.subject_type):
                open_record(row.subject_type, row.subject_id)
            planned_controls(int(row.id), int(row.version), "due", short=True, quick=quick)
        _below(parts)


# ------------------------------------------------------------------------------------------- whom to call, deals


def _calls(person: SignedIn, day: dt.date) -> None:
    """What is planned stands in the plan already."""
    if not person.boards or not person.actor.grant("insight").see:
        return
    board = person.boards[0]
    draw_once(person.user_id, board, day)
    waiting = load(queue, user_id=person.user_id, board_id=board.id, day=day)
    waiting = waiting[waiting["because"] != PLANNED]
    if _headed("{count:customer|customers} to call", "day.calls", count=len(waiting)):
        go("call-today")
    if waiting.empty:
        st.caption(say("Nobody has something to lose who was not contacted lately."))
        return
    first = waiting.head(CALLS)
    rhythms = figures(paces, customer_ids=tuple(int(one) for one in first["customer_id"]), day=day)
    with st.container(gap="xxsmall", key="day.queue"):
        for row in records(first):
            with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
                with st.container(width="stretch"):
                    if glance(row, board, rhythms.get(int(row.customer_id)), day):
                        st.session_state[CHOSEN] = int(row.customer_id)
                        go("call-today")
                log_button("customer", int(row.customer_id), row.name, f"day.log.customer.{row.customer_id}")


def _deals(person: SignedIn) -> None:
    rows = load(pipeline.needing, owner_id=person.user_id)
    with st.container(horizontal=True, vertical_alignment="center"):
        with st.container(width="stretch"):
            heading("{count:deal needs|deals need} an action", count=len(rows))
        if len(rows) and st.button(
            "", icon=":material/arrow_forward:", key="day.deals", type="tertiary", help=say("Show the rows")
        ):
            go("pipeline", show="list", ids=[int(one) for one in rows["id"]])
    with st.container(gap="xxsmall", key="day.needing"):
        for row in records(rows.head(DEALS)):
            _deal(row)


def _deal(row: Any) -> None:
    why = say(REASONS[row.why], day=date_short(row.expected_close_on), count=int(row.silent_days))
    amount = literal(short_money(row.amount, row.currency))
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        with st.container(gap=None, width="stretch"):
            if _name(row.name, f"day.deal.{row.id}"):
                go("opportunity", opportunity=int(row.id))
            _below([amount, f":{'gray' if row.why == 'unplanned' else 'orange'}[{why}]"])
        log_button("opportunity", int(row.id), row.name, f"day.log.deal.{row.id}")


# --------------------------------------------------------------------------------------------------- cases, done


def _cases() -> None:
    where = CaseFilter(open=True)
    count = figures(support.totals, where=where)["open"]
    if _headed("{count:open case|open cases} of my customers", "day.cases", count=count):
        go("cases", whose="all", **parameters(where))
    now = figures(moment)
    with st.container(gap="xxsmall", key="day.open_cases"):
        for row in records(load(support.case_list, where=where, sort="priority", descending=False, size=CASES)):
            with st.container(gap=None):
                if _name(row.subject, f"day.case.{row.id}"):
                    go("case", case=int(row.id))
                _below([time_left(row, now), literal(row.customer or "–")])


def _done(person: SignedIn, day: dt.date) -> None:
    rows = load(done_on, user_id=person.user_id, day=day)
    heading("{count:activity|activities} done today", count=len(rows))
    with st.container(gap="xxsmall", key="day.done"):
        for row in records(rows.head(DONE)):
            with st.container(gap=None):
                icon = f":material/{ICONS.get(row.kind, 'event')}:"
                if _name(row.name, f"day.done.{row.id}", icon) and opens(row.subject_type):
                    open_record(row.subject_type, row.subject_id)
                _below([literal(_said(row))])
        if len(rows) > DONE:
            st.caption(say("{count} more", count=len(rows) - DONE))


def _said(row: Any) -> str:
    """What happened, else what it was about, else how it came out."""
    for text in (row.text, row.topic):
        if isinstance(text, str):
            return " ".join(text.split())[:SHORT]
    return label(row.outcome, of="outcome") if isinstance(row.outcome, str) else label(row.kind, of="kind")
