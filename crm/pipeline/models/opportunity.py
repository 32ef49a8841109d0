"""One chance to sell, and what happened to it."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Float, ForeignKey, Index, String, Text, UniqueConstraint, exists, or_, select
from sqlalchemy.orm import Mapped, mapped_column, relationship
from sqlalchemy.sql.util import ClauseAdapter

from crm.access import Actor, Owned, PartOf, Reach
from crm.customers.models import Customer
from crm.database import DERIVED, Base, Code, Fact, Name, Record
from crm.pipeline.models.settings import ForecastCategory, Pipeline, Stage


class OpportunityState(StrEnum):
    OPEN = "open"
    WON = "won"
    LOST = "lost"


class Registration(StrEnum):
    """A large opportunity is reported before it is worked on."""

    ASKED = "asked"
    CONFIRMED = "confirmed"
    REFUSED = "refused"


class WinReason(StrEnum):
    PRICE = "price"
    PRODUCT = "product"
    RELATIONSHIP = "relationship"
    SERVICE = "service"
    DELIVERY = "delivery"
    REFERENCE = "reference"
    OTHER = "other"


class DealLossReason(StrEnum):
    PRICE = "price"
    PRODUCT = "product"
    RELATIONSHIP = "relationship"
    TIMING = "timing"
    BUDGET = "budget"
    NO_DECISION = "no_decision"
    COMPETITOR = "competitor"
    NO_NEED = "no_need"
    OTHER = "other"


class Opportunity(Record, Owned):
    __tablename__ = "opportunity"
    __table_args__ = (
        UniqueConstraint("board_id", "number"),
        Index("ix_opportunity_board_stage", "pipeline_id", "state", "stage_id", "amount", "id"),
        Index("ix_opportunity_owner_state", "owner_id", "state"),
        Index("ix_opportunity_close", "expected_close_on", "id"),
        Index("ix_opportunity_list_created", "created_on", "id"),
        Index("ix_opportunity_amount", "amount", "id"),
        # Sums and the question who may see what are answered from the index alone.
        Index(
            "ix_opportunity_totals",
            *("board_id", "team_id", "owner_id", "state", "stage_id", "amount", "deleted_at", "customer_id", "win_probability"),
        ),
        Index(
            "ix_opportunity_closed",
            *("board_id", "closed_on", "state", "amount", "owner_id", "team_id", "customer_id", "deleted_at"),
        ),
        {
            "info": {
                "says": {
                    (
                        "uq_opportunity_board_id_number",
                        ("board_id", "number"),
                    ): "Another opportunity of this board has this number."
                }
            }
        },
    )

    number: Mapped[str] = mapped_column(Code)
    name: Mapped[str] = mapped_column(Name)
    board_id: Mapped[int] = mapped_column(ForeignKey("org_unit.id"))
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customer.id"), index=True)
    """None only where a source knew none."""
    pipeline_id: Mapped[int] = mapped_column(ForeignKey("pipeline.id"))
    stage_id: Mapped[int] = mapped_column(ForeignKey("stage.id"))
    """Where it is, or where it was when it was won or lost."""
    state: Mapped[str] = mapped_column(Code, default=OpportunityState.OPEN)
    created_on: Mapped[dt.date]
    """The day it entered the pipeline: cohorts of the funnel go by it."""
    amount: Mapped[Decimal] = mapped_column(default=Decimal(0))
    """Expected revenue; the sum of the lines as soon as there are any."""
    expected_close_on: Mapped[dt.date | None]
    closed_on: Mapped[dt.date | None]
    forecast_category: Mapped[str] = mapped_column(Code, default=ForecastCategory.PIPELINE)
    product_id: Mapped[int | None] = mapped_column(ForeignKey("product.id"), index=True)
    """The main product, where there are no lines."""
    source: Mapped[str | None] = mapped_column(Code)
    campaign_id: Mapped[int | None] = mapped_column(ForeignKey("campaign.id"))
    lead_id: Mapped[int | None] = mapped_column(ForeignKey("lead.id"), index=True)
    registration: Mapped[str | None] = mapped_column(Code)
    """A Registration, or None where none is needed."""
    registration_note: Mapped[str | None] = mapped_column(String(300))
    """What the lead said to it."""
    need: Mapped[str | None] = mapped_column(Text)
    criteria_met: Mapped[list[Any]] = mapped_column(default=list)
    """Exit criteria of the present stage that were ticked."""
    strengths: Mapped[str | None] = mapped_column(Text)
    weaknesses: Mapped[str | None] = mapped_column(Text)
    chances: Mapped[str | None] = mapped_column(Text)
    threats: Mapped[str | None] = mapped_column(Text)
    close_reason: Mapped[str | None] = mapped_column(Code)
    """A WinReason or a DealLossReason."""
    lost_to: Mapped[str | None] = mapped_column(Name)
    review: Mapped[str | None] = mapped_column(Text)
    """What was learned, written when it was closed."""
    remark: Mapped[str | None] = mapped_column(Text)
    custom: Mapped[dict[str, Any]] = mapped_column(default=dict)
    import_job_id: Mapped[int | None] = mapped_column(ForeignKey("import_job.id"))

    stage_since: Mapped[dt.date] = mapped_column(info=DERIVED)
    last_activity_on: Mapped[dt.date | None] = mapped_column(info=DERIVED)
    win_probability: Mapped[float | None] = mapped_column(Float, info=DERIVED)
    """By the model; None = the base rate of the stage holds."""
    win_reasons: Mapped[list[Any]] = mapped_column(default=list, info=DERIVED)
    """[code, effect in log odds] that moved it most"""

    customer: Mapped[Customer | None] = relationship()
    pipeline: Mapped[Pipeline] = relationship()
    stage: Mapped[Stage] = relationship()

    @property
    def title(self) -> str:
        return self.name

    @classmethod
    def shared_ids(cls, actor: Actor, to_change: bool = False) -> Any:
        """Members of the deal's team see and change it."""
        member = Base.metadata.tables["opportunity_member"].c
        return select(member.opportunity_id).where(member.user_id == actor.user_id, member.deleted_at.is_(None))

    @classmethod
    def visible_to(cls, actor: Actor) -> ColumnElement[bool] | None:
        """Also with its customer: whoever has the customer sees what is being sold to him."""
        condition = super().visible_to(actor)
        customers = Customer.visible_to(actor)
        if condition is None or customers is None or not actor.grant("pipeline").see:
            return condition
        link, customer = cls.__table__.c.customer_id, Customer.__table__
        if actor.grant("pipeline").see is not Reach.TEAM:
            return or_(condition, link.in_(select(customer.c.id).where(customers)))
        # Most deals of a large unit are its own: a list of all its customers would take longer than to look up the others.
        other = customer.alias()
        return or_(condition, exists().where(other.c.id == link, ClauseAdapter(other).traverse(customers)))


