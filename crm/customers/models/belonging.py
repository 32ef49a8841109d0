"""Whose a customer is and was, to whom it is opened, and which records became one."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.access import PartOf
from crm.customers.models.customer import Customer
from crm.database import Fact, Record


class Ownership(Fact, PartOf):
    """Who had the customer from when to when, and why. Closed by the next one, never rewritten."""

    __tablename__ = "ownership"
    PARENT = "customer"
    CLOSES = frozenset({"ended_at"})

    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"), index=True)
    owner_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    team_id: Mapped[int] = mapped_column(ForeignKey("org_unit.id"))
    started_at: Mapped[dt.datetime]
    ended_at: Mapped[dt.datetime | None]
    reason: Mapped[str] = mapped_column(String(300))
    by_id: Mapped[int]

    customer: Mapped[Customer] = relationship()


class CustomerShare(Record, PartOf):
    """Opens a customer to one person or one unit, to read or to change."""

    __tablename__ = "customer_share"
    __table_args__ = (
        Index("ix_customer_share_user", "user_id", "customer_id"),
        Index("ix_customer_share_unit", "unit_id", "customer_id"),
    )
    PARENT = "customer"

    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"), index=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("org_unit.id"))
    may_change: Mapped[bool] = mapped_column(default=False)
    reason: Mapped[str | None] = mapped_column(String(300))

    customer: Mapped[Customer] = relationship()

    @property
    def title(self) -> str:
        return self.reason or str(getattr(self.customer, "name", ""))


class Merge(Record, PartOf):
    """Two records became one; what moved is kept, so that it can be undone."""

    __tablename__ = "merge"
    PARENT = "customer"

    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"), index=True)
    merged_id: Mapped[int] = mapped_column(ForeignKey("customer.id"), index=True)
    moved: Mapped[dict[str, Any]]
    """table -> ids that moved"""
    kept_before: Mapped[dict[str, Any]]
    undone_at: Mapped[dt.datetime | None]

    customer: Mapped[Customer] = relationship(foreign_keys=customer_id)
