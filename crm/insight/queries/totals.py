"""Our own orders as totals: customers by number of repeat purchases in each period since their first one."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from dateutil.relativedelta import relativedelta

from crm.insight.queries.population import Population, purchases
from crm.session import ScopedSession


def order_histogram(
    session: ScopedSession, population: Population, as_of: dt.date, months: int = 12, periods: int = 5, most: int = 8
) -> pd.DataFrame:
    """-> one row a period (the first `months` after a customer's first purchase, the next, ...), columns 0, 1, ..., `most` (and
    above): customers with so many repeat purchases in it.

    Several orders of a day are one purchase. A period counts the customers who have been seen for all of it by `as_of`; one that
    nobody has completed is left out."""
    counted = _counted(session, population, as_of, months, periods)
    rows = [
        np.bincount(np.minimum(counted.purchases[seen, period], most), minlength=most + 1)
        for period, seen in enumerate(counted.seen.T)
        if seen.any()
    ]
    return pd.DataFrame(np.array(rows, dtype=np.int64).reshape(len(rows), most + 1))


def customers_of_class(
    session: ScopedSession, population: Population, as_of: dt.date, months: int, period: int, x: int, most: int
) -> tuple[int, ...]:
    """The customers that order_histogram counts in one cell; x = `most` stands for so many and more."""
    counted = _counted(session, population, as_of, months, period + 1)
    inside = counted.seen[:, period] & (np.minimum(counted.purchases[:, period], most) == x)
    return tuple(counted.customers[inside].tolist())


@dataclass(frozen=True)
class _Counted:
    """Customers; their repeat purchases in each period; whether they were seen for all of it."""

    customers: npt.NDArray[np.int64]
    purchases: npt.NDArray[np.int64]
    seen: npt.NDArray[np.bool_]


def _counted(session: ScopedSession, population: Population, as_of: dt.date, months: int, periods: int) -> _Counted:
    until = min(as_of, population.until) if population.until else as_of
    bought = purchases(session, population.model_copy(update={"until": until}))
    customers, starts, whose = np.unique(bought["customer_id"].to_numpy(), return_index=True, return_inverse=True)
    days = bought["date"].to_numpy().astype("datetime64[D]")
    first = days[starts]
    period = _months_between(first[whose], days) // months
    again = (np.arange(len(days)) != starts[whose]) & (period < periods)
    cells = np.bincount(whose[again] * periods + period[again], minlength=len(customers) * periods)
    limits = [np.datetime64(as_of - relativedelta(months=months * (place + 1))) for place in range(periods)]
    seen = first[:, None] <= np.array(limits)[None, :]
    return _Counted(customers, cells.reshape(len(customers), periods), seen)


def _months_between(start: npt.NDArray[Any], day: npt.NDArray[Any]) -> npt.NDArray[np.int64]:
    """Whole months from the one day to the other."""
    months = [days.astype("datetime64[M]") for days in (start, day)]
    of_month = [(days - month).astype(np.int64) for days, month in zip((start, day), months, strict=True)]
    return np.asarray((months[1] - months[0]).astype(np.int64) - (of_month[1] < of_month[0]))


__all__ = ["customers_of_class", "order_histogram"]
