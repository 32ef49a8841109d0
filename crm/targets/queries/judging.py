"""Evaluations with their scores, what was earned, and by which rules."""

from __future__ import annotations

import datetime as dt

import pandas as pd
from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from crm.database import frame
from crm.pipeline.models import Opportunity
from crm.session import ScopedSession, get
from crm.staff.models import OrgUnit, User
from crm.targets.models import Evaluation, EvaluationForm, IncentiveRule, IncentiveStatement, Review


def forms(session: ScopedSession, kind: str | None = None) -> pd.DataFrame:
    """-> id, name, kind, highest, criteria, remark, version; by name."""
    one = EvaluationForm
    query = select(one.id, one.name, one.kind, one.highest, one.criteria, one.remark, one.version)
    return frame(session, (query.where(one.kind == kind) if kind else query).order_by(one.name))


def evaluation(session: ScopedSession, evaluation_id: int) -> Evaluation:
    return get(session, Evaluation, evaluation_id)


def evaluations(
    session: ScopedSession, kind: str | None = None, owner_id: int | None = None, opportunity_id: int | None = None
) -> pd.DataFrame:
    """Newest first -> id, kind, form, person, opportunity, starts_on, ends_on, state, reviewers, score (mean of the newest review
    of each; missing = none yet), version."""
    newest = select(func.max(Review.id)).group_by(Review.evaluation_id, Review.by_id)
    means = select(Review.evaluation_id, func.count(Review.id).label("reviewers"), func.avg(Review.score).label("score"))
    scored = means.where(Review.id.in_(newest)).group_by(Review.evaluation_id).subquery()
    about = (Evaluation.id, Evaluation.kind, EvaluationForm.name.label("form"), User.name.label("person"))
    days = (Opportunity.name.label("opportunity"), Evaluation.starts_on, Evaluation.ends_on, Evaluation.state)
    query = select(*about, *days, func.coalesce(scored.c.reviewers, 0).label("reviewers"), scored.c.score, Evaluation.version)
    query = query.outerjoin(EvaluationForm, EvaluationForm.id == Evaluation.form_id)
    query = query.outerjoin(User, User.id == Evaluation.owner_id).outerjoin(scored, scored.c.evaluation_id == Evaluation.id)
    query = query.outerjoin(Opportunity, Opportunity.id == Evaluation.opportunity_id)
    given = {"kind": kind, "owner_id": owner_id, "opportunity_id": opportunity_id}
    query = query.where(*(getattr(Evaluation, name) == value for name, value in given.items() if value is not None))
    return frame(session, query.order_by(Evaluation.starts_on.desc(), Evaluation.id.desc()))


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
    of) -> id, created_at, person_id, person, rule, measure, starts_on, ends_on, base, actual, share, amount, currency, lines,
    by."""
    one, maker = IncentiveStatement, aliased(User)
    about = (one.id, one.created_at, one.owner_id.label("person_id"), User.name.label("person"), IncentiveRule.name.label("rule"))
    sums = (IncentiveRule.measure, one.starts_on, one.ends_on, one.base, one.actual, one.amount, OrgUnit.currency, one.lines)
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
