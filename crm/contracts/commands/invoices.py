"""Invoices and credit notes of a contract, and goods that come back."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from pydantic import Field
from sqlalchemy import select

from crm.bulk import hold
from crm.contracts.commands.receipts import check_order
from crm.contracts.models import Contract, ContractOrder, ContractState, Invoice, InvoiceKind
from crm.contracts.queries.contracts import contract
from crm.contracts.queries.invoices import credit_left, invoiced, returned_of
from crm.customers.commands import LineInput, OrderInput, add_order, take_back
from crm.customers.models import Order, OrderKind
from crm.editing import Input
from crm.errors import Invalid
from crm.session import ScopedSession, get


class InvoiceInput(Input):
    number: str = Field(min_length=1, max_length=40)
    issued_on: dt.date
    amount: Decimal = Field(gt=0)
    kind: InvoiceKind = InvoiceKind.SPECIAL_VAT
    order_id: int | None = Field(None, description="Empty: for the contract as a whole.")
    remark: str | None = Field(None, max_length=300)


class CreditInput(Input):
    number: str = Field(min_length=1, max_length=40)
    issued_on: dt.date
    amount: Decimal | None = Field(None, gt=0, description="Empty: all that is left of the invoice.")
    remark: str | None = Field(None, max_length=300)


def add_invoice(session: ScopedSession, contract_id: int, input: InvoiceInput, knowing: bool = False) -> Invoice:
    """Beyond the amount of the contract only if the person knows, and says so."""
    hold(session, Invoice)
    found = contract(session, contract_id)
    if found.state == ContractState.DRAFT:
        raise Invalid("This contract is a draft: start it before you bill it.")
    if input.kind == InvoiceKind.CREDIT_NOTE:
        raise Invalid("A credit note belongs to an invoice: open that one.", field="kind")
    check_order(session, contract_id, input.order_id)
    total = invoiced(session, contract_id) + input.amount
    if total > found.amount and not knowing:
        raise Invalid(
            "All invoices would come to {total}, {difference} more than the contract. Save again if it is meant so.",
            field="amount",
            total=total,
            difference=total - found.amount,
        )
    return _added(session, found, **input.model_dump())


def credit(session: ScopedSession, invoice_id: int, input: CreditInput) -> Invoice:
    """A credit note on an invoice: never more than is left of it."""
    hold(session, Invoice)
    found = get(session, Invoice, invoice_id)
    if found.kind == InvoiceKind.CREDIT_NOTE:
        raise Invalid("This is a credit note itself.")
    left = credit_left(session, found)
    amount = left if input.amount is None else input.amount
    if amount > left or left <= 0:
        raise Invalid("Of this invoice only {left} is left to credit.", field="amount", left=left)
    about = {"kind": InvoiceKind.CREDIT_NOTE, "credits_id": invoice_id, "order_id": found.order_id}
    return _added(session, contract(session, found.contract_id), **input.model_dump() | about | {"amount": -amount})


def _added(session: ScopedSession, found: Contract, **values: Any) -> Invoice:
    added = Invoice(contract_id=found.id, **values)
    session.add(added)
    session.flush()
    return added


# ------------------------------------------------------------------------------------------------------- returns


class ReturnInput(Input):
    returned_on: dt.date
    remark: str | None = Field(None, max_length=300)
    lines: list[LineInput] = Field(default_factory=list, json_schema_extra={"hidden": True})
    """Empty = everything."""


def return_goods(session: ScopedSession, contract_id: int, order_id: int, input: ReturnInput) -> Order:
    """Goods of an order of the contract come back, all or some: an order of the kind "return", linked to what it takes back."""
    hold(session, Order)
    found = contract(session, contract_id)
    check_order(session, contract_id, order_id)
    order = get(session, Order, order_id)
    before = returned_of(session, order_id)
    if not input.lines and before == 0:
        back = take_back(session, order_id, input.returned_on)
    elif not input.lines:
        raise Invalid("Some of this order came back already: say what comes back now.", field="lines")
    else:
        kind = {"kind": OrderKind.RETURN, "remark": input.remark}
        back = add_order(session, found.customer_id, OrderInput(ordered_on=input.returned_on, lines=input.lines, **kind))
    if before - back.amount > order.amount:
        raise Invalid(
            "More would come back than was ordered: {left} is left of the order.", field="lines", left=order.amount - before
        )
    session.add(ContractOrder(contract_id=contract_id, order_id=back.id, returns_id=order_id))
    session.flush()
    return back


def link_return(session: ScopedSession, contract_id: int, order_id: int, returns_id: int) -> ContractOrder:
    """A return that was entered with the customer takes back this order of the contract."""
    check_order(session, contract_id, returns_id)
    back = get(session, Order, order_id)
    if back.kind != OrderKind.RETURN or back.customer_id != contract(session, contract_id).customer_id:
        raise Invalid("This is no return of this customer.", field="order_id")
    left = get(session, Order, returns_id).amount - returned_of(session, returns_id)
    if -back.amount > left:
        raise Invalid("More would come back than was ordered: {left} is left of the order.", field="order_id", left=left)
    if session.scalar(select(ContractOrder.id).where(ContractOrder.order_id == order_id)) is not None:
        raise Invalid("This order belongs to a contract already.", field="order_id")
    link = ContractOrder(contract_id=contract_id, order_id=order_id, returns_id=returns_id)
    session.add(link)
    session.flush()
    return link
