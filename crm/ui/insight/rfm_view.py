"""A choice among a few, in the address: which side of the RFM explorer is looked at, and what its charts show."""

from __future__ import annotations

import streamlit as st

from crm.ui.address import choice
from crm.words import say


def chosen_view() -> str:
    """cells, segments, change or rules"""
    options = {"cells": say("Cells"), "segments": say("Segments"), "change": say("Two dates"), "rules": say("Segment rules")}
    return switch("show", options)


def switch(name: str, options: dict[str, str]) -> str:
    """The first one where the address names none."""
    now, key = choice(name, tuple(options), next(iter(options))), f"rfm.{name}"
    st.session_state[key] = now
    st.segmented_control(
        say("View"),
        list(options),
        format_func=lambda one: options[one],
        key=key,
        label_visibility="collapsed",
        on_change=_switched,
        args=(name, key),
    )
    return now


def _switched(name: str, key: str) -> None:
    if st.session_state[key]:
        st.query_params[name] = st.session_state[key]
