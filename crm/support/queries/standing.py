"""How a customer is served: his complaints and his marks are part of what one knows of him."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import case, func, select

from crm.customers.models import Customer
from crm.errors import NotFound
from crm.office.queries import today
from crm.session import ScopedSession, through_parent
from crm.support.filters import beginning
from crm.support.models import OPEN, Case, CaseKind, FeedbackInvitation, SurveyAnswer

LOOKED_BACK = 365
"""Days for which complaints and marks count."""
LOW = 2
"""A mark that says that somebody is not content, and every worse one."""


class Mood(StrEnum):
    UNKNOWN = "unknown"
    CONTENT = "content"
    MIXED = "mixed"
    UNHAPPY = "unhappy"


@dataclass(frozen=True)
class Service:
    """Of the last year, but for what is open."""

    cases: int
    open: int
    complaints: int
    open_complaints: int
    late: int
    """Solved later than promised."""
    answers: int
    low_marks: int
    csat: float | None
    """Mean of the marks, 1 to 5."""
    last_csat: int | None
    last_nps: int | None
    last_answer_on: dt.date | None

    @property
    def mood(self) -> Mood:
        """Unhappy: an open complaint, or a low mark at the last time; mixed: a complaint or a low mark within the year."""
        if self.open_complaints or (self.last_csat or 5) <= LOW:
            return Mood.UNHAPPY
        if self.complaints or self.low_marks:
            return Mood.MIXED
        return Mood.CONTENT if self.answers else Mood.UNKNOWN


def service_of(session: ScopedSession, customer_id: int) -> Service:
    """NotFound where the customer is hidden; nothing but zeros for those who have not to do with service."""
    if session.scalar(select(Customer.id).where(Customer.id == customer_id)) is None:
        raise NotFound()
    since = beginning(today(session) - dt.timedelta(LOOKED_BACK))
    recent, is_open, complaint = Case.opened_at >= since, Case.state.in_(OPEN), Case.kind == CaseKind.COMPLAINT
    asked = (recent, is_open, recent & complaint, is_open & complaint, recent & Case.made_sla.is_(False))
    counts = [func.coalesce(func.sum(case((condition, 1), else_=0)), 0) for condition in asked]
    row = session.execute(select(*counts).select_from(Case).where(Case.customer_id == customer_id)).one()
    told = dict(zip(("cases", "open", "complaints", "open_complaints", "late"), map(int, row), strict=True))
    query: Any = select(SurveyAnswer.at, SurveyAnswer.csat, SurveyAnswer.nps)
    query = query.join(FeedbackInvitation, FeedbackInvitation.id == SurveyAnswer.invitation_id)
    query = query.where(FeedbackInvitation.customer_id == customer_id, SurveyAnswer.at >= since)
    marks = session.execute(through_parent(query.order_by(SurveyAnswer.at), SurveyAnswer)).all()
    last = marks[-1] if marks else None
    return Service(
        **told,
        answers=len(marks),
        low_marks=sum(mark.csat <= LOW for mark in marks),
        csat=sum(mark.csat for mark in marks) / len(marks) if marks else None,
        last_csat=last.csat if last else None,
        last_nps=last.nps if last else None,
        last_answer_on=last.at.date() if last else None,
    )
