"""The lists that were made of selections: what they hold today, renamed or deleted by whoever may, opened as customers."""

from __future__ import annotations

from typing import Any

import streamlit as st

from crm.customers import queries
from crm.customers.commands import GroupEdit, edit_group, remove_group
from crm.ui.compare import compare, save
from crm.ui.desk import act, figures, find, go, load
from crm.ui.dialog import open_dialog
from crm.ui.form import form
from crm.ui.show import empty
from crm.ui.table import table
from crm.words import say


def lists(board_id: int) -> None:
    """A button that opens them."""
    if st.button(say("Lists"), icon=":material/bookmarks:", key="rfm.lists", width="stretch"):
        open_dialog(say("Lists"), lists_dialog, board_id)


def lists_dialog(board_id: int) -> None:
    rows = load(queries.groups, board_id=board_id)
    if rows.empty:
        empty("No lists yet. Select customers on a chart, then save them as a segment, a call list or an audience.")
        return
    chosen = table(rows, key="groups.table", columns=["name", "purpose", "owner", "by_rule", "until", "made_from", "created_at"])
    if chosen.opened:
        _one(chosen.opened)


def _one(group_id: int) -> None:
    current = find(queries.group, group_id)
    if current is None:
        return
    size = figures(queries.group_size, group_id=group_id)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(say("{count:customer|customers} today", count=size))
        if st.button(say("Open as list"), icon=":material/open_in_new:", key="groups.open"):
            go("customers", group_id=[group_id])
    if current["may_change"]:
        _change(group_id, current)


def _change(group_id: int, current: dict[str, Any]) -> None:
    key = f"groups.{group_id}"
    version = st.session_state.setdefault(f"{key}.version", current["version"])
    only = ["name", "until"] if current["purpose"] == "call_list" else ["name"]
    details = form(GroupEdit, current, key=f"{key}.form", only=only, columns=1)
    if details is not None:
        save(edit_group, group_id, details, version=version, now=lambda: _version(group_id), key=key, done="Saved.")
    compare(key)
    if st.button(say("Delete this list"), key="groups.delete", type="tertiary", icon=":material/delete:"):
        act(remove_group, group_id, done="Deleted. Its customers stay as they are.")


def _version(group_id: int) -> int:
    found = find(queries.group, group_id)
    return int(found["version"]) if found else 0
