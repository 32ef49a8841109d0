"""How the orders of customers went, month by month: the small picture in a row of a list."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from typing import Any

from dateutil.relativedelta import relativedelta
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.sql import extract

from crm.customers.models import Customer, Order
from crm.customers.queries.orders import BOUGHT
from crm.session import ScopedSession, through_parent

MONTHS = 12


def orders_by_month(session: ScopedSession, whose: list[ColumnElement[bool]], today: dt.date) -> dict[int, list[int]]:
    """Conditions on customers -> customer id: the orders of each of the last 12 calendar months, oldest first; one GROUP BY.

    Who bought nothing in these months is not in it."""
    start = today.replace(day=1) - relativedelta(months=MONTHS - 1)
    month = (extract("year", Order.ordered_on) * 12 + extract("month", Order.ordered_on)).label("month")
    query: Any = (
        select(Order.customer_id, month, func.count(Order.id).label("orders"))
        .join(Customer, Customer.id == Order.customer_id)
        .where(Order.ordered_on >= start, Order.ordered_on <= today, BOUGHT, *whose)
        .group_by(Order.customer_id, month)
    )
    first, counts = start.year * 12 + start.month, defaultdict[int, list[int]](lambda: [0] * MONTHS)
    for customer_id, month_of, orders in session.execute(through_parent(query, Order)):
        counts[customer_id][int(month_of) - first] = orders
    return dict(counts)
