"""Which days the ledger is about: a few usual ones, in the address."""

from __future__ import annotations

import datetime as dt
from functools import partial

import streamlit as st
from dateutil.relativedelta import relativedelta

from crm.targets.models import PeriodKind
from crm.targets.periods import before, first_day, last_day
from crm.targets.queries import DEFINITIONS, Metric
from crm.ui.insight.cohort_controls import option
from crm.words import label, say
from crm.words.formats import number, percent, short_money

Span = tuple[dt.date, dt.date]
MONEY, SHARE = ("cac", "clv"), ("conversion", "churn", "mroi")


def spans(day: dt.date) -> dict[str, Span]:
    """Name in the address -> first and last day."""
    quarter, year = first_day(PeriodKind.QUARTER, day), first_day(PeriodKind.YEAR, day)
    last_quarter, last_year = before(PeriodKind.QUARTER, quarter), before(PeriodKind.YEAR, year)
    return {
        "quarter": (quarter, day),
        "last_quarter": (last_quarter, last_day(PeriodKind.QUARTER, last_quarter)),
        "year": (year, day),
        "last_year": (last_year, last_day(PeriodKind.YEAR, last_year)),
        "12_months": (day - relativedelta(months=12) + dt.timedelta(1), day),
    }


def span_before(name: str, of: Span) -> Span:
    """What a span is compared with: the same days one step earlier."""
    months = 3 if "quarter" in name else 12
    start, end = (one - relativedelta(months=months) for one in of)
    whole = name.startswith("last")
    return start, (of[0] - dt.timedelta(1) if whole else end)


def span_in_address(day: dt.date) -> tuple[str, Span]:
    titles = {
        "quarter": say("This quarter"),
        "last_quarter": say("Last quarter"),
        "year": say("This year"),
        "last_year": say("Last year"),
        "12_months": say("12 months"),
    }
    draw = partial(st.segmented_control, label_visibility="collapsed", required=True, wrap=True)
    chosen = option("span", titles, "year", title=say("Period"), key="roi", draw=draw)
    return chosen, spans(day)[chosen]


def shown(metric: str, value: float | None, currency: str) -> str:
    """A figure of the ledger in its own unit."""
    if metric in MONEY:
        return short_money(value, currency)
    return percent(value, 1) if metric in SHARE else number(value, 2)


def amount_shown(metric: str, side: str, value: float, currency: str) -> str:
    """What stands above or below the line: money, or a number of things."""
    return short_money(value, currency) if is_money(metric, side) else number(value, 0)


def is_money(metric: str, side: str) -> bool:
    return metric in ("cac", "clv", "mroi") if side == "numerator" else metric == "mroi"


def definition(metric: str) -> str:
    return say(DEFINITIONS[Metric(metric)].says)


def title_of(metric: str) -> str:
    return label(metric, of="metric")


__all__ = ["Span", "amount_shown", "definition", "is_money", "shown", "span_before", "span_in_address", "spans", "title_of"]
