"""How content customers are: who was asked about what, and what he answered."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum

from sqlalchemy import ColumnElement, ForeignKey, Index, String, Text, UniqueConstraint, false
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from crm.access import Actor, PartOf
from crm.customers.models import Customer
from crm.database import Code, Fact, Record


class ServiceItem(StrEnum):
    """The operation that a customer is asked about."""

    CASE = "case"
    FIELD_VISIT = "field_visit"
    ORDER = "order"
    DELIVERY = "delivery"
    INSTALLATION = "installation"
    TRAINING = "training"
    RELATIONSHIP = "relationship"
    """Nothing in particular: the yearly survey."""


class FeedbackInvitation(Record, PartOf):
    """A link with a token that works once. Only its hash is kept."""

    __tablename__ = "feedback_invitation"
    __table_args__ = (Index("ix_feedback_invitation_sent", "sent_at", "team_id", "item"),)
    PARENT = "customer"

    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"), index=True)
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contact.id"))
    case_id: Mapped[int | None] = mapped_column(ForeignKey("service_case.id"), index=True)
    order_id: Mapped[int | None] = mapped_column(ForeignKey("order.id"))
    item: Mapped[str] = mapped_column(Code, default=ServiceItem.CASE)
    team_id: Mapped[int] = mapped_column(ForeignKey("org_unit.id"))
    """The unit that did the work."""
    language: Mapped[str] = mapped_column(String(2), default="zh")
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    sent_at: Mapped[dt.datetime]
    expires_at: Mapped[dt.datetime]
    by_id: Mapped[int]

    customer: Mapped[Customer] = relationship()

    @classmethod
    def visible_to(cls, actor: Actor) -> ColumnElement[bool] | None:
        """With its customer, by those who have to do with service."""
        return super().visible_to(actor) if actor.grant("support").see else false()

    def changeable_by(self, actor: Actor, session: Session) -> bool:
        """Whoever works on cases may ask a customer whom he sees."""
        with session.no_autoflush:
            return bool(actor.grant("support").change) and session.get(Customer, self.customer_id) is not None


class SurveyAnswer(Fact, PartOf):
    __tablename__ = "survey_answer"
    __table_args__ = (
        UniqueConstraint("invitation_id"),
        {"info": {"says": {("uq_survey_answer_invitation_id", ("invitation_id",)): "This survey was answered already."}}},
    )
    PARENT = "invitation"

    invitation_id: Mapped[int] = mapped_column(ForeignKey("feedback_invitation.id"))
    at: Mapped[dt.datetime]
    csat: Mapped[int]
    """1 (bad) to 5 (very good)"""
    nps: Mapped[int | None]
    """0 to 10: would he recommend us?"""
    comment: Mapped[str | None] = mapped_column(Text)

    invitation: Mapped[FeedbackInvitation] = relationship()
