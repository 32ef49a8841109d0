"""Orders and their lines: of one customer, and of everybody I may see."""

from __future__ import annotations

import datetime as dt
from typing import Any, NamedTuple, TypeVar

import pandas as pd
from dateutil.relativedelta import relativedelta
from pydantic import BaseModel, ConfigDict
from sqlalchemy import ColumnElement, Select, case, func, or_, select

from crm.catalogue.models import Product
from crm.customers.models import Customer, Order, OrderKind, OrderLine
from crm.customers.models.orders import BOUGHT as BOUGHT
from crm.database import frame
from crm.session import WITH_DELETED, ScopedSession, through_parent
from crm.staff.models import OrgUnit

Q = TypeVar("Q", bound="Select[*tuple[Any, ...]]")


class OrderFilter(BaseModel):
    """Every field left empty means: any."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    number: str = ""
    kind: tuple[str, ...] = ()
    ordered_from: dt.date | None = None
    ordered_to: dt.date | None = None
    customer_id: int | None = None
    product_id: int | None = None
    """With a line of it."""
    board_id: int | None = None
    import_job_id: int | None = None
    life_cycle: str | None = None
    first_only: bool = False
    """Only the first order of each customer: what new customers brought."""

    def conditions(self) -> list[ColumnElement[bool]]:
        found: list[ColumnElement[bool]] = []
        if self.number:
            found.append(numbered(self.number))
        if self.kind:
            found.append(Order.kind.in_(self.kind))
        if self.ordered_from:
            found.append(Order.ordered_on >= self.ordered_from)
        if self.ordered_to:
            found.append(Order.ordered_on <= self.ordered_to)
        if self.life_cycle:
            found.append(Customer.life_cycle == self.life_cycle)
        if self.product_id:
            found.append(Order.id.in_(select(OrderLine.order_id).where(OrderLine.product_id == self.product_id)))
        if self.first_only:
            found.append(Order.ordered_on == Customer.first_order_on)
        same = {"customer_id": self.customer_id, "board_id": self.board_id, "import_job_id": self.import_job_id}
        return found + [getattr(Order, name) == value for name, value in same.items() if value]


def numbered(start: str) -> ColumnElement[bool]:
    """The number begins so, as typed or in capitals; a range, which an index answers."""
    return or_(*((Order.number >= one) & (Order.number < one + "\uffff") for one in {start, start.upper()}))


def order_list(session: ScopedSession, where: OrderFilter = OrderFilter(), page: int = 1, size: int = 50) -> pd.DataFrame:  # noqa: B008
    """Newest first -> id (of the customer, whom a click opens), order_id, number, customer, ordered_on, kind, amount."""
    query = (
        select(
            Customer.id,
            Order.id.label("order_id"),
            Order.number,
            Customer.name.label("customer"),
            Order.ordered_on,
            Order.kind,
            Order.amount,
        )
        .join(Customer, Customer.id == Order.customer_id)
        .where(*where.conditions())
        .order_by(Order.ordered_on.desc(), Order.id.desc())
    )
    return frame(session, query.limit(size).offset((page - 1) * size))


def order_totals(session: ScopedSession, where: OrderFilter = OrderFilter()) -> dict[str, Any]:  # noqa: B008
    """-> orders, amounts {currency: sum}."""
    query = select(Order.board_id, func.count(Order.id), func.sum(Order.amount)).group_by(Order.board_id)
    if where.life_cycle or where.first_only:
        query = query.join(Customer, Customer.id == Order.customer_id)
    rows = session.execute(of_living(session, query.where(*where.conditions()))).all()
    amounts = by_currency(session, {row[0]: float(row[2] or 0) for row in rows})
    return {"orders": sum(row[1] for row in rows), "amounts": amounts}


def of_living(session: ScopedSession, query: Q) -> Q:
    """A query of orders without those of deleted customers, which no list shows; the same query while nobody is deleted."""
    gone = select(Customer.id).where(Customer.deleted_at.is_not(None))
    if session.scalar(gone.limit(1), execution_options={WITH_DELETED: True}) is None:
        return query
    here = query.where(Order.deleted_at.is_(None), Order.customer_id.not_in(gone))
    return here.execution_options(**{WITH_DELETED: True})


def by_currency(session: ScopedSession, by_board: dict[int, float]) -> dict[str, float]:
    """Sums of boards -> sums of currencies: what counts in different money is never added up."""
    currencies = session.once(_currencies)
    sums: dict[str, float] = {}
    for board_id, amount in by_board.items():
        currency = currencies.get(board_id, "")
        sums[currency] = sums.get(currency, 0.0) + amount
    return sums


def _currencies(session: ScopedSession) -> dict[int, str]:
    boards = select(OrgUnit.id, OrgUnit.currency).where(OrgUnit.kind == "board")
    return {row.id: row.currency for row in session.execute(boards)}


def orders_of(session: ScopedSession, customer_id: int, limit: int = 500) -> pd.DataFrame:
    """A customer's orders, newest first -> id, number, ordered_on, kind, amount, lines."""
    lines = select(func.count(OrderLine.id)).where(OrderLine.order_id == Order.id).scalar_subquery().label("lines")
    query = select(Order.id, Order.number, Order.ordered_on, Order.kind, Order.amount, lines, Order.remark, Order.version)
    query = query.join(Customer, Customer.id == Order.customer_id).where(Order.customer_id == customer_id)
    query = query.order_by(Order.ordered_on.desc(), Order.id.desc()).limit(limit)
    return frame(session, through_parent(query, Order, OrderLine))


