"""A dialog with a translated title."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import streamlit as st

from crm.ui.text import literal

OPENED = "_dialogs"


def open_dialog(
    title: str, body: Callable[..., Any], *arguments: Any, width: Literal["small", "medium", "large"] = "large"
) -> None:
    """Draw `body(*arguments)` over the page; `title` is text, not markdown. Closing it draws the page again: rows can be clicked
    anew."""
    st.session_state[OPENED] = opened() + 1
    st.dialog(literal(title), width=width, on_dismiss="rerun")(body)(*arguments)


def opened() -> int:
    """How many dialogs this browser has opened."""
    count: int = st.session_state.get(OPENED, 0)
    return count
