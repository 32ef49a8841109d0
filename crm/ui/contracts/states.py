"""The life of a contract as a person reads it."""

from __future__ import annotations

from typing import Any

import streamlit as st

from crm.words import label, say

_COLOURS: dict[str, Any] = {"draft": "gray", "running": "green", "ended": "blue", "terminated": "red"}
_ICONS = {"draft": "edit_note", "running": "play_circle", "ended": "task_alt", "terminated": "cancel"}


def state_badge(state: str, renewed: bool = False) -> None:
    st.badge(label(state, of="state"), icon=f":material/{_ICONS.get(state, 'contract')}:", color=_COLOURS.get(state, "gray"))
    if renewed:
        st.badge(say("Renewed"), icon=":material/autorenew:", color="violet")
