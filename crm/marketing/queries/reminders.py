"""Leads that are to be taken up again, as reminders."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import select

from crm.marketing.models import Lead, LeadState
from crm.office.reminding import Reminder
from crm.session import ScopedSession


def second_follow_ups(session: ScopedSession, day: dt.date, before: int) -> list[Reminder]:
    query: Any = select(Lead.owner_id, Lead.id, Lead.name, Lead.second_follow_up_on, Lead.invalid_reason)
    due = (Lead.state == LeadState.INVALID, Lead.second_follow_up_on <= day + dt.timedelta(before), Lead.owner_id.is_not(None))
    rows = session.execute(query.where(*due).order_by(Lead.second_follow_up_on, Lead.id))
    return [Reminder(owner, "lead", one, name, on, {"reason": reason}) for owner, one, name, on, reason in rows]
