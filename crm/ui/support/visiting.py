"""The dialogs of a visit on the spot: plan or change it, finish it with its result."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd
import streamlit as st

from crm.office.queries import today
from crm.support import commands, queries
from crm.support.commands import VisitInput, VisitResult
from crm.ui.compare import compare, save
from crm.ui.desk import act, figures, find, me
from crm.ui.form import form
from crm.ui.support.editing import board_units
from crm.ui.support.moves import able_people
from crm.ui.support.times import local
from crm.words import label, say


def visit_dialog(case_id: int, zone: str, current: dict[str, Any] | None = None) -> None:
    """`current`: the visit as it was when the dialog opened; None = a new one. Day and time are those of the zone."""
    case = find(queries.case, case_id)
    if case is None:
        return
    people = able_people(tuple(board_units(case.board_id)))
    key = f"visit.form.{current['id'] if current else 'new'}"
    known: dict[str, Any] = {"technician_id": me().user_id} if me().user_id in people else {}
    if current:
        known = {name: None if pd.isna(current[name]) else current[name] for name in VisitInput.model_fields}
    st.caption(say("Times of {zone}.", zone=zone))
    details = form(
        VisitInput,
        known,
        key=key,
        choices={"technician_id": people},
        only=["technician_id", "minutes", "address", "task"],
        extra=lambda: {"planned_at": _planned_at(known.get("planned_at"), zone, key)},
    )
    if details is not None and current is None:
        act(commands.plan_visit, case_id, details, done="The visit is planned.")
    elif details is not None and current is not None:
        visit_id = int(current["id"])
        now = lambda: _version(case_id, visit_id)  # noqa: E731
        save(commands.edit_visit, visit_id, details, version=int(current["version"]), now=now, key=key, done="Saved.")
    compare(key)


def _planned_at(planned: Any, zone: str, key: str) -> dt.datetime:
    """Tomorrow at nine where nothing else is said."""
    first = dt.datetime.combine(figures(today) + dt.timedelta(1), dt.time(9))
    now = local(planned, zone).replace(second=0, microsecond=0) if planned is not None else first
    left, right = st.columns(2)
    with left:
        day = st.date_input(label("planned_on"), value=now.date(), key=f"{key}.day", format="YYYY-MM-DD")
    with right:
        time = st.time_input(label("time"), value=now.time(), key=f"{key}.time", step=900)
    return pd.Timestamp(dt.datetime.combine(day, time)).tz_localize(zone).to_pydatetime()


def _version(case_id: int, visit_id: int) -> int:
    rows = find(queries.visits, case_id=case_id)
    versions = {} if rows is None else dict(zip(rows["id"].tolist(), rows["version"].tolist(), strict=True))
    return int(versions.get(visit_id, 0))


def finish_dialog(visit_id: int, minutes: Any = None) -> None:
    known = {"minutes": None if pd.isna(minutes) else int(minutes)}
    key = f"visit.result.{visit_id}"
    result = form(VisitResult, known, key=key, only=["result", "minutes"], columns=1, save="The visit was made")
    if result is not None:
        act(commands.finish_visit, visit_id, result, done="The result is kept with the case.")
