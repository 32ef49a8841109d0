"""How a customer is served: his complaints and his marks are part of what one knows of him."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any

from sqlalchemy import bindparam, case, func, select

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
    asked: dict[str, Any] = {"customer": customer_id}
    if session.scalar(_customer(), asked) is None:
        raise NotFound()
    asked["since"] = beginning(today(session) - dt.timedelta(LOOKED_BACK))
    row = session.execute(_counts(), asked).one()
    told = dict(zip(("cases", "open", "complaints", "open_complaints", "late"), map(int, row), strict=True))
    marks = session.execute(_marks(), asked).all()
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


@cache
def _customer() -> Any:
    return select(Customer.id).where(Customer.id == bindparam("customer"))


@cache
def _counts() -> Any:
    """In the order of the fields of `Service`."""
    recent, is_open = Case.opened_at >= bindparam("since"), Case.state.in_(OPEN)
    complaint = Case.kind == CaseKind.COMPLAINT
    asked = (recent, is_open, recent & complaint, is_open & complaint, recent & Case.made_sla.is_(False))
    counts = [func.coalesce(func.sum(case((condition, 1), else_=0)), 0) for condition in asked]
    return select(*counts).select_from(Case).where(Case.customer_id == bindparam("customer"))


@cache
def _marks() -> Any:
    """The oldest first."""
    query: Any = select(SurveyAnswer.at, SurveyAnswer.csat, SurveyAnswer.nps)
    query = query.join(FeedbackInvitation, FeedbackInvitation.id == SurveyAnswer.invitation_id)
    query = query.where(FeedbackInvitation.customer_id == bindparam("customer"), SurveyAnswer.at >= bindparam("since"))
    return through_parent(query.order_by(SurveyAnswer.at), SurveyAnswer)
