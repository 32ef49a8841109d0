"""How content customers are, and how many answer: invitations by the day on which they were sent."""

from __future__ import annotations

import datetime as dt
from typing import Any, Literal

import pandas as pd
from sqlalchemy import String, case, func, select, type_coerce

from crm.analytics.satisfaction import COUNTS, scores
from crm.customers.models import Customer
from crm.database import frame
from crm.pipeline.queries.deals import moment
from crm.session import ScopedSession, through_parent
from crm.staff.models import OrgUnit
from crm.support.filters import CaseFilter, beginning
from crm.support.models import Case, FeedbackInvitation, SurveyAnswer
from crm.support.queries.naming import names_of

By = Literal["team", "item", "month", "all"]
Order = Literal["newest", "lowest"]
_MARK, _LIKELY = SurveyAnswer.csat, SurveyAnswer.nps
_COUNTED: dict[str, Any] = {
    "sent": func.count(FeedbackInvitation.id),
    "answered": func.count(SurveyAnswer.id),
    "csat_sum": func.coalesce(func.sum(_MARK), 0),
    "csat_squares": func.coalesce(func.sum(_MARK * _MARK), 0),
    "satisfied": func.coalesce(func.sum(case((_MARK >= 4, 1), else_=0)), 0),
    "asked_nps": func.count(_LIKELY),
    "promoters": func.coalesce(func.sum(case((_LIKELY >= 9, 1), else_=0)), 0),
    "detractors": func.coalesce(func.sum(case((_LIKELY <= 6, 1), else_=0)), 0),
}


def feedback_scores(
    session: ScopedSession,
    since: dt.date,
    until: dt.date,
    by: By = "team",
    board_id: int | None = None,
    team_id: int | None = None,
) -> pd.DataFrame:
    """Of the invitations sent from day to day, by unit, service item, month, or all -> key, name (of a unit), and the columns
    of crm.analytics.satisfaction.scores; most answers first, months in their order."""
    day = func.date(FeedbackInvitation.sent_at)
    keys: dict[str, Any] = {
        "team": FeedbackInvitation.team_id,
        "item": FeedbackInvitation.item,
        "month": type_coerce(day, String),
    }
    conditions = _asked(since, until, board_id, team_id)
    found = _counts(session, keys.get(by), conditions)
    if by == "month":
        found = found.assign(key=found["key"].str.slice(0, 7)).groupby("key", as_index=False).sum()
    told = scores(found)
    told.insert(0, "name", names_of(session, by, found["key"]))
    told.insert(0, "key", told.pop("key"))
    order = ["key"] if by == "month" else ["answered", "sent"]
    return told.sort_values(order, ascending=by == "month", kind="stable", ignore_index=True)


def _counts(session: ScopedSession, key: Any, conditions: list[Any]) -> pd.DataFrame:
    """-> key, and the counts that `scores` wants; of all: one row, its key is missing."""
    counts = [column.label(name) for name, column in _COUNTED.items()]
    query = select(*([key.label("key")] if key is not None else []), *counts).select_from(FeedbackInvitation)
    query = query.outerjoin(SurveyAnswer, SurveyAnswer.invitation_id == FeedbackInvitation.id).where(*conditions)
    found = frame(session, through_parent(query.group_by(key) if key is not None else query, SurveyAnswer))
    found = found if key is not None else found.assign(key=None)
    return found.astype(dict.fromkeys(COUNTS, "int64"))


def csat_of(
    session: ScopedSession, before: dt.date, since: dt.date, until: dt.date, where: CaseFilter
) -> tuple[float | None, float | None]:
    """The mean mark of the invitations sent from `since` to `until`, and from `before` until then; of cases that fit a filter,
    or of everything."""
    here = FeedbackInvitation.sent_at >= beginning(since)
    conditions = _asked(before, until)
    if narrowed := where.conditions():
        conditions.append(FeedbackInvitation.case_id.in_(select(Case.id).where(*narrowed)))
    found = scores(_counts(session, case((here, 1), else_=0), conditions)).set_index("key")["csat"].dropna()
    return tuple(float(found[one]) if one in found.index else None for one in (1, 0))  # type: ignore[return-value]


