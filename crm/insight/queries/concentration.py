"""How much of the revenue comes from how few customers, and whether they are the same few a period later.

One row per customer is the most that the database hands out. The same figures as crm.analytics.audit makes of the purchases.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from dateutil.relativedelta import relativedelta
from sqlalchemy import case, func, select

from crm.analytics import audit
from crm.customers.models import Customer, Order
from crm.customers.queries.orders import BOUGHT, of_living
from crm.database import frame
from crm.insight.queries.cohorts import SILENCE
from crm.insight.queries.population import Population, customer_conditions
from crm.session import ScopedSession

MOST = 50


@dataclass(frozen=True)
class Spans:
    """Two periods of equal length, one after the other."""

    before_from: dt.date
    before_to: dt.date
    after_from: dt.date
    after_to: dt.date


def spans_of(session: ScopedSession, population: Population, as_of: dt.date, months: int | None) -> Spans | None:
    """The `months` up to `as_of` and as many before; None of them = the two halves of all that is known. None: the data do not
    reach back to the beginning of the earlier period, but for a month."""
    query = select(func.min(Order.ordered_on)).where(*_bought(session, population), Order.ordered_on <= as_of)
    first = session.scalar(of_living(session, query))
    if first is None:
        return None
    if months is None:
        half = ((as_of - first).days + 1) // 2
        middle, start = as_of - dt.timedelta(half), as_of - dt.timedelta(2 * half - 1)
    else:
        middle, start = (as_of + dt.timedelta(1) - relativedelta(months=months * back) for back in (1, 2))
        middle -= dt.timedelta(1)
    spans = Spans(start, middle, middle + dt.timedelta(1), as_of)
    return spans if first <= spans.before_from + dt.timedelta(SILENCE) else None


def totals(session: ScopedSession, population: Population) -> pd.DataFrame:
    """-> customer_id, orders, revenue: one row per customer who bought, the biggest first, equal ones by their ids."""
    query = select(Order.customer_id, func.count(Order.id).label("orders"), func.sum(Order.amount).label("revenue"))
    query = query.where(*_bought(session, population)).group_by(Order.customer_id)
    found = frame(session, of_living(session, query)).astype({"revenue": "float64"})
    return found.sort_values(["revenue", "customer_id"], ascending=[False, True]).reset_index(drop=True)


@dataclass(frozen=True)
class Concentrated:
    figures: audit.Concentration
    curve: pd.DataFrame
    """crm.analytics.audit.lorenz_curve"""
    best: list[int]
    """Ids of the top group."""


def concentrated(session: ScopedSession, population: Population, top: float) -> Concentrated | None:
    """How unequal the customers' revenue is; None where nobody bought."""
    found = totals(session, population)
    if found.empty:
        return None
    spent = _as_orders(found["customer_id"], found["revenue"])
    return Concentrated(audit.concentration(spent, top), audit.lorenz_curve(spent), _best(found, top))


def decile_table(session: ScopedSession, population: Population) -> pd.DataFrame:
    """-> the columns of crm.analytics.audit.deciles: decile (1 spends most), customers, orders, revenue, share_revenue,
    cumulative_share_revenue, spend_per_customer, orders_per_customer, average_order_value."""
    found = totals(session, population)
    table = found.groupby(_decile(found)).agg(customers=("revenue", "size"), orders=("orders", "sum"), revenue=("revenue", "sum"))
    share = table["revenue"] / table["revenue"].sum()
    table = table.assign(share_revenue=share, cumulative_share_revenue=share.cumsum())
    table["spend_per_customer"] = table["revenue"] / table["customers"]
    table["orders_per_customer"] = table["orders"] / table["customers"]
    table["average_order_value"] = table["revenue"] / table["orders"]
    return table.rename_axis("decile").reset_index()


def decile_customers(session: ScopedSession, population: Population, decile: int) -> list[int]:
    found = totals(session, population)
    return [int(one) for one in found.loc[_decile(found) == decile, "customer_id"]]


def top_customers(session: ScopedSession, population: Population, top: float) -> list[int]:
    """Ids of the best so many; at least one."""
    return _best(totals(session, population), top)


def _best(found: pd.DataFrame, top: float) -> list[int]:
    return [int(one) for one in found["customer_id"].head(max(1, round(top * len(found))))]


def total_rows(session: ScopedSession, population: Population) -> pd.DataFrame:
    """-> code, customer, orders, revenue, share_revenue, decile: the rows behind Lorenz curve and deciles."""
    found = totals(session, population)
    found = found.assign(share_revenue=found["revenue"] / found["revenue"].sum() * 100, decile=_decile(found))
    return _named(session, found)


# ------------------------------------------------------------------------------------------------ two periods


def two_periods(session: ScopedSession, population: Population, spans: Spans, top: float) -> pd.DataFrame:
    """-> customer_id (sorted), orders_before, orders_after, revenue_before, revenue_after, was (top, below, joined), now (top,
    below, gone): everybody who bought in either period, and whether among the best `top` of it."""
    early = Order.ordered_on <= spans.before_to
    query = select(
        Order.customer_id,
        func.count(case((early, 1))).label("orders_before"),
        func.count(case((~early, 1))).label("orders_after"),
        func.coalesce(func.sum(case((early, Order.amount))), 0).label("revenue_before"),
        func.coalesce(func.sum(case((~early, Order.amount))), 0).label("revenue_after"),
    )
    query = query.where(*_bought(session, population))
    query = query.where(Order.ordered_on.between(spans.before_from, spans.after_to)).group_by(Order.customer_id)
    found = frame(session, of_living(session, query.order_by(Order.customer_id)))
    found = found.astype({"revenue_before": "float64", "revenue_after": "float64"})
    was = _standing(found["revenue_before"], top, "joined")
    return found.assign(was=was, now=_standing(found["revenue_after"], top, "gone"))


