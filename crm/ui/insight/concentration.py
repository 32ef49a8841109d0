"""Concentration: how much comes from how few, and the warning that belongs to it: the few of today are not those of tomorrow."""

from __future__ import annotations

import datetime as dt
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st
from dateutil.relativedelta import relativedelta

from crm.charts import concentration as charts
from crm.insight.queries import Population
from crm.insight.queries import concentration as asked
from crm.insight.queries.cohorts import SILENCE, first_purchase_day
from crm.staff.sign_in import Board, SignedIn
from crm.ui.address import choice
from crm.ui.desk import figures, load
from crm.ui.insight.about import about, titled
from crm.ui.insight.cohort_controls import newly, one, option, pick, population_and_day, put
from crm.ui.insight.lab import show_ids, told
from crm.ui.insight.two_periods import TopLab, revenue_change, stability
from crm.ui.show import empty, show
from crm.ui.table import table
from crm.words import label, say
from crm.words.formats import number, percent, short_money

TOPS = ("0.05", "0.1", "0.2", "0.3")
MEASURES = ("revenue", "spend_per_customer", "orders_per_customer", "average_order_value")


def concentration(person: SignedIn) -> None:
    left, right = st.columns([1, 3], gap="large")
    with left:
        chosen = population_and_day(person, "concentration")
        view, lab = _controls(*chosen) if chosen else ("", None)
    with right:
        if lab is None:
            empty("No purchases yet. Import orders under Import and export, and you see here what comes from how few.")
            return
        VIEWS[view](lab)


def _controls(population: Population, board: Board, day: dt.date) -> tuple[str, TopLab]:
    views = {
        "lorenz": say("Concentration"),
        "deciles": say("Deciles"),
        "stability": say("Stability of the top"),
        "change": say("Change in revenue"),
    }
    view = option("view", views, "lorenz", title=say("View"), key="concentration", draw=st.radio)
    spans = {"12": say("12 months"), "6": say("6 months"), "3": say("3 months"), "all": say("All, in halves")}
    if view in ("lorenz", "deciles"):
        spans["all"] = say("All purchases")
    span = option("span", spans, _usual_span(population, day), title=say("Period"), key="concentration")
    shares = {one: percent(float(one), 0) for one in TOPS}
    top = option("top", shares, "0.2", title=say("Top group"), key="concentration") if view != "change" else "0.2"
    if view == "deciles":
        option("measure", {name: label(name) for name in MEASURES}, "revenue", title=say("Measure"), key="concentration")
    months = None if span == "all" else int(span)
    since = day + dt.timedelta(1) - relativedelta(months=months) if months else None
    return view, TopLab(population.model_copy(update={"since": since}), board, day, float(top), months)


def _usual_span(population: Population, day: dt.date) -> str:
    """A year against the year before, where two are known; else everything."""
    first = figures(first_purchase_day, population=population)
    return "12" if first and first <= day - relativedelta(years=2) + dt.timedelta(SILENCE) else "all"


# ------------------------------------------------------------------------------------------------ Lorenz curve


def lorenz(lab: TopLab) -> None:
    found = figures(asked.concentrated, population=lab.population, top=lab.top)
    if found is None:
        empty("Nobody bought in this period. Choose a longer one, or another list of customers.")
        return
    facts = found.figures
    sign = titled(
        "The top {top} of {count:customer|customers} bring {share} of the revenue",
        "concentration.lorenz",
        top=percent(lab.top, 0),
        count=facts.customers,
        share=percent(facts.top_share_revenue),
    )
    with sign:
        about(
            "concentration.lorenz",
            definition=say(
                "Lorenz curve: the customers from the smallest to the biggest, and the share of the revenue that they bring "
                "together. On the dotted line all would bring the same. Gini: 0 all are equal, 1 one customer brings "
                "everything. Short periods and one-time buyers make any base look concentrated."
            ),
            formula=r"G = 1 - 2 \int_0^1 L(p)\,dp, \qquad T(q) = 1 - L(1 - q)",
            rows=partial(asked.total_rows, population=lab.population),
            columns=("code", "customer", "orders", "revenue", "share_revenue", "decile"),
            **told(lab, facts.customers),
        )
    _warning(lab)
    clicked = show(charts.lorenz(found.curve, lab.top, facts.top_share_revenue), key=f"concentration.lorenz.{lab.top}")
    if clicked and newly("concentration.lorenz", float(one(clicked[0]))) and 0 < float(one(clicked[0])) < 1:
        pick(best=f"{1 - float(one(clicked[0])):.2f}")
    st.caption(
        say(
            "Gini {gini} · {share} of the customers bring 80 % of {revenue}",
            gini=number(facts.gini, 2),
            share=percent(facts.customers_for_80),
            revenue=short_money(facts.revenue, lab.board.currency),
        )
    )
    top = _picked_top() or lab.top
    ids = found.best if top == lab.top else figures(asked.top_customers, population=lab.population, top=top)
    show_ids(lab, say("The top {share} by revenue", share=percent(top, 0)), ids)


