"""What a card of the board says besides the deal itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
from sqlalchemy import ColumnElement, case, or_, select, true

from crm.access import Reach
from crm.customers.models import Customer
from crm.database import frame
from crm.office.models import Activity
from crm.office.queries import today
from crm.pipeline.filters import TOUCHED, rotting
from crm.pipeline.models import Opportunity, OpportunityMember, OpportunityState, Registration
from crm.session import ScopedSession
from crm.staff.models import OrgUnit


def next_steps(session: ScopedSession, ids: Sequence[int]) -> pd.DataFrame:
    """What is planned next with each of these deals -> opportunity_id, kind, topic, planned_on; none = no row."""
    about = (Activity.subject_id.label("opportunity_id"), Activity.kind, Activity.topic, Activity.planned_on)
    planned = select(*about).where(Activity.subject_type == "opportunity", Activity.subject_id.in_(ids))
    planned = planned.where(Activity.happened_on.is_(None)).order_by(Activity.planned_on, Activity.id)
    return frame(session, planned).drop_duplicates("opportunity_id", ignore_index=True)


def needing(session: ScopedSession, owner_id: int, limit: int = 200) -> pd.DataFrame:
    """Open deals of somebody that want an action, the most urgent reason and the largest first -> id, name, customer, amount,
    currency, expected_close_on, silent_days, why: refused (by a lead), passed (the day on which it should have closed), silent
    (for longer than its stage allows), unplanned (nothing is)."""
    day = today(session)
    planned = select(Activity.id).where(Activity.subject_type == "opportunity", Activity.subject_id == Opportunity.id)
    planned = planned.where(Activity.happened_on.is_(None)).correlate(Opportunity)
    reasons = {
        "refused": Opportunity.registration == Registration.REFUSED,
        "passed": Opportunity.expected_close_on < day,
        "silent": rotting(session),
        "unplanned": ~planned.exists(),
    }
    why: Any = case(*((condition, name) for name, condition in reasons.items()), else_=None)
    urgency = case({name: place for place, name in enumerate(reasons)}, value=why, else_=len(reasons))
    about = (Opportunity.id, Opportunity.name, Customer.name.label("customer"), Opportunity.amount, OrgUnit.currency)
    query = select(*about, Opportunity.expected_close_on, TOUCHED.label("touched_on"), why.label("why"))
    query = query.join(OrgUnit, OrgUnit.id == Opportunity.board_id).outerjoin(Customer, Customer.id == Opportunity.customer_id)
    query = query.where(Opportunity.owner_id == owner_id, Opportunity.state == OpportunityState.OPEN, why.is_not(None))
    found = frame(session, query.order_by(urgency, Opportunity.amount.desc(), Opportunity.id).limit(limit))
    return found.assign(silent_days=[(day - one).days for one in found.pop("touched_on")])


def changeable(session: ScopedSession, ids: Sequence[int]) -> list[int]:
    """Those of these deals that are the actor's to change: his own, his team's, and those in whose team he is."""
    return list(session.scalars(select(Opportunity.id).where(Opportunity.id.in_(ids), _mine(session))))


def _mine(session: ScopedSession) -> ColumnElement[bool]:
    actor = session.actor
    reach = actor.grant("pipeline").change
    if reach is Reach.EVERYTHING:
        return true()
    if reach is Reach.NOTHING:
        return ~true()
    teams = sorted(actor.team_ids) if reach is Reach.TEAM else []
    among_others = select(OpportunityMember.opportunity_id).where(OpportunityMember.user_id == actor.user_id)
    return or_(Opportunity.owner_id == actor.user_id, Opportunity.team_id.in_(teams), Opportunity.id.in_(among_others))
