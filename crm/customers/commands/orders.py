"""Orders: a sale, a renewal, a return. Each refreshes its customer's summary; the first sale converts him."""

from __future__ import annotations

import datetime as dt
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Annotated

from pydantic import Field, StringConstraints
from sqlalchemy import select

from crm.bulk import hold
from crm.catalogue.models import Product
from crm.customers.commands.base import refresh_summaries
from crm.customers.commands.details import free_number
from crm.customers.models import Customer, Order, OrderKind, OrderLine, Stage
from crm.database import now
from crm.editing import Input
from crm.errors import Invalid
from crm.office.queries import today
from crm.session import ScopedSession, get


class LineInput(Input):
    product_id: int | None = None
    description: Annotated[str, StringConstraints(strip_whitespace=True, max_length=300)] | None = None
    quantity: Decimal
    unit_price: Decimal

    @property
    def amount(self) -> Decimal:
        return (self.quantity * self.unit_price).quantize(Decimal("0.0001"), ROUND_HALF_EVEN)


class OrderInput(Input):
    number: Annotated[str, StringConstraints(strip_whitespace=True, max_length=40)] | None = Field(
        default=None, description="Left empty: the next free number."
    )
    ordered_on: dt.date
    kind: OrderKind = OrderKind.SALE
    remark: Annotated[str, StringConstraints(strip_whitespace=True, max_length=300)] | None = None
    lines: list[LineInput] = Field(default_factory=list, json_schema_extra={"hidden": True})


def add_order(session: ScopedSession, customer_id: int, details: OrderInput) -> Order:
    """A return has negative lines whichever sign was typed; anything else needs a positive total."""
    # First of all, so that of two who sell to a new customer at once the second finds him converted.
    hold(session, Order)
    customer = get(session, Customer, customer_id)
    if not details.lines:
        raise Invalid("An order needs at least one line.", field="lines")
    return _book(session, customer, details, [_line(line, details.kind) for line in details.lines])


def _book(session: ScopedSession, customer: Customer, details: OrderInput, lines: list[OrderLine]) -> Order:
    order = Order(
        customer_id=customer.id,
        board_id=customer.board_id,
        number=details.number or free_number(session, Order.number, "SO", 7, customer.board_id),
        kind=details.kind,
        ordered_on=details.ordered_on,
        seller_id=session.actor.user_id or None,
        remark=details.remark,
        lines=lines,
    )
    order.amount = sum((line.amount for line in order.lines), Decimal(0))
    if details.kind != OrderKind.RETURN and order.amount <= 0:
        raise Invalid(
            "The total is {total}. For goods that come back choose the kind “return”.", field="lines", total=order.amount
        )
    session.add(order)
    session.flush()
    _convert(customer, details.ordered_on, details.kind)
    refresh_summaries(session, [customer.id], today(session))
    return order


def _line(line: LineInput, kind: OrderKind) -> OrderLine:
    back = kind == OrderKind.RETURN
    quantity = -abs(line.quantity) if back else line.quantity
    amount = -abs(line.amount) if back else line.amount
    about = {"product_id": line.product_id, "description": line.description}
    return OrderLine(**about, quantity=quantity, unit_price=abs(line.unit_price) if back else line.unit_price, amount=amount)


def _convert(customer: Customer, day: dt.date, kind: OrderKind) -> None:
    """The first sale makes a potential customer a transacting one."""
    if kind == OrderKind.RETURN:
        return
    if customer.stage != Stage.TRANSACTING:
        customer.stage = Stage.TRANSACTING
    if customer.converted_on is None or day < customer.converted_on:
        customer.converted_on = day


def take_back(session: ScopedSession, order_id: int, day: dt.date) -> Order:
    """A return of everything in an order, on a day."""
    hold(session, Order)
    order = get(session, Order, order_id)
    if order.kind == OrderKind.RETURN:
        raise Invalid("“{number}” is a return already.", number=order.number)
    lines = [_back(line) for line in session.scalars(select(OrderLine).where(OrderLine.order_id == order_id))]
    details = OrderInput(number=f"{order.number[:38]}-R", ordered_on=day, kind=OrderKind.RETURN)
    return _book(session, get(session, Customer, order.customer_id), details, lines)


def _back(line: OrderLine) -> OrderLine:
    """A discount that was given is taken off what is paid back."""
    about = {"product_id": line.product_id, "description": line.description, "unit_price": line.unit_price}
    return OrderLine(**about, quantity=-line.quantity, amount=-line.amount)


def record_renewal(
    session: ScopedSession, customer_id: int, product_id: int, day: dt.date, price: Decimal | None = None
) -> Order:
    """A service was renewed: an order of its own kind, at the list price unless another was agreed."""
    product = get(session, Product, product_id)
    if product.renewal_months is None:
        raise Invalid("{product} is bought once and not renewed.", product=product.name)
    line = LineInput(
        product_id=product_id, quantity=Decimal(1), unit_price=price if price is not None else product.price or Decimal(0)
    )
    return add_order(session, customer_id, OrderInput(ordered_on=day, kind=OrderKind.RENEWAL, lines=[line]))


def delete_order(session: ScopedSession, order_id: int, version: int) -> None:
    """Logical; the customer's summary forgets it."""
    session.actor.must("delete", "customers")
    hold(session, Order)
    order = get(session, Order, order_id)
    if order.version != version:
        raise Invalid("This order was changed in the meantime. Nothing was deleted; look at it again.")
    order.deleted_at = now()
    session.flush()
    refresh_summaries(session, [order.customer_id], today(session))
    _set_back(get(session, Customer, order.customer_id))


def _set_back(customer: Customer) -> None:
    """The first sale that is left converted him; without any he is a potential customer again."""
    customer.converted_on = customer.first_order_on
    customer.stage = Stage.TRANSACTING if customer.first_order_on else Stage.POTENTIAL
