"""What waits for the word of somebody whose role approves."""

from __future__ import annotations

from typing import Any

import pandas as pd
from sqlalchemy import func, select

from crm.customers.models import Customer
from crm.database import frame
from crm.pipeline.models import Opportunity, OpportunityState, Quote, QuoteState, Registration
from crm.session import ScopedSession, through_parent
from crm.staff.models import OrgUnit, User


def registrations_to_confirm(session: ScopedSession, limit: int = 50) -> pd.DataFrame:
    """Large deals that the actor may confirm (never his own), the oldest first -> id, name, customer, amount, currency, owner,
    created_on."""
    about = (Opportunity.id, Opportunity.name, Customer.name.label("customer"), Opportunity.amount, OrgUnit.currency)
    query = select(*about, User.name.label("owner"), Opportunity.created_on)
    query = query.join(OrgUnit, OrgUnit.id == Opportunity.board_id).outerjoin(User, User.id == Opportunity.owner_id)
    query = query.outerjoin(Customer, Customer.id == Opportunity.customer_id).where(*_asked(session))
    return frame(session, query.order_by(Opportunity.created_on, Opportunity.id).limit(limit))


def decisions(session: ScopedSession) -> int:
    """How many quotes and deals wait for the actor's word."""
    if not session.actor.may("approve", "pipeline"):
        return 0
    deals = select(func.count(Opportunity.id)).where(*_asked(session))
    quotes = select(func.count(Quote.id)).join(Opportunity, Opportunity.id == Quote.opportunity_id)
    quotes = quotes.where(Quote.state == QuoteState.ASKED, Quote.by_id != session.actor.user_id)
    return (session.scalar(deals) or 0) + (session.scalar(through_parent(quotes, Quote)) or 0)


def _asked(session: ScopedSession) -> list[Any]:
    mine = Opportunity.owner_id.is_distinct_from(session.actor.user_id)
    approves = mine if session.actor.may("approve", "pipeline") else Opportunity.id < 0
    return [Opportunity.state == OpportunityState.OPEN, Opportunity.registration == Registration.ASKED, approves]
