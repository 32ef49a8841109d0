"""What every chart of the service has below and behind it, and what a click on it means."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from crm.support import queries
from crm.support.filters import CaseFilter
from crm.ui.insight.about import about
from crm.ui.support.quality import Asked
from crm.ui.table import table
from crm.words import say

ROWS: tuple[str, ...] = ("number", "subject", "kind", "priority", "state", "customer", "product", "owner", "team", "cause")
ROWS += ("opened_at", "answered_at", "solved_at", "closed_at")


def behind(of: Asked, key: str, definition: str, n: int, *, formula: str | None = None, where: CaseFilter | None = None) -> None:
    """The panel of a chart, with the cases it counts: those opened in the period, unless `where` says otherwise."""
    about(
        key,
        definition=definition,
        formula=formula,
        scope=of.scope,
        as_of=of.today,
        n=n,
        rows=partial(queries.export_rows, where=where or of.opened),
        columns=ROWS,
    )


def rows_below(frame: pd.DataFrame, columns: Sequence[str], key: str, *, labels: dict[str, str] | None = None) -> int | None:
    """The same data as a table, one click away -> the `id` of the row that was picked."""
    place = st.expander(say("As a table"), icon=":material/table:", key=f"{key}.table_open", on_change="rerun")
    if not place.open:
        return None
    with place:
        return table(frame, key=f"{key}.table", columns=columns, labels=labels).opened


def clicked(points: list[Any]) -> Any:
    """The first point of a chart that was pressed, else None."""
    return points[0] if points else None


__all__ = ["behind", "clicked", "rows_below"]
