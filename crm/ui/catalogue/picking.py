"""Find a product among thousands by a part of its name or code, and pick it with a click."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from crm.catalogue.queries import ProductFilter, products
from crm.ui.desk import load
from crm.ui.table import records
from crm.ui.text import literal
from crm.words import say

Picked = Callable[[int, str, str], None]
"""What is done with the product: id, code, name."""


def search_field(key: str) -> None:
    st.text_input(
        say("Add a product"),
        key=f"{key}.search",
        type="search",
        live=True,
        width=280,
        icon=":material/search:",
        placeholder=say("Name or code"),
    )


def hits(key: str, picked: Picked) -> None:
    """Below the field: the first ten that fit; one that was picked may be picked again."""
    words = str(st.session_state.get(f"{key}.search") or "").strip()
    if not words:
        return
    found = {row.id: row for row in records(load(products, where=ProductFilter(search=words)))}
    if not found:
        st.caption(say("No product fits this search."))
        return
    own = f"{key}.hits.{st.session_state.get(f'{key}.picks', 0)}"
    st.pills(
        say("Products found"),
        list(found),
        key=own,
        format_func=lambda one: literal(f"{found[one].code} {found[one].name}"),
        label_visibility="collapsed",
        on_change=_picked,
        args=(key, own, {one: (row.code, row.name) for one, row in found.items()}, picked),
    )


def _picked(key: str, own: str, titles: dict[int, tuple[str, str]], picked: Picked) -> None:
    if (one := st.session_state[own]) is not None:
        st.session_state[f"{key}.picks"] = st.session_state.get(f"{key}.picks", 0) + 1
        picked(one, *titles[one])
