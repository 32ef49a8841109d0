"""What the published model says of each customer, today and on earlier days; and which model that is."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Float, ForeignKey, Index, UniqueConstraint, false
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from crm.access import Actor, PartOf, Reach, Scoped
from crm.customers.models.customer import Customer
from crm.database import Code, Fact


class RunKind(StrEnum):
    PUBLISHED = "published"
    """A person chose this model and its settings."""
    REFIT = "refit"
    """The job fitted the published settings to newer data."""
    AUTOMATIC = "automatic"
    """Nobody has published anything yet: the contest's own choice."""


class ModelRun(Fact, Scoped):
    """One fit of a customer-base model to one board: settings, parameters, cut-off, holdout result. The newest one scores."""

    __tablename__ = "model_run"
    __table_args__ = (Index("ix_model_run_board", "board_id", "id"),)

    board_id: Mapped[int] = mapped_column(ForeignKey("org_unit.id"))
    kind: Mapped[str] = mapped_column(Code, default=RunKind.PUBLISHED)
    base_id: Mapped[int | None] = mapped_column(ForeignKey("model_run.id"))
    """The published run whose settings a refit took."""
    model: Mapped[str] = mapped_column(Code)
    """bg_nbd, mbg_nbd, pareto_nbd, nbd"""
    by_id: Mapped[int]
    """The person who published; 0 = the job."""
    cutoff_on: Mapped[dt.date]
    """Purchases up to this day were fitted."""
    customers: Mapped[int]
    settings: Mapped[dict[str, Any]]
    """filter, since, until, holdout_days, horizon_months, margin, annual_discount"""
    parameters: Mapped[dict[str, Any]]
    """name -> value; those of the spend model under "spend" """
    intervals: Mapped[dict[str, Any]]
    """name -> [low, high] at 95 %"""
    log_likelihood: Mapped[float | None] = mapped_column(Float)
    diagnosis: Mapped[str] = mapped_column(Code)
    holdout: Mapped[dict[str, Any]]
    """What the contest found in the holdout period: actual, expected, mean absolute error, ranking."""

    @property
    def title(self) -> str:
        return self.model

    @classmethod
    def visible_to(cls, actor: Actor) -> ColumnElement[bool] | None:
        """By everybody who works in the board: it explains the figures on his customers' pages."""
        reach = actor.grant("customers").see
        if reach is Reach.EVERYTHING:
            return None
        mine = sorted(actor.team_ids | actor.above_ids)
        return cls.__table__.c.board_id.in_(mine) if reach and mine else false()

    def changeable_by(self, actor: Actor, session: Session) -> bool:
        if not actor.may("publish", "insight"):
            return False
        return actor.grant("customers").see is Reach.EVERYTHING or self.board_id in actor.team_ids


class CustomerScore(Fact, PartOf):
    """The newest scores of one customer. Written anew by the job and after publishing; no person changes them."""

    __tablename__ = "customer_score"
    __table_args__ = (
        UniqueConstraint("customer_id"),
        # Lists sorted or narrowed by these read fifty rows of an index, not the table.
        Index("ix_customer_score_risk", "value_at_risk", "customer_id"),
        Index("ix_customer_score_value", "lifetime_value", "customer_id"),
        Index("ix_customer_score_alive", "p_alive", "customer_id"),
    )
    PARENT = "customer"
    REFRESHED = True

    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"))
    model_run_id: Mapped[int] = mapped_column(ForeignKey("model_run.id"))
    as_of: Mapped[dt.date]
    frequency: Mapped[int]
    """Days with a purchase after the first one."""
    recency: Mapped[float] = mapped_column(Float)
    """Weeks from the first to the last purchase."""
    T: Mapped[float] = mapped_column(Float)
    """Weeks from the first purchase to `as_of`."""
    monetary_value: Mapped[Decimal]
    """Mean spend of a repeat purchase day; 0 without one."""
    expected_spend: Mapped[Decimal]
    """What a future purchase day is expected to bring."""
    p_alive: Mapped[float] = mapped_column(Float)
    expected_orders: Mapped[float] = mapped_column(Float)
    """In the twelve months after `as_of`."""
    expected_value: Mapped[Decimal]
    """Discounted margin of the twelve months after `as_of`."""
    lifetime_value: Mapped[Decimal]
    """Discounted margin over the published horizon."""
    value_at_risk: Mapped[Decimal]
    """Of the lifetime value, what is lost with the chance that he has stopped."""
    next_order_from: Mapped[dt.date | None]
    next_order_until: Mapped[dt.date | None]
    """With 80 % between the two, given that he buys again."""

    customer: Mapped[Customer] = relationship()


class ScoreSnapshot(Fact, PartOf):
    """The scores of a customer as they were on a day: for migration and for "as of". One per customer and day."""

    __tablename__ = "score_snapshot"
    __table_args__ = (
        UniqueConstraint("as_of", "customer_id"),
        Index("ix_score_snapshot_customer", "customer_id", "as_of"),
        # The sums of a board on a day are read from this index alone.
        Index("ix_score_snapshot_sums", "board_id", "as_of", "customer_id", "owner_id", "life_cycle", "lifetime_value"),
    )
    PARENT = "customer"
    REFRESHED = True

    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"))
    as_of: Mapped[dt.date]
    board_id: Mapped[int] = mapped_column(ForeignKey("org_unit.id"))
    owner_id: Mapped[int | None]
    model_run_id: Mapped[int | None] = mapped_column(ForeignKey("model_run.id"))
    life_cycle: Mapped[str] = mapped_column(Code)
    r_score: Mapped[int | None]
    f_score: Mapped[int | None]
    m_score: Mapped[int | None]
    segment: Mapped[str | None] = mapped_column(Code)
    p_alive: Mapped[float | None] = mapped_column(Float)
    expected_orders: Mapped[float | None] = mapped_column(Float)
    expected_value: Mapped[Decimal | None]
    lifetime_value: Mapped[Decimal | None]
    value_at_risk: Mapped[Decimal | None]

    customer: Mapped[Customer] = relationship()
