"""Very many rows as plain numbers: the database writes a group into one text, which numpy reads without an object each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import BigInteger, ColumnElement, String, cast, func, select, type_coerce

from crm.customers.models import Order
from crm.customers.queries.orders import of_living
from crm.session import ScopedSession


def plain_orders(session: ScopedSession, *where: ColumnElement[bool]) -> pd.DataFrame:
    """Orders of a condition on them -> customer_id, date (datetime64[s]), amount (int64, ten-thousandths), oldest first.

    Those of deleted customers are left out."""
    amount = type_coerce(Order.amount, BigInteger)
    found = plain_numbers(session, Order.ordered_on, (Order.customer_id, amount), *where)
    days = np.array([day for day, _ in found], dtype="datetime64[s]")
    pairs = np.concatenate([part for _, part in found]) if found else np.empty((0, 2), dtype=np.int64)
    dates = days.repeat([len(part) for _, part in found])
    return pd.DataFrame({"customer_id": pairs[:, 0].copy(), "date": dates, "amount": pairs[:, 1].copy()})


def plain_numbers(
    session: ScopedSession, group: Any, columns: Sequence[Any], *where: ColumnElement[bool]
) -> list[tuple[Any, Any]]:
    """Whole numbers of one table -> (value of `group`, int64 array of rows by columns), in the order of the groups."""
    text: Any = cast(columns[0], String)
    for column in columns[1:]:
        text = text + "," + cast(column, String)
    query = select(group, func.aggregate_strings(text, ",")).where(*where).group_by(group).order_by(group)
    rows = session.execute(of_living(session, query) if group is Order.ordered_on else query)
    return [(value, np.fromstring(found, dtype=np.int64, sep=",").reshape(-1, len(columns))) for value, found in rows]
