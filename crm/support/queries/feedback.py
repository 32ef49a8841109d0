"""How content customers are, and how many answer."""

from __future__ import annotations

import datetime as dt
from typing import Any, Literal

import pandas as pd
from sqlalchemy import case, func, select

from crm.analytics.satisfaction import scores
from crm.customers.models import Customer
from crm.database import frame
from crm.session import ScopedSession, get, through_parent
from crm.staff.models import OrgUnit
from crm.support.filters import beginning
from crm.support.models import Case, FeedbackInvitation, SurveyAnswer
from crm.support.queries.naming import names_of

By = Literal["team", "item", "all"]


def invitation(session: ScopedSession, invitation_id: int) -> FeedbackInvitation:
    return get(session, FeedbackInvitation, invitation_id)


def feedback_scores(
    session: ScopedSession, since: dt.date, until: dt.date, by: By = "team", board_id: int | None = None
) -> pd.DataFrame:
    """Of the invitations sent from day to day, by unit, by service item, or all -> key, name (of a unit), and the columns of
    crm.analytics.satisfaction.scores; most answers first."""
    key: Any = {"team": FeedbackInvitation.team_id, "item": FeedbackInvitation.item}.get(by)
    mark, likely = SurveyAnswer.csat, SurveyAnswer.nps
    counts = (
        func.count(FeedbackInvitation.id).label("sent"),
        func.count(SurveyAnswer.id).label("answered"),
        func.coalesce(func.sum(mark), 0).label("csat_sum"),
        func.coalesce(func.sum(mark * mark), 0).label("csat_squares"),
        func.coalesce(func.sum(case((mark >= 4, 1), else_=0)), 0).label("satisfied"),
        func.count(likely).label("asked_nps"),
        func.coalesce(func.sum(case((likely >= 9, 1), else_=0)), 0).label("promoters"),
        func.coalesce(func.sum(case((likely <= 6, 1), else_=0)), 0).label("detractors"),
    )
    query = select(*([key.label("key")] if key is not None else []), *counts).select_from(FeedbackInvitation)
    query = query.outerjoin(SurveyAnswer, SurveyAnswer.invitation_id == FeedbackInvitation.id)
    query = query.where(*_sent(since, until))
    if board_id is not None:
        query = query.join(Customer, Customer.id == FeedbackInvitation.customer_id).where(Customer.board_id == board_id)
    found = frame(session, through_parent(query.group_by(key) if key is not None else query, SurveyAnswer))
    found = found if key is not None else found.assign(key=None)
    numbers = [name for name in found.columns if name != "key"]
    told = scores(found.astype(dict.fromkeys(numbers, "int64")))
    told.insert(0, "name", names_of(session, by, found["key"]))
    told.insert(0, "key", told.pop("key"))
    return told.sort_values(["answered", "sent"], ascending=False, kind="stable", ignore_index=True)


def survey_answers(
    session: ScopedSession,
    since: dt.date,
    until: dt.date,
    *,
    team_id: int | None = None,
    item: str | None = None,
    csat_at_most: int | None = None,
    page: int = 1,
    size: int = 50,
) -> pd.DataFrame:
    """Answers to invitations sent from day to day, newest first -> id, at, customer_id, customer, item, team, case_id, number,
    csat, nps, comment."""
    asked, answer = FeedbackInvitation, SurveyAnswer
    about = (answer.id, answer.at, asked.customer_id, Customer.name.label("customer"), asked.item, OrgUnit.name.label("team"))
    query = select(*about, asked.case_id, Case.number, answer.csat, answer.nps, answer.comment).select_from(answer)
    query = query.join(asked, asked.id == answer.invitation_id).join(Customer, Customer.id == asked.customer_id)
    query = query.join(OrgUnit, OrgUnit.id == asked.team_id).outerjoin(Case, Case.id == asked.case_id)
    query = query.where(*_sent(since, until))
    query = query.where(asked.team_id == team_id) if team_id is not None else query
    query = query.where(asked.item == item) if item is not None else query
    query = query.where(answer.csat <= csat_at_most) if csat_at_most is not None else query
    query = query.order_by(answer.at.desc(), answer.id.desc()).limit(size).offset((page - 1) * size)
    return frame(session, through_parent(query, answer))


def invitations_of(session: ScopedSession, *, case_id: int | None = None, customer_id: int | None = None) -> pd.DataFrame:
    """Newest first -> id, item, sent_at, expires_at, case_id, answered_at, csat, nps, comment."""
    asked, answer = FeedbackInvitation, SurveyAnswer
    query = select(asked.id, asked.item, asked.sent_at, asked.expires_at, asked.case_id, answer.at.label("answered_at"))
    query = query.add_columns(answer.csat, answer.nps, answer.comment).outerjoin(answer, answer.invitation_id == asked.id)
    query = query.where(asked.case_id == case_id) if case_id is not None else query
    query = query.where(asked.customer_id == customer_id) if customer_id is not None else query
    return frame(session, through_parent(query.order_by(asked.sent_at.desc(), asked.id.desc()), answer))


def _sent(since: dt.date, until: dt.date) -> list[Any]:
    sent = FeedbackInvitation.sent_at
    return [sent >= beginning(since), sent < beginning(until + dt.timedelta(1))]