def marks(
    session: ScopedSession,
    since: dt.date,
    until: dt.date,
    *,
    board_id: int | None = None,
    team_id: int | None = None,
    item: str | None = None,
) -> pd.DataFrame:
    """-> csat (1 to 5, each), answers, commented."""
    counts = (func.count(SurveyAnswer.id).label("answers"), func.count(SurveyAnswer.comment).label("commented"))
    query = select(_MARK.label("csat"), *counts).select_from(SurveyAnswer)
    query = query.join(FeedbackInvitation, FeedbackInvitation.id == SurveyAnswer.invitation_id).group_by(_MARK)
    query = query.where(*_asked(since, until, board_id, team_id, item))
    found = frame(session, through_parent(query, SurveyAnswer)).set_index("csat")
    return found.reindex(range(1, 6), fill_value=0).astype("int64").rename_axis("csat").reset_index()


def open_invitations(session: ScopedSession, *, board_id: int | None = None, team_id: int | None = None) -> int:
    """Links that still work and that nobody has answered."""
    asked = FeedbackInvitation
    query: Any = select(func.count(asked.id)).outerjoin(SurveyAnswer, SurveyAnswer.invitation_id == asked.id)
    query = query.where(asked.expires_at > moment(session), SurveyAnswer.id.is_(None), *_of(board_id, team_id))
    return session.scalar(through_parent(query, SurveyAnswer)) or 0


def survey_answers(
    session: ScopedSession,
    since: dt.date,
    until: dt.date,
    *,
    board_id: int | None = None,
    team_id: int | None = None,
    item: str | None = None,
    csat: int | None = None,
    csat_at_most: int | None = None,
    commented: bool = False,
    order: Order = "newest",
    page: int = 1,
    size: int = 50,
) -> pd.DataFrame:
    """Answers to invitations sent from day to day, the newest or the lowest marks first -> id, at, customer_id, customer, item,
    team, case_id, number, csat, nps, comment."""
    asked, answer = FeedbackInvitation, SurveyAnswer
    about = (answer.id, answer.at, asked.customer_id, Customer.name.label("customer"), asked.item, OrgUnit.name.label("team"))
    query = select(*about, asked.case_id, Case.number, answer.csat, answer.nps, answer.comment).select_from(answer)
    query = query.join(asked, asked.id == answer.invitation_id).join(Customer, Customer.id == asked.customer_id)
    query = query.join(OrgUnit, OrgUnit.id == asked.team_id).outerjoin(Case, Case.id == asked.case_id)
    query = query.where(*_asked(since, until, board_id, team_id, item))
    query = query.where(answer.csat == csat) if csat is not None else query
    query = query.where(answer.csat <= csat_at_most) if csat_at_most is not None else query
    query = query.where(answer.comment.is_not(None)) if commented else query
    lowest: list[Any] = [answer.csat, answer.nps.asc().nulls_last()] if order == "lowest" else []
    query = query.order_by(*lowest, answer.at.desc(), answer.id.desc()).limit(size).offset((page - 1) * size)
    return frame(session, through_parent(query, answer))


def _asked(
    since: dt.date, until: dt.date, board_id: int | None = None, team_id: int | None = None, item: str | None = None
) -> list[Any]:
    sent = FeedbackInvitation.sent_at
    days = [sent >= beginning(since), sent < beginning(until + dt.timedelta(1))]
    return days + _of(board_id, team_id) + ([FeedbackInvitation.item == item] if item is not None else [])


def _of(board_id: int | None, team_id: int | None) -> list[Any]:
    found: list[Any] = [FeedbackInvitation.team_id == team_id] if team_id is not None else []
    of_board = select(Customer.id).where(Customer.board_id == board_id)
    return found + ([FeedbackInvitation.customer_id.in_(of_board)] if board_id is not None else [])
