"""Views of a list under a name: those that come with the page, and those a person saved."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from crm.office import commands
from crm.office.queries import views
from crm.ui.address import choice
from crm.ui.desk import act, load
from crm.ui.text import literal
from crm.words import say

Address = dict[str, Any]
Fixed = Mapping[str, tuple[str, Address]]
"""name -> title (translated), and what the address then carries; the first is shown when the address names none."""


def saved_views(page: str, fixed: Fixed, state: Callable[[], dict[str, Any]]) -> None:
    """As tabs. `state()` -> what a view keeps: `filter` (parameters) and further parameters of the address."""
    saved = load(views, page=page)
    own = dict(zip(saved["name"], saved["state"], strict=True)) if len(saved) else {}
    addresses = {name: _address(kept) for name, kept in own.items()} | {name: address for name, (_, address) in fixed.items()}
    chosen, key = choice("view", addresses, next(iter(fixed))), f"{page}.view"
    st.session_state[key] = chosen
    st.segmented_control(
        say("View"),
        [*fixed, *(name for name in own if name not in fixed)],
        key=key,
        format_func=lambda name: fixed[name][0] if name in fixed else literal(name),
        label_visibility="collapsed",
        on_change=_open,
        args=(key, addresses, next(iter(fixed))),
    )
    with st.popover(say("Save view"), icon=":material/bookmark_add:", type="tertiary", key=f"{page}.save_view"):
        name = st.text_input(say("Name of the view"), key=f"{page}.view_name")
        if st.button(say("Save"), key=f"{page}.view_save", type="primary") and name:
            act(commands.save_view, page, name, state(), done="View saved.")
        if chosen in own and st.button(say("Delete the view {name}", name=chosen), key=f"{page}.view_delete", type="tertiary"):
            ids = dict(zip(saved["name"], saved["id"], strict=True))
            st.query_params.clear()
            act(commands.remove_view, ids[chosen], done="View deleted.")


def _address(kept: dict[str, Any]) -> Address:
    further = {name: value for name, value in kept.items() if name != "filter" and value}
    found: Address = dict(kept["filter"])
    return found | {name: ",".join(value) if isinstance(value, list) else value for name, value in further.items()}


def _open(key: str, addresses: dict[str, Address], first: str) -> None:
    name = st.session_state[key] or first
    st.query_params.from_dict({"view": name} | addresses[name])
