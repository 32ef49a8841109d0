"""A page of a few parts, one shown at a time; which one stands in the address."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import streamlit as st

from crm.ui.address import choice
from crm.words import say

Part = tuple[str, Callable[[], None]]
"""Title (translated) and what draws it."""


def one_of(parts: Mapping[str, Part]) -> None:
    first = next(iter(parts))
    chosen = choice("view", parts, first)
    st.session_state["view"] = chosen
    st.segmented_control(
        say("View"),
        list(parts),
        key="view",
        required=True,
        format_func=lambda name: parts[name][0],
        label_visibility="collapsed",
        on_change=_open,
    )
    parts[chosen][1]()


def _open() -> None:
    st.query_params.from_dict({"view": st.session_state["view"]})
