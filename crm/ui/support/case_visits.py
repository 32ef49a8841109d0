"""The visits on the spot for one case: plan, change, finish, cancel."""

from __future__ import annotations

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
import streamlit as st

from crm.office.queries import today
from crm.support import commands, queries
from crm.support.commands import VisitInput, VisitResult
from crm.support.models import VisitState
from crm.ui.compare import compare, save
from crm.ui.desk import act, figures, find, load, me
from crm.ui.dialog import open_dialog
from crm.ui.form import form
from crm.ui.show import empty
from crm.ui.support.editing import board_units
from crm.ui.support.moves import able_people
from crm.ui.support.opened import Opened
from crm.ui.support.times import local, told
from crm.ui.table import records
from crm.ui.text import literal
from crm.words import label, say

ICONS = {"planned": ":blue[:material/event:]", "done": ":green[:material/task_alt:]", "cancelled": ":gray[:material/event_busy:]"}


def visits(opened: Opened) -> None:
    rows = load(queries.visits, case_id=opened.case.id)
    if opened.may and opened.case.is_open and st.button(say("Plan a visit"), icon=":material/event:", key="case.visit.plan"):
        open_dialog(say("Plan a visit"), visit_dialog, opened, None, width="medium")
    if rows.empty:
        empty("No visit yet. Plan one when somebody has to go there: who, when, what for; its result stays with the case.")
    for row in records(rows):
        _visit(row, opened)


def _visit(row: Any, opened: Opened) -> None:
    with st.container(border=True, gap="xsmall", key=f"case.visit.{row.id}"):
        with st.container(horizontal=True, vertical_alignment="center"):
            when = told(row.done_at if row.state == VisitState.DONE else row.planned_at, opened.zone)
            state = label(row.state, of="state")
            st.markdown(f"{ICONS[row.state]} **{when}** · {literal(row.technician or '–')} :gray[{state}]", width="stretch")
            if opened.may and row.state == VisitState.PLANNED:
                _actions(row, opened)
        about = [literal(row.address)] if pd.notna(row.address) else []
        about += [say("{count:minute|minutes}", count=int(row.minutes))] if pd.notna(row.minutes) else []
        if about:
            st.caption(" · ".join(about))
        for text in (row.task, row.result):
            if pd.notna(text):
                st.markdown(literal(text))


def _actions(row: Any, opened: Opened) -> None:
    if st.button(say("Finish"), key=f"case.visit.finish.{row.id}", type="tertiary", icon=":material/check:"):
        open_dialog(say("How did the visit go?"), finish_dialog, opened, int(row.id), width="small")
    if st.button("", key=f"case.visit.edit.{row.id}", type="tertiary", icon=":material/edit:", help=say("Edit")):
        open_dialog(say("Change the visit"), visit_dialog, opened, row._asdict(), width="medium")
    if st.button(
        "", key=f"case.visit.cancel.{row.id}", type="tertiary", icon=":material/event_busy:", help=say("Cancel the visit")
    ):
        act(commands.cancel_visit, int(row.id), done="The visit is cancelled.")


def visit_dialog(opened: Opened, current: dict[str, Any] | None) -> None:
    """`current` is the visit as it was when the dialog opened; None = a new one."""
    people = able_people(tuple(board_units(opened.case.board_id)))
    key = f"case.visit.form.{current['id'] if current else 'new'}"
    known: dict[str, Any] = {"technician_id": me().user_id} if me().user_id in people else {}
    if current:
        known = {name: None if pd.isna(current[name]) else current[name] for name in VisitInput.model_fields}
    st.caption(say("Times of {zone}.", zone=opened.zone))
    details = form(
        VisitInput,
        known,
        key=key,
        choices={"technician_id": people},
        only=["technician_id", "minutes", "address", "task"],
        extra=lambda: {"planned_at": _when(known.get("planned_at"), opened.zone, key)},
    )
    if details is not None and current is None:
        act(commands.plan_visit, opened.case.id, details, done="The visit is planned.")
    elif details is not None and current is not None:
        visit_id = int(current["id"])
        now = lambda: _version(opened.case.id, visit_id)  # noqa: E731
        save(commands.edit_visit, visit_id, details, version=int(current["version"]), now=now, key=key, done="Saved.")
    compare(key)


def _when(planned: Any, zone: str, key: str) -> dt.datetime | None:
    """Tomorrow at nine where nothing else is said."""
    first = dt.datetime.combine(figures(today) + dt.timedelta(1), dt.time(9))
    value = local(planned, zone).replace(tzinfo=None) if planned is not None else first
    at: dt.datetime | None = st.datetime_input(label("planned_at"), value=value, key=f"{key}.at", format="YYYY-MM-DD")
    return at.replace(tzinfo=ZoneInfo(zone)).astimezone(dt.UTC) if at is not None else None


def _version(case_id: int, visit_id: int) -> int:
    rows = find(queries.visits, case_id=case_id)
    versions = {} if rows is None else dict(zip(rows["id"].tolist(), rows["version"].tolist(), strict=True))
    return int(versions.get(visit_id, 0))


def finish_dialog(opened: Opened, visit_id: int) -> None:
    result = form(
        VisitResult, key=f"case.visit.result.{visit_id}", only=["result", "minutes"], columns=1, save="The visit was made"
    )
    if result is not None:
        act(commands.finish_visit, visit_id, result, done="The result is kept with the case.")
