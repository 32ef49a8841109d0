"""Quotes in versions, their lines, and the approval of a large discount."""

from __future__ import annotations

import datetime as dt
from decimal import ROUND_HALF_EVEN, Decimal
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.access import PartOf
from crm.database import Code, Record
from crm.pipeline.models.opportunity import Opportunity


def in_money(amount: Decimal) -> Decimal:
    """To the ten-thousandths that the database keeps."""
    return amount.quantize(Decimal("0.0001"), ROUND_HALF_EVEN)


def discount(listed: Decimal, asked: Decimal) -> Decimal:
    """Percent below the list price; nothing where there is no list price."""
    return (listed - asked) * 100 / listed if listed > 0 else Decimal(0)


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
    __table_args__ = (UniqueConstraint("opportunity_id", "revision"), Index("ix_quote_state", "state", "opportunity_id"))
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
    answered_on: Mapped[dt.date | None]
    answer: Mapped[str | None] = mapped_column(String(300))
    """What the customer said when he accepted or declined."""
    by_id: Mapped[int]

    opportunity: Mapped[Opportunity] = relationship()
    lines: Mapped[list[QuoteLine]] = relationship(back_populates="quote", order_by="QuoteLine.id")

    @property
    def title(self) -> str:
        return f"{self.number}-{self.revision}"

    @property
    def discount_percent(self) -> Decimal:
        """Of the whole, against the list prices; below zero where it costs more than listed."""
        return discount(self.list_amount, self.amount)

    @property
    def largest_discount_percent(self) -> Decimal:
        """Of the whole or of any line, whichever is larger: what the limit is held against."""
        living = [line for line in self.lines if line.deleted_at is None]
        return max([self.discount_percent, *(discount(line.quantity * line.list_price, line.amount) for line in living)])


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
    """quantity x net price"""

    @property
    def net_price(self) -> Decimal:
        """What one costs after the discount of the line; rounded, so that an order at this price comes to the same amount."""
        return in_money(self.unit_price * (100 - self.discount_percent) / 100)

    quote: Mapped[Quote] = relationship(back_populates="lines")
