"""Who was proposed for a call, who was left out by lot, and what was done about it."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import Float, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.access import PartOf
from crm.customers.models import Customer
from crm.database import Code, Record


class Arm(StrEnum):
    CALL = "call"
    CONTROL = "control"
    """Left out by lot, so that the effect of calling can be measured."""


class CallState(StrEnum):
    OPEN = "open"
    DONE = "done"
    SNOOZED = "snoozed"
    SKIPPED = "skipped"


class SkipReason(StrEnum):
    SPOKEN = "spoken_recently"
    UNREACHABLE = "no_number"
    NOT_NOW = "not_now"
    NOT_WORTH = "not_worth_it"
    CLOSED = "closed_down"
    OTHER = "other"


class Call(Record, PartOf):
    """One proposal to contact a customer: drawn once for a period, kept whatever came of it."""

    __tablename__ = "call"
    __table_args__ = (
        UniqueConstraint("customer_id", "drawn_on"),
        Index("ix_call_user_state", "user_id", "state", "drawn_on"),
        Index("ix_call_board_drawn", "board_id", "drawn_on"),
        {"info": {"says": {("uq_call_customer_id_drawn_on", ("customer_id", "drawn_on")): "This day has been drawn already."}}},
    )
    PARENT = "customer"

    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    """Whose day it is for: the owner when it was drawn."""
    board_id: Mapped[int] = mapped_column(ForeignKey("org_unit.id"))
    drawn_on: Mapped[dt.date]
    until: Mapped[dt.date]
    """The end of the period in which the customer keeps his arm; of a call list its last day."""
    arm: Mapped[str] = mapped_column(Code)
    control_share: Mapped[float] = mapped_column(Float, default=0.0)
    """His chance to be left out: customers are compared with those of the same chance. 0 = not by lot."""
    kind: Mapped[str] = mapped_column(Code)
    """Of the contact that was proposed: a code of ActivityKind."""
    state: Mapped[str] = mapped_column(Code, default=CallState.OPEN)
    snoozed_until: Mapped[dt.date | None]
    acted_on: Mapped[dt.date | None]
    activity_id: Mapped[int | None]
    """The activity that was logged."""
    reason: Mapped[str | None] = mapped_column(Code)
    """Why it was skipped: a code of SkipReason."""
    group_id: Mapped[int | None] = mapped_column(ForeignKey("customer_group.id"))
    """The call list it came from; None = by value at risk."""
    minutes: Mapped[int]
    rank_value: Mapped[float] = mapped_column(Float)
    """What it was ranked by: value at risk x chance that contact helps, per minute."""
    p_alive: Mapped[float | None] = mapped_column(Float)
    value_at_risk: Mapped[Decimal | None]

    customer: Mapped[Customer] = relationship()

    @property
    def title(self) -> str:
        return str(getattr(self.customer, "name", self.customer_id))
