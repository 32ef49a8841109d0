"""What is on the page as the rows of a file."""

from __future__ import annotations

from functools import partial

import pandas as pd

from crm.session import ScopedSession
from crm.ui.exporter import Rows


def as_shown(rows: pd.DataFrame) -> Rows:
    """For figures that were asked for already, and put together from several answers."""
    return partial(_given, rows)


def _given(rows: pd.DataFrame, _: ScopedSession) -> pd.DataFrame:
    return rows
