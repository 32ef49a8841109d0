"""Numbers, money and dates as the current language writes them. A missing value is a dash everywhere."""

from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any, Literal

import pandas as pd
from babel import dates, numbers

from crm.words.catalogue import translation
from crm.words.language import language

Number = int | float | Decimal
Direction = Literal["up", "down", "same"]

MISSING = "–"
LOCALES = {"en": "en_GB", "zh": "zh_Hans_CN"}
DATE_PATTERNS = {"en": "d MMM y", "zh": "y-MM-dd"}
TABLE_DATES = {"en": "D MMM YYYY", "zh": "YYYY-MM-DD"}
TABLE_NUMBERS = {"count": "%,d", "money": "%,.2f", "percent": "%.1f%%"}
SCALES = {
    "en": ((10**3, "K"), (10**6, "M"), (10**9, "B"), (10**12, "T")),
    "zh": ((10**4, "万"), (10**8, "亿"), (10**12, "万亿")),
}
# No line break between a figure and its sign.
PERCENT_SIGN = {"en": "\u00a0%", "zh": "%"}
_MANY = 20_000
# The same figures stand on many pages, and are drawn at every run of each.
format_decimal = lru_cache(_MANY, typed=True)(numbers.format_decimal)
format_currency = lru_cache(_MANY, typed=True)(numbers.format_currency)
format_date = lru_cache(_MANY, typed=True)(dates.format_date)
format_timedelta = lru_cache(_MANY, typed=True)(dates.format_timedelta)
ARROWS: dict[Direction, str] = {"up": "▲\u00a0+", "down": "▼\u00a0−", "same": ""}


def missing(value: Any) -> bool:
    return bool(pd.isna(value))


def number(value: Number | None, digits: int | None = None) -> str:
    """1,234.5; with `digits` exactly so many decimals, without it at most two."""
    if value is None or missing(value):
        return MISSING
    decimals = ".##" if digits is None else "." + "0" * digits if digits else ""
    return _minus(format_decimal(value or 0, "#,##0" + decimals, locale=_locale()))


def money(value: Number | None, currency: str = "CNY") -> str:
    """The full amount with its currency: CN¥1,234.50, in Chinese ¥1,234.50."""
    if value is None or missing(value):
        return MISSING
    return _minus(format_currency(value or 0, currency, locale=_locale()))


def short_money(value: Number | None, currency: str | None = None) -> str:
    """1.2M, in Chinese 120万; with `currency` its symbol stands before it."""
    if value is None or missing(value):
        return MISSING
    symbol = format_currency(0, currency, "¤", locale=_locale()).removesuffix("0") if currency else ""
    sign = "−" if value < 0 else ""
    return sign + symbol + _scaled(abs(float(value)))


def percent(share: Number | None, digits: int = 1) -> str:
    """A share of one as percent: 0.1234 -> 12.3 %."""
    if share is None or missing(share):
        return MISSING
    return number(float(share) * 100, digits) + PERCENT_SIGN[language()]


def change(new: Number | None, old: Number | None) -> tuple[str, Direction]:
    """From the compared figure to this one: ("▲ +12.3 %", "up"). Without a figure to compare there is a dash and "same"."""
    if new is None or old is None or missing(new) or missing(old) or old == 0:
        return MISSING, "same"
    ratio = (float(new) - float(old)) / abs(float(old))
    tenths = round(ratio * 1000)
    direction: Direction = "up" if tenths > 0 else "down" if tenths < 0 else "same"
    return ARROWS[direction] + percent(abs(tenths) / 1000), direction


def date_short(day: date | None) -> str:
    """3 Jan 2025, in Chinese 2025-01-03; of a moment only its date."""
    if day is None or missing(day):
        return MISSING
    return str(format_date(day, DATE_PATTERNS[language()], locale=_locale()))


def date_relative(day: date | None, today: date) -> str:
    """today, yesterday, 3 days ago, in 2 weeks; in Chinese 今天, 昨天, 3天前, 2周后."""
    if day is None or missing(day):
        return MISSING
    days = (_day(day) - _day(today)).days
    near = {-1: "yesterday", 0: "today", 1: "tomorrow"}.get(days)
    if near:
        return translation(near)
    unit: Literal["day", "week", "month", "year"] = (
        "day" if abs(days) < 14 else "week" if abs(days) < 61 else "month" if abs(days) < 730 else "year"
    )
    return str(format_timedelta(days * 86_400, granularity=unit, threshold=1000, add_direction=True, locale=_locale()))


def number_format_for_table(kind: Literal["count", "money", "percent"]) -> str:
    """The format of a NumberColumn. The unit stands in the column's head; a percent column holds 12.3, not 0.123."""
    return TABLE_NUMBERS[kind]


def date_format_for_table() -> str:
    """The format of a DateColumn."""
    return TABLE_DATES[language()]


def spoken(value: object) -> str:
    """A value inside a sentence: numbers and dates by the language, lists with its comma, text as it is."""
    if isinstance(value, list | tuple | set | frozenset):
        return ("、" if language() == "zh" else ", ").join(spoken(one) for one in value)
    if isinstance(value, str):
        return value
    if missing(value):
        return MISSING
    if isinstance(value, bool):
        return translation("yes" if value else "no")
    if isinstance(value, int | float | Decimal):
        return number(value)
    if isinstance(value, date):
        return date_short(value)
    return str(value)


def _locale() -> str:
    return LOCALES[language()]


def _day(day: date) -> date:
    return day.date() if isinstance(day, datetime) else day


def _minus(text: str) -> str:
    return text.replace("-", "−")


def _scaled(size: float) -> str:
    """One decimal in the largest unit the rounded figure reaches, so that 999,960 is 1M and not 1000K."""
    unit, name = 1, ""
    for larger, larger_name in SCALES[language()]:
        if round(size / unit, 1) * unit >= larger:
            unit, name = larger, larger_name
    return f"{size / unit:,.1f}".removesuffix(".0") + name
