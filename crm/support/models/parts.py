"""Known problems, visits on the spot, and who was told that a case is late."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from crm.access import Actor, PartOf, Shared
from crm.database import Code, Fact, Name, Record
from crm.support.models.cases import Case


class ProblemState(StrEnum):
    OPEN = "open"
    WORKED_AROUND = "worked_around"
    SOLVED = "solved"


class Problem(Record, Shared):
    """A known problem that stands behind several cases; seen by all, kept by those who work on cases."""

    __tablename__ = "problem"
    __table_args__ = (
        UniqueConstraint("name"),
        {"info": {"says": {("uq_problem_name", ("name",)): "There is already a problem of this name."}}},
    )

    name: Mapped[str] = mapped_column(Name)
    description: Mapped[str | None] = mapped_column(Text)
    product_id: Mapped[int | None] = mapped_column(ForeignKey("product.id"), index=True)
    cause: Mapped[str | None] = mapped_column(Text)
    workaround: Mapped[str | None] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Code, default=ProblemState.OPEN)

    @property
    def title(self) -> str:
        return self.name

    def changeable_by(self, actor: Actor, session: Session) -> bool:
        return bool(actor.grant("support").change)


class VisitState(StrEnum):
    PLANNED = "planned"
    DONE = "done"
    CANCELLED = "cancelled"


class FieldVisit(Record, PartOf):
    """Somebody goes to the customer for a case."""

    __tablename__ = "field_visit"
    __table_args__ = (Index("ix_field_visit_technician", "technician_id", "state", "planned_at"),)
    PARENT = "case"

    case_id: Mapped[int] = mapped_column(ForeignKey("service_case.id"), index=True)
    technician_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    planned_at: Mapped[dt.datetime]
    minutes: Mapped[int | None]
    """As planned, then as it took."""
    address: Mapped[str | None] = mapped_column(String(400))
    task: Mapped[str | None] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Code, default=VisitState.PLANNED)
    done_at: Mapped[dt.datetime | None]
    result: Mapped[str | None] = mapped_column(Text)

    case: Mapped[Case] = relationship()


class Escalation(Fact, PartOf):
    """Somebody was told that a clock of a case runs out; once for each level of each wait."""

    __tablename__ = "case_escalation"
    __table_args__ = (
        UniqueConstraint("case_id", "clock", "since", "level"),
        Index("ix_case_escalation_to", "to_id", "at"),
    )
    PARENT = "case"

    case_id: Mapped[int] = mapped_column(ForeignKey("service_case.id"))
    clock: Mapped[str] = mapped_column(Code)
    since: Mapped[dt.datetime]
    """When this clock began: a further wait of the customer is told anew."""
    level: Mapped[str] = mapped_column(Code)
    """amber, red, breached"""
    to_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    """None = there is nobody above."""
    at: Mapped[dt.datetime]

    case: Mapped[Case] = relationship()
