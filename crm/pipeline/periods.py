"""The spans a forecast is made for."""

from __future__ import annotations

import datetime as dt
from typing import Literal, get_args

from dateutil.relativedelta import relativedelta

Kind = Literal["quarter", "next_quarter", "month", "year"]
KINDS: tuple[Kind, ...] = get_args(Kind)
Span = tuple[dt.date, dt.date]
"""First and last day."""

_MONTHS = {"quarter": 3, "next_quarter": 3, "month": 1, "year": 12}


def span(kind: Kind, day: dt.date) -> Span:
    """The one that holds a day, or the quarter after it."""
    months = _MONTHS[kind]
    start = day.replace(day=1, month=(day.month - 1) // months * months + 1)
    if kind == "next_quarter":
        start += relativedelta(months=3)
    return start, start + relativedelta(months=months, days=-1)


def before(of: Span) -> Span:
    """The span of the same length before it."""
    start, end = of
    months = (end.year - start.year) * 12 + end.month - start.month + 1
    return start - relativedelta(months=months), start - dt.timedelta(1)


__all__ = ["KINDS", "Kind", "Span", "before", "span"]
