"""An activity to another day or another hour, and back again."""

from __future__ import annotations

from typing import Any

import streamlit as st

from crm.office import commands as office
from crm.office.commands import ActivityDetails
from crm.office.queries import activity
from crm.ui.compare import compare, save
from crm.ui.desk import find
from crm.words import say
from crm.words.formats import date_short

KEY = "calendar.moving"


def move(activity_id: int, **changed: Any) -> None:
    """`changed`: planned_on, starts_at; where somebody was quicker, `moved()` shows both."""
    found = find(activity, activity_id)
    if found is None:
        return
    before = {name: getattr(found, name) for name in ActivityDetails.model_fields}
    st.session_state["calendar.moved"] = activity_id, {name: before[name] for name in changed}
    details = ActivityDetails(**before | changed)
    now = lambda: _version(activity_id)  # noqa: E731
    save(office.edit_activity, activity_id, details, version=found.version, now=now, key=KEY, done="Moved.")


def moved() -> None:
    """The way back for the last move of this browser, and what somebody else did meanwhile."""
    compare(KEY)
    if (last := st.session_state.get("calendar.moved")) is None:
        return
    activity_id, before = last
    text = say("Undo: back to {day}", day=date_short(before["planned_on"]))
    if st.button(text, key="calendar.undo", icon=":material/undo:", type="tertiary"):
        move(activity_id, **before)


def _version(activity_id: int) -> int:
    found = find(activity, activity_id)
    return found.version if found else 0