def _picked_top() -> float | None:
    try:
        share = float(st.query_params.get("best", ""))
    except ValueError:
        return None
    return share if 0 < share < 1 else None


def _warning(lab: TopLab) -> None:
    """80/20 is not the only truth: beside the share stands how long the top stays the top."""
    spans = figures(asked.spans_of, population=lab.whole, as_of=lab.day, months=lab.months)
    found = figures(asked.stability, population=lab.whole, spans=spans, top=lab.top) if spans else None
    if found is None:
        st.caption(
            say(
                ":material/info: The 80/20 rule is not the only truth: how stable the top is shows when a second period is known."
            )
        )
        return
    facts = found.figures
    with st.container(horizontal=True, vertical_alignment="center", key="concentration.warning"):
        st.markdown(
            say(
                ":material/warning: The 80/20 rule is not the only truth: of the top {top} a period ago {still} are still in it, "
                "and {below} of the revenue since came from customers who were not.",
                top=facts.top_customers,
                still=facts.still_top,
                below=percent(1 - facts.share_revenue_after),
            ),
            width="stretch",
        )
        st.button(
            say("How stable is the top?"),
            key="concentration.to_stability",
            type="tertiary",
            icon=":material/arrow_forward:",
            on_click=put,
            args=("view", "stability"),
        )


# ------------------------------------------------------------------------------------------------ deciles


def deciles(lab: TopLab) -> None:
    found = load(asked.decile_table, population=lab.population)
    if found.empty:
        empty("Nobody bought in this period. Choose a longer one, or another list of customers.")
        return
    measure = choice("measure", MEASURES, "revenue")
    with _decile_title(found):
        about(
            "concentration.deciles",
            definition=say(
                "Customers in ten groups of equal size by what they spent, the biggest spenders in decile 1. Spend per "
                "customer is orders per customer times value per order: it shows whether the best buy more often or bigger."
            ),
            rows=partial(asked.total_rows, population=lab.population),
            columns=("code", "customer", "orders", "revenue", "share_revenue", "decile"),
            **told(lab, int(found["customers"].sum())),
        )
    strong = max(1, round(lab.top * 10))
    clicked = show(charts.decile_columns(found, measure, strong), key=f"concentration.deciles.{measure}")
    if clicked and newly("concentration.deciles", int(one(clicked[0]))):
        pick(decile=int(one(clicked[0])))
    decile = st.query_params.get("decile", "")
    if decile.isdecimal() and len(decile) <= 2 and 1 <= int(decile) <= 10:
        ids = figures(asked.decile_customers, population=lab.population, decile=int(decile))
        show_ids(lab, say("Decile {decile} by revenue", decile=int(decile)), ids)
    _decile_rows(found, lab)


def _decile_title(found: pd.DataFrame) -> Any:
    first, last = found.iloc[0], found.iloc[-1]
    often = first["orders_per_customer"] / last["orders_per_customer"]
    bigger = first["average_order_value"] / last["average_order_value"]
    values = {"share": percent(first["share_revenue"]), "often": number(often, 1), "bigger": number(bigger, 1)}
    return titled(
        "The best tenth bring {share}: they buy {often} times as often as the last tenth, and {bigger} times as much each time",
        "concentration.deciles",
        **values,
    )


def _decile_rows(found: pd.DataFrame, lab: TopLab) -> None:
    """One row a decile, and their sum; a row leads to its customers."""
    sums = found[["customers", "orders", "revenue"]].sum()
    whole = {"spend_per_customer": sums["revenue"] / sums["customers"], "orders_per_customer": sums["orders"] / sums["customers"]}
    whole |= {"average_order_value": sums["revenue"] / sums["orders"], "share_revenue": 1.0, "cumulative_share_revenue": 1.0}
    rows = pd.concat([found, pd.DataFrame([dict(sums) | whole])], ignore_index=True)
    rows = rows.assign(id=range(1, len(rows) + 1), decile_name=[*(str(one) for one in found["decile"]), say("All")])
    rows = rows.astype({"customers": "int64", "orders": "int64"})
    rows["share_revenue"], rows["share"] = rows["share_revenue"] * 100, rows["cumulative_share_revenue"] * 100
    chosen = table(
        rows.round({"orders_per_customer": 2}),
        key="concentration.decile_table",
        columns=["decile_name", "customers", "revenue", "share_revenue", "share", "orders", *MEASURES[1:]],
        labels={"decile_name": label("decile"), "share_revenue": label("share_of_revenue"), "share": label("cumulative_share")},
        currency=lab.board.currency,
    )
    if chosen.opened is not None and chosen.opened <= 10 and newly("concentration.decile_table", chosen.opened):
        pick(decile=chosen.opened)


VIEWS = {"lorenz": lorenz, "deciles": deciles, "stability": stability, "change": revenue_change}
