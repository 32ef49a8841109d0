"""The second chance of failed leads: how many were taken up again, and what came of it."""

from __future__ import annotations

from sqlalchemy import distinct, func, select

from crm.marketing.filters import LeadFilter
from crm.marketing.models import Lead, LeadEvent, LeadState
from crm.marketing.queries.leads import ANY
from crm.session import ScopedSession


def second_conversion_totals(session: ScopedSession, where: LeadFilter = ANY) -> dict[str, int]:
    """Of the leads the filter finds -> failed (at least once), dated (failed now, with a day for the second follow-up),
    taken_up (again, after they had failed), converted_again (taken up and converted), converted (all)."""
    conditions = where.conditions()
    failed = select(func.count(distinct(LeadEvent.lead_id))).join(Lead, Lead.id == LeadEvent.lead_id).where(*conditions)
    again = LeadEvent.from_state == LeadState.INVALID
    counts = {
        "failed": failed.where(LeadEvent.to_state == LeadState.INVALID),
        "dated": select(func.count(Lead.id)).where(
            *conditions, Lead.state == LeadState.INVALID, Lead.second_follow_up_on.is_not(None)
        ),
        "taken_up": failed.where(again),
        "converted_again": failed.where(again, Lead.state == LeadState.CONVERTED),
        "converted": select(func.count(Lead.id)).where(*conditions, Lead.state == LeadState.CONVERTED),
    }
    return {name: session.scalar(query) or 0 for name, query in counts.items()}
