"""Cohorts: customers by the period of their first order, followed by age. Second order: when, and how many."""

from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

from crm.analytics.checks import refuse_rows, require_columns
from crm.analytics.errors import AnalyticsError
from crm.analytics.orders import check_orders

PERIODS = ("W", "M", "Q", "Y")

Integers = npt.NDArray[np.int64]


def cohort_table(orders: pd.DataFrame, period: str = "M", through: date | None = None) -> pd.DataFrame:
    """customer_id, date, amount -> one row per cohort and age: cohort, age, period, customers (in the cohort), active,
    orders, revenue, retention (active / customers), revenue_per_customer and cumulative_revenue_per_customer, complete.

    period: W, M, Q or Y; age 0 is the period of the first order. An age in which nobody ordered is a row of zeros; an age
    that is not yet over on the day `through` (default: the last order) has complete = False.
    Source: Fader, Hardie, Ross, The Customer-Base Audit (2022), lenses 3 and 4."""
    last_day = _check_period(orders, period, through)
    cohort, now = _cohort_and_period(orders, period)
    newest = pd.Period(last_day, freq=period).ordinal
    table = _totals(orders, cohort, now).reindex(_every_age(cohort, newest), fill_value=0).reset_index()
    size = table["cohort"].map(table[table["age"] == 0].set_index("cohort")["active"])
    table.insert(2, "period", _periods(table["cohort"] + table["age"], period))
    table.insert(3, "customers", size)
    table["retention"] = table["active"] / size
    table["revenue_per_customer"] = table["revenue"] / size
    table["cumulative_revenue_per_customer"] = table.groupby("cohort")["revenue_per_customer"].cumsum()
    table["complete"] = table["period"].dt.end_time.dt.normalize() <= pd.Timestamp(last_day)
    table["cohort"] = _periods(table["cohort"], period)
    return table


def cohort_matrix(table: pd.DataFrame, value: str = "retention") -> pd.DataFrame:
    """The table of cohort_table -> rows = cohort, columns = age, cells = one of its columns; not yet known: empty."""
    require_columns(table, ("cohort", "age", value))
    return table.pivot(index="cohort", columns="age", values=value)


def time_to_second_order(orders: pd.DataFrame, through: date | None = None) -> pd.DataFrame:
    """customer_id, date, amount -> one row per day after the first order on which somebody came back: days, at_risk,
    returned, share_returned.

    A second order is one on a later day. Customers who have not come back leave the count when their observation ends, so
    young customers do not pull the curve down. Source: Kaplan, Meier 1958, JASA 53(282)."""
    first, second, end = _first_and_second(orders, through)
    gap, watched = (second - first).dt.days.to_numpy(), (end - first).dt.days.to_numpy()
    came = ~np.isnan(gap)
    days, returned = np.unique(gap[came], return_counts=True)
    leaving = np.sort(np.where(came, gap, watched))
    at_risk = len(leaving) - np.searchsorted(leaving, days)
    still_waiting = np.cumprod(1 - returned / at_risk)
    return pd.DataFrame({"days": days.astype(int), "at_risk": at_risk, "returned": returned, "share_returned": 1 - still_waiting})


def repeat_rate(orders: pd.DataFrame, period: str = "M", *, within_days: int, through: date | None = None) -> pd.DataFrame:
    """customer_id, date, amount -> cohort, customers, repeaters, repeat_rate: those who ordered again, on a later day, within
    so many days of the first order. A cohort whose youngest customer has been seen for less than that is empty."""
    _check_period(orders, period, through)
    first, second, end = _first_and_second(orders, through)
    cohort = first.dt.to_period(period)
    window = pd.Timedelta(days=within_days)
    seen = pd.DataFrame({"cohort": cohort, "repeaters": second - first <= window, "seen": end - first >= window})
    rates = seen.groupby("cohort").agg(customers=("seen", "size"), repeaters=("repeaters", "sum"), seen=("seen", "all"))
    rates["repeaters"] = rates["repeaters"].astype("Int64").where(rates.pop("seen"))
    rates["repeat_rate"] = rates["repeaters"].astype("Float64") / rates["customers"]
    return rates.reset_index()


def _check_period(orders: pd.DataFrame, period: str, through: date | None) -> date:
    check_orders(orders)
    if period not in PERIODS:
        raise AnalyticsError("The period must be one of {periods}.", periods=", ".join(PERIODS))
    last_order: date = orders["date"].max().date()
    last_day = through or last_order
    late = (orders["date"] >= pd.Timestamp(last_day) + pd.Timedelta(days=1)).to_numpy()
    refuse_rows(orders, late, "The column {column} lies after the end of the period in rows {rows}.", "date")
    return last_day


def _cohort_and_period(orders: pd.DataFrame, period: str) -> tuple[Integers, Integers]:
    now = pd.PeriodIndex(orders["date"], freq=period).asi8
    cohort = pd.Series(now).groupby(orders["customer_id"].to_numpy()).transform("min").to_numpy()
    return cohort, now


def _periods(ordinals: pd.Series, period: str) -> pd.PeriodIndex:
    periods: pd.PeriodIndex = pd.PeriodIndex.from_ordinals(ordinals.to_numpy(), freq=period)  # type: ignore[attr-defined]
    return periods


def _totals(orders: pd.DataFrame, cohort: Integers, now: Integers) -> pd.DataFrame:
    keyed = pd.DataFrame({"cohort": cohort, "age": now - cohort})
    keyed["customer_id"] = orders["customer_id"].to_numpy()
    keyed["revenue"] = orders["amount"].to_numpy()
    groups = keyed.groupby(["cohort", "age"])
    return groups.agg(active=("customer_id", "nunique"), orders=("revenue", "size"), revenue=("revenue", "sum"))


def _every_age(cohort: Integers, newest: int) -> pd.MultiIndex:
    pairs = [(start, age) for start in np.unique(cohort) for age in range(newest - start + 1)]
    return pd.MultiIndex.from_tuples(pairs, names=["cohort", "age"])


def _first_and_second(orders: pd.DataFrame, through: date | None) -> tuple[pd.Series, pd.Series, pd.Timestamp]:
    """Per customer the first order day and the next different one (NaT: none), and the last day of observation."""
    end = pd.Timestamp(_check_period(orders, "M", through))
    days = orders[["customer_id"]].assign(day=orders["date"].dt.normalize())
    first = days.groupby("customer_id")["day"].min()
    later = days[days["day"] > days["customer_id"].map(first)]
    second = later.groupby("customer_id")["day"].min().reindex(first.index)
    return first, second, end
