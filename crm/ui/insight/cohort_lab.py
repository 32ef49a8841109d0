"""The lab of cohorts: its controls' answers, and the customers of a cohort or of a cell."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from crm.charts.cohorts import period_name
from crm.insight.queries import cohorts as asked
from crm.insight.queries.cohorts import Period
from crm.ui.desk import figures
from crm.ui.insight.lab import Lab, show_ids, show_selected, told
from crm.words import say

ROWS = ("number", "customer", "first_order_on", "ordered_on", "amount")


@dataclass(frozen=True)
class CohortLab(Lab):
    period: Period = "M"
    measure: str = "retention"
    within: int = 90

    @property
    def asked(self) -> dict[str, Any]:
        return {"population": self.population, "through": self.day}

    def start(self, day: dt.date) -> dt.date:
        """The first day of the cohort that a day falls into."""
        first: dt.date = pd.Period(day, freq=self.period).start_time.date()
        return first


def panel(lab: CohortLab, n: int) -> dict[str, Any]:
    """What the panel of each cohort chart says beside its definition: scope, n, and the purchases it is made of."""
    rows = partial(asked.purchase_rows, population=lab.population)
    return told(lab, n) | {"rows": rows, "columns": ROWS}


def age_in_address() -> int | None:
    text = st.query_params.get("age", "")
    return int(text) if text.isdecimal() and len(text) < 10 else None


def picked_cell(lab: CohortLab, cohort: dt.date, age: int | None) -> None:
    """The customers of a cohort, or those of them who bought at that age."""
    start = lab.start(cohort)
    name = period_name(start, lab.period)
    if age:
        text = say(AT_AGE[lab.period], cohort=name, age=age)
        show_buyers(lab, text, start, asked.span_of_age(start, age, lab.period))
        return
    end = min(asked.last_day(start, lab.period), lab.day)
    where = lab.customers(first_order_from=start, first_order_to=end)
    show_selected(lab, say("Customers won in {cohort}", cohort=name), where)


AT_AGE = {
    "M": "Customers won in {cohort} who bought in month {age}",
    "Q": "Customers won in {cohort} who bought in quarter {age}",
    "Y": "Customers won in {cohort} who bought in year {age}",
}


def show_buyers(lab: CohortLab, text: str, start: dt.date, bought: tuple[dt.date, dt.date]) -> None:
    """Those won in the cohort that begins on `start` who bought between two days."""
    won = (start, asked.last_day(start, lab.period))
    show_ids(lab, text, figures(asked.buyers, population=lab.population, first=won, bought=bought))
