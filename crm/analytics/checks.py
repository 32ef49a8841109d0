"""Refusals of a frame that cannot be trusted: each names the column and the first rows."""

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
import pandas as pd

from crm.analytics.errors import AnalyticsError

ROWS_NAMED = 5


def require_columns(frame: pd.DataFrame, columns: Iterable[str]) -> None:
    missing = [column for column in columns if column not in frame.columns]
    if missing:
        raise AnalyticsError("Column missing: {columns}.", columns=", ".join(missing))


def refuse_missing(frame: pd.DataFrame, columns: Iterable[str]) -> None:
    for column in columns:
        refuse_rows(frame, frame[column].isna().to_numpy(), "The column {column} is empty in rows {rows}.", column)


def refuse_duplicates(frame: pd.DataFrame) -> None:
    if not frame.index.is_unique:
        again = frame.index[frame.index.duplicated()]
        raise AnalyticsError("Customers stand here more than once: {rows}.", rows=_named(again))


def refuse_rows(frame: pd.DataFrame, bad: npt.NDArray[np.bool_], template: str, column: str) -> None:
    """Raises the template with {column} and {rows} when any row is bad."""
    if bad.any():
        raise AnalyticsError(template, column=column, rows=_named(frame.index[bad]))


def _named(labels: pd.Index) -> str:
    named = ", ".join(str(label) for label in labels[:ROWS_NAMED])
    return named if len(labels) <= ROWS_NAMED else f"{named} ... ({len(labels)})"
