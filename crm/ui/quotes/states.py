"""What a person reads of the state of a quote, the same everywhere."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from crm.words import say

STATES = {
    "draft": "Draft",
    "asked": "Waits for approval",
    "approved": "Approved",
    "refused": "Approval refused",
    "sent": "Sent",
    "accepted": "Accepted",
    "declined": "Declined by the customer",
    "replaced": "Replaced by a newer version",
}
COLOURS: dict[str, Any] = {"asked": "orange", "approved": "blue", "refused": "red", "sent": "violet"}
COLOURS |= {"accepted": "green", "declined": "red"}


def state_text(state: str) -> str:
    return say(STATES[state])


def state_badge(state: str) -> None:
    st.badge(state_text(state), color=COLOURS.get(state, "gray"))


def readable(quotes: pd.DataFrame) -> pd.DataFrame:
    """With `quote_state` in words beside the code."""
    return quotes.assign(quote_state=quotes["state"].map({code: say(text) for code, text in STATES.items()}))
