"""Contracts, what is to be received and what was, invoices and refunds."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import (
    ColumnElement,
    Connection,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    event,
    false,
    or_,
    select,
)
from sqlalchemy.orm import Mapped, Mapper, Session, mapped_column, relationship

from crm.access import Actor, Owned, PartOf, was
from crm.customers.models import Customer, Order
from crm.database import Code, Fact, Name, Record
from crm.errors import Invalid
from crm.pipeline.models import Opportunity, OpportunityState


class ContractState(StrEnum):
    DRAFT = "draft"
    RUNNING = "running"
    ENDED = "ended"
    TERMINATED = "terminated"


class Contract(Record, Owned):
    __tablename__ = "contract"
    __table_args__ = (
        UniqueConstraint("board_id", "number"),
        UniqueConstraint("opportunity_id"),
        UniqueConstraint("renews_id"),
        Index("ix_contract_ends", "ends_on", "id"),
        Index("ix_contract_remind", "state", "remind_on"),
        Index("ix_contract_owner", "owner_id", "state"),
        Index("ix_contract_signed", "signed_on", "id"),
        {
            "info": {
                "says": {
                    ("uq_contract_board_id_number", ("board_id", "number")): "Another contract of this board has this number.",
                    ("uq_contract_opportunity_id", ("opportunity_id",)): "This opportunity has a contract already.",
                    ("uq_contract_renews_id", ("renews_id",)): "This contract has been renewed already.",
                }
            }
        },
    )

    number: Mapped[str] = mapped_column(Code)
    name: Mapped[str] = mapped_column(Name)
    board_id: Mapped[int] = mapped_column(ForeignKey("org_unit.id"), index=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"), index=True)
    opportunity_id: Mapped[int | None] = mapped_column(ForeignKey("opportunity.id"))
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
    remind_on: Mapped[dt.date | None]
    """That day; kept by `set_reminder`."""
    terms: Mapped[str | None] = mapped_column(Text)
    ended_on: Mapped[dt.date | None]
    """The day on which it really ended."""
    end_reason: Mapped[str | None] = mapped_column(String(300))

    customer: Mapped[Customer] = relationship()

    @property
    def title(self) -> str:
        return self.name

    def set_reminder(self) -> None:
        self.remind_on = self.ends_on - dt.timedelta(self.remind_days) if self.ends_on else None

    @classmethod
    def visible_to(cls, actor: Actor) -> ColumnElement[bool] | None:
        """Also with its customer."""
        condition = super().visible_to(actor)
        customers = Customer.visible_to(actor)
        if condition is None or customers is None or not actor.grant("contracts").see:
            return condition
        table = cls.__table__.c
        return or_(condition, table.customer_id.in_(select(Customer.__table__.c.id).where(customers)))


@event.listens_for(Opportunity, "before_update")
def _stays_won(mapper: Mapper[Opportunity], connection: Connection, deal: Opportunity) -> None:
    """A deal that became a contract is not opened again, whoever asks and whoever may see the contract."""
    if deal.state == OpportunityState.WON or was(deal, "state") != OpportunityState.WON:
        return
    contract = Contract.__table__.c
    of_deal = select(contract.number).where(contract.opportunity_id == deal.id, contract.deleted_at.is_(None))
    if (number := connection.scalar(of_deal)) is not None:
        raise Invalid("This opportunity became contract {number} and stays won. A new chance is a new one.", number=number)


class InvoiceKind(StrEnum):
    SPECIAL_VAT = "special_vat"
    ORDINARY_VAT = "ordinary_vat"
    OTHER = "other"
    CREDIT_NOTE = "credit_note"


class ReceiptKind(StrEnum):
    RECEIPT = "receipt"
    REFUND = "refund"


class PaymentMethod(StrEnum):
    TRANSFER = "transfer"
    CASH = "cash"
    CARD = "card"
    BILL = "bill"
    OTHER = "other"


class ContractOrder(Record, PartOf):
    """An order that was placed under a contract, or a return of one."""

    __tablename__ = "contract_order"
    __table_args__ = (
        UniqueConstraint("order_id"),
        {"info": {"says": {("uq_contract_order_order_id", ("order_id",)): "This order belongs to a contract already."}}},
    )
    PARENT = "contract"
    DISPOSABLE = True

    contract_id: Mapped[int] = mapped_column(ForeignKey("contract.id"), index=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("order.id"))
    returns_id: Mapped[int | None] = mapped_column(ForeignKey("order.id"), index=True)
    """The order of this contract that it takes back, wholly or in part."""

    contract: Mapped[Contract] = relationship()
    order: Mapped[Order] = relationship(foreign_keys=[order_id])


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
    order_id: Mapped[int | None] = mapped_column(ForeignKey("order.id"), index=True)
    """The order it pays for; None = the contract as a whole."""

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
    kind: Mapped[str] = mapped_column(Code, default=ReceiptKind.RECEIPT)
    method: Mapped[str | None] = mapped_column(Code)
    reference: Mapped[str | None] = mapped_column(Name)
    remark: Mapped[str | None] = mapped_column(String(300))
    refunds_id: Mapped[int | None] = mapped_column(ForeignKey("receipt.id"), index=True)
    """The receipt that this refund gives back, wholly or in part."""
    by_id: Mapped[int]

    customer: Mapped[Customer] = relationship()

    @property
    def title(self) -> str:
        return self.reference or str(self.received_on)

    @classmethod
    def visible_to(cls, actor: Actor) -> ColumnElement[bool] | None:
        """With its customer, by those who have to do with contracts."""
        return super().visible_to(actor) if actor.grant("contracts").see else false()

    def changeable_by(self, actor: Actor, session: Session) -> bool:
        return bool(actor.grant("contracts").change) and super().changeable_by(actor, session)


class Allocation(Fact, PartOf):
    """A part of a receipt written off against a line of a plan; undone by an opposite one, never rewritten."""

    __tablename__ = "allocation"
    __table_args__ = (
        UniqueConstraint("undoes_id"),
        {"info": {"says": {("uq_allocation_undoes_id", ("undoes_id",)): "This was undone already."}}},
    )
    PARENT = "plan"

    receipt_id: Mapped[int] = mapped_column(ForeignKey("receipt.id"), index=True)
    plan_id: Mapped[int] = mapped_column(ForeignKey("receipt_plan.id"), index=True)
    amount: Mapped[Decimal]
    by_id: Mapped[int]
    undoes_id: Mapped[int | None] = mapped_column(ForeignKey("allocation.id"))
    """The allocation that this opposite one undoes."""

    plan: Mapped[ReceiptPlan] = relationship()
    receipt: Mapped[Receipt] = relationship()


class Invoice(Record, PartOf):
    __tablename__ = "invoice"
    __table_args__ = (
        UniqueConstraint("contract_id", "number"),
        {
            "info": {
                "says": {
                    (
                        "uq_invoice_contract_id_number",
                        ("contract_id", "number"),
                    ): "Another invoice of this contract has this number."
                }
            }
        },
    )
    PARENT = "contract"

    contract_id: Mapped[int] = mapped_column(ForeignKey("contract.id"), index=True)
    number: Mapped[str] = mapped_column(Code)
    issued_on: Mapped[dt.date]
    amount: Mapped[Decimal]
    """Negative for a credit note."""
    kind: Mapped[str | None] = mapped_column(Code)
    remark: Mapped[str | None] = mapped_column(String(300))
    order_id: Mapped[int | None] = mapped_column(ForeignKey("order.id"), index=True)
    """The order it bills; None = the contract as a whole."""
    credits_id: Mapped[int | None] = mapped_column(ForeignKey("invoice.id"), index=True)
    """The invoice that this credit note takes back, wholly or in part."""

    contract: Mapped[Contract] = relationship()

    @property
    def title(self) -> str:
        return self.number
