"""Quotes in versions, their lines, and the approval of a large discount."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.access import PartOf
from crm.database import Code, Record
from crm.pipeline.models.opportunity import Opportunity


class QuoteState(StrEnum):
    DRAFT = "draft"
    ASKED = "asked"
    """Waits for approval."""
    APPROVED = "approved"
    REFUSED = "refused"
    SENT = "sent"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    REPLACED = "replaced"
    """A newer version took its place."""


class Quote(Record, PartOf):
    """One version of what we offer. Sent ones are never changed: a new version is."""

    __tablename__ = "quote"
    __table_args__ = (UniqueConstraint("opportunity_id", "revision"),)
    PARENT = "opportunity"

    opportunity_id: Mapped[int] = mapped_column(ForeignKey("opportunity.id"))
    number: Mapped[str] = mapped_column(Code, index=True)
    revision: Mapped[int] = mapped_column(default=1)
    state: Mapped[str] = mapped_column(Code, default=QuoteState.DRAFT)
    valid_until: Mapped[dt.date | None]
    amount: Mapped[Decimal] = mapped_column(default=Decimal(0))
    """Sum of the lines after discount."""
    list_amount: Mapped[Decimal] = mapped_column(default=Decimal(0))
    """What the lines would cost at list price; the discount is judged by it."""
    terms: Mapped[str | None] = mapped_column(Text)
    asked_at: Mapped[dt.datetime | None]
    decided_at: Mapped[dt.datetime | None]
    decided_by_id: Mapped[int | None]
    decision: Mapped[str | None] = mapped_column(String(300))
    sent_at: Mapped[dt.datetime | None]
    by_id: Mapped[int]

    opportunity: Mapped[Opportunity] = relationship()
    lines: Mapped[list[QuoteLine]] = relationship(back_populates="quote")

    @property
    def title(self) -> str:
        return f"{self.number}-{self.revision}"


class QuoteLine(Record, PartOf):
    __tablename__ = "quote_line"
    PARENT = "quote"

    quote_id: Mapped[int] = mapped_column(ForeignKey("quote.id"), index=True)
    product_id: Mapped[int | None] = mapped_column(ForeignKey("product.id"))
    description: Mapped[str | None] = mapped_column(String(300))
    quantity: Mapped[Decimal]
    list_price: Mapped[Decimal]
    unit_price: Mapped[Decimal]
    discount_percent: Mapped[Decimal] = mapped_column(default=Decimal(0))
    amount: Mapped[Decimal]

    quote: Mapped[Quote] = relationship(back_populates="lines")
