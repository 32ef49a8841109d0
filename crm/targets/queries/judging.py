"""Evaluations with their scores, what was earned, and by which rules."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd
from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from crm.access import GRANTS, Grant, Reach
from crm.contracts.models import Contract
from crm.database import frame
from crm.marketing.models import Campaign
from crm.pipeline.models import Opportunity
from crm.session import ScopedSession, get
from crm.staff.models import OrgUnit, User, UserState
from crm.targets.models import Evaluation, EvaluationForm, IncentiveRule, IncentiveStatement, Review

PROJECTS: dict[str, Any] = {"opportunity_id": Opportunity, "contract_id": Contract, "campaign_id": Campaign}
"""What can be judged as a project."""


def forms(session: ScopedSession, kind: str | None = None) -> pd.DataFrame:
    """-> id, name, kind, highest, criteria, remark, version; by name."""
    one = EvaluationForm
    query = select(one.id, one.name, one.kind, one.highest, one.criteria, one.remark, one.version)
    return frame(session, (query.where(one.kind == kind) if kind else query).order_by(one.name))


def evaluation(session: ScopedSession, evaluation_id: int) -> Evaluation:
    return get(session, Evaluation, evaluation_id)


def may_judge(session: ScopedSession, evaluation_id: int) -> bool:
    """May the actor give marks, close it and open it again?"""
    return evaluation(session, evaluation_id).changeable_by(session.actor, session)


def possible_reviewers(session: ScopedSession) -> pd.DataFrame:
    """Whose role may judge anybody -> id, name; whether he may judge a certain person is asked when he is named."""
    roles = [role.value for role, areas in GRANTS.items() if areas.get("targets", Grant()).change > Reach.OWN]
    query = select(User.id, User.name).where(User.role.in_(roles), User.state == UserState.ACTIVE)
    return frame(session, query.order_by(User.name))


def projects(session: ScopedSession, kind: str, search: str = "", limit: int = 100) -> pd.DataFrame:
    """What can be judged as a project of a kind (opportunity, contract, campaign), newest first -> id, name, person."""
    one = PROJECTS[f"{kind}_id"]
    query = select(one.id, one.name, User.name.label("person")).outerjoin(User, User.id == one.owner_id)
    query = query.where(one.name.icontains(search, autoescape=True)) if search else query
    return frame(session, query.order_by(one.id.desc()).limit(limit))


def evaluations(
    session: ScopedSession,
    kind: str | None = None,
    owner_id: int | None = None,
    opportunity_id: int | None = None,
    contract_id: int | None = None,
    campaign_id: int | None = None,
) -> pd.DataFrame:
    """Newest first -> id, kind, form_id, form, owner_id, person, project_kind, project (name), opportunity_id, contract_id,
    campaign_id, starts_on, ends_on, state, reviewers, score (mean of the newest review of each; missing = none yet), waiting
    (ids of those asked who have given no marks yet), version."""
    newest = select(func.max(Review.id)).group_by(Review.evaluation_id, Review.by_id)
    means = select(Review.evaluation_id, func.count(Review.id).label("reviewers"), func.avg(Review.score).label("score"))
    scored = means.where(Review.id.in_(newest)).group_by(Review.evaluation_id).subquery()
    about = (Evaluation.id, Evaluation.kind, Evaluation.form_id, EvaluationForm.name.label("form"), Evaluation.owner_id)
    names = (User.name.label("person"), *(getattr(Evaluation, name) for name in PROJECTS), Evaluation.reviewer_ids)
    project = func.coalesce(Opportunity.name, Contract.name, Campaign.name).label("project")
    days = (project, Evaluation.starts_on, Evaluation.ends_on, Evaluation.state)
    sums = (func.coalesce(scored.c.reviewers, 0).label("reviewers"), scored.c.score, Evaluation.version)
    query = select(*about, *names, *days, *sums)
    query = query.outerjoin(EvaluationForm, EvaluationForm.id == Evaluation.form_id)
    query = query.outerjoin(User, User.id == Evaluation.owner_id).outerjoin(scored, scored.c.evaluation_id == Evaluation.id)
    for name, project_kind in PROJECTS.items():
        query = query.outerjoin(project_kind, project_kind.id == getattr(Evaluation, name))
    given = {"kind": kind, "owner_id": owner_id, "opportunity_id": opportunity_id}
    given |= {"contract_id": contract_id, "campaign_id": campaign_id}
    query = query.where(*(getattr(Evaluation, name) == value for name, value in given.items() if value is not None))
    found = frame(session, query.order_by(Evaluation.starts_on.desc(), Evaluation.id.desc()))
    return _waiting(session, found)


def _waiting(session: ScopedSession, found: pd.DataFrame) -> pd.DataFrame:
    """With the ids of those asked who have given no marks yet, and what kind of project it is."""
    asked = [ids if isinstance(ids, list) else [] for ids in found["reviewer_ids"]]
    query = select(Review.evaluation_id, Review.by_id).where(Review.evaluation_id.in_(found["id"].tolist())).distinct()
    gave = {tuple(row) for row in session.execute(query)} if any(asked) else set()
    left = [[who for who in ids if (one, who) not in gave] for one, ids in zip(found["id"], asked, strict=True)]
    kinds = [next((name for name in PROJECTS if row[name] == row[name] and row[name]), "") for row in found.to_dict("records")]
    return found.assign(
        waiting=pd.Series(left, index=found.index, dtype="object"),
        project_kind=pd.Series([name.removesuffix("_id") for name in kinds], index=found.index, dtype="object"),
    ).drop(columns="reviewer_ids")


def reviews_of(session: ScopedSession, evaluation_id: int) -> pd.DataFrame:
    """Newest first -> id, at, by_id, by, marks, score, remark, holds (False = a later one of the same person took its place)."""
    query = select(Review.id, Review.at, Review.by_id, User.name.label("by"), Review.marks, Review.score, Review.remark)
    query = query.outerjoin(User, User.id == Review.by_id).where(Review.evaluation_id == evaluation_id)
    found = frame(session, query.order_by(Review.id.desc()))
    return found.assign(holds=~found["by_id"].duplicated())


def criteria_of(session: ScopedSession, evaluation_id: int) -> pd.DataFrame:
    """By criterion, of the reviews that hold -> key, name, weight, mark (mean; missing = nobody yet), lowest, highest."""
    one = evaluation(session, evaluation_id)
    found = reviews_of(session, evaluation_id)
    marks = pd.DataFrame(found.loc[found["holds"], "marks"].tolist(), columns=[each["key"] for each in one.criteria])
    sums = marks.astype("float64").agg(["mean", "min", "max"]).T
    told = pd.DataFrame(one.criteria)
    return told.assign(
        **{name: told["key"].map(sums[how]) for name, how in (("mark", "mean"), ("lowest", "min"), ("highest", "max"))}
    )


# ---------------------------------------------------------------------------------------------------- incentive


def incentives(session: ScopedSession, board_id: int | None = None) -> pd.DataFrame:
    """-> id, name, board_id, board, measure, period, kind, bonus, tiers, threshold, cap, starts_on, ends_on, version; by name."""
    one = IncentiveRule
    terms = (one.measure, one.period, one.kind, one.bonus, one.tiers, one.threshold, one.cap, one.starts_on, one.ends_on)
    query = select(one.id, one.name, one.board_id, OrgUnit.name.label("board"), *terms, one.version)
    query = query.join(OrgUnit, OrgUnit.id == one.board_id)
    return frame(session, (query.where(one.board_id == board_id) if board_id else query).order_by(one.name))


def statements(
    session: ScopedSession,
    since: dt.date | None = None,
    until: dt.date | None = None,
    owner_id: int | None = None,
    *,
    all_of: bool = False,
) -> pd.DataFrame:
    """Of periods that begin from day to day, the newest of each person, rule and period (`all_of`: also those it took the place
    of) -> id, created_at, person_id, person, rule, measure, starts_on, ends_on, base, actual, share, amount, currency,
    board_id, lines, by."""
    one, maker = IncentiveStatement, aliased(User)
    about = (one.id, one.created_at, one.owner_id.label("person_id"), User.name.label("person"), IncentiveRule.name.label("rule"))
    sums = (
        IncentiveRule.measure,
        one.starts_on,
        one.ends_on,
        one.base,
        one.actual,
        one.amount,
        OrgUnit.currency,
        IncentiveRule.board_id,
        one.lines,
    )
    query = select(*about, *sums, maker.name.label("by")).join(IncentiveRule, IncentiveRule.id == one.rule_id)
    query = query.join(OrgUnit, OrgUnit.id == IncentiveRule.board_id).outerjoin(User, User.id == one.owner_id)
    query = query.outerjoin(maker, maker.id == one.by_id)
    query = query.where(one.starts_on >= since) if since else query
    query = query.where(one.starts_on <= until) if until else query
    query = query.where(one.owner_id == owner_id) if owner_id is not None else query
    if not all_of:
        newest = select(func.max(one.id)).group_by(one.rule_id, one.owner_id, one.starts_on)
        query = query.where(one.id.in_(newest))
    found = frame(session, query.order_by(one.starts_on.desc(), User.name, one.id.desc()))
    found.insert(10, "share", found["actual"] / found["base"].where(found["base"] != 0))
    return found
