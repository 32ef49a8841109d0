"""Deals whose expected day has passed, as reminders."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import select

from crm.office.reminding import Reminder
from crm.pipeline.models import Opportunity, OpportunityState
from crm.session import ScopedSession
from crm.staff.models import OrgUnit


def passed_close_days(session: ScopedSession, day: dt.date, before: int) -> list[Reminder]:
    query: Any = select(Opportunity.owner_id, Opportunity.id, Opportunity.name, Opportunity.expected_close_on, Opportunity.amount)
    query = query.add_columns(OrgUnit.currency).join(OrgUnit, OrgUnit.id == Opportunity.board_id)
    passed = (Opportunity.state == OpportunityState.OPEN, Opportunity.expected_close_on < day + dt.timedelta(before))
    query = query.where(*passed, Opportunity.owner_id.is_not(None)).order_by(Opportunity.expected_close_on, Opportunity.id)
    return [
        Reminder(owner, "opportunity", one, name, on, {"amount": float(amount), "currency": currency})
        for owner, one, name, on, amount, currency in session.execute(query)
    ]
