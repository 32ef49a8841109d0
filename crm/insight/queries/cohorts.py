"""Customers by the period of their first purchase, counted in the database: a few hundred rows come back, whatever the base.

The same figures as crm.analytics.cohorts makes of the purchases themselves (orders of a day counted one by one).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from sqlalchemy import ColumnElement, Integer, Select, case, cast, extract, func, select

from crm.analytics import cohorts
from crm.customers.models import Customer, Order
from crm.customers.queries.orders import BOUGHT
from crm.database import frame
from crm.insight.queries.population import Population, customer_conditions, last_purchase_day
from crm.office.queries import today
from crm.session import ScopedSession

Period = Literal["M", "Q", "Y"]
IN_A_YEAR: dict[Period, int] = {"M": 12, "Q": 4, "Y": 1}
SILENCE = 31
"""Days without any purchase that are no end of the data, and no later beginning."""


def known_until(session: ScopedSession, board_id: int) -> dt.date | None:
    """The last day that the orders speak of: today, or the last purchase where nothing has come in for a month."""
    last, day = last_purchase_day(session, board_id), today(session)
    return day if last and (day - last).days <= SILENCE else last


def first_purchase_day(session: ScopedSession, population: Population) -> dt.date | None:
    """When the first customer of the population came."""
    query = select(func.min(Customer.first_order_on)).where(Customer.board_id == population.board_id)
    return session.scalar(query.where(*customer_conditions(session, population)))


def cohort_cells(session: ScopedSession, population: Population, period: Period, through: dt.date) -> pd.DataFrame:
    """-> the columns of crm.analytics.cohorts.cohort_table, one row per cohort and age up to `through`; `cohort` and `period` as
    the first day. An age in which nobody bought is a row of zeros; `complete`: the period is over."""
    found = _sums(session, population, through, period, period)
    if found.empty:
        return found.assign(age=[], period=[], customers=[], retention=[], complete=[])
    newest = pd.Period(through, freq=period).ordinal
    ages = [(start, age) for start in np.unique(found["cohort"]) for age in range(newest - start + 1)]
    every = pd.MultiIndex.from_tuples(ages, names=["cohort", "age"])
    found["age"] = found.pop("period") - found["cohort"]
    cells = found.set_index(["cohort", "age"]).reindex(every, fill_value=0).reset_index()
    size = cells["cohort"].map(cells[cells["age"] == 0].set_index("cohort")["active"])
    cells = cells.assign(customers=size, retention=cells["active"] / size, revenue_per_customer=cells["revenue"] / size)
    cells["cumulative_revenue_per_customer"] = cells.groupby("cohort")["revenue_per_customer"].cumsum()
    periods = _periods(cells["cohort"] + cells["age"], period)
    cells["complete"] = periods.end_time.normalize() <= pd.Timestamp(through)
    return cells.assign(cohort=_periods(cells["cohort"], period).start_time, period=periods.start_time)


def by_calendar_month(session: ScopedSession, population: Population, period: Period, through: dt.date) -> pd.DataFrame:
    """-> cohort and month (first days), active, orders, revenue, complete: what each cohort brought in each calendar month."""
    found = _sums(session, population, through, period, "M")
    months = _periods(found["period"], "M")
    complete = months.end_time.normalize() <= pd.Timestamp(through)
    return found.drop(columns="period").assign(
        cohort=_periods(found["cohort"], period).start_time, month=months.start_time, complete=complete
    )


@dataclass(frozen=True)
class SecondOrder:
    """curve: days, at_risk, returned, share_returned (crm.analytics.cohorts.time_to_second_order). bands: days_from, days_to,
    returned (within these days after the first purchase), share_returned (by their end), waiting (whose first purchase is so
    many days ago, and who have not come again)."""

    customers: int
    curve: pd.DataFrame
    bands: pd.DataFrame


def second_order(session: ScopedSession, population: Population, through: dt.date, bands: Sequence[int]) -> SecondOrder:
    """How soon customers come a second time. `bands`: the days at which one band ends and the next begins, from 0."""
    purchases = _first_two(session, population, through)
    if purchases.empty:
        return SecondOrder(0, pd.DataFrame(), pd.DataFrame())
    curve = cohorts.time_to_second_order(purchases, through)
    seen = _waiting(purchases, through)
    edges = pd.DataFrame({"days_from": [0, *(day + 1 for day in bands[1:-1])], "days_to": list(bands[1:])})
    came, waits = seen["gap"].dropna(), seen.loc[seen["gap"].isna(), "watched"]
    counts = [
        (int(came.between(low, high).sum()), int(waits.between(low, high).sum())) for low, high in edges.itertuples(index=False)
    ]
    by_then = np.searchsorted(curve["days"], edges["days_to"], side="right")
    shares = np.concatenate([[0.0], curve["share_returned"]])[by_then]
    returned, waiting = zip(*counts, strict=True)
    return SecondOrder(len(seen), curve, edges.assign(returned=returned, share_returned=shares, waiting=waiting))


def waiting_customers(session: ScopedSession, population: Population, through: dt.date, low: int, high: int) -> list[int]:
    """Ids of those whose first purchase was `low` to `high` days before `through`, and who have not come on a later day."""
    seen = _waiting(_first_two(session, population, through), through)
    return [int(one) for one in seen.index[seen["gap"].isna() & seen["watched"].between(low, high)]]


def repeat_rates(
    session: ScopedSession, population: Population, period: Period, through: dt.date, within_days: int
) -> pd.DataFrame:
    """-> cohort (first day), customers, repeaters, repeat_rate as in crm.analytics.cohorts.repeat_rate; empty where the cohort
    has not been seen for that long."""
    purchases = _first_two(session, population, through)
    if purchases.empty:
        return pd.DataFrame(columns=["cohort", "customers", "repeaters", "repeat_rate"])
    rates = cohorts.repeat_rate(purchases, period, within_days=within_days, through=through)
    return rates.assign(cohort=rates["cohort"].dt.start_time)


def buyers(
    session: ScopedSession, population: Population, first: tuple[dt.date, dt.date], bought: tuple[dt.date, dt.date]
) -> list[int]:
    """Ids of the customers whose first purchase fell between the two days of `first` and who bought between those of `bought`."""
    query = select(Order.customer_id).join(Customer, Customer.id == Order.customer_id).distinct()
    query = query.where(Customer.first_order_on.between(*first), Order.ordered_on.between(*bought))
    return sorted(session.scalars(query.where(*_bought(population), *customer_conditions(session, population))))


def purchase_rows(session: ScopedSession, population: Population) -> pd.DataFrame:
    """-> number, customer, first_order_on, ordered_on, amount: the purchases that the figures are made of."""
    query = select(Order.number, Customer.name.label("customer"), Customer.first_order_on, Order.ordered_on, Order.amount).join(
        Customer, Customer.id == Order.customer_id
    )
    query = query.where(*_bought(population), *customer_conditions(session, population))
    return frame(session, query.order_by(Order.ordered_on, Order.id))


def last_day(start: dt.date, period: Period) -> dt.date:
    """The end of the period that begins on `start`."""
    end: dt.date = pd.Period(start, freq=period).end_time.date()
    return end


def span_of_age(start: dt.date, age: int, period: Period) -> tuple[dt.date, dt.date]:
    """First and last day of the period in which the cohort that began on `start` is `age` periods old."""
    one: Any = pd.Period(start, freq=period) + age
    return one.start_time.date(), one.end_time.date()


def _sums(session: ScopedSession, population: Population, through: dt.date, cohort: Period, period: Period) -> pd.DataFrame:
    """-> cohort, period (ordinals as pandas counts them), active, orders, revenue. First by customer and period, which the index
    of sums answers alone, then with the customers."""
    key = _ordinal(Order.ordered_on, period).label("period")
    amounts = func.count(Order.id).label("orders"), func.sum(Order.amount).label("revenue")
    each = select(Order.customer_id, key, *amounts).where(*_bought(population), Order.ordered_on <= through)
    parts = each.group_by(Order.customer_id, key).subquery()
    start = _ordinal(Customer.first_order_on, cohort).label("cohort")
    sums = func.count().label("active"), func.sum(parts.c.orders).label("orders"), func.sum(parts.c.revenue).label("revenue")
    query: Select[Any] = select(start, parts.c.period, *sums).select_from(Customer)
    query = query.join(parts, parts.c.customer_id == Customer.id)
    query = query.where(Customer.first_order_on.is_not(None), *customer_conditions(session, population))
    found = frame(session, query.group_by(start, parts.c.period).order_by(start, parts.c.period))
    return found.astype({"cohort": "int64", "period": "int64", "active": "int64", "orders": "int64", "revenue": "float64"})


def _ordinal(day: Any, period: Period) -> ColumnElement[int]:
    """The number of a period since 1970."""
    many = IN_A_YEAR[period]
    year, month = cast(extract("year", day), Integer), cast(extract("month", day), Integer)
    within = (month - 1) * many // 12 if many > 1 else 0
    return (year - 1970) * many + within


def _bought(population: Population) -> list[ColumnElement[bool]]:
    found = [BOUGHT, Order.board_id == population.board_id]
    found += [Order.ordered_on >= population.since] if population.since else []
    return found + ([Order.ordered_on <= population.until] if population.until else [])


def _first_two(session: ScopedSession, population: Population, through: dt.date) -> pd.DataFrame:
    """-> customer_id, date, amount (1): the first two purchase days of each customer, all that a second order is made of."""
    later = func.min(case((Order.ordered_on > Customer.first_order_on, Order.ordered_on)))
    query = select(Customer.id, Customer.first_order_on, later).join(Order, Order.customer_id == Customer.id)
    query = query.where(*_bought(population), Order.ordered_on <= through, Customer.first_order_on <= through)
    query = query.where(*customer_conditions(session, population)).group_by(Customer.id, Customer.first_order_on)
    rows = session.execute(query).all()
    ids = np.array([row[0] for row in rows], dtype="int64")
    first, second = (np.array([row[at] for row in rows], dtype="datetime64[s]") for at in (1, 2))
    days = pd.DataFrame({"customer_id": np.concatenate([ids, ids]), "date": np.concatenate([first, second]), "amount": 1.0})
    return days.dropna(subset="date").reset_index(drop=True)


def _waiting(purchases: pd.DataFrame, through: dt.date) -> pd.DataFrame:
    """-> index customer_id; gap (days to the second purchase day, empty: not yet), watched (days since the first)."""
    days = purchases.groupby("customer_id")["date"].agg(["min", "max"])
    gap = (days["max"] - days["min"]).dt.days
    return pd.DataFrame({"gap": gap.where(gap > 0), "watched": (pd.Timestamp(through) - days["min"]).dt.days})


def _periods(ordinals: pd.Series[Any], period: Period) -> Any:
    return pd.PeriodIndex.from_ordinals(ordinals.to_numpy(dtype="int64"), freq=period)  # type: ignore[attr-defined]
