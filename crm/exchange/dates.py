"""Dates and times as people write them; the order of day and month is decided once for a column, over all its values."""

from typing import Any

import numpy as np
import pandas as pd

from crm.exchange.parsing import Parsed, Question, mask_of

TIME = (
    r"(?:(?:T|\s+)(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,](?P<fraction>\d{1,9}))?)?"
    r"\s*(?P<half>[AaPp][Mm])?\s*(?P<zone>Z|UTC|GMT|[+-]\d{2}:?\d{2})?)?$"
)
YEAR_FIRST = r"^(?P<a>\d{4})(?P<mark>[-/.])(?P<b>\d{1,2})(?P=mark)(?P<c>\d{1,2})" + TIME
YEAR_LAST = r"^(?P<a>\d{1,2})(?P<mark>[-/.])(?P<b>\d{1,2})(?P=mark)(?P<c>\d{4})" + TIME
CHINESE = r"^(\d{4})\s*年\s*(\d{1,2})\s*月\s*(\d{1,2})\s*日?\s*"
COMPACT = r"^(\d{4})(\d{2})(\d{2})(?!\d)"
SERIAL = r"^(?P<days>\d{1,7})(?:\.(?P<part>\d+))?$"
FIRST_SERIAL, LAST_SERIAL = 61, 2_958_465
MICROSECONDS = 1_000_000
DAY = 86_400 * MICROSECONDS
EPOCHS = {1900: "1899-12-30", 1904: "1904-01-01"}
DAYS_IN_MONTH = np.array([0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
Numbers = np.ndarray[Any, np.dtype[np.int64]]


def parse_dates(
    column: str, texts: "pd.Series[str]", with_time: bool, order: str | None = None, serials: int | None = None
) -> Parsed:
    """Texts -> datetime64[us] without zone. With time: UTC where the text names a zone, as written where it does not.

    Without time: the day that is written, whatever its zone. `order` is "dmy" or "mdy"; without it the values of the column
    decide that can be read in one way only; if none does, the others are refused and the question is returned. `serials` is
    the date system (1900 or 1904) of an Excel file, whose unformatted dates are numbers.
    """
    plain = _normalise(texts)
    year_first = plain.str.extract(YEAR_FIRST)
    year_last = plain.str.extract(YEAR_LAST)
    last = mask_of(year_last["a"].notna())
    a, b = _numbers(year_last["a"]), _numbers(year_last["b"])
    order_of, undecided = _orders(a, b, last, order)
    day = np.where(last, np.where(order_of == "dmy", a, b), _numbers(year_first["c"]))
    month = np.where(last, np.where(order_of == "dmy", b, a), _numbers(year_first["b"]))
    year = np.where(last, _numbers(year_last["c"]), _numbers(year_first["a"]))
    # Where one pattern matches, the other is empty throughout.
    parsed = Parsed(_moments(year, month, day, year_last.fillna(year_first), with_time))
    if serials is not None:
        parsed.values = parsed.values.fillna(_from_serials(texts, with_time, EPOCHS[serials]))
    parsed.refuse(texts, undecided, "It is not clear which part of {value} is the day and which the month.")
    if order is not None:
        wrong = last & parsed.values.isna().to_numpy() & (b <= 31) & (a <= 31)
        parsed.refuse(
            texts,
            wrong,
            "{value} is not a date with the day first." if order == "dmy" else "{value} is not a date with the month first.",
        )
    short_year = mask_of(texts.str.match(r"\d{1,2}[-/.]\d{1,2}[-/.]\d{2}(?!\d)"))
    parsed.refuse(texts, short_year, "Write the year of {value} with four digits.")
    parsed.refuse(texts, parsed.values.isna().to_numpy(), "{value} is not a date.")
    if undecided.any():
        example = str(texts[undecided].iloc[0])
        parsed.question = Question(
            column, "date_order", "Does the day or the month come first in {column}, for example in {value}?", {"value": example}
        )
    return parsed


def _normalise(texts: "pd.Series[str]") -> "pd.Series[str]":
    if not texts.str.isascii().all():
        texts = texts.str.normalize("NFKC").str.replace(CHINESE, r"\1-\2-\3 ", regex=True).str.strip()
    return texts.str.replace(COMPACT, r"\1-\2-\3", regex=True)


def _numbers(series: "pd.Series[str]") -> Numbers:
    return np.asarray(series.fillna("0").astype("int64"), dtype=np.int64)


def _orders(
    a: Numbers, b: Numbers, there: "np.ndarray[Any, Any]", order: str | None
) -> tuple["np.ndarray[Any, Any]", "np.ndarray[Any, Any]"]:
    """dmy or mdy for each value, and which values stay undecided."""
    none = np.zeros(len(a), dtype=bool)
    if order is not None:
        return np.full(len(a), order), none
    day_first, month_first = there & (a > 12), there & (b > 12) & (a <= 12)
    open_ = there & ~day_first & ~month_first & (a != b)
    if day_first.any() and not month_first.any():
        return np.full(len(a), "dmy"), none
    if month_first.any() and not day_first.any():
        return np.full(len(a), "mdy"), none
    return np.where(day_first, "dmy", "mdy"), open_


def _moments(year: Numbers, month: Numbers, day: Numbers, parts: pd.DataFrame, with_time: bool) -> "pd.Series[Any]":
    hour, minute, second = (_numbers(parts[name]) for name in ("hour", "minute", "second"))
    half = parts["half"].str.lower()
    valid = _is_day(year, month, day) & (minute < 60) & (second < 60)
    valid &= np.where(half.notna(), (hour >= 1) & (hour <= 12), hour < 24)
    hour = np.where(half.notna(), hour % 12, hour) + 12 * mask_of(half == "pm")
    fraction = _numbers(parts["fraction"].str.slice(0, 6).str.pad(6, side="right", fillchar="0"))
    months = (np.where(valid, year, 1970) - 1970) * 12 + np.where(valid, month, 1) - 1
    days = months.astype("datetime64[M]").astype("datetime64[D]") + (np.where(valid, day, 1) - 1).astype("timedelta64[D]")
    moments = days.astype("datetime64[us]")
    if with_time:
        offset, known = _offsets(parts["zone"])
        valid &= known
        clock = ((hour * 60 + minute) * 60 + second) * MICROSECONDS + fraction - offset * 60 * MICROSECONDS
        moments = moments + np.where(valid, clock, 0).astype("timedelta64[us]")
    moments[~valid] = np.datetime64("NaT")
    return pd.Series(moments, index=parts.index)


def _is_day(year: Numbers, month: Numbers, day: Numbers) -> "np.ndarray[Any, Any]":
    leap = (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
    in_year = (month >= 1) & (month <= 12)
    last = DAYS_IN_MONTH[np.where(in_year, month, 0)] + (leap & (month == 2))
    valid: np.ndarray[Any, Any] = (year >= 1000) & in_year & (day >= 1) & (day <= last)
    return valid


def _offsets(zone: "pd.Series[str]") -> tuple[Numbers, "np.ndarray[Any, Any]"]:
    """Minutes east of Greenwich, and whether such a zone exists."""
    parts = zone.str.extract(r"^(?P<sign>[+-])(?P<hours>\d{2}):?(?P<minutes>\d{2})$")
    minutes = _numbers(parts["hours"]) * 60 + _numbers(parts["minutes"])
    known = (minutes <= 14 * 60) & (_numbers(parts["minutes"]) < 60)
    return np.where(mask_of(parts["sign"] == "-"), -minutes, minutes), known


def _from_serials(texts: "pd.Series[str]", with_time: bool, epoch: str) -> "pd.Series[Any]":
    parts = texts.str.extract(SERIAL)
    days = _numbers(parts["days"])
    looks_like_a_year = (days >= 1900) & (days <= 2100)
    valid = parts["days"].notna().to_numpy() & (days >= FIRST_SERIAL) & (days <= LAST_SERIAL) & ~looks_like_a_year
    moments = np.datetime64(epoch, "us") + np.where(valid, days, 0) * np.timedelta64(DAY, "us")
    if with_time:
        share = ("0." + parts["part"].fillna("0")).astype("float64").to_numpy()
        seconds = np.rint(share * DAY / MICROSECONDS).astype("int64")
        moments = moments + seconds * np.timedelta64(MICROSECONDS, "us")
    moments[~valid] = np.datetime64("NaT")
    return pd.Series(moments, index=texts.index)
