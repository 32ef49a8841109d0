"""Orders and their lines."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import ColumnElement, ForeignKey, Index, String, UniqueConstraint, func, or_
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.access import Actor, PartOf, Reach
from crm.customers.models.customer import Customer
from crm.database import DERIVED, Code, Record


class OrderKind(StrEnum):
    SALE = "sale"
    RENEWAL = "renewal"
    RETURN = "return"


class Order(Record, PartOf):
    """A transaction. Returns and cancellations are orders with negative lines."""

    __tablename__ = "order"
    __table_args__ = (
        UniqueConstraint("board_id", "number"),
        Index("ix_order_customer_day", "customer_id", "ordered_on"),
        Index("ix_order_day", "ordered_on", "id"),
        Index("ix_order_number", "number"),
        # Sums over days and customers of a board are read from the index alone.
        Index("ix_order_sums", "board_id", "ordered_on", "customer_id", "amount", "kind", "deleted_at", "seller_id"),
        {
            "info": {
                "says": {("uq_order_board_id_number", ("board_id", "number")): "Another order of this board has this number."}
            }
        },
    )
    PARENT = "customer"

    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"))
    board_id: Mapped[int] = mapped_column(ForeignKey("org_unit.id"))
    number: Mapped[str] = mapped_column(Code)
    kind: Mapped[str] = mapped_column(Code, default=OrderKind.SALE)
    ordered_on: Mapped[dt.date]
    ordered_at: Mapped[dt.datetime | None]
    """The minute, where the source knows it; local time of the board."""
    seller_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"), index=True)
    amount: Mapped[Decimal] = mapped_column(default=Decimal(0), info=DERIVED)
    """Sum of the lines."""
    remark: Mapped[str | None] = mapped_column(String(300))
    import_job_id: Mapped[int | None] = mapped_column(ForeignKey("import_job.id"), index=True)

    customer: Mapped[Customer] = relationship()
    lines: Mapped[list[OrderLine]] = relationship(back_populates="order")

    @classmethod
    def visible_to(cls, actor: Actor) -> ColumnElement[bool] | None:
        """With its customer; who reaches a whole board reaches all orders of it, which is quicker to see."""
        condition = super().visible_to(actor)
        if condition is None or actor.grant("customers").see is not Reach.TEAM:
            return condition
        # Not by an index: orders of half the base are better walked in the order of the list.
        board = func.coalesce(cls.__table__.c.board_id, 0)
        return or_(board.in_(sorted(actor.team_ids)), condition)

    @property
    def title(self) -> str:
        return self.number


class OrderLine(Record, PartOf):
    __tablename__ = "order_line"
    PARENT = "order"

    order_id: Mapped[int] = mapped_column(ForeignKey("order.id"), index=True)
    product_id: Mapped[int | None] = mapped_column(ForeignKey("product.id"), index=True)
    description: Mapped[str | None] = mapped_column(String(300))
    quantity: Mapped[Decimal]
    unit_price: Mapped[Decimal]
    amount: Mapped[Decimal]
    """quantity x unit price, as stored in the source's currency"""

    order: Mapped[Order] = relationship(back_populates="lines")


BOUGHT = (Order.kind != OrderKind.RETURN) & (Order.amount > 0)
"""A purchase: no return, and not given away."""
