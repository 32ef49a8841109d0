"""Cohorts and retention: four views of customers by the period of their first purchase, and the customers behind each."""

from __future__ import annotations

import datetime as dt
from typing import Any, cast

import pandas as pd
import streamlit as st

from crm.charts import cohorts as charts
from crm.customers.filters import CustomerFilter
from crm.insight.queries import Population
from crm.insight.queries import cohorts as asked
from crm.insight.queries.cohorts import Period
from crm.staff.sign_in import Board, SignedIn
from crm.ui.desk import figures, load
from crm.ui.insight.about import about, titled
from crm.ui.insight.cohort_controls import day_in_address, newly, option, pick, population_and_day, since_day
from crm.ui.insight.cohort_lab import CohortLab, age_in_address, panel, picked_cell, show_buyers
from crm.ui.insight.second_order import BANDS, repeat_rate, second_order
from crm.ui.show import empty, show
from crm.ui.table import table
from crm.words import label, say
from crm.words.formats import date_short, percent, short_money

MANY_MONTHS = 24


def cohorts(person: SignedIn) -> None:
    left, right = st.columns([1, 3], gap="large")
    with left:
        chosen = population_and_day(person, "cohorts")
        view, lab = _controls(*chosen) if chosen else ("", None)
    with right:
        if lab is None:
            empty("No purchases yet. Import orders under Import and export, and the cohorts stand here.")
            return
        VIEWS[view](lab)


def _controls(population: Population, board: Board, day: dt.date) -> tuple[str, CohortLab]:
    views = {
        "heat": say("Retention table"),
        "c3": say("Revenue by cohort (C3)"),
        "second": say("Time to the second order"),
        "repeat": say("Repeat rate"),
    }
    view = option("view", views, "heat", title=say("View"), key="cohorts", draw=st.radio)
    lab = CohortLab(population, board, day, "M")
    if view != "second":
        periods = {"M": label("month"), "Q": label("quarter"), "Y": label("year")}
        title = say("Cohorts by")
        period = cast(Period, option("by", periods, _usual_period(lab), title=title, key="cohorts", draw=st.segmented_control))
        lab = CohortLab(population, board, day, period)
    if view in MEASURES:
        measures = {name: label(name) for name in MEASURES[view]}
        measure = option("measure", measures, next(iter(measures)), title=say("Measure"), key="cohorts")
        lab = CohortLab(population, board, day, lab.period, measure)
    if view == "repeat":
        days = {str(one): say("{count:day|days}", count=one) for one in BANDS[1:-1]}
        within = option("within", days, "90", title=say("Second order within"), key="cohorts")
        lab = CohortLab(population, board, day, lab.period, within=int(within))
    since = since_day("cohorts", say("First purchase since"), day)
    if since is None:
        return view, lab
    start = pd.Period(since, freq=lab.period).start_time.date() if view != "second" else since
    where = CustomerFilter(first_order_from=start)
    return view, CohortLab(
        population.model_copy(update={"where": where}), board, day, lab.period, measure=lab.measure, within=lab.within
    )


MEASURES = {
    "heat": ("retention", "buyers", "orders", "revenue", "cumulative_revenue_per_customer"),
    "c3": ("revenue", "orders", "buyers"),
}


def _usual_period(lab: CohortLab) -> str:
    """Months, or quarters where the base is older than two years."""
    starts = figures(asked.first_purchase_day, population=lab.population)
    months = (lab.day.year - starts.year) * 12 + lab.day.month - starts.month if starts else 0
    return "M" if months <= MANY_MONTHS else "Q"


# ------------------------------------------------------------------------------------------------ retention table


