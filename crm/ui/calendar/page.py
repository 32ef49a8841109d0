"""The calendar: days with their entries, and the visits of a month."""

from __future__ import annotations

import streamlit as st

from crm.ui.calendar.asked import Asked, controls, kinds, read
from crm.ui.calendar.entries import entries, worded
from crm.ui.calendar.files import range_file
from crm.ui.calendar.grid import grid
from crm.ui.calendar.moving import moved
from crm.ui.calendar.opened import open_activity
from crm.ui.calendar.visits import visits
from crm.ui.desk import load, me
from crm.ui.insight.sides import side
from crm.ui.tile import told
from crm.words import say

SIDES = {"days": "Calendar", "visits": "Customer visits"}


def calendar() -> None:
    asked = read()
    titles = {name: say(title) for name, title in SIDES.items()}
    shown = side("show", titles, key="calendar.show", title=say("View"), keep=("day", "whose"))
    controls(asked, months_only=shown == "visits")
    if shown == "visits":
        visits(asked)
    else:
        _days(asked)
    if (opened := st.session_state.pop("calendar.open", None)) is not None:
        open_activity(opened)


def _days(asked: Asked) -> None:
    found = worded(load(entries, since=asked.since, until=asked.until, people=asked.people, groups=asked.groups))
    with st.container(horizontal=True, vertical_alignment="center", key="calendar.tools"):
        with st.container(width="stretch"):
            kinds(asked)
        range_file(asked)
    told("calendar", {"count": len(found)})
    if found.empty and me().actor.grant("office").change:
        st.caption(say("Nothing stands in these days. A click on a day plans a call, a visit or a task."))
    grid(asked, found)
    moved()
