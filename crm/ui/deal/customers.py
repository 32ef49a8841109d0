"""Choosing one customer of very many: a few letters find him."""

from __future__ import annotations

import streamlit as st

from crm.customers.queries import search_everything
from crm.ui.desk import figures
from crm.words import label, say


def find_customer(key: str, without: int | None) -> int | None:
    """-> the chosen customer, never `without`."""
    words = st.text_input(say("Find the customer"), key=f"{key}.words", type="search", live=True, placeholder=say("Search"))
    found = figures(search_everything, words=words.strip()) if words and words.strip() else []
    names = {
        hit.customer_id: f"{hit.title} · {hit.detail}" for hit in found if hit.kind == "customer" and hit.customer_id != without
    }
    if not names:
        st.caption(say("Type a few letters of the name or the code."))
        return None
    chosen: int | None = st.selectbox(
        label("customer"),
        list(names),
        index=0 if len(names) == 1 else None,
        format_func=lambda one: names[one],
        key=f"{key}.chosen",
        placeholder=say("Choose"),
    )
    return chosen