def heat(lab: CohortLab) -> None:
    cells = load(asked.cohort_cells, **lab.asked, period=lab.period).rename(columns={"active": "buyers"})
    if cells.empty:
        empty("Nobody bought for the first time in this selection. Take the day further back, or choose another list.")
        return
    sign = _heat_title(cells, lab)
    with sign:
        about(
            "cohorts.heat",
            definition=say(
                "Customers by the period of their first purchase, followed from there. Retention: the share of a cohort that "
                "bought in that later period. A customer who skips a month is not lost. The oldest cohort may hold everybody "
                "who bought before the data begin: it looks better than it is. N(c, a): buyers of cohort c at age a."
            ),
            formula=r"R(c, a) = \frac{N(c, a)}{N(c, 0)}",
            **panel(lab, int(cells.loc[cells["age"] == 0, "customers"].sum())),
        )
    cohort, age = day_in_address("cohort"), age_in_address()
    figure = charts.cohort_grid(
        cells, lab.measure, lab.period, as_share=lab.measure == "retention", chosen=(cohort, age) if cohort else None
    )
    clicked = show(figure, key=f"cohorts.heat.{lab.period}.{lab.measure}")
    _unfinished(cells, lab)
    if clicked and newly("cohorts.heat", tuple(clicked[0])):
        pick(cohort=clicked[0][0], age=int(clicked[0][1]))
    if cohort:
        picked_cell(lab, cohort, age)
    _cohort_table(cells, lab)


def _heat_title(cells: pd.DataFrame, lab: CohortLab) -> Any:
    later = cells[cells["complete"] & (cells["age"] > 0)]
    if lab.measure == "retention" and len(later):
        ages = later.groupby("age")[["buyers", "customers"]].sum()
        shares = ages["buyers"] / ages["customers"]
        far = _far_age(later)
        values = {"next": percent(shares.loc[1]), "later": percent(shares.loc[far]), "age": far}
        if far == 1:
            return titled(SOON[lab.period], "cohorts.heat", **values)
        return titled(LATER[lab.period], "cohorts.heat", **values)
    if lab.measure == "cumulative_revenue_per_customer" and len(later):
        far = _far_age(later)
        same = later[later["age"] == far]
        best = same.iloc[int(same[lab.measure].argmax())]
        return titled(
            "{cohort}: {amount} a customer by age {age}, the most of {count:cohort|cohorts}",
            "cohorts.heat",
            cohort=charts.period_name(best["cohort"], lab.period),
            amount=short_money(best[lab.measure], lab.board.currency),
            age=far,
            count=len(same),
        )
    if lab.measure in ("orders", "revenue", "buyers"):
        return _largest_cohort(cells, lab)
    count = int(cells.loc[cells["age"] == 0, "customers"].sum())
    return titled(
        "{count:customer is|customers are} new; nobody has had a whole period to come again", "cohorts.heat", count=count
    )


SOON = {
    "M": "{next} buy again in the month after their first purchase",
    "Q": "{next} buy again in the quarter after their first purchase",
    "Y": "{next} buy again in the year after their first purchase",
}
LATER = {
    "M": "{next} buy again in the month after their first purchase, {later} in month {age}",
    "Q": "{next} buy again in the quarter after their first purchase, {later} in quarter {age}",
    "Y": "{next} buy again in the year after their first purchase, {later} in year {age}",
}


def _largest_cohort(cells: pd.DataFrame, lab: CohortLab) -> Any:
    sums = cells.groupby("cohort").agg(orders=("orders", "sum"), revenue=("revenue", "sum"), buyers=("customers", "first"))
    amounts = sums[lab.measure]
    best: Any = amounts.index[int(amounts.argmax())]
    values = {
        "cohort": charts.period_name(best, lab.period),
        "share": percent(float(amounts.max() / amounts.sum())),
    }
    texts = {
        "orders": "The customers won in {cohort} placed {share} of all orders",
        "revenue": "The customers won in {cohort} brought {share} of all revenue",
        "buyers": "{share} of the customers were won in {cohort}, the largest cohort",
    }
    return titled(texts[lab.measure], "cohorts.heat", **values)


def _far_age(later: pd.DataFrame) -> int:
    """The greatest age up to a year that half of the cohorts have completed."""
    known = later.groupby("age")["cohort"].nunique()
    enough = known[known * 2 >= known.iloc[0]]
    return int(min(enough.index.max(), 12))


def _cohort_table(cells: pd.DataFrame, lab: CohortLab) -> None:
    """One row a cohort, the newest first; a row leads to its customers."""
    rows = cells.groupby("cohort").agg(
        customers=("customers", "first"),
        orders=("orders", "sum"),
        revenue=("revenue", "sum"),
        revenue_per_customer=("cumulative_revenue_per_customer", "last"),
    )
    one = cells[(cells["age"] == 1) & cells["complete"]].set_index("cohort")["retention"] * 100
    _cohort_rows(rows.assign(share=one), say("Back at age 1"), lab)


