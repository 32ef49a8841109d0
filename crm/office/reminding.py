"""How people are reminded: which matters, how many days before, and after how many days whoever leads them hears of it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from pydantic import Field

from crm.editing import Input
from crm.office.models import NoticeTopic

KEY = "reminders"


@dataclass(frozen=True, slots=True)
class Reminder:
    """A matter of one person that is due: as an area finds it, before it is told."""

    user_id: int
    subject_type: str
    subject_id: int
    about: str
    due_on: dt.date
    values: dict[str, Any] = field(default_factory=dict)

    def key(self, topic: NoticeTopic) -> str:
        return f"{topic}:{self.subject_type}:{self.subject_id}:{self.due_on.isoformat()}"


class ReminderRule(Input):
    on: bool = True
    before: int = Field(0, ge=0, le=365, description="Days before the day itself.")
    escalate: int | None = Field(
        None, ge=1, le=365, description="Days after it until whoever leads the team hears of it. Empty = never."
    )
    percent: int | None = Field(None, ge=1, le=100, description="Told below this share of what is to be reached by now.")


DEFAULTS: dict[NoticeTopic, ReminderRule] = {
    NoticeTopic.ACTIVITY_DUE: ReminderRule(before=0, escalate=7),
    NoticeTopic.BIRTHDAY: ReminderRule(before=3),
    NoticeTopic.CUSTOMER_SILENT: ReminderRule(before=0, escalate=30),
    NoticeTopic.SERVICE_ENDS: ReminderRule(before=30),
    NoticeTopic.RECEIPT_DUE: ReminderRule(before=3, escalate=14),
    NoticeTopic.CONTRACT_ENDS: ReminderRule(escalate=1),
    NoticeTopic.SECOND_FOLLOW_UP: ReminderRule(before=0, escalate=7),
    NoticeTopic.CLOSE_DAY_PASSED: ReminderRule(before=0, escalate=14),
    NoticeTopic.CASE_ESCALATED: ReminderRule(before=0),
    NoticeTopic.TARGET_BEHIND: ReminderRule(before=60, percent=80),
    NoticeTopic.PERSON_SILENT: ReminderRule(before=0, escalate=7),
}
"""What holds where the firm has not said otherwise."""
