"""A service case, what happened to it, and what was said."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, ForeignKey, Index, String, Text, UniqueConstraint, or_, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.access import Actor, Owned, PartOf
from crm.customers.models import Customer
from crm.database import DERIVED, Code, Fact, Name, Record


class CaseKind(StrEnum):
    FAULT = "fault"
    COMPLAINT = "complaint"
    INQUIRY = "inquiry"
    NEW_DEMAND = "new_demand"
    RETURN = "return"


class ComplaintClass(StrEnum):
    SERVICE_QUALITY = "service_quality"
    PRODUCT_QUALITY = "product_quality"
    DEPARTMENT = "department"


class CaseChannel(StrEnum):
    PHONE = "phone"
    EMAIL = "email"
    MESSAGE = "message"
    WEBSITE = "website"
    SELF_SERVICE = "self_service"
    COUNTER = "counter"
    VISIT = "visit"
    OTHER = "other"


class Priority(StrEnum):
    CRITICAL = "critical"
    HIGH = "high"
    NORMAL = "normal"
    LOW = "low"


class Severity(StrEnum):
    SEVERE = "severe"
    MAJOR = "major"
    MINOR = "minor"


class CaseState(StrEnum):
    NEW = "new"
    IN_PROGRESS = "in_progress"
    WAITING_CUSTOMER = "waiting_customer"
    WAITING_THIRD = "waiting_third"
    SOLVED = "solved"
    CLOSED = "closed"


OPEN = (CaseState.NEW, CaseState.IN_PROGRESS, CaseState.WAITING_CUSTOMER, CaseState.WAITING_THIRD)
"""States in which somebody still has to do something."""
ENDED = (CaseState.SOLVED, CaseState.CLOSED)


class Case(Record, Owned):
    """Owned by an agent, or by nobody yet: then it waits in its team."""

    __tablename__ = "service_case"
    __table_args__ = (
        UniqueConstraint("board_id", "number"),
        Index("ix_service_case_state", "state", "team_id", "owner_id"),
        Index("ix_service_case_owner", "owner_id", "state"),
        Index("ix_service_case_opened", "opened_at", "id"),
        # Holds what the figures of the service need: the wide rows stay unread.
        Index("ix_service_case_solved", "solved_at", "opened_at", "kind", "priority", "worked_seconds"),
        Index("ix_service_case_kind", "kind", "opened_at"),
        {
            "info": {
                "says": {
                    ("uq_service_case_board_id_number", ("board_id", "number")): "Another case of this board has this number."
                }
            }
        },
    )

    number: Mapped[str] = mapped_column(Code)
    subject: Mapped[str] = mapped_column(Name)
    description: Mapped[str | None] = mapped_column(Text)
    board_id: Mapped[int] = mapped_column(ForeignKey("org_unit.id"))
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customer.id"), index=True)
    """None only where a source knew none."""
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contact.id"))
    product_id: Mapped[int | None] = mapped_column(ForeignKey("product.id"), index=True)
    order_id: Mapped[int | None] = mapped_column(ForeignKey("order.id"), index=True)
    contract_id: Mapped[int | None] = mapped_column(ForeignKey("contract.id"), index=True)
    kind: Mapped[str] = mapped_column(Code, default=CaseKind.FAULT)
    complaint_class: Mapped[str | None] = mapped_column(Code)
    responsible_unit_id: Mapped[int | None] = mapped_column(ForeignKey("org_unit.id"))
    """Whom a complaint is about."""
    channel: Mapped[str] = mapped_column(Code, default=CaseChannel.OTHER)
    priority: Mapped[str] = mapped_column(Code, default=Priority.NORMAL)
    severity: Mapped[str | None] = mapped_column(Code)
    state: Mapped[str] = mapped_column(Code, default=CaseState.NEW)
    cause: Mapped[str | None] = mapped_column(Name)
    solution: Mapped[str | None] = mapped_column(Text)
    problem_id: Mapped[int | None] = mapped_column(ForeignKey("problem.id"), index=True)
    """The known problem behind it."""
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("service_case.id"), index=True)
    custom: Mapped[dict[str, Any]] = mapped_column(default=dict)
    import_job_id: Mapped[int | None] = mapped_column(ForeignKey("import_job.id"), index=True)

    opened_at: Mapped[dt.datetime]
    answered_at: Mapped[dt.datetime | None]
    """The first public answer of ours, or the solution where it came first."""
    solved_at: Mapped[dt.datetime | None]
    """When it was last solved; None while it is open."""
    closed_at: Mapped[dt.datetime | None]
    reopened: Mapped[int] = mapped_column(default=0)
    """How often."""
    made_sla: Mapped[bool | None] = mapped_column(info=DERIVED)
    """Was it solved within what was promised then? None while it is open, or where nothing was promised."""
    worked_seconds: Mapped[int | None] = mapped_column(info=DERIVED)
    """What the clock of the resolution had used when it was solved."""

    customer: Mapped[Customer | None] = relationship()

    @property
    def title(self) -> str:
        return f"{self.number} {self.subject}"

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    @classmethod
    def visible_to(cls, actor: Actor) -> ColumnElement[bool] | None:
        """Also with its customer: whoever has the customer sees how he is served."""
        condition = super().visible_to(actor)
        customers = Customer.visible_to(actor)
        if condition is None or customers is None or not actor.grant("support").see:
            return condition
        table = cls.__table__.c
        return or_(condition, table.customer_id.in_(select(Customer.__table__.c.id).where(customers)))


class Happening(StrEnum):
    """What an event is about; each tells how the case stands from there on."""

    OPENED = "opened"
    STATE = "state"
    PRIORITY = "priority"
    HANDED_OVER = "handed_over"
    REOPENED = "reopened"
    MERGED = "merged"


class CaseEvent(Fact, PartOf):
    """How a case stands from a moment on. Every clock is replayed from these."""

    __tablename__ = "case_event"
    __table_args__ = (Index("ix_case_event_case", "case_id", "at"),)
    PARENT = "case"

    case_id: Mapped[int] = mapped_column(ForeignKey("service_case.id"))
    at: Mapped[dt.datetime]
    what: Mapped[str] = mapped_column(Code)
    state: Mapped[str] = mapped_column(Code)
    priority: Mapped[str] = mapped_column(Code)
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    team_id: Mapped[int] = mapped_column(ForeignKey("org_unit.id"))
    note: Mapped[str | None] = mapped_column(String(300))
    by_id: Mapped[int]

    case: Mapped[Case] = relationship()


class CaseComment(Fact, PartOf):
    """Something that was said; it stays as it was said."""

    __tablename__ = "case_comment"
    __table_args__ = (Index("ix_case_comment_case", "case_id", "at"),)
    PARENT = "case"

    case_id: Mapped[int] = mapped_column(ForeignKey("service_case.id"))
    at: Mapped[dt.datetime]
    text: Mapped[str] = mapped_column(Text)
    public: Mapped[bool]
    """The customer knows of it; False = only we."""
    by_customer: Mapped[bool]
    by_id: Mapped[int]
    """Who wrote it down."""

    case: Mapped[Case] = relationship()

    @property
    def title(self) -> str:
        return self.text[:60]