@dataclass(frozen=True)
class Stability:
    figures: audit.TopStability
    standing: pd.DataFrame
    """was, now, customers, revenue_before, revenue_after, share_after (of the revenue of the second period)"""
    change: pd.DataFrame
    """group (kept, lost, joined), customers, orders_before, orders_after, revenue_before, revenue_after, change: lens 2"""
    rising: int
    """How many from below the top bought more than before."""
    risers: pd.DataFrame
    """The MOST of them who grew most: id, name, revenue_before, revenue_after, change, place_before, place_now, in_top"""


def stability(session: ScopedSession, population: Population, spans: Spans, top: float) -> Stability | None:
    """What became of the top group, and who made the change in revenue; None where one of the periods is empty."""
    both = two_periods(session, population, spans, top)
    before, after = both[both["orders_before"] > 0], both[both["orders_after"] > 0]
    if before.empty or after.empty:
        return None
    figures = audit.top_stability(
        _as_orders(before["customer_id"], before["revenue_before"], spans.before_to),
        _as_orders(after["customer_id"], after["revenue_after"], spans.after_to),
        top,
    )
    sums = ["revenue_before", "revenue_after"]
    cells = both.groupby(["was", "now"])[sums].sum().assign(customers=both.groupby(["was", "now"]).size()).reset_index()
    whole = cells["revenue_after"].sum()
    rising = both[(both["was"] == "below") & (both["revenue_after"] > both["revenue_before"])].index
    cells = cells.assign(share_after=cells["revenue_after"] / whole)
    return Stability(figures, cells, _change(both), len(rising), _risers(session, both, rising))


def standing_customers(
    session: ScopedSession, population: Population, spans: Spans, top: float, was: tuple[str, ...], now: tuple[str, ...]
) -> list[int]:
    """Ids of the customers who stood there in the first period and there in the second."""
    both = two_periods(session, population, spans, top)
    return [int(one) for one in both.loc[both["was"].isin(was) & both["now"].isin(now), "customer_id"]]


def _risers(session: ScopedSession, both: pd.DataFrame, rising: pd.Index[Any]) -> pd.DataFrame:
    places = {
        f"place_{when}": both[f"revenue_{column}"].rank(ascending=False, method="first").astype("int64")
        for when, column in (("before", "before"), ("now", "after"))
    }
    change = both["revenue_after"] - both["revenue_before"]
    most = both.assign(change=change, in_top=both["now"] == "top", **places).loc[rising].nlargest(MOST, "change")
    named = _named(session, most).rename(columns={"customer_id": "id", "customer": "name"})
    return named.drop(columns=["code", "was", "now", "orders_before", "orders_after"]).reset_index(drop=True)


def two_period_rows(session: ScopedSession, population: Population, spans: Spans, top: float) -> pd.DataFrame:
    """-> code, customer, was, now, orders_before, orders_after, revenue_before, revenue_after: the rows behind."""
    return _named(session, two_periods(session, population, spans, top))


def _change(both: pd.DataFrame) -> pd.DataFrame:
    group = np.select([both["was"] == "joined", both["now"] == "gone"], [audit.JOINED, audit.LOST], audit.KEPT)
    groups = both.groupby(group)
    sums = groups[["orders_before", "orders_after", "revenue_before", "revenue_after"]].sum()
    sums.insert(0, "customers", groups.size())
    sums = sums.reindex([audit.KEPT, audit.LOST, audit.JOINED], fill_value=0).reset_index(names="group")
    return sums.assign(change=sums["revenue_after"] - sums["revenue_before"])


def _standing(revenue: pd.Series[Any], top: float, none: str) -> pd.Series[Any]:
    bought = revenue > 0
    size = max(1, round(top * int(bought.sum())))
    best = revenue.sort_values(ascending=False, kind="stable").index[:size]
    return pd.Series(np.select([~bought, revenue.index.isin(best)], [none, "top"], "below"), index=revenue.index)


def _decile(found: pd.DataFrame) -> pd.Series[Any]:
    """Ten groups of equal size, of customers with the biggest first."""
    return pd.Series(np.arange(len(found)) * 10 // max(len(found), 1) + 1, index=found.index)


def _as_orders(customers: pd.Series[Any], revenue: pd.Series[Any], day: dt.date = dt.date(2000, 1, 1)) -> pd.DataFrame:
    """Each customer's sum as one order, for the functions that look at nothing but the sums."""
    dates = np.full(len(customers), np.datetime64(day, "s"))
    return pd.DataFrame({"customer_id": customers.to_numpy(), "date": dates, "amount": revenue.to_numpy()})


def _named(session: ScopedSession, found: pd.DataFrame) -> pd.DataFrame:
    """The rows with `code` and `customer` (the name) in front."""
    everybody = select(Customer.id, Customer.code, Customer.name.label("customer"))
    few = len(found) <= 1000
    known = frame(session, everybody.where(Customer.id.in_(found["customer_id"].tolist())) if few else everybody)
    names = known.set_index("id").reindex(found["customer_id"])
    return found.assign(**{name: names[name].to_numpy() for name in ("code", "customer")})


def _bought(session: ScopedSession, population: Population) -> list[Any]:
    found: list[Any] = [BOUGHT, Order.board_id == population.board_id]
    found += [Order.ordered_on >= population.since] if population.since else []
    found += [Order.ordered_on <= population.until] if population.until else []
    if of_customers := customer_conditions(session, population):
        found.append(Order.customer_id.in_(select(Customer.id).where(*of_customers)))
    return found
