"""The states, priorities and colours of a case as badges: the same on every page."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from crm.support.models import Colour
from crm.ui.support.times import duration
from crm.words import label, say

STATES: dict[str, Any] = {
    "new": ("blue", ":material/fiber_new:"),
    "in_progress": ("violet", ":material/pending:"),
    "waiting_customer": ("gray", ":material/pause_circle:"),
    "waiting_third": ("gray", ":material/pause_circle:"),
    "solved": ("green", ":material/task_alt:"),
    "closed": ("gray", ":material/lock:"),
}
PRIORITIES: dict[str, Any] = {"critical": "red", "high": "orange", "normal": "gray", "low": "gray"}
INKS = {Colour.GREEN.value: "green", Colour.AMBER.value: "orange", Colour.RED.value: "red"}
"""The colours of the rules in the words of the page."""


def state_badge(state: str) -> None:
    color, icon = STATES[state]
    st.badge(label(state, of="state"), icon=icon, color=color)


def priority_badge(priority: str) -> None:
    st.badge(label(priority, of="priority"), color=PRIORITIES[priority], help=label("priority"))


def ink(colour: Any) -> str:
    """Of a clock; where nothing is promised it has none."""
    return INKS.get(str(colour), "gray")


def left_badge(clock: Any) -> None:
    """How much time the most urgent clock has left."""
    if pd.isna(clock.target) or clock.state == "ended":
        return
    late, time = float(clock.left) < 0, duration(clock.left)
    text = say("{time} late", time=time) if late else say("{time} left", time=time)
    icon = ":material/pause:" if clock.state == "paused" else ":material/timer:"
    st.badge(text, icon=icon, color=ink(clock.colour), help=label(str(clock.clock)))  # type: ignore[arg-type]
