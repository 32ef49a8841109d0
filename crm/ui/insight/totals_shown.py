"""What a Pareto/NBD says of yearly totals: against the counts, between two dates, year by year, and in money."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from crm.analytics.clv.aggregated import fit_pareto_nbd_from_histograms
from crm.analytics.clv.fitters import ParetoNBDFitter
from crm.analytics.clv.newcomer import (
    NewcomerValue,
    histogram_fit,
    misplaced,
    newcomer_value,
    orders_by_period,
    window_distribution,
)
from crm.charts import aggregated as charts
from crm.customers.filters import CustomerFilter
from crm.insight.counts import Cells, Counts
from crm.insight.queries import Population, left_out
from crm.insight.queries.totals import customers_of_class
from crm.staff.sign_in import Board
from crm.ui.desk import figures, load
from crm.ui.insight.about import about, titled
from crm.ui.insight.clv_words import SIGNS, diagnosis
from crm.ui.insight.cohort_controls import newly
from crm.ui.insight.selected import selected
from crm.ui.show import show
from crm.ui.table import table
from crm.words import label, say
from crm.words.formats import money, number, percent

EXAMPLE = Counts(
    ("1", "2", "3", "4", "5"),
    ("0", "1", "2", "3", "4", "5", "6", "7+"),
    (
        (4410, 2080, 1170, 740, 500, 350, 250, 500),
        (5890, 1600, 890, 560, 350, 240, 160, 310),
        (6720, 1290, 720, 440, 280, 190, 130, 230),
        (7250, 1090, 600, 360, 230, 160, 110, 200),
        (7640, 930, 510, 310, 200, 140, 90, 180),
    ),
)
"""Made up: of 10,000 customers, how many ordered 0, 1, 2, ... times again in each of the five years after their first order."""


@dataclass(frozen=True)
class Own:
    """Our own orders, as they were taken: while the cells are the same, a bar leads to its customers."""

    board: Board
    population: Population
    as_of: dt.date
    months: int
    cells: Cells


@dataclass(frozen=True)
class Lab:
    counts: Counts
    months: int
    or_more: bool
    model: ParetoNBDFitter
    own: Own | None

    @property
    def edges(self) -> tuple[float, ...]:
        return edges_of(len(self.counts.rows), self.months)

    @property
    def customers(self) -> int:
        return max(sum(row) for row in self.filled)

    @property
    def filled(self) -> list[list[int]]:
        return [[count or 0 for count in row] for row in self.counts.cells]

    def names(self, periods: int) -> list[str]:
        """Year 1, Year 2, ...; as the person named them where the table has names."""
        own = self.counts.rows
        said = [
            own[at] if at < len(own) and not own[at].isdecimal() else period_name(at + 1, self.months) for at in range(periods)
        ]
        return said if len(set(said)) == periods else [period_name(at + 1, self.months) for at in range(periods)]

    def told(self, rows: pd.DataFrame) -> dict[str, Any]:
        """What every panel says, and the rows of the chart as a file."""
        made_up = self.counts.cells == EXAMPLE.cells
        scope = self.own.board.name if self.own else say("Made-up example") if made_up else say("Figures entered here")
        day, named = self.own.as_of if self.own else None, rows.rename(columns=NAMED)
        missing = load(left_out, population=self.own.population) if self.own else None
        panel = {"scope": scope, "as_of": day, "n": self.customers, "left_out": missing}
        return panel | {"rows": lambda _: named, "columns": list(named.columns)}


NAMED = {"x": "repeat_orders", "n": "repeat_orders"}
"""What the formulas call x or n, as a heading."""


def edges_of(periods: int, months: int) -> tuple[float, ...]:
    return tuple(period * months / 12 for period in range(periods + 1))


def period_name(place: int, months: int) -> str:
    names = {12: "Year {n}", 6: "Half-year {n}", 3: "Quarter {n}", 1: "Month {n}"}
    return say(names[months], n=place)


@lru_cache(maxsize=64)
def fitted(cells: Cells, months: int, or_more: bool) -> ParetoNBDFitter:
    """In years."""
    counts = [[count or 0 for count in row] for row in cells]
    return fit_pareto_nbd_from_histograms(counts, edges_of(len(cells), months), last_or_more=or_more)


def _fit(lab: Lab, _: Any) -> None:
    found = histogram_fit(lab.model, lab.filled, lab.edges, last_or_more=lab.or_more)
    names = lab.names(len(lab.counts.rows))
    shown = found.assign(period=[names[at] for at in found["period"]])
    wrong = misplaced(found)
    sign = (
        titled("The model fits: it puts {share} of the customers into another class", "totals.fit", share=percent(wrong))
        if wrong < 0.05
        else titled(
            "The model does not fit well: {share} of the customers are in another class", "totals.fit", share=percent(wrong)
        )
    )
    with sign:
        about(
            "totals.fit",
            definition=say(
                "Customers by number of repeat orders in each period since their first one: what was counted (bars) and what a "
                "Pareto/NBD expects (marks). The share says how many would have to change their class for both to be the same."
            ),
            formula=r"E_{kx} = N_k \cdot P(X(t_{k-1}, t_k) = x)",
            **lab.told(shown),
        )
    clicked = show(charts.class_fit(shown, lab.or_more), key=f"totals.fit.{lab.months}")
    if lab.own and clicked and newly("totals.fit", tuple(clicked[0])):
        st.session_state["totals.class"] = (lab.own, names.index(clicked[0][0]), int(clicked[0][1]))
    rows = shown.rename(columns=NAMED).assign(id=range(len(shown)), difference=shown["actual"] - shown["expected"]).round(1)
    columns = ["period", "repeat_orders", "actual", "expected", "difference"]
    table(rows, key="totals.fit.table", columns=columns, opens=False, height=260)
    _customers_of(lab)


def _customers_of(lab: Lab) -> None:
    """Those behind a bar, where the figures are ours."""
    own, period, x = st.session_state.get("totals.class") or (None, 0, 0)
    if lab.own is None or own != lab.own or x >= len(lab.counts.columns):
        return
    most = len(lab.counts.columns) - 1
    asked = {"as_of": lab.own.as_of, "months": lab.months, "period": period, "x": x, "most": most}
    ids = figures(customers_of_class, population=lab.own.population, **asked)
    where = {"period": lab.names(period + 1)[period], "x": lab.counts.columns[x]}
    st.markdown("**" + say("{period}: customers with {x} repeat orders", **where) + "**")
    selected(
        CustomerFilter(ids=ids or (0,)), key="totals.customers", made_from=say("Totals: {period}, {x} repeat orders", **where)
    )


def _window(lab: Lab, asked: tuple[float, float]) -> None:
    t, tau = asked
    found = window_distribution(lab.model, t, tau, max(len(lab.counts.columns) - 1, 5))
    none, gone = found["probability"].iloc[0], found["dead_before"].iloc[0]
    span = {"start": number(t), "end": number(t + tau)}
    sign = titled(
        "Between year {start} and year {end}, {share} of new customers order again; {gone} have left before",
        "totals.window", share=percent(1 - none), gone=percent(gone), **span,
    )  # fmt: skip
    with sign:
        about(
            "totals.window",
            definition=say(
                "The chance that a new customer orders exactly x times again between two moments after his first order, in its "
                "three parts: gone before the first moment (then x = 0), there until the second, or gone in between."
            ),
            formula=(
                r"P(X(t,t{+}\tau){=}x) = \delta_{x=0}\left[1-\left(\tfrac{\beta}{\beta+t}\right)^{s}\right]"
                r" + P_{\mathrm{NBD}}(x;\tau)\left(\tfrac{\beta}{\beta+t+\tau}\right)^{s}"
                r" + \int_0^{\tau}\! P_{\mathrm{NBD}}(x;y)\,\tfrac{s}{\beta}\left(\tfrac{\beta}{\beta+t+y}\right)^{s+1}\!dy"
            ),
            **lab.told(found),
        )
    show(charts.window_parts(found), key="totals.window")
    parts = {"dead_before": "left_before", "alive_throughout": "there_throughout", "dies_inside": "left_inside"}
    names = [*parts.values(), "probability"]
    rows = found.rename(columns=parts | NAMED).assign(id=found.index)
    rows[names] *= 100
    table(rows, key="totals.window.table", columns=["repeat_orders", *names], opens=False)


def _orders(lab: Lab, ahead: float) -> None:
    found = orders_by_period(lab.model, lab.filled, lab.edges, int(ahead))
    shown = found.assign(period=lab.names(len(found)))
    sign = titled(
        "A new customer orders {first} times again in the first period, {last} in {name}; {total} in all",
        "totals.orders",
        first=number(found["expected"].iloc[0], 2),
        last=number(found["expected"].iloc[-1], 2),
        name=str(shown["period"].iloc[-1]),
        total=number(found["expected"].sum(), 2),
    )
    with sign:
        about(
            "totals.orders",
            definition=say(
                "Repeat orders per customer of the cohort, those who have left counted as none: bars as counted, dots as the "
                "model expects, with the 80 % interval of its parameters. A last column of so many or more makes "
                "the bars too short."
            ),
            formula=r"E[X(t)] = \frac{r\,\beta}{\alpha\,(s-1)}\left[1-\left(\frac{\beta}{\beta+t}\right)^{s-1}\right]",
            **lab.told(shown),
        )
    show(charts.orders_ahead(shown), key="totals.orders")
    if lab.or_more:
        most = len(lab.counts.columns) - 1
        st.caption(say("The bars count the last column as exactly {most:order|orders}: they are too short.", most=most))
    rows = shown.assign(id=range(len(shown)), **{name: shown[name].round(3) for name in ("actual", "expected", "lower", "upper")})
    table(rows, key="totals.orders.table", columns=["period", "actual", "expected", "lower", "upper"], opens=False)


def _value(lab: Lab, asked: dict[str, float]) -> None:
    found = newcomer_value(lab.model, **asked)
    steps = _steps(found, np.isinf(asked["horizon"]))
    currency = lab.own.board.currency if lab.own else None
    said = {"value": _money(found.value, currency), "low": _money(found.lower, currency), "high": _money(found.upper, currency)}
    sign = (
        titled("A new customer is worth {value} (80 %: {low} to {high})", "totals.value", **said)
        if np.isinf(asked["horizon"])
        else titled(
            "A new customer is worth {value} in {years:year|years} (80 %: {low} to {high})",
            "totals.value", years=int(asked["horizon"]), **said,
        )
    )  # fmt: skip
    with sign:
        about(
            "totals.value",
            definition=say(
                "What a customer brings from his first order on, after cost and in today's money. The steps: the first order; "
                "what would follow if nobody ever left; what is missing because customers leave, and because later money "
                "counts less."
            ),
            formula=(
                r"\mathrm{CLV} = g\,m\left(1 + \int_0^{H} \tfrac{r}{\alpha}"
                r"\left(\tfrac{\beta}{\beta+t}\right)^{s} e^{-\delta t}\,dt\right)"
            ),
            **lab.told(steps),
        )
    show(charts.value_steps(steps), key="totals.value")
    factors = {
        "margin_per_order": found.first_order,
        "orders_per_active_year": found.orders_per_active_year,
        "active_years": found.active_years,
        "discounting": found.discounting,
    }
    st.caption(say("Why: value = margin per order × (1 + orders per active year × active years × discounting)"))
    rows = pd.DataFrame({"id": range(4), "factor": [label(name) for name in factors], "size": np.round([*factors.values()], 3)})
    table(rows, key="totals.value.table", columns=["factor", "size"], opens=False)


def _steps(found: NewcomerValue, endless: bool) -> pd.DataFrame:
    steps = [("first_order", found.first_order, "adds"), ("orders_if_all_stayed", found.if_all_stayed, "adds")]
    steps += [("lost_by_leaving", found.left_later, "takes")]
    steps += [] if endless else [("lost_by_discount", found.discounted, "takes")]
    return pd.DataFrame([*steps, ("value", found.value, "result")], columns=["step", "amount", "kind"])


def _money(value: float, currency: str | None) -> str:
    return money(value, currency) if currency else number(value, 2)


def parameters(lab: Lab) -> None:
    model = lab.model
    bounds = model.confidence_intervals_.to_numpy()
    rows = pd.DataFrame({"id": range(4), "parameter": [SIGNS.get(name, name) for name in model.names]})
    rows = rows.assign(estimate=model.params_.to_numpy(), lower_95=bounds[:, 0], upper_95=bounds[:, 1])
    with st.expander(say("Parameters (per year)"), icon=":material/tune:"):
        fit = {"value": number(model.log_likelihood_, 1), "periods": len(lab.counts.rows), "n": number(lab.customers, 0)}
        st.caption(diagnosis(model.diagnosis_))
        table(rows, key="totals.parameters", columns=["parameter", "estimate", "lower_95", "upper_95"], opens=False)
        st.caption(say("Pareto/NBD, 95 % intervals · log-likelihood {value} · {periods:period|periods}, {n} customers", **fit))


VIEWS: dict[str, Callable[[Lab, Any], None]] = {"fit": _fit, "window": _window, "orders": _orders, "value": _value}
