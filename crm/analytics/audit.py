"""The five lenses of the customer-base audit, and how concentrated the revenue is.

All take orders: customer_id, date, amount (see orders.usable_orders).
Source: Fader, Hardie, Ross, The Customer-Base Audit (2022).
"""

from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

from crm.analytics.cohorts import cohort_table
from crm.analytics.errors import AnalyticsError
from crm.analytics.orders import check_orders

Floats = npt.NDArray[np.float64]

KEPT, LOST, JOINED = "kept", "lost", "joined"


def lens1_distribution(orders: pd.DataFrame) -> pd.DataFrame:
    """How customers differ in one period: orders, customers, share_customers, revenue, share_revenue, spend_per_customer,
    average_order_value; one row per number of orders that occurs."""
    by_count = _per_customer(orders).groupby("orders")["revenue"].agg(customers="size", revenue="sum")
    by_count.insert(1, "share_customers", by_count["customers"] / by_count["customers"].sum())
    by_count["share_revenue"] = by_count["revenue"] / by_count["revenue"].sum()
    by_count["spend_per_customer"] = by_count["revenue"] / by_count["customers"]
    by_count["average_order_value"] = by_count["spend_per_customer"] / by_count.index
    return by_count.reset_index()


def lens2_change(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """What changed between two periods of equal length: group (kept, lost, joined), customers, orders_before,
    orders_after, revenue_before, revenue_after, change (of revenue)."""
    groups = _two_periods(before, after).groupby("group")
    sums = groups[["orders_before", "orders_after", "revenue_before", "revenue_after"]].sum()
    sums.insert(0, "customers", groups.size())
    change = sums.reindex([KEPT, LOST, JOINED], fill_value=0).reset_index(names="group")
    return change.assign(change=change["revenue_after"] - change["revenue_before"])


def lens3_cohort(orders: pd.DataFrame, cohort: str, period: str = "M", through: date | None = None) -> pd.DataFrame:
    """How one cohort ("2011-03" for months, "2011Q1" for quarters) developed: its rows of cohorts.cohort_table and
    orders_per_active, average_order_value (empty where nobody ordered)."""
    table = cohort_table(orders, period, through)
    table = table[table["cohort"] == pd.Period(cohort, freq=period)].reset_index(drop=True)
    if table.empty:
        raise AnalyticsError("No customer ordered for the first time in {cohort}.", cohort=cohort)
    table["orders_per_active"] = table["orders"] / table["active"].where(table["active"] > 0)
    table["average_order_value"] = table["revenue"] / table["orders"].where(table["orders"] > 0)
    return table


def lens4_cohorts(orders: pd.DataFrame, age: int, period: str = "M", through: date | None = None) -> pd.DataFrame:
    """Cohorts side by side at the same age: cohort, customers, retention, revenue_per_customer and
    cumulative_revenue_per_customer; only the cohorts that completed that age."""
    table = cohort_table(orders, period, through)
    same_age = table[(table["age"] == age) & table["complete"]]
    columns = ["cohort", "customers", "retention", "revenue_per_customer", "cumulative_revenue_per_customer"]
    return same_age[columns].reset_index(drop=True)


def lens5_c3(orders: pd.DataFrame, period: str = "M", through: date | None = None, value: str = "revenue") -> pd.DataFrame:
    """The customer cohort chart (C3): rows = period, columns = cohort, cells = revenue (or orders, active) that the cohort
    brought in that period; 0 before the cohort existed. A row's sum is the whole business in that period."""
    table = cohort_table(orders, period, through)
    return table.pivot(index="period", columns="cohort", values=value).fillna(0)


def deciles(orders: pd.DataFrame) -> pd.DataFrame:
    """Customers in ten groups by spend: decile (1 spends most), customers, orders, revenue, share_revenue,
    cumulative_share_revenue, spend_per_customer, orders_per_customer, average_order_value.

    spend_per_customer = orders_per_customer * average_order_value: shows whether the best buy more often or bigger."""
    customers = _per_customer(orders)
    groups = customers.groupby(_decile(customers["revenue"]))
    table = groups.agg(customers=("revenue", "size"), orders=("orders", "sum"), revenue=("revenue", "sum"))
    table["share_revenue"] = table["revenue"] / table["revenue"].sum()
    table["cumulative_share_revenue"] = table["share_revenue"].cumsum()
    table["spend_per_customer"] = table["revenue"] / table["customers"]
    table["orders_per_customer"] = table["orders"] / table["customers"]
    table["average_order_value"] = table["revenue"] / table["orders"]
    return table.reset_index(names="decile")


def decile_migration(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """Customers by decile before (rows, and "joined") and decile after (columns, and "lost")."""
    was = _decile(_per_customer(before)["revenue"]).rename("before").astype(object)
    is_now = _decile(_per_customer(after)["revenue"]).rename("after").astype(object)
    both = pd.concat([was, is_now], axis=1).fillna({"before": JOINED, "after": LOST})
    matrix = pd.crosstab(both["before"], both["after"])
    return matrix.reindex(index=[*range(1, 11), JOINED], columns=[*range(1, 11), LOST], fill_value=0)


@dataclass(frozen=True)
class Concentration:
    """top: share of customers looked at; customers_for_80: the smallest share of customers that brings 80 % of revenue."""

    customers: int
    revenue: float
    gini: float
    top: float
    top_share_revenue: float
    customers_for_80: float


def concentration(orders: pd.DataFrame, top: float = 0.2) -> Concentration:
    """How unequal the customers' revenue is: Gini coefficient (0: all equal), and the revenue share of the top customers."""
    customers, revenue = _lorenz(_per_customer(orders)["revenue"])
    gini = 1 - float(np.trapezoid(revenue, customers)) * 2
    top_share = 1 - float(np.interp(1 - _fraction(top), customers, revenue))
    for_80 = 1 - float(np.interp(0.2, revenue, customers))
    return Concentration(len(customers) - 1, float(orders["amount"].sum()), gini, top, top_share, for_80)


def lorenz_curve(orders: pd.DataFrame, points: int = 101) -> pd.DataFrame:
    """share_customers (the smallest first), share_revenue: the Lorenz curve at so many evenly spaced points."""
    customers, revenue = _lorenz(_per_customer(orders)["revenue"])
    shares = np.linspace(0, 1, points)
    return pd.DataFrame({"share_customers": shares, "share_revenue": np.interp(shares, customers, revenue)})


@dataclass(frozen=True)
class TopStability:
    """What the 80/20 rule hides: who of the top group of one period is still there in the next.

    still_top + fallen + gone = top_customers. The shares of revenue are of the same customers in both periods; risen
    counts those of the new top group who were customers before, but not in the top; joined those who are new."""

    top: float
    top_customers: int
    still_top: int
    fallen: int
    gone: int
    risen: int
    joined: int
    share_revenue_before: float
    share_revenue_after: float


def top_stability(before: pd.DataFrame, after: pd.DataFrame, top: float = 0.2) -> TopStability:
    """Orders of two periods of equal length -> how stable the top group (a share of the customers) is."""
    both = _two_periods(before, after)
    was = _in_top(both["revenue_before"], _fraction(top))
    is_now = _in_top(both["revenue_after"], top)
    gone = both["group"] == LOST
    return TopStability(
        top=top,
        top_customers=int(was.sum()),
        still_top=int((was & is_now).sum()),
        fallen=int((was & ~is_now & ~gone).sum()),
        gone=int((was & gone).sum()),
        risen=int((is_now & ~was & (both["group"] == KEPT)).sum()),
        joined=int((is_now & (both["group"] == JOINED)).sum()),
        share_revenue_before=float(both["revenue_before"][was].sum() / both["revenue_before"].sum()),
        share_revenue_after=float(both["revenue_after"][was].sum() / both["revenue_after"].sum()),
    )


def _per_customer(orders: pd.DataFrame) -> pd.DataFrame:
    check_orders(orders)
    amounts = orders.groupby("customer_id")["amount"]
    return pd.DataFrame({"orders": amounts.size(), "revenue": amounts.sum()})


def _two_periods(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    if before["date"].max() >= after["date"].min():
        raise AnalyticsError("The first period must end before the second one begins.")
    both = _per_customer(before).add_suffix("_before").join(_per_customer(after).add_suffix("_after"), how="outer")
    missing_before, missing_after = both["orders_before"].isna(), both["orders_after"].isna()
    both = both.fillna(0).astype({"orders_before": "int64", "orders_after": "int64"})
    return both.assign(group=np.select([missing_before, missing_after], [JOINED, LOST], KEPT))


def _decile(revenue: pd.Series) -> pd.Series:
    """1 spends most; ten groups of equal size, equal spenders in the order of their ids."""
    place = np.empty(len(revenue), dtype=np.int64)
    place[np.argsort(-revenue.to_numpy(), kind="stable")] = np.arange(len(revenue))
    return pd.Series(place * 10 // len(revenue) + 1, index=revenue.index)


def _in_top(revenue: pd.Series, top: float) -> pd.Series:
    """The best so many of those who bought at all, at least one; equal spenders in the order of their ids."""
    size = max(1, round(top * int((revenue > 0).sum())))
    best = revenue.sort_values(ascending=False, kind="stable").index[:size]
    return pd.Series(revenue.index.isin(best), index=revenue.index)


def _lorenz(revenue: pd.Series) -> tuple[Floats, Floats]:
    spent = np.sort(revenue.to_numpy(dtype=np.float64))
    shares = np.concatenate([[0.0], np.cumsum(spent)]) / spent.sum()
    return np.linspace(0, 1, len(spent) + 1), shares


def _fraction(top: float) -> float:
    if not 0 < top < 1:
        raise AnalyticsError("The top group must be a share between 0 and 1, not {top}.", top=top)
    return top
