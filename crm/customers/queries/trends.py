"""How the orders of customers went, month by month: the small picture in a row of a list."""

from __future__ import annotations

import datetime as dt

from dateutil.relativedelta import relativedelta
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.sql import extract

from crm.customers.models import Customer, Order
from crm.customers.queries.orders import BOUGHT
from crm.database import frame
from crm.session import ScopedSession, through_parent

MONTHS = 12


def orders_by_month(session: ScopedSession, whose: list[ColumnElement[bool]], today: dt.date) -> dict[int, list[int]]:
    """Conditions on customers -> customer id: the orders of each of the last 12 calendar months, oldest first; one GROUP BY.

    Who bought nothing in these months is not in it."""
    start = today.replace(day=1) - relativedelta(months=MONTHS - 1)
    month = (extract("year", Order.ordered_on) * 12 + extract("month", Order.ordered_on)).label("month")
    query = (
        select(Order.customer_id, month, func.count(Order.id).label("orders"))
        .join(Customer, Customer.id == Order.customer_id)
        .where(Order.ordered_on >= start, Order.ordered_on <= today, BOUGHT, *whose)
        .group_by(Order.customer_id, month)
    )
    found = frame(session, through_parent(query, Order))
    found["month"] = found["month"].astype("int64") - (start.year * 12 + start.month)
    table = found.pivot(index="customer_id", columns="month", values="orders")
    counts = table.reindex(columns=range(MONTHS)).fillna(0).astype("int64")
    return dict(zip(counts.index.tolist(), counts.to_numpy().tolist(), strict=True))
