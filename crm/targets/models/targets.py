"""A plan, the targets in it, and how both were changed after somebody approved them."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import ColumnElement, ForeignKey, Index, String, Text, UniqueConstraint, and_, or_
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from crm.access import Actor, Owned, PartOf, was
from crm.database import Code, Fact, Name, Record


class Measure(StrEnum):
    """What is counted; crm.targets.measures says how."""

    REVENUE = "revenue"
    WON = "won_deals"
    RECEIPTS = "receipts"
    CONTRACTS = "contracts"
    NEW_CUSTOMERS = "new_customers"
    ACTIVITIES = "activities"
    CASES = "solved_cases"
    SATISFACTION = "satisfaction"
    VALUE_CHANGE = "value_change"


class SubjectKind(StrEnum):
    """Of whom or what."""

    PERSON = "person"
    TEAM = "team"
    BOARD = "board"
    PRODUCT = "product"
    CATEGORY = "category"


class PeriodKind(StrEnum):
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


class PlanState(StrEnum):
    DRAFT = "draft"
    APPROVED = "approved"


class TargetPlan(Record, Owned):
    """The targets of a board or a unit that are agreed upon together."""

    __tablename__ = "target_plan"
    __table_args__ = (
        UniqueConstraint("board_id", "name"),
        Index("ix_target_plan_team", "team_id", "state"),
        {
            "info": {
                "says": {("uq_target_plan_board_id_name", ("board_id", "name")): "This board already has a plan of this name."}
            }
        },
    )

    name: Mapped[str] = mapped_column(Name)
    board_id: Mapped[int] = mapped_column(ForeignKey("org_unit.id"))
    year: Mapped[int]
    """The calendar year that its periods lie in."""
    state: Mapped[str] = mapped_column(Code, default=PlanState.DRAFT, active_history=True)
    edition: Mapped[int] = mapped_column(default=0)
    """The number of the newest version; 0 = never approved."""
    approved_at: Mapped[dt.datetime | None]
    approved_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    remark: Mapped[str | None] = mapped_column(Text)

    @property
    def title(self) -> str:
        return self.name

    @property
    def is_draft(self) -> bool:
        return self.state == PlanState.DRAFT

    @classmethod
    def visible_to(cls, actor: Actor) -> ColumnElement[bool] | None:
        """That there is a plan is for everybody in its unit and below it; whose targets he sees, each target says."""
        condition = super().visible_to(actor)
        if condition is None or not actor.grant("targets").see:
            return condition
        return or_(condition, cls.__table__.c.team_id.in_(sorted(actor.team_ids | actor.above_ids)))

    def changeable_by(self, actor: Actor, session: Session) -> bool:
        """What is approved, and the approval itself, is for those who may approve."""
        draft = was(self, "state") == PlanState.DRAFT and self.is_draft
        return super().changeable_by(actor, session) and (draft or actor.may("approve", "targets"))


class Target(Record, Owned):
    """What a subject shall reach of a measure in a period. Owned by the person it is for; that of a unit belongs to the unit,
    that of a product to the unit of the plan."""

    __tablename__ = "target"
    __table_args__ = (
        UniqueConstraint("plan_id", "measure", "subject_kind", "subject_id", "period", "starts_on", name="uq_target_cell"),
        Index("ix_target_subject", "subject_kind", "subject_id", "measure", "starts_on"),
        Index("ix_target_owner", "owner_id", "starts_on"),
        {
            "info": {
                "says": {
                    (
                        "uq_target_cell",
                        ("plan_id", "measure", "subject_kind", "subject_id", "period", "starts_on"),
                    ): "Somebody else has just set a target for this in this plan."
                }
            }
        },
    )

    plan_id: Mapped[int] = mapped_column(ForeignKey("target_plan.id"))
    measure: Mapped[str] = mapped_column(Code)
    subject_kind: Mapped[str] = mapped_column(Code)
    subject_id: Mapped[int]
    """Of a user, a unit, a product or a category."""
    period: Mapped[str] = mapped_column(Code)
    starts_on: Mapped[dt.date]
    """The first day of the period."""
    base: Mapped[Decimal]
    """What is expected; money in that of the board, marks from 1 to 5, else a number."""
    stretch: Mapped[Decimal | None]
    challenge: Mapped[Decimal | None]

    plan: Mapped[TargetPlan] = relationship()

    @property
    def title(self) -> str:
        return f"{self.measure} {self.starts_on}"

    @classmethod
    def visible_to(cls, actor: Actor) -> ColumnElement[bool] | None:
        """What a unit or its products shall reach is known to everybody in it and below it."""
        condition = super().visible_to(actor)
        if condition is None or not actor.grant("targets").see:
            return condition
        table = cls.__table__.c
        return or_(condition, and_(table.owner_id.is_(None), table.team_id.in_(sorted(actor.team_ids | actor.above_ids))))

    def changeable_by(self, actor: Actor, session: Session) -> bool:
        with session.no_autoflush:
            plan = session.get(TargetPlan, self.plan_id)
        return plan is not None and super().changeable_by(actor, session) and plan.changeable_by(actor, session)


class PlanVersion(Fact, PartOf):
    """A plan as it was approved, and each change of it since, with the reason."""

    __tablename__ = "target_plan_version"
    __table_args__ = (
        UniqueConstraint("plan_id", "number"),
        {
            "info": {
                "says": {
                    ("uq_target_plan_version_plan_id_number", ("plan_id", "number")): "Somebody else has just changed this plan."
                }
            }
        },
    )
    PARENT = "plan"

    plan_id: Mapped[int] = mapped_column(ForeignKey("target_plan.id"))
    number: Mapped[int]
    """1 = as it was approved first."""
    at: Mapped[dt.datetime]
    reason: Mapped[str] = mapped_column(String(300))
    by_id: Mapped[int]

    plan: Mapped[TargetPlan] = relationship()


class TargetRevision(Fact, PartOf):
    """A target as it holds from a version of its plan on."""

    __tablename__ = "target_revision"
    __table_args__ = (UniqueConstraint("target_id", "number"),)
    PARENT = "target"

    target_id: Mapped[int] = mapped_column(ForeignKey("target.id"))
    number: Mapped[int]
    """Of the version of the plan."""
    base: Mapped[Decimal | None]
    """None = it was taken out."""
    stretch: Mapped[Decimal | None]
    challenge: Mapped[Decimal | None]

    target: Mapped[Target] = relationship()
