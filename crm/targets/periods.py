"""Months, quarters and years of the calendar."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache

from dateutil.relativedelta import relativedelta

from crm.targets.models import PeriodKind

MONTHS = {PeriodKind.MONTH: 1, PeriodKind.QUARTER: 3, PeriodKind.YEAR: 12}


def begins(period: str, day: dt.date) -> bool:
    return day == first_day(period, day)


def first_day(period: str, day: dt.date) -> dt.date:
    """Of the period that holds a day."""
    months = MONTHS[PeriodKind(period)]
    return day.replace(day=1, month=(day.month - 1) // months * months + 1)


@lru_cache(maxsize=1000)
def last_day(period: str, starts_on: dt.date) -> dt.date:
    end: dt.date = starts_on + relativedelta(months=MONTHS[PeriodKind(period)]) - dt.timedelta(1)
    return end


def before(period: str, starts_on: dt.date) -> dt.date:
    """The first day of the period before."""
    earlier: dt.date = starts_on - relativedelta(months=MONTHS[PeriodKind(period)])
    return earlier


def within(grain: str, period: str, starts_on: dt.date) -> list[dt.date]:
    """First days of the smaller periods of a larger one; itself, where both are of one length."""
    step, months = MONTHS[PeriodKind(grain)], MONTHS[PeriodKind(period)]
    return [starts_on + relativedelta(months=place) for place in range(0, months, step)]
