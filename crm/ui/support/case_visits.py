"""The visits on the spot for one case: plan, change, finish, cancel."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from crm.support import commands, queries
from crm.support.models import VisitState
from crm.ui.desk import act, load
from crm.ui.dialog import open_dialog
from crm.ui.show import empty
from crm.ui.support.opened import Opened
from crm.ui.support.times import told
from crm.ui.support.visiting import finish_dialog, visit_dialog
from crm.ui.table import records
from crm.ui.text import literal
from crm.words import label, say

ICONS = {"planned": ":blue[:material/event:]", "done": ":green[:material/task_alt:]", "cancelled": ":gray[:material/event_busy:]"}


def visits(opened: Opened) -> None:
    rows = load(queries.visits, case_id=opened.case.id)
    if opened.may and opened.case.is_open and st.button(say("Plan a visit"), icon=":material/event:", key="case.visit.plan"):
        open_dialog(say("Plan a visit"), visit_dialog, opened.case.id, opened.zone, width="medium")
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
        open_dialog(say("How did the visit go?"), finish_dialog, int(row.id), row.minutes, width="small")
    if st.button("", key=f"case.visit.edit.{row.id}", type="tertiary", icon=":material/edit:", help=say("Edit")):
        open_dialog(say("Change the visit"), visit_dialog, opened.case.id, opened.zone, row._asdict(), width="medium")
    if st.button(
        "", key=f"case.visit.cancel.{row.id}", type="tertiary", icon=":material/event_busy:", help=say("Cancel the visit")
    ):
        act(commands.cancel_visit, int(row.id), done="The visit is cancelled.")
