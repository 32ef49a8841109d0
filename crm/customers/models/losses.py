"""Why a customer stopped, and to whom he went: what people know and a model does not."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, ForeignKey, Text, and_, or_
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.access import PartOf
from crm.customers.models.customer import Customer
from crm.database import Code, Name, Record


class LossReason(StrEnum):
    PRICE = "price"
    PRODUCT = "product"
    QUALITY = "quality"
    SERVICE = "service"
    DELIVERY = "delivery"
    RELATIONSHIP = "relationship"
    NO_NEED = "no_need"
    CLOSED = "closed"
    MOVED = "moved"
    OTHER = "other"


class LossDirection(StrEnum):
    COMPETITOR = "competitor"
    IN_HOUSE = "in_house"
    SUBSTITUTE = "substitute"
    NOBODY = "nobody"
    UNKNOWN = "unknown"


class Loss(Record, PartOf):
    """The end of a customer's buying as a person entered it. A purchase after `lost_on` ends it, whatever is written here."""

    __tablename__ = "loss"
    PARENT = "customer"

    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"), index=True)
    lost_on: Mapped[dt.date]
    reason: Mapped[str] = mapped_column(Code)
    direction: Mapped[str] = mapped_column(Code, default=LossDirection.UNKNOWN)
    competitor: Mapped[str | None] = mapped_column(Name)
    """To whom, by name."""
    remark: Mapped[str | None] = mapped_column(Text)
    won_back_on: Mapped[dt.date | None]
    """Known before any order says it: a contract signed, a promise."""
    by_id: Mapped[int]

    customer: Mapped[Customer] = relationship()

    @property
    def title(self) -> str:
        return self.reason

    @classmethod
    def standing(cls, last_purchase: Any, day: dt.date | None = None) -> ColumnElement[bool]:
        """Not won back: neither entered nor by a purchase; `day` = as it was known of on that day."""
        unanswered = or_(last_purchase.is_(None), last_purchase <= cls.lost_on)
        if day is None:
            return and_(cls.won_back_on.is_(None), unanswered)
        return and_(cls.lost_on <= day, or_(cls.won_back_on.is_(None), cls.won_back_on > day), unanswered)