class StageEvent(Fact, PartOf):
    """A move to a stage, a win, a loss, a reopening. Everything about the funnel derives from these."""

    __tablename__ = "stage_event"
    __table_args__ = (
        Index("ix_stage_event_opportunity", "opportunity_id", "at"),
        Index("ix_stage_event_at", "at"),
        Index("ix_stage_event_stays", "opportunity_id", "from_stage_id", "to_stage_id", "state", "stayed_days"),
    )
    PARENT = "opportunity"

    opportunity_id: Mapped[int] = mapped_column(ForeignKey("opportunity.id"))
    at: Mapped[dt.datetime]
    from_stage_id: Mapped[int | None] = mapped_column(ForeignKey("stage.id"))
    to_stage_id: Mapped[int] = mapped_column(ForeignKey("stage.id"))
    state: Mapped[str] = mapped_column(Code)
    """The state from here on."""
    stayed_days: Mapped[int | None]
    """Days, rounded, in the stage that is left; None at the start, and where it was not open before."""
    by_id: Mapped[int]

    opportunity: Mapped[Opportunity] = relationship()


class OpportunityChange(Fact, PartOf):
    """A change of amount, close date, owner or forecast category; append-only."""

    __tablename__ = "opportunity_change"
    __table_args__ = (Index("ix_opportunity_change_opportunity", "opportunity_id", "at"), Index("ix_opportunity_change_at", "at"))
    PARENT = "opportunity"

    opportunity_id: Mapped[int] = mapped_column(ForeignKey("opportunity.id"))
    at: Mapped[dt.datetime]
    field: Mapped[str] = mapped_column(Code)
    before: Mapped[str | None] = mapped_column(String(100))
    after: Mapped[str | None] = mapped_column(String(100))
    reason: Mapped[str | None] = mapped_column(String(300))
    """Said when it was given to somebody else."""
    by_id: Mapped[int]

    opportunity: Mapped[Opportunity] = relationship()


class ForecastSnapshot(Fact, PartOf):
    """An open or lately closed deal as it stood on a day: what changed since then can be told, deal by deal."""

    __tablename__ = "forecast_snapshot"
    __table_args__ = (UniqueConstraint("taken_on", "opportunity_id"),)
    PARENT = "opportunity"

    opportunity_id: Mapped[int] = mapped_column(ForeignKey("opportunity.id"), index=True)
    taken_on: Mapped[dt.date]
    state: Mapped[str] = mapped_column(Code)
    stage_id: Mapped[int] = mapped_column(ForeignKey("stage.id"))
    amount: Mapped[Decimal]
    probability: Mapped[float] = mapped_column(Float)
    expected_close_on: Mapped[dt.date | None]
    forecast_category: Mapped[str] = mapped_column(Code)

    opportunity: Mapped[Opportunity] = relationship()


class ForecastRecord(Fact, Owned):
    """The forecast of a board for a period as it was told on a day; its accuracy is judged later by these."""

    __tablename__ = "forecast_record"
    __table_args__ = (UniqueConstraint("board_id", "taken_on", "period_from"),)

    board_id: Mapped[int] = mapped_column(ForeignKey("org_unit.id"))
    taken_on: Mapped[dt.date]
    period_from: Mapped[dt.date]
    period_to: Mapped[dt.date]
    won: Mapped[Decimal]
    p10: Mapped[Decimal]
    p50: Mapped[Decimal]
    p90: Mapped[Decimal]
    weighted: Mapped[Decimal]
    commit: Mapped[Decimal]
    best_case: Mapped[Decimal]
