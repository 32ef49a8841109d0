"""One entry of the calendar, opened: what it is, and what can be done with it at once."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd
import streamlit as st

from crm.access import Reach
from crm.office.models import Activity
from crm.office.queries import activity, today
from crm.ui.calendar.check_in import check_in_part
from crm.ui.calendar.entries import GROUPS, one_activity, worded
from crm.ui.calendar.files import one_file
from crm.ui.calendar.photos import photos
from crm.ui.compare import compare
from crm.ui.desk import figures, find, go, load, me
from crm.ui.dialog import open_dialog
from crm.ui.inbox.doing import PLACES
from crm.ui.menu import BY_PATH, allowed
from crm.ui.planned import LATER, edit_dialog, later_day, postpone, result_dialog
from crm.ui.table import records
from crm.ui.text import literal
from crm.words import say
from crm.words.formats import date_short

DOING = {"result": "Done", "later": "Put off", "edit": "Edit"}


def open_activity(activity_id: int) -> None:
    """The dialog of one activity, from any page."""
    for row in records(worded(load(one_activity, activity_id=activity_id))):
        open_entry(row)


def open_entry(row: Any) -> None:
    """`row` of `worded(entries(...))`."""
    open_dialog(row.title, entry_dialog, row._asdict(), width="small")


def entry_dialog(entry: dict[str, Any]) -> None:
    row = pd.Series(entry)
    _facts(row)
    with st.container(horizontal=True, vertical_alignment="center"):
        _record(row)
        one_file(row)
    if not row["id"].startswith("a"):
        return
    found = find(activity, int(row["id"][1:]))
    if found is None:
        return
    check_in_part(found)
    photos(found)
    if me().actor.grant("office").change is not Reach.NOTHING:
        _do(found)


def _facts(row: Any) -> None:
    time = f" {row['starts_at']:%H:%M}" if row["starts_at"] is not None else ""
    parts = [f"**{date_short(row['day'])}{time}**", row["kind"], literal(row["who"] or "–")]
    parts += [literal(row["place"])] if row["place"] else []
    st.markdown(f":material/{GROUPS[row['group']]}: " + " · ".join(parts))
    if row["about"]:
        st.text(row["about"])


def _record(row: Any) -> None:
    """The name of the record; a way to it for whoever may open its page."""
    name, place = row["name"] or "–", PLACES.get(row["record_type"])
    if place is None or not allowed(me().actor, BY_PATH[place[0]].needs):
        st.markdown(literal(name))
    elif st.button(literal(name), icon=":material/open_in_new:", key="entry.record", help=say("Open the record")):
        go(place[0], **{place[1]: int(row["record_id"])})


def _do(found: Activity) -> None:
    if found.happened_on is not None:
        edit_dialog(found)
        return
    chosen = st.segmented_control(
        say("What to do"),
        list(DOING),
        format_func=lambda one: say(DOING[one]),
        key=f"entry.do.{found.id}",
        label_visibility="collapsed",
    )
    if chosen == "result":
        result_dialog(found)
    elif chosen == "later":
        _later(found)
    elif chosen == "edit":
        edit_dialog(found)


def _later(found: Activity) -> None:
    day, saving = figures(today), f"entry.later.{found.id}"
    with st.container(horizontal=True):
        for days in LATER:
            if st.button(later_day(days, day), key=f"entry.later.{found.id}.{days}"):
                postpone(found.id, day + dt.timedelta(days), saving)
    compare(saving)


__all__ = ["entry_dialog", "open_activity", "open_entry"]
