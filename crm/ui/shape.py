"""The order and the columns of a list: both stand in the address."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import streamlit as st

from crm.words import label, say


def sort_of(sorts: Collection[str], first: str) -> tuple[Any, bool]:
    """-> the column to sort by, and whether the largest or latest comes first; `first` where the address names none."""
    wanted = st.query_params.get("sort", first)
    name = wanted.removesuffix(".up")
    return name if name in sorts else first.removesuffix(".up"), not wanted.endswith(".up")


def columns_of(known: Collection[str], usual: Sequence[str]) -> tuple[str, ...]:
    """Those of the view, else the usual ones."""
    names = (st.query_params.get("columns") or "").split(",")
    return tuple(name for name in names if name in known) or tuple(usual)


def order_and_columns(
    key: str, sorts: Sequence[str], now: tuple[str, bool], known: Sequence[str], shown: Sequence[str], labels: Mapping[str, str]
) -> None:
    """A panel to change both. `labels`: of the columns whose name is not their title."""
    panel = st.popover(say("Columns"), icon=":material/view_column:", key=f"{key}.shape", on_change="rerun")
    if not panel.open:
        return

    def title(name: str) -> str:
        return labels.get(name) or label(name)

    with panel, st.form(f"{key}.shape_form", border=False):
        by = st.selectbox(say("Sort by"), list(sorts), index=list(sorts).index(now[0]), format_func=title)
        down = st.checkbox(say("Largest or latest first"), value=now[1])
        columns = st.multiselect(say("Columns"), list(known), default=list(shown), format_func=title)
        if st.form_submit_button(say("Apply"), type="primary"):
            st.query_params["sort"] = by if down else f"{by}.up"
            st.query_params["columns"] = ",".join(columns)
            st.rerun()
