"""To whom the simulated deals are sold, and what: won ones by an order that was really placed, the others by the price list."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from math import log
from random import Random
from typing import Any

import pandas as pd
from sqlalchemy import func, select

from crm.catalogue.models import Product
from crm.customers.models import Customer, Order, OrderKind, OrderLine, Ownership
from crm.database import frame
from crm.demo.people import Member
from crm.demo.simulation import WON
from crm.demo.writing import money
from crm.session import ScopedSession

_PATIENCE = dt.timedelta(28)
"""So long after the deal was won the order comes, at the latest."""
_NEAR = 12
_DISCOUNTS = (0, 0, 0, 2, 3, 5, 5, 8, 10)


@dataclass(frozen=True, slots=True)
class SoldLine:
    product_id: int
    quantity: int
    price: int
    """For one, in whole units, before the discount."""
    discount: int
    amount: int
    """Of all, as stored."""


@dataclass(frozen=True, slots=True)
class Sale:
    """What a deal is about: its customer, its lines, and the order that followed where it was won."""

    owner: Member
    customer_id: int
    customer: str
    lines: tuple[SoldLine, ...]
    order_id: int | None = None
    ordered_on: dt.date | None = None

    @property
    def amount(self) -> int:
        """As stored."""
        return sum(line.amount for line in self.lines)


class Market:
    """Customers and orders of a board, each order sold once."""

    def __init__(
        self,
        session: ScopedSession,
        board_id: int,
        owners: list[Member],
        products: list[Product],
        random: Random,
        without: set[int],
    ):
        """without: customers to whom nobody sells anything."""
        self.random, self.owners = random, owners
        self.prices = {product.id: int(product.price or 0) for product in products}
        customers, orders = _customers(session, board_id), _orders(session, board_id)
        self.customers = customers[~customers["id"].isin(without)]
        self.orders = orders[~orders["customer_id"].isin(without)]
        self.lines = _lines(session, board_id)
        ordered = orders.sort_values(["amount", "id"])
        self.amounts, self.by_amount = ordered["amount"].to_numpy(dtype="float64"), ordered["id"].tolist()
        self.sold: set[int] = set()

    def sales(self, facts: dict[int, dict[str, Any]]) -> dict[int, Sale]:
        """By deal; the won ones choose their orders first."""
        won = {deal: self._won(about) for deal, about in facts.items() if about["state"] == WON}
        rest = {deal: self._open(about) for deal, about in facts.items() if about["state"] != WON}
        return won | rest

    def _won(self, deal: dict[str, Any]) -> Sale:
        """The order of the owner that comes nearest in amount, of those placed soon after; without one it is yet to come."""
        owner, closed = self.owners[deal["rep"]], deal["closed_on"].date()
        theirs = self.orders[(self.orders["owner_id"] == owner.id) & ~self.orders["id"].isin(self.sold)]
        soon = theirs[(theirs["ordered_on"] >= closed) & (theirs["ordered_on"] <= closed + _PATIENCE)]
        if soon.empty:
            return self._open(deal)
        nearest = (soon["amount"] / deal["amount"]).map(lambda ratio: abs(log(ratio))).idxmin()
        order = soon.loc[nearest]
        self.sold.add(int(order["id"]))
        lines = self.lines[int(order["id"])]
        return Sale(owner, int(order["customer_id"]), str(order["customer"]), lines, int(order["id"]), order["ordered_on"])

    def _open(self, deal: dict[str, Any]) -> Sale:
        owner = self.owners[deal["rep"]]
        theirs = self.customers[self.customers["owner_id"] == owner.id]
        there = theirs[theirs["since"] <= max(deal["created_on"].date(), min(theirs["since"]))]
        customer = there.iloc[self.random.randrange(len(there))]
        return Sale(owner, int(customer["id"]), str(customer["name"]), self._wanted(float(deal["amount"])))

    def _wanted(self, amount: float) -> tuple[SoldLine, ...]:
        """As in one of the orders that come nearest to the amount, at the price list less a discount."""
        nearest = int(self.amounts.searchsorted(amount))
        order_id = self.by_amount[min(max(nearest + self.random.randrange(-_NEAR, _NEAR), 0), len(self.by_amount) - 1)]
        discount = self.random.choice(_DISCOUNTS)
        return tuple(
            SoldLine(line.product_id, line.quantity, price, discount, money(price * line.quantity) * (100 - discount) // 100)
            for line in self.lines[order_id]
            for price in [self.prices[line.product_id]]
        )


def _customers(session: ScopedSession, board_id: int) -> pd.DataFrame:
    """-> id, name, owner_id, since."""
    since = (
        select(Ownership.customer_id, func.min(Ownership.started_at).label("since")).group_by(Ownership.customer_id).subquery()
    )
    query = select(Customer.id, Customer.name, Customer.owner_id, since.c.since).join(since, since.c.customer_id == Customer.id)
    found = frame(session, query.where(Customer.board_id == board_id).order_by(Customer.id))
    return found.assign(since=[moment.date() for moment in found["since"]])


def _orders(session: ScopedSession, board_id: int) -> pd.DataFrame:
    """Of some size -> id, customer_id, customer, owner_id, ordered_on, amount."""
    query = select(
        Order.id, Order.customer_id, Customer.name.label("customer"), Customer.owner_id, Order.ordered_on, Order.amount
    )
    query = query.join(Customer, Customer.id == Order.customer_id)
    sold = query.where(Order.board_id == board_id, Order.kind == OrderKind.SALE, Order.amount >= 4_000)
    return frame(session, sold.order_by(Order.ordered_on, Order.id))


def _lines(session: ScopedSession, board_id: int) -> dict[int, tuple[SoldLine, ...]]:
    """By order, as it was billed."""
    query = select(OrderLine.order_id, OrderLine.product_id, OrderLine.quantity, OrderLine.unit_price)
    query = query.join(Order, Order.id == OrderLine.order_id).where(Order.board_id == board_id, Order.kind == OrderKind.SALE)
    found: dict[int, tuple[SoldLine, ...]] = {}
    for order_id, product_id, quantity, price in session.execute(query.order_by(OrderLine.id)):
        line = SoldLine(product_id or 0, int(quantity), int(price), 0, money(int(price)) * int(quantity))
        found[order_id] = (*found.get(order_id, ()), line)
    return found
