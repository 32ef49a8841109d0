"""What a card of the board says besides the deal itself."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
from sqlalchemy import ColumnElement, or_, select, true

from crm.access import Reach
from crm.database import frame
from crm.office.models import Activity
from crm.pipeline.models import Opportunity, OpportunityMember
from crm.session import ScopedSession


def next_steps(session: ScopedSession, ids: Sequence[int]) -> pd.DataFrame:
    """What is planned next with each of these deals -> opportunity_id, kind, topic, planned_on; none = no row."""
    about = (Activity.subject_id.label("opportunity_id"), Activity.kind, Activity.topic, Activity.planned_on)
    planned = select(*about).where(Activity.subject_type == "opportunity", Activity.subject_id.in_(ids))
    planned = planned.where(Activity.happened_on.is_(None)).order_by(Activity.planned_on, Activity.id)
    return frame(session, planned).drop_duplicates("opportunity_id", ignore_index=True)


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
