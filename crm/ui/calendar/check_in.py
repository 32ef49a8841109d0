"""Checking in at a visit: the phone says where one stands; without an answer of the phone it works too, and says so."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from crm.access import subjects
from crm.office import commands as office
from crm.office.commands import CheckIn
from crm.office.models import Activity, ActivityKind
from crm.session import ScopedSession, get
from crm.targets.queries.calendar import firm_zone
from crm.ui.desk import act, figures
from crm.ui.form import checked
from crm.ui.support.times import told
from crm.words import say
from crm.words.formats import number

WHY = {
    "refused": "This browser was not allowed to say where you are. Allow it in the settings of the page, or check in without it.",
    "unavailable": "This device does not know where it is. Go into the open and try again, or check in without it.",
    "late": "This device did not find out in time where it is. Try again, or check in without it.",
    "insecure": "Browsers tell where one is only on pages with https. Check in without it, and ask your administrator for https.",
}

_HERE = Path(__file__).parent
_here = st.components.v2.component(
    "crm_check_in",
    css=(_HERE / "here.css").read_text(encoding="utf-8"),
    js=(_HERE / "here.js").read_text(encoding="utf-8"),
)


def check_in_part(found: Activity) -> None:
    """When and where somebody checked in; or the button, for whoever may."""
    if found.checked_in_at is not None:
        st.markdown(f":green[:material/where_to_vote:] {arrived(found.checked_in_at)} · {where(found)}")
    elif found.kind == ActivityKind.VISIT and found.happened_on is None and figures(may_check_in, activity_id=found.id):
        _ask(found.id)


def may_check_in(session: ScopedSession, activity_id: int) -> bool:
    """Whoever planned it or has the record, as far as he may change activities."""
    found = get(session, Activity, activity_id)
    record = get(session, subjects()[found.subject_type], found.subject_id)
    may = found.changeable_by(session.actor, session)
    return bool(may) and session.actor.user_id in (found.author_id, record.owner_id)


def arrived(at: Any) -> str:
    return say("Checked in {at}", at=told(at, figures(firm_zone)))


def where(row: Any) -> str:
    """31.2304, 121.4737 (± 12 m), as maps read it."""
    if row.latitude is None or pd.isna(row.latitude):
        return say("without a place")
    around = f" (± {number(row.accuracy, 0)} m)" if row.accuracy is not None and not pd.isna(row.accuracy) else ""
    return f"{row.latitude:.5f}, {row.longitude:.5f}{around}"


def _ask(activity_id: int) -> None:
    words = {"ask": say("Check in here"), "wait": say("Finding out where you are …")}
    answer: Any = _here(data={"words": words}, key=f"check_in.{activity_id}", on_told_change=lambda: None)
    failed = f"check_in.failed.{activity_id}"
    if answer.told is not None:
        st.session_state[failed] = answer.told.get("why")
        if st.session_state[failed] is None and (input := checked(CheckIn, answer.told)) is not None:
            arrive(activity_id, input)
    if why := st.session_state.get(failed):
        st.warning(say(WHY.get(why, WHY["unavailable"])), icon=":material/location_off:")
    if st.button(say("Check in without the place"), key=f"check_in.without.{activity_id}", type="tertiary"):
        arrive(activity_id, CheckIn())


def arrive(activity_id: int, input: CheckIn) -> None:
    """The dialog opens again: next comes the photo."""
    st.session_state["calendar.open"] = activity_id
    if act(office.check_in, activity_id, input, done="Checked in.") is None:
        st.session_state.pop("calendar.open")


__all__ = ["WHY", "arrive", "arrived", "check_in_part", "where"]