def order_lines(session: ScopedSession, order_id: int) -> pd.DataFrame:
    """-> id, code, description, quantity, unit_price, amount."""
    name = func.coalesce(OrderLine.description, Product.name).label("description")
    query = select(OrderLine.id, Product.code, name, OrderLine.quantity, OrderLine.unit_price, OrderLine.amount)
    query = query.join(Order, Order.id == OrderLine.order_id).outerjoin(Product, Product.id == OrderLine.product_id)
    return frame(session, through_parent(query.where(Order.id == order_id).order_by(OrderLine.id), OrderLine))


class OftenBought(NamedTuple):
    product: str
    orders: int
    amount: float


def top_products(session: ScopedSession, customer_id: int, limit: int = 5) -> list[OftenBought]:
    """What this customer buys most."""
    query: Any = (
        select(
            Product.name.label("product"),
            func.count(Order.id.distinct()).label("orders"),
            func.sum(OrderLine.amount).label("amount"),
        )
        .select_from(Order)
        .join(Customer, Customer.id == Order.customer_id)
        .join(OrderLine, OrderLine.order_id == Order.id)
        .join(Product, Product.id == OrderLine.product_id)
        .where(Order.customer_id == customer_id)
        .group_by(Product.name)
        .order_by(func.sum(OrderLine.amount).desc())
    )
    rows = session.execute(through_parent(query.limit(limit), Order, OrderLine))
    return [OftenBought(product, orders, float(amount)) for product, orders, amount in rows]


_SERVICES = select(Product.id, Product.renewal_months).where(Product.renewal_months.is_not(None))


def renewals_due(
    session: ScopedSession, until: dt.date, customer_id: int | None = None, board_id: int | None = None, limit: int = 200
) -> pd.DataFrame:
    """Services that run out by `until` -> id (customer), customer, product_id, product, bought_on, ends_on; soonest first.

    A later order of the same service moves its end, a return takes it away; a service that ended more than a year before is
    over, not due.
    """
    last = func.max(case((BOUGHT, Order.ordered_on))).label("bought_on")
    returned = func.max(case((Order.kind == OrderKind.RETURN, Order.ordered_on)))
    query: Any = (
        select(
            Customer.id,
            Customer.name.label("customer"),
            Product.id.label("product_id"),
            Product.name.label("product"),
            Product.renewal_months,
            last,
        )
        .select_from(Product)
        .join(OrderLine, OrderLine.product_id == Product.id)
        .join(Order, Order.id == OrderLine.order_id)
        .join(Customer, Customer.id == Order.customer_id)
        .group_by(Customer.id, Customer.name, Product.id, Product.name, Product.renewal_months)
        .having(last.is_not(None), returned.is_(None) | (returned < last))
    )
    if customer_id:
        query = through_parent(query.where(Customer.id == customer_id, Product.renewal_months.is_not(None)), Order, OrderLine)
    else:
        query = through_parent(query.where(*_of_services(session, until)), OrderLine)
    query = query.where(Customer.board_id == board_id) if board_id else query
    ends = [(*row, row.bought_on + relativedelta(months=row.renewal_months)) for row in session.execute(query)]
    due = sorted((row for row in ends if until - dt.timedelta(365) <= row[-1] <= until), key=lambda row: row[-1])
    return pd.DataFrame.from_records(due[:limit], columns=[*query.selected_columns.keys(), "ends_on"])


def _of_services(session: ScopedSession, until: dt.date) -> tuple[ColumnElement[bool], ...]:
    """Named, and only as far back as they can matter: else the order lines of all times are read for a few services."""
    services = {row.id: row.renewal_months or 0 for row in session.execute(_SERVICES)}
    oldest = until - dt.timedelta(365) - relativedelta(months=max(services.values(), default=0))
    return OrderLine.product_id.in_(services), Order.ordered_on >= oldest
