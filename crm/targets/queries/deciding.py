"""What waits for the word of somebody who leads: plans to approve, evaluations to give marks in."""

from __future__ import annotations

from typing import Any

import pandas as pd
from sqlalchemy import func, select

from crm.access import Reach
from crm.contracts.models import Contract
from crm.database import frame
from crm.marketing.models import Campaign
from crm.pipeline.models import Opportunity
from crm.session import ScopedSession
from crm.staff.models import OrgUnit, User
from crm.targets.models import Evaluation, EvaluationForm, EvaluationState, PlanState, Review, Target, TargetPlan


def plans_to_approve(session: ScopedSession) -> pd.DataFrame:
    """Drafts with targets in them that the actor may approve -> id, name, year, unit, owner, targets, created_at."""
    targets = select(func.count(Target.id)).where(Target.plan_id == TargetPlan.id).correlate(TargetPlan).scalar_subquery()
    about = (TargetPlan.id, TargetPlan.name, TargetPlan.year, OrgUnit.name.label("unit"), User.name.label("owner"))
    query = select(*about, targets.label("targets"), TargetPlan.created_at).join(OrgUnit, OrgUnit.id == TargetPlan.team_id)
    query = query.outerjoin(User, User.id == TargetPlan.owner_id).where(*_drafts(session))
    return frame(session, query.order_by(TargetPlan.created_at, TargetPlan.id))


def evaluations_to_score(session: ScopedSession) -> pd.DataFrame:
    """Open ones of the people the actor leads in which he has given no marks yet -> id, kind, form, person, project,
    starts_on, ends_on."""
    about = (Evaluation.id, Evaluation.kind, EvaluationForm.name.label("form"), User.name.label("person"))
    project = func.coalesce(Opportunity.name, Contract.name, Campaign.name).label("project")
    query = select(*about, project, Evaluation.starts_on, Evaluation.ends_on)
    query = query.join(EvaluationForm, EvaluationForm.id == Evaluation.form_id).outerjoin(User, User.id == Evaluation.owner_id)
    query = query.outerjoin(Opportunity, Opportunity.id == Evaluation.opportunity_id)
    query = query.outerjoin(Contract, Contract.id == Evaluation.contract_id)
    query = query.outerjoin(Campaign, Campaign.id == Evaluation.campaign_id).where(Evaluation.id.in_(unscored(session)))
    return frame(session, query.order_by(Evaluation.ends_on, Evaluation.id))


def judgements(session: ScopedSession) -> int:
    """How many of both wait for the actor."""
    actor = session.actor
    plans = session.scalar(select(func.count(TargetPlan.id)).where(*_drafts(session))) if actor.may("approve", "targets") else 0
    return (plans or 0) + (len(unscored(session)) if actor.grant("targets").see else 0)


def _drafts(session: ScopedSession) -> list[Any]:
    actor = session.actor
    mine = [] if actor.grant("targets").change is Reach.EVERYTHING else [TargetPlan.team_id.in_(sorted(actor.team_ids))]
    filled = select(Target.id).where(Target.plan_id == TargetPlan.id).correlate(TargetPlan).exists()
    approves = [] if actor.may("approve", "targets") else [TargetPlan.id < 0]
    return [TargetPlan.state == PlanState.DRAFT, filled, *mine, *approves]


def unscored(session: ScopedSession) -> list[int]:
    """Ids. Where he was asked for marks; whoever leads a team gives them there too, where nobody in particular was asked."""
    actor = session.actor
    given = select(Review.id).where(Review.evaluation_id == Evaluation.id, Review.by_id == actor.user_id).correlate(Evaluation)
    others = Evaluation.owner_id.is_distinct_from(actor.user_id)
    waiting = [Evaluation.state == EvaluationState.OPEN, others, ~given.exists()]
    leads = actor.grant("targets").change is Reach.TEAM
    rows = session.execute(select(Evaluation.id, Evaluation.team_id, Evaluation.reviewer_ids).where(*waiting))
    return [one for one, team_id, asked in rows if actor.user_id in asked or (not asked and leads and team_id in actor.team_ids)]
