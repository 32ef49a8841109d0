"""Orders as the descriptive functions expect them: customer_id, date, amount; one row per order, amounts in one currency."""

from datetime import date

import numpy as np
import pandas as pd

from crm.analytics.checks import refuse_missing, refuse_rows, require_columns
from crm.analytics.errors import AnalyticsError

COLUMNS = ("customer_id", "date", "amount")
ZERO = "zero_amount"
NEGATIVE = "negative_amount"


def usable_orders(orders: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """customer_id, date, amount -> (orders with an amount above zero, left out rows with their reason).

    reason is zero_amount (a sample, a gift) or negative_amount (a refund, a cancellation)."""
    require_columns(orders, COLUMNS)
    refuse_missing(orders, COLUMNS)
    amounts = orders["amount"].to_numpy()
    left_out = orders[amounts <= 0]
    reasons = np.where(left_out["amount"].to_numpy() < 0, NEGATIVE, ZERO)
    return orders[amounts > 0], left_out.assign(reason=reasons)


def left_out_report(left_out: pd.DataFrame) -> pd.DataFrame:
    """The second frame of usable_orders -> reason, orders, customers, amount; a row for each reason, also when it is 0."""
    groups = left_out.groupby("reason")
    report = groups.agg(orders=("amount", "size"), customers=("customer_id", "nunique"), amount=("amount", "sum"))
    return report.reindex([ZERO, NEGATIVE], fill_value=0).rename_axis("reason").reset_index()


def customer_totals(orders: pd.DataFrame, as_of: date) -> pd.DataFrame:
    """customer_id, date, amount up to the date `as_of` -> index customer_id; recency_days, frequency (orders), monetary
    (total). Later orders are not looked at, so the same orders give the picture of any earlier date."""
    check_orders(orders)
    known = orders[orders["date"] < pd.Timestamp(as_of) + pd.Timedelta(days=1)]
    groups = known.groupby("customer_id")
    totals = groups.agg(last=("date", "max"), frequency=("amount", "size"), monetary=("amount", "sum"))
    silent = pd.Timestamp(as_of) - totals.pop("last").dt.normalize()
    totals.insert(0, "recency_days", silent.dt.days)
    return totals


def check_orders(orders: pd.DataFrame) -> None:
    """Refuses a frame that is empty, incomplete, or holds amounts that usable_orders has to take out first."""
    require_columns(orders, COLUMNS)
    if orders.empty:
        raise AnalyticsError("There is no order.")
    refuse_missing(orders, COLUMNS)
    if not pd.api.types.is_datetime64_any_dtype(orders["date"]):
        raise AnalyticsError("The column {column} holds no dates.", column="date")
    unusable = orders["amount"].to_numpy() <= 0
    refuse_rows(
        orders, unusable, "The column {column} is zero or negative in rows {rows}: take them out and count them.", "amount"
    )
