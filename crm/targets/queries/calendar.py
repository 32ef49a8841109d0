"""The days on which the firm works."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
from sqlalchemy import select

from crm.database import now
from crm.office.queries import demo_day
from crm.session import ScopedSession
from crm.support.models import WorkingCalendar

Days = npt.NDArray[np.datetime64]


def firm_zone(session: ScopedSession) -> str:
    """Of the firm's first calendar; its days begin and end there."""
    return session.scalar(select(WorkingCalendar.zone).order_by(WorkingCalendar.id).limit(1)) or "UTC"


def firm_day(session: ScopedSession) -> dt.date:
    """Today where the firm is; of a demo company its own."""
    return demo_day(session) or now().astimezone(ZoneInfo(firm_zone(session))).date()


def working_days(session: ScopedSession, since: dt.date, until: dt.date) -> Days:
    """From day to day by the firm's first calendar; Monday to Friday, while it has none."""
    days = np.arange(np.datetime64(since, "D"), np.datetime64(until, "D") + 1)
    found = session.scalars(select(WorkingCalendar).order_by(WorkingCalendar.id).limit(1)).first()
    if found is None:
        return days[np.is_busday(days)]
    hours = found.hours()
    monday = np.datetime64("1970-01-05", "D")
    works = np.array([bool(blocks) for blocks in hours.week])[(days - monday).astype("int64") % 7]
    works &= ~np.isin(days, np.array(sorted(hours.holidays), dtype="datetime64[D]"))
    for day, blocks in hours.extra.items():
        works[days == np.datetime64(day, "D")] = bool(blocks)
    found_days: Days = days[works]
    return found_days


def count_days(days: Days, since: dt.date, until: dt.date) -> int:
    """How many of the days lie between two days, both counted."""
    first, last = np.searchsorted(days, np.datetime64(since, "D")), np.searchsorted(days, np.datetime64(until, "D"), "right")
    return max(int(last - first), 0)
