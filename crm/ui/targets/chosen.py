"""The chosen target: the gauge, its way against the pace, and what must close so that it is met."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from crm.charts import targets as charts
from crm.targets.models import Measure
from crm.ui.insight.about import about, titled
from crm.ui.show import Built, empty, heading, plain
from crm.ui.targets.closing import must_close
from crm.ui.targets.controls import Asked
from crm.ui.targets.wording import inside, unit_of
from crm.ui.text import literal
from crm.words import label, say
from crm.words.formats import date_short, percent


def chosen_target(of: Asked, row: Any, way: pd.DataFrame) -> None:
    """`row`, `way`: of the chosen one, see crm.targets.queries.attained."""
    if row.state == "future":
        values = {"day": date_short(row.starts_on), "base": of.amount(row.measure, row.base)}
        empty("{subject}: the period begins on {day}; the target is {base}.", subject=row.subject, **values)
        return
    left, right = st.columns([2, 3], gap="large")
    with left:
        _gauge(of, row)
    with right:
        _trend(of, row, way)
    if row.state == "running":
        must_close(of, row)


def _gauge(of: Asked, row: Any) -> None:
    values = {"subject": row.subject, "measure": inside(row.measure), "share": percent(row.share, 0)}
    if row.actual != row.actual:
        heading("{subject}: nothing is known of {measure} yet", subject=row.subject, measure=values["measure"])
        return
    if not row.base > 0:
        heading("{subject}: {measure}", subject=row.subject, measure=label(row.measure, of="measure"))
        st.caption(
            say(
                "{actual} against a target of {base}",
                actual=of.amount(row.measure, row.actual),
                base=of.amount(row.measure, row.base),
            )
        )
        return
    with titled("{subject}: {share} of the target of {measure}", "attainment.gauge", **values):
        st.space("small")
    figure = charts.gauge(row.actual, row.pace, row.base, row.stretch, row.challenge)
    plain(figure, key=f"attainment.gauge.{row.id}")


def _trend(of: Asked, row: Any, way: pd.DataFrame) -> None:
    key = "attainment.trend"
    if way.empty:
        heading("{subject}: the way to here is not told", subject=row.subject)
        st.caption(_why_not(row))
        return
    template, values = _answer(of, row)
    with titled(template, key, **values):
        definition = say(
            "What came day by day, summed; the dashed line is the base target spread over the working days. Ahead lies the median"
            " with P10 to P90: the days to come are drawn from those behind us, open deals are decided by their chance."
        )
        about(key, definition=definition, scope=_scope(of, row), as_of=of.day, n=int(row.rows))
    levels = {"base": row.base, "stretch": row.stretch, "challenge": row.challenge}
    plain(Built(charts.trend, way, levels, of.day), key=f"{key}.chart.{row.id}")


def _why_not(row: Any) -> str:
    if not row.whole:
        return say("Of this only the total is known to you: you do not see the rows behind it.")
    if row.measure == Measure.VALUE_CHANGE:
        return say("The value of customers is reckoned on single days, not each day.")
    return say("Nothing has come yet.")


def _answer(of: Asked, row: Any) -> tuple[str, dict[str, Any]]:
    values = {"actual": of.amount(row.measure, row.actual), "base": of.amount(row.measure, row.base)}
    if row.state == "over":
        return (
            "{actual} came: the base of {base} is met"
            if row.actual >= row.base
            else "{actual} came: the base of {base} is missed"
        ), values
    values |= {"ahead": of.amount(row.measure, abs(row.ahead)), "day": date_short(row.ends_on)}
    if row.p50 != row.p50:
        return ("{ahead} ahead of the pace" if row.ahead >= 0 else "{ahead} behind the pace"), values
    values |= {"low": of.amount(row.measure, row.p10), "high": of.amount(row.measure, row.p90)}
    if row.ends_on <= of.day:
        return "The last day: {actual} of {base} reached", values
    if row.ahead >= 0:
        return "{ahead} ahead of the pace; it ends between {low} and {high} on {day}", values
    return "{ahead} behind the pace; it ends between {low} and {high} on {day}", values


def _scope(of: Asked, row: Any) -> str:
    unit = unit_of(row.measure, of.board.currency)
    parts = [literal(of.board.name), literal(row.subject), label(row.measure, of="measure"), of.span, unit]
    return " · ".join(part for part in parts if part)


__all__ = ["chosen_target"]
