"""Contracts: made by hand or from a won deal, started, ended, terminated, renewed; and the orders under them."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from pydantic import Field
from sqlalchemy import func, select

from crm.bulk import hold
from crm.contracts.models import Allocation, Contract, ContractOrder, ContractState, Invoice, ReceiptPlan
from crm.contracts.queries.contracts import contract
from crm.customers.commands import LineInput, OrderInput, add_order
from crm.customers.commands.details import free_number
from crm.customers.models import Customer, Order, OrderKind
from crm.database import now
from crm.editing import Input, change
from crm.errors import Invalid, Refused
from crm.office.queries import today
from crm.pipeline.models import Opportunity, OpportunityState, Quote
from crm.pipeline.queries.quotes import accepted_quote
from crm.session import ScopedSession, get
from crm.staff.models import User

LATER = (ContractState.DRAFT, ContractState.RUNNING)
"""States in which a contract can still be changed."""


class ContractInput(Input):
    number: str | None = Field(None, min_length=1, max_length=40, description="Left empty: the next free number.")
    name: str | None = Field(None, max_length=200, description="Left empty: that of the opportunity, or of the customer.")
    amount: Decimal | None = Field(None, ge=0, description="Left empty: that of the accepted quote.")
    signed_on: dt.date | None = None
    starts_on: dt.date
    ends_on: dt.date | None = Field(None, description="Empty: it has no end.")
    remind_days: int = Field(60, ge=0, le=3650, description="So many days before the end the renewal is due.")
    terms: str | None = Field(None, max_length=10_000, json_schema_extra={"long": True})


class EndInput(Input):
    ended_on: dt.date
    reason: str | None = Field(None, max_length=300)


class TerminationInput(Input):
    ended_on: dt.date
    reason: str = Field(min_length=1, max_length=300)
    drop_open: bool = Field(True, title="Drop what is planned after that day", description="Receipts that nobody has to expect.")


def add_contract(session: ScopedSession, customer_id: int, input: ContractInput, opportunity_id: int | None = None) -> Contract:
    """Of the actor, in the board of the customer, who must be his to change."""
    customer = _changeable_customer(session, customer_id)
    if opportunity_id is not None and get(session, Opportunity, opportunity_id).customer_id != customer_id:
        raise Invalid("This opportunity is of another customer.", field="opportunity_id")
    return _added(session, customer, input, get(session, User, session.actor.user_id), opportunity_id=opportunity_id)


def contract_from_opportunity(session: ScopedSession, opportunity_id: int, input: ContractInput) -> Contract:
    """A won deal with an accepted quote becomes a contract of its owner and an order with the lines of the quote."""
    hold(session, Contract)
    opportunity = get(session, Opportunity, opportunity_id)
    if opportunity.state != OpportunityState.WON:
        raise Invalid("Only a won opportunity becomes a contract.")
    quote = accepted_quote(session, opportunity_id)
    if quote is None:
        raise Invalid("The customer has accepted no quote of this opportunity yet.")
    customer = _changeable_customer(session, opportunity.customer_id)
    owner = get(session, User, opportunity.owner_id or session.actor.user_id)
    given = {"name": input.name or opportunity.name, "amount": quote.amount if input.amount is None else input.amount}
    about = {"opportunity_id": opportunity_id, "quote_id": quote.id}
    added = _added(session, customer, input.model_copy(update=given), owner, **about)
    order = add_order(session, customer.id, _order_of(quote, input.signed_on or today(session)))
    session.add(ContractOrder(contract_id=added.id, order_id=order.id))
    session.flush()
    return added


def _order_of(quote: Quote, day: dt.date) -> OrderInput:
    lines = [
        LineInput(product_id=line.product_id, description=line.description, quantity=line.quantity, unit_price=line.net_price)
        for line in quote.lines
    ]
    return OrderInput(ordered_on=day, remark=quote.title, lines=lines)


def edit_contract(session: ScopedSession, contract_id: int, input: ContractInput, version: int) -> Contract:
    """A draft or a running one; what is left empty of number, name and amount stays."""
    found = contract(session, contract_id)
    _check_state(found, LATER)
    _check_days(input)
    kept = {"number": found.number, "name": found.name, "amount": found.amount}
    values = {name: kept.get(name) if value is None else value for name, value in input.model_dump().items()}
    change(session, found, values, version)
    found.set_reminder()
    session.flush()
    return found


def delete_contract(session: ScopedSession, contract_id: int, version: int) -> None:
    """Only a draft that nobody has billed or paid; its orders stay, the opportunity may get another contract."""
    found = contract(session, contract_id)
    _check_state(found, (ContractState.DRAFT,))
    paid = select(func.count(Allocation.id)).join(ReceiptPlan, ReceiptPlan.id == Allocation.plan_id)
    billed = select(func.count(Invoice.id)).where(Invoice.contract_id == contract_id)
    if session.scalar(billed) or session.scalar(paid.where(ReceiptPlan.contract_id == contract_id)):
        raise Invalid("This contract was billed or paid: terminate it instead.")
    for link in session.scalars(select(ContractOrder).where(ContractOrder.contract_id == contract_id)).all():
        session.delete(link)
    for line in session.scalars(select(ReceiptPlan).where(ReceiptPlan.contract_id == contract_id)).all():
        line.deleted_at = now()
    session.flush()
    change(session, found, {"deleted_at": now(), "opportunity_id": None, "renews_id": None}, version)
    session.flush()


# ------------------------------------------------------------------------------------------------------- its life


def start_contract(session: ScopedSession, contract_id: int, version: int, signed_on: dt.date | None = None) -> Contract:
    found = contract(session, contract_id)
    _check_state(found, (ContractState.DRAFT,))
    signed = signed_on or found.signed_on
    if signed is None:
        raise Invalid("Say when it was signed.", field="signed_on")
    return _moved(session, found, version, state=ContractState.RUNNING, signed_on=signed)


def end_contract(session: ScopedSession, contract_id: int, input: EndInput, version: int) -> Contract:
    """It came to its end as agreed."""
    found = contract(session, contract_id)
    _check_end(found, input.ended_on)
    about = {"state": ContractState.ENDED, "ended_on": input.ended_on, "end_reason": input.reason}
    return _moved(session, found, version, **about)


def terminate_contract(session: ScopedSession, contract_id: int, input: TerminationInput, version: int) -> Contract:
    """Ended before its time, with the reason; what was to be received after that day is dropped where nothing came in for it."""
    found = contract(session, contract_id)
    _check_end(found, input.ended_on)
    about = {"state": ContractState.TERMINATED, "ended_on": input.ended_on, "end_reason": input.reason}
    moved = _moved(session, found, version, **about)
    if input.drop_open:
        paid = select(Allocation.plan_id).group_by(Allocation.plan_id).having(func.sum(Allocation.amount) > 0)
        later = select(ReceiptPlan).where(ReceiptPlan.contract_id == contract_id, ReceiptPlan.due_on > input.ended_on)
        for line in session.scalars(later.where(ReceiptPlan.id.not_in(paid))).all():
            line.deleted_at = now()
        session.flush()
    return moved


def renew_contract(session: ScopedSession, contract_id: int, input: ContractInput) -> Contract:
    """A draft that continues this one, of the same owner; name and amount are those of the old one unless others are given."""
    hold(session, Contract)
    found = contract(session, contract_id)
    _check_state(found, (ContractState.RUNNING, ContractState.ENDED))
    if found.ends_on is not None and input.starts_on <= found.ends_on:
        raise Invalid("The old contract runs until {day}: the new one begins after it.", field="starts_on", day=found.ends_on)
    given = {"name": input.name or found.name, "amount": found.amount if input.amount is None else input.amount}
    customer = _changeable_customer(session, found.customer_id)
    owner = get(session, User, found.owner_id or session.actor.user_id)
    return _added(session, customer, input.model_copy(update=given), owner, renews_id=contract_id)


def end_expired(session: ScopedSession, day: dt.date) -> int:
    """Running contracts whose last day is past are ended; -> how many. The same for a day however often it runs."""
    over = select(Contract).where(Contract.state == ContractState.RUNNING, Contract.ends_on < day)
    found = session.scalars(over).all()
    for one in found:
        one.state, one.ended_on = ContractState.ENDED, one.ends_on
    session.flush()
    return len(found)


# ----------------------------------------------------------------------------------------------------- its orders


def link_order(session: ScopedSession, contract_id: int, order_id: int) -> ContractOrder:
    """An order of the same customer was placed under this contract."""
    found, order = contract(session, contract_id), get(session, Order, order_id)
    if order.customer_id != found.customer_id:
        raise Invalid("This order is of another customer.", field="order_id")
    if order.kind == OrderKind.RETURN:
        raise Invalid("Say which order of the contract is taken back.", field="order_id")
    link = ContractOrder(contract_id=contract_id, order_id=order_id)
    session.add(link)
    session.flush()
    return link


def unlink_order(session: ScopedSession, contract_id: int, order_id: int) -> None:
    """It was another contract's; refused while something bills it, pays for it or takes it back."""
    contract(session, contract_id)
    link = session.scalar(
        select(ContractOrder).where(ContractOrder.contract_id == contract_id, ContractOrder.order_id == order_id)
    )
    if link is None:
        return
    for kind, column in (
        (Invoice, Invoice.order_id),
        (ReceiptPlan, ReceiptPlan.order_id),
        (ContractOrder, ContractOrder.returns_id),
    ):
        if session.scalar(select(func.count(kind.id)).where(column == order_id)):
            raise Invalid("This order is billed, planned or taken back under the contract: it stays.")
    session.delete(link)
    session.flush()


