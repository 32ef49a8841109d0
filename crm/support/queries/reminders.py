"""Cases whose clock runs out, as reminders for those whom the job of escalations told."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import select

from crm.office.reminding import Reminder
from crm.session import ScopedSession
from crm.support.models import OPEN, Case, Escalation


def escalated(session: ScopedSession, day: dt.date, before: int) -> list[Reminder]:
    """While the case is open; the newest level of each."""
    query: Any = select(Escalation.to_id, Case.id, Case.number, Case.subject, Escalation.at, Escalation.clock, Escalation.level)
    query = query.join(Case, Case.id == Escalation.case_id).where(Case.state.in_(OPEN), Escalation.to_id.is_not(None))
    newest = {(row.to_id, row.id): row for row in session.execute(query.order_by(Escalation.at, Escalation.id))}
    return [
        Reminder(to_id, "service_case", one, f"{number} {subject}", at.date(), {"clock": clock, "level": level})
        for to_id, one, number, subject, at, clock, level in newest.values()
    ]
