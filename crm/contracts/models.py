"""Contracts, what is to be received and what was, invoices and refunds."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import ColumnElement, ForeignKey, Index, String, Text, UniqueConstraint, or_, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.access import Actor, Owned, PartOf
from crm.customers.models import Customer, Order
from crm.database import Code, Fact, Name, Record


class ContractState(StrEnum):
    DRAFT = "draft"
    RUNNING = "running"
    ENDED = "ended"
    TERMINATED = "terminated"


class Contract(Record, Owned):
    __tablename__ = "contract"
    __table_args__ = (
        UniqueConstraint("board_id", "number"),
        Index("ix_contract_ends", "ends_on", "id"),
        Index("ix_contract_signed", "signed_on", "id"),
        {
            "info": {
                "says": {
                    ("uq_contract_board_id_number", ("board_id", "number")): "Another contract of this board has this number."
                }
            }
        },
    )

    number: Mapped[str] = mapped_column(Code)
    name: Mapped[str] = mapped_column(Name)
    board_id: Mapped[int] = mapped_column(ForeignKey("org_unit.id"), index=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"), index=True)
    opportunity_id: Mapped[int | None] = mapped_column(ForeignKey("opportunity.id"), index=True)
    quote_id: Mapped[int | None] = mapped_column(ForeignKey("quote.id"))
    renews_id: Mapped[int | None] = mapped_column(ForeignKey("contract.id"))
    """The contract that this one continues."""
    state: Mapped[str] = mapped_column(Code, default=ContractState.DRAFT)
    signed_on: Mapped[dt.date | None]
    starts_on: Mapped[dt.date]
    ends_on: Mapped[dt.date | None]
    amount: Mapped[Decimal]
    remind_days: Mapped[int] = mapped_column(default=60)
    """So many days before the end the renewal is due."""
    terms: Mapped[str | None] = mapped_column(Text)

    customer: Mapped[Customer] = relationship()

    @property
    def title(self) -> str:
        return self.name

    @classmethod
    def visible_to(cls, actor: Actor) -> ColumnElement[bool] | None:
        """Also with its customer."""
        condition = super().visible_to(actor)
        customers = Customer.visible_to(actor)
        if condition is None or customers is None or not actor.grant("contracts").see:
            return condition
        table = cls.__table__.c
        return or_(condition, table.customer_id.in_(select(Customer.__table__.c.id).where(customers)))


class ContractOrder(Record, PartOf):
    """An order that was placed under a contract."""

    __tablename__ = "contract_order"
    __table_args__ = (UniqueConstraint("order_id"),)
    PARENT = "contract"

    contract_id: Mapped[int] = mapped_column(ForeignKey("contract.id"), index=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("order.id"))

    contract: Mapped[Contract] = relationship()
    order: Mapped[Order] = relationship()


class ReceiptPlan(Record, PartOf):
    """What is to be received, by when."""

    __tablename__ = "receipt_plan"
    __table_args__ = (Index("ix_receipt_plan_due", "due_on", "id"),)
    PARENT = "contract"

    contract_id: Mapped[int] = mapped_column(ForeignKey("contract.id"), index=True)
    due_on: Mapped[dt.date]
    amount: Mapped[Decimal]
    what: Mapped[str | None] = mapped_column(String(300))
    """Down payment, on delivery, after acceptance, ..."""

    contract: Mapped[Contract] = relationship()


class Receipt(Record, PartOf):
    """Money that came in from a customer."""

    __tablename__ = "receipt"
    __table_args__ = (Index("ix_receipt_received", "received_on", "id"),)
    PARENT = "customer"

    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"), index=True)
    board_id: Mapped[int] = mapped_column(ForeignKey("org_unit.id"))
    received_on: Mapped[dt.date]
    amount: Mapped[Decimal]
    """Negative for a refund."""
    kind: Mapped[str] = mapped_column(Code, default="receipt")
    """receipt, refund"""
    method: Mapped[str | None] = mapped_column(Code)
    """transfer, cash, card, bill, other"""
    reference: Mapped[str | None] = mapped_column(Name)
    remark: Mapped[str | None] = mapped_column(String(300))
    by_id: Mapped[int]

    customer: Mapped[Customer] = relationship()

    @property
    def title(self) -> str:
        return self.reference or str(self.received_on)


class Allocation(Fact, PartOf):
    """A part of a receipt written off against a line of a plan; undone by an opposite one, never rewritten."""

    __tablename__ = "allocation"
    PARENT = "plan"

    receipt_id: Mapped[int] = mapped_column(ForeignKey("receipt.id"), index=True)
    plan_id: Mapped[int] = mapped_column(ForeignKey("receipt_plan.id"), index=True)
    amount: Mapped[Decimal]
    by_id: Mapped[int]

    plan: Mapped[ReceiptPlan] = relationship()
    receipt: Mapped[Receipt] = relationship()


class Invoice(Record, PartOf):
    __tablename__ = "invoice"
    __table_args__ = (UniqueConstraint("contract_id", "number"),)
    PARENT = "contract"

    contract_id: Mapped[int] = mapped_column(ForeignKey("contract.id"), index=True)
    number: Mapped[str] = mapped_column(Code)
    issued_on: Mapped[dt.date]
    amount: Mapped[Decimal]
    """Negative for a credit note."""
    kind: Mapped[str | None] = mapped_column(Code)
    """special_vat, ordinary_vat, credit_note, other"""
    remark: Mapped[str | None] = mapped_column(String(300))

    contract: Mapped[Contract] = relationship()

    @property
    def title(self) -> str:
        return self.number
