"""How content customers are, and how many answer."""

from __future__ import annotations

from typing import Any

import pandas as pd
from sqlalchemy import case, select

from crm.customers.models import Contact
from crm.database import frame
from crm.office.queries import setting
from crm.pipeline.queries.deals import moment
from crm.session import WITH_DELETED, ScopedSession, get, through_parent
from crm.staff.models import OrgUnit, User
from crm.support.asking import KEY, FeedbackRules
from crm.support.models import ENDED, Case, FeedbackInvitation, FieldVisit, ServiceItem, SurveyAnswer, VisitState


def invitation(session: ScopedSession, invitation_id: int) -> FeedbackInvitation:
    return get(session, FeedbackInvitation, invitation_id)


def invitations_of(session: ScopedSession, *, case_id: int | None = None, customer_id: int | None = None) -> pd.DataFrame:
    """Newest first, withdrawn ones too -> id, item, state (open, answered, expired, withdrawn), sent_at, expires_at, by, case_id,
    number (of the case), language, answered_at, csat, nps, comment."""
    asked, answer = FeedbackInvitation, SurveyAnswer
    state = case(
        (answer.id.is_not(None), "answered"),
        (asked.deleted_at.is_not(None), "withdrawn"),
        (asked.expires_at <= moment(session), "expired"),
        else_="open",
    )
    query = select(asked.id, asked.item, state.label("state"), asked.sent_at, asked.expires_at, User.name.label("by"))
    query = query.add_columns(asked.case_id, Case.number, asked.language, answer.at.label("answered_at"))
    query = query.add_columns(answer.csat, answer.nps, answer.comment).outerjoin(answer, answer.invitation_id == asked.id)
    query = query.outerjoin(Case, Case.id == asked.case_id).outerjoin(User, User.id == asked.by_id)
    query = query.where(asked.case_id == case_id) if case_id is not None else query
    query = query.where(asked.customer_id == customer_id) if customer_id is not None else query
    query = query.execution_options(**{WITH_DELETED: True})
    return frame(session, through_parent(query.order_by(asked.sent_at.desc(), asked.id.desc()), answer))


def feedback_rules(session: ScopedSession) -> FeedbackRules:
    return FeedbackRules.model_validate(setting(session, KEY) or {})


def firm_name(session: ScopedSession) -> str:
    """As customers know the firm."""
    group = select(OrgUnit.name).where(OrgUnit.parent_id.is_(None)).order_by(OrgUnit.id)
    return feedback_rules(session).firm or session.scalars(group).first() or ""


def to_ask(session: ScopedSession, case_id: int) -> dict[str, Any]:
    """What a case can be asked about -> customer_id, contact_id, contact, language (in which he was asked last), items (done and
    to be asked about)."""
    found = get(session, Case, case_id)
    made = select(FieldVisit.id).where(FieldVisit.case_id == case_id, FieldVisit.state == VisitState.DONE)
    items = [ServiceItem.CASE.value] if found.state in ENDED else []
    items += [ServiceItem.FIELD_VISIT.value] if session.scalars(made).first() is not None else []
    contact = session.get(Contact, found.contact_id) if found.contact_id is not None else None
    told = {"customer_id": found.customer_id, "contact_id": found.contact_id, "contact": contact.name if contact else None}
    return told | {"language": spoken_with(session, found.customer_id), "items": items if found.customer_id is not None else []}


def spoken_with(session: ScopedSession, customer_id: int | None) -> str:
    """The language in which a customer was asked last, else that of the firm's rules."""
    last = select(FeedbackInvitation.language).where(FeedbackInvitation.customer_id == customer_id)
    return session.scalars(last.order_by(FeedbackInvitation.id.desc()).limit(1)).first() or str(feedback_rules(session).language)
