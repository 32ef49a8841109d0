"""What happened to a case, newest first, in sentences; below it every change of the record."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pandas as pd
import streamlit as st

from crm.support import queries
from crm.ui.customer.history import every_change
from crm.ui.desk import load
from crm.ui.show import heading
from crm.ui.support.opened import Opened
from crm.ui.support.times import local
from crm.ui.table import records
from crm.ui.text import literal
from crm.words import label, say
from crm.words.formats import date_short

LINES = 100


@dataclass(frozen=True)
class Told:
    at: pd.Timestamp
    icon: str
    sentence: str
    who: str


def history(opened: Opened) -> None:
    found = sorted([*_events(opened), *_visits(opened), *_escalations(opened)], key=lambda one: one.at, reverse=True)
    heading("{count:step|steps} since it was opened", count=len(found))
    shown = found if st.session_state.get("case.history.all") else found[:LINES]
    days: dict[dt.date, list[str]] = {}
    for one in shown:
        at = local(one.at, opened.zone)
        who = "" if one.who in one.sentence else f" :gray[· {one.who}]"
        line = f":gray[{at:%H}\\:{at:%M}] :material/{one.icon}: {one.sentence}{who}"
        days.setdefault(at.date(), []).append(line)
    for day, lines in days.items():
        with st.container(horizontal=True, gap="medium"):
            st.markdown(f":gray[{date_short(day)}]", width=110)
            st.markdown("  \n".join(lines), width="stretch")
    if len(found) > len(shown):
        st.toggle(say("Show all {count}", count=len(found)), key="case.history.all")
    every_change(queries.case, opened.case.id)


def _events(opened: Opened) -> Iterator[Told]:
    before: Any = None
    for row in records(load(queries.events, case_id=opened.case.id)):
        icon, sentence = _event(row, before)
        if isinstance(row.note, str) and row.what != "merged":
            sentence += f": {literal(row.note)}"
        yield Told(pd.Timestamp(row.at), icon, sentence, literal(row.by or "–"))
        before = row


def _event(row: Any, before: Any) -> tuple[str, str]:
    state = label(row.state, of="state")
    match row.what:
        case "opened":
            return "flag", say("Taken in with priority {priority}", priority=label(row.priority, of="priority"))
        case "priority":
            old = label(before.priority, of="priority") if before is not None else "–"
            return "priority_high", say("Priority {before} → {after}", before=old, after=label(row.priority, of="priority"))
        case "handed_over":
            return _given(row)
        case "reopened":
            return "undo", say("Reopened")
        case "merged":
            return "merge", say("Became part of {number}", number=literal(row.note or "–"))
    if before is None:
        return "arrow_forward", state
    since = pd.Timestamp(row.at) - pd.Timestamp(before.at)
    told = say("{before} → {after} after {days:day|days}", before=label(before.state, of="state"), after=state, days=since.days)
    if since.days:
        return _icon(row.state), told
    return _icon(row.state), say("{before} → {after}", before=label(before.state, of="state"), after=state)


def _icon(state: str) -> str:
    icons = {"solved": "task_alt", "closed": "lock", "waiting_customer": "pause", "waiting_third": "pause"}
    return icons.get(state, "arrow_forward")


def _given(row: Any) -> tuple[str, str]:
    if not isinstance(row.owner, str):
        return "move_up", say("Handed to {team}: nobody has it yet", team=literal(row.team or "–"))
    if row.owner == row.by:
        return "back_hand", say("Taken by {name}", name=literal(row.owner))
    return "move_up", say("Given to {name}, {team}", name=literal(row.owner), team=literal(row.team or "–"))


def _visits(opened: Opened) -> Iterator[Told]:
    rows = load(queries.visits, case_id=opened.case.id)
    for row in records(rows[rows["done_at"].notna()]):
        yield Told(pd.Timestamp(row.done_at), "directions_car", say("Visit made"), literal(row.technician or "–"))


def _escalations(opened: Opened) -> Iterator[Told]:
    for row in records(load(queries.escalations, case_id=opened.case.id)):
        who = literal(row.to or say("nobody"))
        clock, level = label(row.clock), label(row.level, of="late")
        told = say("{clock} is {level}: {who} was told", clock=clock, level=level, who=who)
        yield Told(pd.Timestamp(row.at), "notification_important", told, label("system", of="role"))
