"""A switch whose state stands in the address, beginning with what fits the data."""

from __future__ import annotations

import streamlit as st

from crm.ui.address import choice


def switch(name: str, titles: dict[str, str], default: str, *, title: str) -> str:
    key = f"switch.{name}"
    now = choice(name, titles, default)
    st.session_state[key] = now
    st.segmented_control(
        title,
        list(titles),
        key=key,
        required=True,
        format_func=titles.__getitem__,
        label_visibility="collapsed",
        on_change=_changed,
        args=(name, key),
    )
    return now


def _changed(name: str, key: str) -> None:
    st.query_params[name] = st.session_state[key]


__all__ = ["switch"]
