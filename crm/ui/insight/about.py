"""What is this? The panel behind every chart: definition, formula, scope, as of, n, what was left out, and the rows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from crm.ui.exporter import Rows, export_files
from crm.ui.show import heading
from crm.ui.table import table
from crm.words import label, say
from crm.words.formats import date_short, number


def titled(template: str, key: str, **values: Any) -> st.delta_generator.DeltaGenerator:
    """The title of a chart, stating the answer; -> the place at its right end where `about` belongs."""
    with st.container(horizontal=True, vertical_alignment="center", key=f"{key}.head"):
        with st.container(width="stretch"):
            heading(template, **values)
        return st.container(width="content")


def about(
    key: str,
    *,
    definition: str,
    scope: str,
    as_of: dt.date | None,
    n: int,
    formula: str | None = None,
    left_out: pd.DataFrame | None = None,
    rows: Rows | None = None,
    columns: Sequence[str] = (),
) -> None:
    """A small sign that opens the panel. `definition` and `scope` in the reader's words, `formula` as LaTeX, `left_out`: reason,
    orders, customers, amount. `rows(session)` gives the `columns` behind the figure, as a file, for whoever may export."""
    panel = st.popover(
        "", icon=":material/help:", type="tertiary", key=f"{key}.about", help=say("What is this?"), on_change="rerun"
    )
    if not panel.open:
        return
    with panel:
        st.markdown(definition)
        if formula:
            st.latex(formula)
        st.caption(say("Scope: {scope}", scope=scope))
        counted = number(n, 0)
        st.caption(say("As of {day} · n = {n}", day=date_short(as_of), n=counted) if as_of else say("n = {n}", n=counted))
        if left_out is not None and left_out["orders"].sum():
            _left_out(left_out[left_out["orders"] > 0], key)
        if rows is not None:
            applied = {"chart": key, "scope": scope}
            export_files("rows", rows, {name: label(name) for name in columns}, applied, key=f"{key}.rows")


def _left_out(found: pd.DataFrame, key: str) -> None:
    st.caption(say("Left out"))
    readable = [label(str(reason)) for reason in found["reason"]]
    shown = found.assign(reason=readable, id=range(len(found)))
    table(shown, key=f"{key}.left_out", columns=["reason", "orders", "customers", "amount"], opens=False)
