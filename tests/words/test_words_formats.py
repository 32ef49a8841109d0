"""Figures and dates as people of each language expect them, written out."""

from datetime import date, datetime
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from crm.words import formats, speaking

TODAY = date(2025, 6, 1)
NBSP = "\u00a0"


@pytest.mark.parametrize(
    ("value", "english", "chinese"),
    [
        (0, "0", "0"),
        (12.34, "12.3", "12.3"),
        (999, "999", "999"),
        (1_234, "1.2K", "1,234"),
        (12_345, "12.3K", "1.2万"),
        (99_960, "100K", "10万"),
        (999_960, "1M", "100万"),
        (1_200_000, "1.2M", "120万"),
        (12_345_678, "12.3M", "1,234.6万"),
        (Decimal("-1200000.00"), "−1.2M", "−120万"),
        (350_000_000, "350M", "3.5亿"),
        (1.5e12, "1.5T", "1.5万亿"),
    ],
)
def test_short_money(value, english, chinese):
    with speaking("en"):
        assert formats.short_money(value) == english
    with speaking("zh"):
        assert formats.short_money(value) == chinese


@pytest.mark.parametrize(
    ("language", "expected"),
    [("en", ["CN¥1,234.50", "−£0.10", "CN¥5M"]), ("zh", ["¥1,234.50", "−£0.10", "¥500万"])],
)
def test_money_names_its_currency(language, expected):
    with speaking(language):
        assert [
            formats.money(Decimal("1234.5")),
            formats.money(Decimal("-0.1"), "GBP"),
            formats.short_money(5_000_000, "CNY"),
        ] == expected


def test_number_keeps_the_decimals_it_is_told():
    assert [formats.number(1234.5), formats.number(1234.567), formats.number(1234), formats.number(1234, 2)] == [
        "1,234.5",
        "1,234.57",
        "1,234",
        "1,234.00",
    ]
    assert [formats.number(1234.5678, 0), formats.number(-3), formats.number(np.int64(7))] == ["1,235", "−3", "7"]


@pytest.mark.parametrize(("language", "expected"), [("en", f"12.3{NBSP}%"), ("zh", "12.3%")])
def test_percent_has_one_decimal(language, expected):
    with speaking(language):
        assert formats.percent(0.1234) == expected
        assert formats.percent(0.12, digits=0) == expected.replace("12.3", "12")


@pytest.mark.parametrize(
    ("new", "old", "text", "direction"),
    [
        (112.3, 100, f"▲{NBSP}+12.3{NBSP}%", "up"),
        (Decimal("50"), Decimal("100"), f"▼{NBSP}−50.0{NBSP}%", "down"),
        (-50, -100, f"▲{NBSP}+50.0{NBSP}%", "up"),
        (100.01, 100, f"0.0{NBSP}%", "same"),
        (5, 0, "–", "same"),
        (5, None, "–", "same"),
        (float("nan"), 5, "–", "same"),
    ],
)
def test_change_has_arrow_sign_and_direction(new, old, text, direction):
    assert formats.change(new, old) == (text, direction)


def test_date_short_of_a_day_and_of_a_moment():
    for day in (date(2025, 1, 3), datetime(2025, 1, 3, 23, 59), pd.Timestamp("2025-01-03 23:59")):
        with speaking("en"):
            assert formats.date_short(day) == "3 Jan 2025"
        with speaking("zh"):
            assert formats.date_short(day) == "2025-01-03"


@pytest.mark.parametrize(
    ("day", "english", "chinese"),
    [
        (date(2025, 6, 1), "today", "今天"),
        (date(2025, 5, 31), "yesterday", "昨天"),
        (date(2025, 6, 2), "tomorrow", "明天"),
        (date(2025, 5, 29), "3 days ago", "3天前"),
        (date(2025, 6, 15), "in 2 weeks", "2周后"),
        (date(2025, 5, 18), "2 weeks ago", "2周前"),
        (date(2025, 3, 1), "3 months ago", "3个月前"),
        (date(2022, 6, 1), "3 years ago", "3年前"),
        (datetime(2025, 5, 31, 23, 59), "yesterday", "昨天"),
    ],
)
def test_date_relative(day, english, chinese):
    with speaking("en"):
        assert formats.date_relative(day, TODAY) == english
    with speaking("zh"):
        assert formats.date_relative(day, TODAY) == chinese


@pytest.mark.parametrize("gap", [None, float("nan"), pd.NA, pd.NaT, Decimal("NaN")])
def test_a_missing_value_is_a_dash(gap):
    written = [formats.number, formats.money, formats.short_money, formats.percent, formats.date_short]
    assert {write(gap) for write in written} == {"–"}
    assert formats.date_relative(gap, TODAY) == "–"
    assert formats.spoken(gap) == "–"


def test_table_formats():
    assert [formats.number_format_for_table(kind) for kind in ("count", "money", "percent")] == ["%,d", "%,.2f", "%.1f%%"]
    with speaking("en"):
        assert formats.date_format_for_table() == "D MMM YYYY"
    with speaking("zh"):
        assert formats.date_format_for_table() == "YYYY-MM-DD"
