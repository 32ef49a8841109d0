"""Ask a customer how content he is, by a link that works once and needs no sign-in."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field, StringConstraints
from sqlalchemy import select

from crm.access import SYSTEM
from crm.customers.models import Contact, Customer, Order
from crm.database import now
from crm.editing import Input
from crm.errors import Invalid, NotFound
from crm.pipeline.queries.deals import moment
from crm.session import ScopedSession, get, open_as
from crm.staff.models import OrgUnit
from crm.support.models import ENDED, ArticleLanguage, Case, FeedbackInvitation, ServiceItem, SurveyAnswer

TOKEN_BYTES = 32


class Asking(Input):
    item: ServiceItem = ServiceItem.CASE
    case_id: int | None = None
    order_id: int | None = None
    contact_id: int | None = None
    team_id: int | None = Field(None, description="The unit that did the work; empty = that of the case, or mine.")
    language: ArticleLanguage = ArticleLanguage.ZH
    days: int = Field(30, ge=1, le=365, description="So long the link works.")


class Answer(Input):
    csat: int = Field(ge=1, le=5, title="How satisfied are you?", description="1 = not at all, 5 = very.")
    nps: int | None = Field(None, ge=0, le=10, title="How likely is it that you recommend us?", description="0 to 10.")
    comment: Annotated[str, StringConstraints(strip_whitespace=True, max_length=5000)] | None = Field(
        None, json_schema_extra={"long": True}
    )


@dataclass(frozen=True)
class Asked:
    invitation: FeedbackInvitation
    token: str
    """Known here alone: it goes into the link, the database keeps its hash."""


@dataclass(frozen=True)
class OpenSurvey:
    """All that the page without sign-in may show."""

    item: str
    language: str
    day: dt.date
    """On which it was asked."""


def ask_feedback(session: ScopedSession, customer_id: int, input: Asking) -> Asked:
    """Of a solved case, an order, or nothing in particular."""
    customer = get(session, Customer, customer_id)
    case = get(session, Case, input.case_id) if input.case_id is not None else None
    if input.item == ServiceItem.CASE and case is None:
        raise Invalid("Choose the case.", field="case_id")
    if case is not None and (case.customer_id != customer.id or case.state not in ENDED):
        raise Invalid("Ask the customer of the case, once it is solved.", field="case_id")
    if input.order_id is not None and get(session, Order, input.order_id).customer_id != customer.id:
        raise Invalid("This belongs to another customer.", field="order_id")
    if input.contact_id is not None and get(session, Contact, input.contact_id).customer_id != customer.id:
        raise Invalid("This belongs to another customer.", field="contact_id")
    token, at = secrets.token_urlsafe(TOKEN_BYTES), moment(session)
    added = FeedbackInvitation(
        **input.model_dump(exclude={"team_id", "days"}),
        customer_id=customer.id,
        team_id=_team(session, input, case, customer),
        token_hash=_hash(token),
        sent_at=at,
        expires_at=at + dt.timedelta(input.days),
        by_id=session.actor.user_id,
    )
    session.add(added)
    session.flush()
    return Asked(added, token)


def _team(session: ScopedSession, input: Asking, case: Case | None, customer: Customer) -> int:
    if input.team_id is not None:
        return get(session, OrgUnit, input.team_id).id
    return case.team_id if case is not None else customer.team_id


def withdraw_invitation(session: ScopedSession, invitation_id: int) -> None:
    """The link works no more."""
    get(session, FeedbackInvitation, invitation_id).deleted_at = now()
    session.flush()


# ------------------------------------------------------------------------------- without sign-in: the token is the right


def open_survey(token: str) -> OpenSurvey:
    """What is asked, or NotFound: a wrong, a used and an old link are the same answer."""
    with open_as(SYSTEM) as everything:
        found = _invitation(everything, token)
        return OpenSurvey(found.item, found.language, found.sent_at.date())


def answer_survey(token: str, answer: Answer) -> None:
    """Once; then the link is used up."""
    with open_as(SYSTEM) as everything:
        found = _invitation(everything, token)
        everything.add(SurveyAnswer(invitation_id=found.id, at=moment(everything), **answer.model_dump()))


def _invitation(everything: ScopedSession, token: str) -> FeedbackInvitation:
    query = select(FeedbackInvitation).where(FeedbackInvitation.token_hash == _hash(token))
    found = everything.scalars(query).first()
    if found is not None and found.expires_at > moment(everything):
        answered = select(SurveyAnswer.id).where(SurveyAnswer.invitation_id == found.id)
        if everything.scalars(answered).first() is None:
            return found
    raise NotFound("This link does not work: it was used already, or it is too old.")


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
