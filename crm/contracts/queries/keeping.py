"""What keeps a customer with his owner, and when it came to an end: what the pools ask, which lie below."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum

from sqlalchemy import func, or_, select

from crm.contracts.models import Contract, ContractState
from crm.office.queries import today
from crm.pipeline.models import Opportunity, OpportunityCustomer, OpportunityState
from crm.session import ScopedSession


class Keeps(StrEnum):
    RUNNING_CONTRACT = "running_contract"
    OPEN_DEAL = "open_deal"


def customers_kept(session: ScopedSession) -> set[int]:
    """Customers with a running contract or an open deal: they never go to a pool."""
    return set(why_kept(session))


def why_kept(session: ScopedSession) -> dict[int, Keeps]:
    """The same, each with what keeps him; the contract where it is both."""
    running = select(Contract.customer_id).where(
        Contract.state == ContractState.RUNNING, or_(Contract.ends_on.is_(None), Contract.ends_on >= today(session))
    )
    deals = select(Opportunity.customer_id).where(
        Opportunity.state == OpportunityState.OPEN, Opportunity.customer_id.is_not(None)
    )
    further = select(OpportunityCustomer.customer_id).join(Opportunity, Opportunity.id == OpportunityCustomer.opportunity_id)
    further = further.where(Opportunity.state == OpportunityState.OPEN)
    found = {one: Keeps.OPEN_DEAL for query in (deals, further) for one in session.scalars(query.distinct()) if one is not None}
    return found | dict.fromkeys(session.scalars(running.distinct()), Keeps.RUNNING_CONTRACT)


def contracts_ended(session: ScopedSession, day: dt.date) -> dict[int, dt.date]:
    """Customers whose last contract ended before a day -> that day."""
    last = func.max(Contract.ends_on).label("ended_on")
    query = select(Contract.customer_id, last).where(Contract.state != ContractState.DRAFT).group_by(Contract.customer_id)
    # One without an end runs on, unless it was ended.
    endless = func.count(Contract.id).filter(Contract.ends_on.is_(None), Contract.state == ContractState.RUNNING)
    return {row.customer_id: row.ended_on for row in session.execute(query.having(last < day, endless == 0))}
