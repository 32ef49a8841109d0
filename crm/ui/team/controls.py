"""How `option` draws its choice on the sides of the team."""

from __future__ import annotations

from typing import Any

import streamlit as st


def buttons(title: str, options: list[str], **named: Any) -> None:
    """A row of buttons that needs no title."""
    st.segmented_control(title, options, label_visibility="collapsed", **{"required": True} | named)


def short_list(title: str, options: list[str], **named: Any) -> None:
    """A list as wide as a span of days."""
    st.selectbox(title, options, width=260, **named)


def day_list(title: str, options: list[str], **named: Any) -> None:
    """A list as wide as a day."""
    st.selectbox(title, options, width=150, **named)


__all__ = ["buttons", "day_list", "short_list"]
