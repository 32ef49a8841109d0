"""Sensible records in one line, made by the system; each is returned as it was committed."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from itertools import count
from typing import Any

from sqlalchemy import select

from crm.access import SYSTEM
from crm.catalogue.models import Product
from crm.contracts.models import Contract, ContractState, ReceiptPlan
from crm.customers.models import Contact, Customer, CustomerShare, Order, OrderKind, OrderLine, Ownership, Stage
from crm.database import now
from crm.office.models import Activity
from crm.pipeline.commands import NewOpportunity, add_opportunity, seed_pipelines
from crm.pipeline.models import Opportunity
from crm.session import get, open_as
from crm.support.commands import NewCase, add_case
from crm.support.models import Case
from tests.people import TODAY, Person

_numbers = count(1)


def a_customer(owner: Person, **changes: Any) -> Customer:
    number = next(_numbers)
    values: dict[str, Any] = {
        "code": f"C{number:05}",
        "name": f"Customer {number}",
        "board_id": owner.board_id,
        "owner_id": owner.id,
        "team_id": owner.unit_id,
    }
    with open_as(SYSTEM) as session:
        customer = Customer(**values | changes)
        customer.set_keys()
        session.add(customer)
        session.flush()
        held_by = {"owner_id": customer.owner_id, "team_id": customer.team_id, "by_id": owner.id}
        session.add(Ownership(customer_id=customer.id, started_at=now(), reason="created", **held_by))
    return customer


def a_contact(customer: Customer, name: str = "Zhang Min", **changes: Any) -> Contact:
    with open_as(SYSTEM) as session:
        contact = Contact(customer_id=customer.id, name=name, **changes)
        session.add(contact)
    return contact


def an_order(customer: Customer, *amounts: float | str | Decimal, on: dt.date = TODAY, **changes: Any) -> Order:
    """An order with one line for each amount (one line of 100 without); the customer's summary follows."""
    parts = [Decimal(str(amount)) for amount in amounts or (100,)]
    total = sum(parts, Decimal(0))
    kind = OrderKind.SALE if total >= 0 else OrderKind.RETURN
    values: dict[str, Any] = {"board_id": customer.board_id, "number": f"O{next(_numbers):06}", "ordered_on": on, "kind": kind}
    with open_as(SYSTEM) as session:
        order = Order(customer_id=customer.id, amount=total, **values | changes)
        order.lines = [OrderLine(description="Goods", quantity=Decimal(1), unit_price=part, amount=part) for part in parts]
        session.add(order)
        session.flush()
        _summarise(
            get(session, Customer, customer.id), list(session.scalars(select(Order).where(Order.customer_id == customer.id)))
        )
    return order


def _summarise(customer: Customer, orders: list[Order]) -> None:
    days = [order.ordered_on for order in orders]
    customer.first_order_on, customer.last_order_on, customer.stage = min(days), max(days), Stage.TRANSACTING
    customer.order_count, customer.order_amount = len(orders), sum((order.amount for order in orders), Decimal(0))


def an_activity(customer: Customer, author: Person, text: str | None = "Called about the renewal", **changes: Any) -> Activity:
    """Done today; with `planned_on` and nothing else said, it is still to be done."""
    about = {"subject_type": "customer", "subject_id": customer.id, "author_id": author.id}
    when = {"text": None} if "planned_on" in changes else {"text": text, "happened_on": TODAY}
    with open_as(SYSTEM) as session:
        added = Activity(**about | when | changes)
        session.add(added)
    return added


def a_share(
    customer: Customer, *, user_id: int | None = None, unit_id: int | None = None, may_change: bool = False
) -> CustomerShare:
    with open_as(SYSTEM) as session:
        share = CustomerShare(customer_id=customer.id, user_id=user_id, unit_id=unit_id, may_change=may_change)
        session.add(share)
    return share


def a_product(**changes: Any) -> Product:
    number = next(_numbers)
    with open_as(SYSTEM) as session:
        product = Product(**{"code": f"P{number:05}", "name": f"Product {number}", "price": Decimal(100)} | changes)
        session.add(product)
    return product


def an_opportunity(owner: Person, customer: Customer, **changes: Any) -> Opportunity:
    """An open one in the default pipeline (which is made), by the command; `changes` of other columns are set afterwards."""
    given = {name: changes.pop(name) for name in set(changes) & set(NewOpportunity.model_fields)}
    details = NewOpportunity.model_validate({"name": f"Deal {next(_numbers)}", "customer_id": customer.id} | given)
    with open_as(SYSTEM) as session:
        seed_pipelines(session)
        added = add_opportunity(session, details, owner_id=owner.id)
        for name, value in changes.items():
            setattr(added, name, value)
    return added


def a_contract(owner: Person, customer: Customer, amount: float = 1000, *due: dt.date, **changes: Any) -> Contract:
    """A running one since the first of the year, with a plan of equal parts for the days that are named."""
    number = next(_numbers)
    values: dict[str, Any] = {"number": f"K{number:05}", "name": f"Contract {number}", "board_id": customer.board_id}
    values |= {"owner_id": owner.id, "team_id": owner.unit_id, "state": ContractState.RUNNING, "amount": Decimal(str(amount))}
    values |= {"signed_on": dt.date(2026, 1, 1), "starts_on": dt.date(2026, 1, 1)}
    with open_as(SYSTEM) as session:
        contract = Contract(customer_id=customer.id, **{"remind_days": 60} | values | changes)
        contract.set_reminder()
        session.add(contract)
        session.flush()
        part = contract.amount / max(len(due), 1)
        session.add_all(ReceiptPlan(contract_id=contract.id, due_on=day, amount=part) for day in due)
    return contract


def a_case(owner: Person, customer: Customer, **changes: Any) -> Case:
    """An open one by the command; `changes` of other columns are set afterwards."""
    given = {name: changes.pop(name) for name in set(changes) & set(NewCase.model_fields)}
    details = NewCase.model_validate({"subject": f"Case {next(_numbers)}", "customer_id": customer.id} | given)
    with open_as(SYSTEM) as session:
        added = add_case(session, details, owner_id=owner.id)
        for name, value in changes.items():
            setattr(added, name, value)
    return added


__all__ = [
    "TODAY",
    "a_case",
    "a_contact",
    "a_contract",
    "a_customer",
    "a_product",
    "a_share",
    "an_activity",
    "an_opportunity",
    "an_order",
]
