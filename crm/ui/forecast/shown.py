"""What every chart of funnel and forecast has below and behind it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from crm.pipeline import queries
from crm.ui.forecast.asked import Asked
from crm.ui.insight.about import about
from crm.ui.table import table
from crm.words import label, say

ROWS = (
    "number",
    "name",
    "customer",
    "stage",
    "state",
    "amount",
    "probability",
    "created_on",
    "expected_close_on",
    "closed_on",
    "owner",
    "unit",
)


def behind(asked: Asked, key: str, definition: str, n: int, *, formula: str | None = None) -> None:
    """The panel of a chart, with the deals it counts."""
    about(
        key,
        definition=definition,
        formula=formula,
        scope=asked.scope,
        as_of=asked.today,
        n=n,
        rows=partial(queries.export_rows, where=asked.where),
        columns=ROWS,
    )


def rows_below(
    frame: pd.DataFrame, columns: Sequence[str], key: str, *, labels: dict[str, str] | None = None, currency: str | None = None
) -> int | None:
    """The same data as a table, one click away -> the `id` of the row that was picked."""
    place = st.expander(say("As a table"), icon=":material/table:", key=f"{key}.table_open", on_change="rerun")
    if not place.open:
        return None
    with place:
        return table(frame, key=f"{key}.table", columns=columns, labels=words() | (labels or {}), currency=currency).opened


def words() -> dict[str, str]:
    """Heads of columns that mean something else on other pages."""
    return {"entered": label("entered", of="funnel")} | {state: label(state, of="state") for state in ("won", "lost", "open")}


def shares(frame: pd.DataFrame, *names: str) -> pd.DataFrame:
    """Shares of one as the percent that a table shows."""
    return frame.assign(**{name: frame[name].astype("float64") * 100 for name in names})


def days(value: Any) -> Any:
    """Whole days; nothing stays nothing."""
    return None if value is None or pd.isna(value) else round(float(value))


__all__ = ["behind", "days", "rows_below", "shares", "words"]
