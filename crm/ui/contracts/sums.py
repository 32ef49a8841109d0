"""A line of figures that wraps where the screen is narrow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from crm.words import label


@dataclass(frozen=True, slots=True)
class Figure:
    name: str
    """A column name: its label stands above the figure."""
    text: str
    about: str | None = None
    note: str | None = None
    """A few words beside the figure."""
    bad: bool = False


def figures_line(found: Sequence[Figure], key: str) -> None:
    with st.container(horizontal=True, gap="large", width="content", key=key):
        for one in found:
            value = f":red[{one.text}]" if one.bad else one.text
            note = f" :gray[:small[{one.note}]]" if one.note else ""
            st.markdown(f":gray[:small[{label(one.name)}]]  \n**{value}**{note}", help=one.about, width="content")