# ---------------------------------------------------------------------------------------------------------- parts


def _changeable_customer(session: ScopedSession, customer_id: int | None) -> Customer:
    """A contract is its owner's, so the record itself would not ask whether the customer is."""
    customer = get(session, Customer, customer_id)
    if not customer.changeable_by(session.actor, session):
        raise Refused("You may not change this: {title}.", title=customer.title)
    return customer


def _added(session: ScopedSession, customer: Customer, input: ContractInput, owner: User, **about: Any) -> Contract:
    _check_days(input)
    if input.amount is None:
        raise Invalid("Say what the contract is worth.", field="amount")
    number = input.number or free_number(session, Contract.number, "CT", 6, customer.board_id)
    values = input.model_dump() | {"number": number, "name": input.name or customer.name, "board_id": customer.board_id}
    added = Contract(**values, customer_id=customer.id, owner_id=owner.id, team_id=owner.unit_id, **about)
    added.set_reminder()
    session.add(added)
    session.flush()
    return added


def _moved(session: ScopedSession, found: Contract, version: int, **values: Any) -> Contract:
    change(session, found, values, version)
    session.flush()
    return found


def _check_state(found: Contract, allowed: tuple[ContractState, ...]) -> None:
    if found.state not in allowed:
        raise Invalid("This does not go with the state of contract {number}: look at it again.", number=found.number)


def _check_end(found: Contract, day: dt.date) -> None:
    _check_state(found, (ContractState.RUNNING,))
    if day < found.starts_on:
        raise Invalid("It cannot end before it begins.", field="ended_on")


def _check_days(input: ContractInput) -> None:
    if input.ends_on is not None and input.ends_on < input.starts_on:
        raise Invalid("It cannot end before it begins.", field="ends_on")
