"""Transactions -> one row per customer: frequency, recency, T and monetary_value, the four numbers that the models read.

Purchases on one day count as one. frequency: days with a purchase after the first; recency: from the first to the last of them;
T: from the first purchase to the end of the period; monetary_value: mean spend of a repeat purchase day.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.sparse import csr_array

from crm.analytics.checks import refuse_missing, refuse_rows, require_columns
from crm.analytics.clv.patterns import Patterns, compress
from crm.analytics.errors import AnalyticsError

__all__ = ["Patterns", "calibration_and_holdout_data", "compress", "rfm_summary", "summary_data_from_transaction_data"]

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Days = npt.NDArray[np.int32]
Day = str | date | datetime | pd.Timestamp

DAYS = {"D": 1.0, "W": 7.0, "M": 365.25 / 12, "Y": 365.25}


def rfm_summary(
    transactions: pd.DataFrame,
    customer_id: str,
    datetime: str,
    monetary: str | None = None,
    *,
    time_unit: Literal["D", "W", "M", "Y"] = "W",
    observation_period_end: Day,
    calibration_period_end: Day | None = None,
) -> pd.DataFrame:
    """customer_id, datetime [, monetary] per transaction -> index customer_id (sorted): frequency, recency, T [, monetary_value];
    with calibration_period_end these until that day, and frequency_holdout [, monetary_holdout], duration_holdout after it.

    recency, T and duration in time_unit, to the day; money in the unit of the input. A row below 0 (a refund) is no purchase: it
    reduces the spend of a purchase of the same day, else it is left out; attrs count negative_amounts and zero_amounts.
    Errors: a column missing or with empty values, dates after observation_period_end (the rows are named)."""
    columns = [customer_id, datetime] + ([monetary] if monetary else [])
    require_columns(transactions, columns)
    refuse_missing(transactions, columns)
    end = _day_number(observation_period_end)
    until = end if calibration_period_end is None else _day_number(calibration_period_end)
    if until > end:
        raise AnalyticsError("The calibration period ends after the observation period.")
    days = _days(transactions[datetime])
    refuse_rows(transactions, days > end, "The column {column} lies after the end of the period in rows {rows}.", datetime)
    amounts = None if monetary is None else transactions[monetary].to_numpy(np.float64)
    log = _purchase_log(transactions[customer_id], days, amounts, refunds_are_purchases=False)
    summary = _history(log, until, DAYS[time_unit])
    if calibration_period_end is not None:
        summary = summary.join(_holdout(log, until)).fillna(0.0)
        summary["duration_holdout"] = (end - until) / DAYS[time_unit]
    if amounts is not None:
        summary.attrs = {"negative_amounts": int((amounts < 0).sum()), "zero_amounts": int((amounts == 0).sum())}
    return summary


def summary_data_from_transaction_data(
    transactions: pd.DataFrame,
    customer_id_col: str,
    datetime_col: str,
    monetary_value_col: str | None = None,
    datetime_format: str | None = None,
    observation_period_end: Day | None = None,
    freq: str = "D",
    freq_multiplier: int = 1,
    include_first_transaction: bool = False,
) -> pd.DataFrame:
    """As lifetimes.utils.summary_data_from_transaction_data: periods of freq (D, W, M, h, ...) instead of days, what lies after
    observation_period_end is left out, refunds count as purchases."""
    log, end = _period_log(
        transactions, customer_id_col, datetime_col, monetary_value_col, datetime_format, observation_period_end, freq
    )
    return _history(log, end, float(freq_multiplier), include_first_transaction)


def calibration_and_holdout_data(
    transactions: pd.DataFrame,
    customer_id_col: str,
    datetime_col: str,
    calibration_period_end: Day,
    observation_period_end: Day | None = None,
    freq: str = "D",
    freq_multiplier: int = 1,
    datetime_format: str | None = None,
    monetary_value_col: str | None = None,
    include_first_transaction: bool = False,
) -> pd.DataFrame:
    """As lifetimes.utils.calibration_and_holdout_data: frequency_cal, recency_cal, T_cal [, monetary_value_cal],
    frequency_holdout [, monetary_value_holdout], duration_holdout."""
    log, end = _period_log(
        transactions, customer_id_col, datetime_col, monetary_value_col, datetime_format, observation_period_end, freq
    )
    until = pd.Period(calibration_period_end, freq=freq).ordinal
    calibration = _history(log, until, float(freq_multiplier), include_first_transaction).add_suffix("_cal")
    holdout = _holdout(log, until).rename(columns={"monetary_holdout": "monetary_value_holdout"})
    if not holdout["frequency_holdout"].any():
        raise AnalyticsError("There are no purchases after the calibration period.")
    return calibration.join(holdout).fillna(0.0).assign(duration_holdout=(end - until) / freq_multiplier)


@dataclass(frozen=True)
class _PurchaseLog:
    """Distinct purchase days of each customer in order, from starts[i] to starts[i + 1]; spend is the sum of each such day."""

    index: pd.Index
    starts: Days
    days: Days
    spend: Floats | None


def _purchase_log(identifiers: pd.Series, days: Days, amounts: Floats | None, *, refunds_are_purchases: bool) -> _PurchaseLog:
    """A sparse matrix of customers by days: two counting sorts, and what falls on one day is added up on the way."""
    if len(days) == 0:
        raise AnalyticsError("There are no transactions.")
    codes, index = _codes(identifiers)
    origin = days.min()
    days -= origin
    spend: npt.NDArray[Any] = np.ones(len(codes), dtype=np.int8) if amounts is None else amounts
    bought = None if amounts is None or refunds_are_purchases or amounts.min() >= 0 else amounts >= 0
    kept = (codes, days, spend) if bought is None else (codes[bought], days[bought], spend[bought])
    table = csr_array((kept[2], kept[:2]), shape=(len(index), int(days.max()) + 1))
    if bought is not None and amounts is not None:
        _net_refunds(table, codes[~bought], days[~bought], amounts[~bought])
    table.indices += origin
    return _PurchaseLog(index, table.indptr, table.indices, None if amounts is None else table.data)


def _net_refunds(table: csr_array, customers: Days, days: Days, amounts: Floats) -> None:
    """Subtracts refunds from purchases of the same customer and day."""
    width = table.shape[1]
    rows = np.repeat(np.arange(table.shape[0]), np.diff(table.indptr))
    pairs = np.append(rows * width + table.indices, table.shape[0] * width)
    wanted = customers.astype(np.int64) * width + days
    at = np.searchsorted(pairs, wanted)
    same = pairs[at] == wanted
    np.add.at(table.data, at[same], amounts[same])


def _history(log: _PurchaseLog, until: int, unit: float, include_first: bool = False) -> pd.DataFrame:
    count, total = _until(log, until)
    customers = np.flatnonzero(count)
    starts, repeats = log.starts[:-1][customers], count[customers] - 1
    first, last = log.days[starts], log.days[starts + repeats]
    columns = {
        "frequency": (repeats + include_first).astype(np.float64),
        "recency": (last - first) / unit,
        "T": (until - first) / unit,
    }
    if log.spend is not None:
        left_out = 0.0 if include_first else log.spend[starts]
        columns["monetary_value"] = (total[customers] - left_out) / np.maximum(columns["frequency"], 1)
    return pd.DataFrame(columns, index=log.index[customers])


def _holdout(log: _PurchaseLog, until: int) -> pd.DataFrame:
    calibration, spent = _until(log, until)
    count, total = _until(log, None)
    columns = {"frequency_holdout": (count - calibration).astype(np.float64)}
    if log.spend is not None:
        columns["monetary_holdout"] = (total - spent) / np.maximum(columns["frequency_holdout"], 1)
        columns["monetary_holdout"][count == calibration] = 0.0
    return pd.DataFrame(columns, index=log.index)


def _until(log: _PurchaseLog, until: int | None) -> tuple[Integers, Floats]:
    """Number and spend of each customer's purchase days, up to a day or all."""
    count, total = np.diff(log.starts).astype(np.int64), np.zeros(len(log.index))
    some = np.flatnonzero(count)
    starts = log.starts[:-1][some]
    within = None if until is None or len(some) == 0 or until >= log.days.max() else log.days <= until
    if within is not None:
        count[some] = np.add.reduceat(within.astype(np.int32), starts)
    if log.spend is not None and len(some):
        total[some] = np.add.reduceat(log.spend if within is None else log.spend * within, starts)
    return count, total


