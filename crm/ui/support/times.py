"""Working time and moments as the people of a service desk read them."""

from __future__ import annotations

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd

from crm.words import say
from crm.words.formats import MISSING, date_short


def duration(seconds: Any) -> str:
    """Working seconds -> 45 min, 3 h 20 min, 120 h; never days, for a working day is no day."""
    if pd.isna(seconds):
        return MISSING
    hours, minutes = divmod(round(abs(float(seconds)) / 60), 60)
    if not hours:
        return say("{minutes} min", minutes=minutes)
    return (
        say("{hours} h {minutes} min", hours=hours, minutes=minutes) if minutes and hours < 100 else say("{hours} h", hours=hours)
    )


def local(moment: Any, zone: str) -> dt.datetime:
    """A moment (UTC) as the clocks on the walls of that zone show it."""
    return pd.Timestamp(moment).tz_convert(ZoneInfo(zone)).to_pydatetime()


def told(moment: Any, zone: str) -> str:
    """Its day and its time there."""
    if pd.isna(moment):
        return MISSING
    at = local(moment, zone)
    return f"{date_short(at)} {at:%H:%M}"
