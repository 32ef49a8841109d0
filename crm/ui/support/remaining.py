"""How much time the most urgent clock of a case has left, in words."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd

from crm.ui.support.times import duration
from crm.words import label, say

HOUR = 3600
HOURS_FROM = 10 * HOUR
"""From so many working seconds on, minutes say nothing any more."""
DAYS_FROM = 48 * HOUR
"""From so many working seconds on, calendar days are said in place of working hours."""


def time_left(row: Any, now: dt.datetime) -> str:
    """A row of the queries of cases -> Resolution: 2 h 10 min left."""
    if not isinstance(row.clock, str) or pd.isna(row.left) or row.clock_state == "ended":
        return say("Nothing is promised")
    return say("{name}: {text}", name=label(row.clock), text=_rest(row, now))


def badge(row: Any, now: dt.datetime) -> str | None:
    """A row of the queue -> its colour and what is left, in few signs: "red: 2 h 10 min"; nothing where nothing is promised."""
    return f"{row.shade}: {_brief(row, now)}" if isinstance(row.shade, str) else None


def _brief(row: Any, now: dt.datetime) -> str:
    if row.left < 0:
        return say("late by {time}", time=_amount(row.left, row.breached_at, now, HOUR))
    if row.clock_state == "paused":
        return say("waits · {time}", time=_amount(row.left, None, now, HOUR))
    return _amount(row.left, row.due, now)


def _rest(row: Any, now: dt.datetime) -> str:
    if row.left < 0:
        return say("late by {time}", time=_amount(row.left, row.breached_at, now))
    if row.clock_state == "paused":
        return say("waits, {time} left", time=_amount(row.left, None, now))
    return say("{time} left", time=_amount(row.left, row.due, now))


def _amount(working_seconds: float, end: Any, now: dt.datetime, hours_from: int = HOURS_FROM) -> str:
    if abs(working_seconds) < DAYS_FROM or pd.isna(end):
        return duration(working_seconds if abs(working_seconds) < hours_from else round(working_seconds / HOUR) * HOUR)
    return say("{days} d", days=abs(end - pd.Timestamp(now)).days)