def _cohort_rows(rows: pd.DataFrame, share: str, lab: CohortLab) -> None:
    """`rows` by cohort; `share` is the heading of that column."""
    rows = rows.sort_index(ascending=False).reset_index()
    rows = rows.assign(id=range(len(rows)), cohort_name=[charts.period_name(day, lab.period) for day in rows["cohort"]])
    chosen = table(
        rows,
        key=f"cohorts.table.{lab.period}",
        columns=["cohort_name", "customers", "share", "orders", "revenue", "revenue_per_customer"],
        labels={"cohort_name": label("cohort"), "share": share},
        currency=lab.board.currency,
        height=320 if len(rows) > 8 else "content",
    )
    if chosen.opened is not None and newly("cohorts.table", (chosen.opened, lab.period)):
        pick(cohort=rows["cohort"].dt.date.iloc[chosen.opened])


def _unfinished(cells: pd.DataFrame, lab: CohortLab) -> None:
    if not cells["complete"].all():
        st.caption(say("… and grey: the period was not over on {day}. What is missing is no fall.", day=date_short(lab.day)))


# ------------------------------------------------------------------------------------------------ C3


def c3(lab: CohortLab) -> None:
    parts = load(asked.by_calendar_month, **lab.asked, period=lab.period).rename(columns={"active": "buyers"})
    if parts.empty:
        empty("Nobody bought for the first time in this selection. Take the day further back, or choose another list.")
        return
    with _c3_title(parts, lab):
        about(
            "cohorts.c3",
            definition=say(
                "The customer cohort chart (C3): each month's figure, stacked by when its customers bought first. It shows how "
                "much of today's business is owed to which intake. The paler last month was not over. (Fader, Hardie, Ross: "
                "The Customer-Base Audit, lens 5.)"
            ),
            **panel(lab, int(parts["orders"].sum())),
        )
    clicked = show(charts.c3(parts, lab.measure, lab.period), key=f"cohorts.c3.{lab.period}.{lab.measure}")
    if not parts["complete"].all():
        st.caption(say("The paler month was not over on {day}. What is missing is no fall.", day=date_short(lab.day)))
    if clicked and newly("cohorts.c3", tuple(clicked[0])):
        pick(cohort=clicked[0][0], month=clicked[0][1])
    cohort, month = day_in_address("cohort"), day_in_address("month")
    if cohort and month:
        start = lab.start(cohort)
        names = {"cohort": charts.period_name(start, lab.period), "month": f"{month:%Y-%m}"}
        bought = asked.span_of_age(month, 0, "M")
        show_buyers(lab, say("Customers won in {cohort} who bought in {month}", **names), start, bought)
    elif cohort:
        picked_cell(lab, cohort, None)
    sums = parts.groupby("cohort")[["orders", "revenue"]].sum()
    _cohort_rows(sums.assign(share=sums["revenue"] / sums["revenue"].sum() * 100), label("share_of_revenue"), lab)


def _c3_title(parts: pd.DataFrame, lab: CohortLab) -> Any:
    over = parts[parts["complete"]]
    months = sorted(over["month"].unique())[-12:]
    if not months:
        return titled("The first month is not over yet", "cohorts.c3")
    sums = over[over["month"].isin(months)].groupby("cohort")[lab.measure].sum()
    best: Any = sums.index[int(sums.argmax())]
    values = {
        "cohort": charts.period_name(best, lab.period),
        "share": percent(float(sums.max() / sums.sum())),
        "count": len(months),
    }
    texts = {
        "revenue": "{share} of the revenue of the last {count:month|months} came from the customers won in {cohort}",
        "orders": "{share} of the orders of the last {count:month|months} came from the customers won in {cohort}",
        "buyers": "{share} of the monthly buyers of the last {count:month|months} were won in {cohort}",
    }
    return titled(texts[lab.measure], "cohorts.c3", **values)


VIEWS = {"heat": heat, "c3": c3, "second": second_order, "repeat": repeat_rate}