def _period_log(
    transactions: pd.DataFrame,
    customer_id: str,
    datetime: str,
    monetary: str | None,
    datetime_format: str | None,
    end: Day | None,
    freq: str,
) -> tuple[_PurchaseLog, int]:
    require_columns(transactions, [customer_id, datetime] + ([monetary] if monetary else []))
    moments = pd.to_datetime(transactions[datetime], format=datetime_format)
    last = pd.Period(moments.max() if end is None else pd.to_datetime(end, format=datetime_format), freq=freq).ordinal
    periods = pd.PeriodIndex(moments, freq=freq).asi8.astype(np.int32)
    kept = periods <= last
    amounts = None if monetary is None else transactions[monetary].to_numpy(np.float64)[kept]
    log = _purchase_log(transactions[customer_id][kept], periods[kept], amounts, refunds_are_purchases=True)
    return log, last


def _codes(identifiers: pd.Series) -> tuple[Days, pd.Index]:
    """Customers as positions in their sorted, distinct identifiers."""
    values = identifiers.to_numpy()
    if values.dtype.kind in "iu" and int(values.max()) - int(values.min()) < 4 * len(values) + 1000:
        least = int(values.min())
        present = np.zeros(int(values.max()) - least + 1, dtype=bool)
        present[values - least] = True
        distinct = np.flatnonzero(present)
        positions = np.cumsum(present, dtype=np.int32) - 1
        return positions[values - least], pd.Index(distinct + least, name=identifiers.name)
    codes, labels = pd.factorize(identifiers, sort=True)
    return codes.astype(np.int32), pd.Index(labels, name=identifiers.name)


def _days(moments: pd.Series) -> Days:
    """Whole days since 1970, local to the values as they are."""
    if not pd.api.types.is_datetime64_any_dtype(moments):
        moments = pd.to_datetime(moments)
    naive = moments.dt.tz_localize(None) if getattr(moments.dt, "tz", None) is not None else moments
    return naive.to_numpy().astype("datetime64[D]").astype(np.int32)


def _day_number(day: Day) -> int:
    return int(pd.Timestamp(day).to_numpy().astype("datetime64[D]").astype(np.int64))
