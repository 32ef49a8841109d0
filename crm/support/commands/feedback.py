"""Ask a customer how content he is, by a link that works once."""

from __future__ import annotations

import datetime as dt
import secrets
from dataclasses import dataclass

from pydantic import Field
from sqlalchemy import select

from crm.customers.models import Contact, Customer, Order
from crm.database import now
from crm.editing import Input
from crm.errors import Invalid
from crm.office.commands import put_setting
from crm.office.models import Setting
from crm.pipeline.queries.deals import moment
from crm.session import ScopedSession, get
from crm.staff.models import OrgUnit
from crm.support.asking import KEY, FeedbackRules
from crm.support.commands.answering import hash_of
from crm.support.commands.moving import Solving, solve_case
from crm.support.models import ENDED, ArticleLanguage, Case, FeedbackInvitation, FieldVisit, ServiceItem, SurveyAnswer, VisitState
from crm.support.queries.feedback import feedback_rules, spoken_with

TOKEN_BYTES = 32


class Asking(Input):
    item: ServiceItem = ServiceItem.CASE
    case_id: int | None = None
    order_id: int | None = None
    contact_id: int | None = None
    team_id: int | None = Field(None, description="The unit that did the work; empty = that of the case, or of the customer.")
    language: ArticleLanguage = ArticleLanguage.ZH
    days: int = Field(30, ge=1, le=365, description="So long the link works.")


@dataclass(frozen=True)
class Asked:
    invitation: FeedbackInvitation
    token: str
    """Known here alone: it goes into the link, the database keeps its hash."""


def ask_feedback(session: ScopedSession, customer_id: int, input: Asking) -> Asked:
    """Of a solved case, an order, or nothing in particular."""
    customer = get(session, Customer, customer_id)
    case = get(session, Case, input.case_id) if input.case_id is not None else None
    if input.item == ServiceItem.CASE and case is None:
        raise Invalid("Choose the case.", field="case_id")
    if case is not None and (case.customer_id != customer.id or not _is_done(session, case, input.item)):
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
        token_hash=hash_of(token),
        sent_at=at,
        expires_at=at + dt.timedelta(input.days),
        by_id=session.actor.user_id,
    )
    session.add(added)
    session.flush()
    return Asked(added, token)


def solve_and_ask(session: ScopedSession, case_id: int, solving: Solving, ask: bool | None = None) -> Asked | None:
    """Solve a case and ask its customer at once; `ask` None: where the firm wants that of every solved case."""
    case = solve_case(session, case_id, solving)
    rules = feedback_rules(session)
    if not (rules.ask_when_solved if ask is None else ask) or case.customer_id is None:
        return None
    spoken = spoken_with(session, case.customer_id)
    about = {"case_id": case.id, "contact_id": case.contact_id, "language": spoken, "days": rules.days}
    return ask_feedback(session, case.customer_id, Asking.model_validate(about))


def _is_done(session: ScopedSession, case: Case, item: ServiceItem) -> bool:
    """A visit is asked about as soon as it was made, also where the case goes on."""
    if case.state in ENDED:
        return True
    made = select(FieldVisit.id).where(FieldVisit.case_id == case.id, FieldVisit.state == VisitState.DONE)
    return item == ServiceItem.FIELD_VISIT and session.scalars(made).first() is not None


def _team(session: ScopedSession, input: Asking, case: Case | None, customer: Customer) -> int:
    if input.team_id is not None:
        return get(session, OrgUnit, input.team_id).id
    return case.team_id if case is not None else customer.team_id


def withdraw_invitation(session: ScopedSession, invitation_id: int) -> None:
    """The link works no more. An answer that came stays."""
    found = get(session, FeedbackInvitation, invitation_id)
    if session.scalars(select(SurveyAnswer.id).where(SurveyAnswer.invitation_id == found.id)).first() is not None:
        raise Invalid("This survey was answered already.")
    found.deleted_at = now()
    session.flush()


def set_feedback_rules(session: ScopedSession, rules: FeedbackRules) -> Setting:
    return put_setting(session, KEY, rules.model_dump(mode="json"))
