"""What a board decides about calling: the minutes of a day and of each contact, and the share left out to measure by."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

from pydantic import Field

from crm.editing import Input
from crm.office.models import ActivityKind

CONTACTS = (ActivityKind.CALL, ActivityKind.VISIT, ActivityKind.MEETING, ActivityKind.EMAIL, ActivityKind.MESSAGE)
"""Kinds of activity in which somebody turns to the customer."""


class CallSettings(Input):
    minutes_a_day: int = Field(120, ge=10, le=600, description="Of each representative, for calls and what is planned.")
    call_minutes: int = Field(10, ge=1, le=240)
    visit_minutes: int = Field(60, ge=1, le=480)
    meeting_minutes: int = Field(45, ge=1, le=480)
    email_minutes: int = Field(5, ge=1, le=240)
    message_minutes: int = Field(5, ge=1, le=240)
    control_percent: int = Field(
        10, ge=0, le=50, description="Left out by lot, so that the effect can be measured. 0 = measure nothing."
    )
    period_days: int = Field(28, ge=7, le=91, description="A customer is drawn once in a period, and keeps his lot in it.")
    rest_days: int = Field(14, ge=0, le=365, description="So long nobody is proposed again after a contact.")

    def minutes(self, kind: str) -> int:
        """Of what has no minutes of its own, those of a call."""
        return int(getattr(self, f"{kind}_minutes", self.call_minutes))

    def period(self, day: dt.date) -> Period:
        """Periods follow each other without gaps, counted from a fixed day."""
        number, into = divmod(day.toordinal(), self.period_days)
        start = day - dt.timedelta(into)
        return Period(f"{self.period_days}x{number}", start, start + dt.timedelta(self.period_days - 1))


class Period(NamedTuple):
    name: str
    """What the lot is drawn with."""
    start: dt.date
    end: dt.date
