"""Which page of a list is shown: it stands in the address, and a filter that changes goes back to the first."""

from __future__ import annotations

import streamlit as st

from crm.ui.address import number


def page_of(total: int, size: int) -> int:
    """The page the address asks for, within what there is."""
    return min(max(number("page", 1), 1), pages(total, size))


def pages(total: int, size: int) -> int:
    return max(1, -(-total // size))


def pager(total: int, size: int, key: str) -> None:
    """The pages to choose from, under the list; nothing where one page holds all."""
    page = page_of(total, size)
    if pages(total, size) > 1:
        own = f"{key}.{page}"
        st.pagination(pages(total, size), default=page, key=own, on_change=_turned, args=(own,))


def _turned(key: str) -> None:
    st.query_params["page"] = str(st.session_state[key])
