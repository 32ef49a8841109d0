"""From totals alone: yearly counts of customers by number of orders are enough for a Pareto/NBD and the value of a newcomer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from crm.insight.counts import Counts, histogram_mistakes
from crm.insight.queries import Population
from crm.insight.queries.cohorts import known_until
from crm.insight.queries.totals import order_histogram
from crm.staff.sign_in import SignedIn
from crm.ui.desk import figures, load
from crm.ui.insight.cohort_controls import option
from crm.ui.insight.entering import Table, enter, grid, put, standing
from crm.ui.insight.kept import kept_number, kept_tick
from crm.ui.insight.population import chosen_population
from crm.ui.insight.totals_shown import EXAMPLE, VIEWS, Lab, Own, fitted, parameters
from crm.ui.show import empty
from crm.words import say

TOTALS = Table(
    "totals",
    "counts",
    EXAMPLE,
    histogram_mistakes,
    lambda: say("a year since the first order"),
    lambda: say("a number of repeat orders"),
)
MONTHS = {"12": 12, "6": 6, "3": 3, "1": 1}
ENDS = {"3": 3.0, "5": 5.0, "10": 10.0, "20": 20.0, "endless": np.inf}


def totals_lab(person: SignedIn) -> None:
    standing(TOTALS)
    left, right = st.columns([1, 3], gap="large")
    with left:
        part = option("part", _parts(), "fit", title=say("View"), key="totals", draw=st.radio)
        months = MONTHS[option("months", _periods(), "12", title=say("Period"), key="totals")]
        _sources(person, months)
        controls = st.container()
    with right:
        chart = st.container()
        counts = grid(TOTALS)
    with controls:
        or_more = kept_tick("more", say("The last column means so many or more"), default=counts.last_or_more)
        asked = CONTROLS[part]()
    with chart:
        _made_up(counts)
        if len(counts.columns) < 2 or not any(sum(count or 0 for count in row) for row in counts.cells):
            empty("Paste customers by number of orders for each year: columns 0, 1, 2, ... and a row a year. Nothing is saved.")
            return
        lab = Lab(counts, months, or_more, fitted(counts.cells, months, or_more), _own(counts, months))
        if lab.model.refusal_ is not None and lab.model.params_.isna().any():
            empty("Nobody ordered again in these figures: there is nothing to learn from. Add years, or check the columns.")
            return
        if lab.model.refusal_ is not None:
            st.warning(say(lab.model.refusal_.template, **lab.model.refusal_.values), icon=":material/warning:")
        VIEWS[part](lab, asked)
        parameters(lab)


def _parts() -> dict[str, str]:
    return {
        "fit": say("Actual and expected"),
        "window": say("Orders between two dates"),
        "orders": say("Orders per year"),
        "value": say("Value of a new customer"),
    }


def _periods() -> dict[str, str]:
    return {"12": say("Year"), "6": say("Half-year"), "3": say("Quarter"), "1": say("Month")}


# ------------------------------------------------------------------------------------------------------- sources


def _sources(person: SignedIn, months: int) -> None:
    with st.container(horizontal=True):
        if st.button(say("Example"), icon=":material/school:", key="totals.example"):
            put(TOTALS, EXAMPLE)
            st.rerun()
        take = st.button(say("Our own orders"), icon=":material/receipt_long:", key="totals.own")
    population = chosen_population(person, "totals", days=False)
    own: Own | None = st.session_state.get("totals.taken")
    ours = own is not None and own.cells == standing(TOTALS).cells
    if population and (take or (ours and own and (own.months, own.population) != (months, population))):
        _take(person, population, months)
    enter(TOTALS, say("Customers by number of repeat orders: columns 0, 1, 2, ..., a row a year; or the other way round."))


def _take(person: SignedIn, population: Population, months: int) -> None:
    as_of = figures(known_until, board_id=population.board_id)
    found = load(order_histogram, population=population, as_of=as_of, months=months) if as_of else pd.DataFrame()
    if as_of is None or found.empty:
        st.warning(
            say("None of our customers has been known for one whole period yet: choose a shorter one, or paste figures."),
            icon=":material/hourglass_empty:",
        )
        return
    cells = tuple(tuple(int(count) for count in row) for row in found.to_numpy())
    rows, most = tuple(str(place + 1) for place in range(len(cells))), len(cells[0]) - 1
    board = next(board for board in person.boards if board.id == population.board_id)
    st.session_state["totals.taken"] = Own(board, population, as_of, months, cells)
    put(TOTALS, Counts(rows, (*map(str, range(most)), f"{most}+"), cells))
    st.rerun()


def _own(counts: Counts, months: int) -> Own | None:
    own: Own | None = st.session_state.get("totals.taken")
    return own if own and own.cells == counts.cells and own.months == months else None


def _made_up(counts: Counts) -> None:
    if counts.cells == EXAMPLE.cells:
        st.caption(
            ":orange-badge["
            + say("Made-up figures")
            + "] "
            + say("An example to see the format: paste your own, or take our orders.")
        )


# ------------------------------------------------------------------------------------------------------ controls


def _no_controls() -> None:
    return None


def _window_controls() -> tuple[float, float]:
    t = kept_number("t", say("From (years after the first order)"), default=3.0, low=0.0, high=50.0, step=0.5)
    return t, kept_number("tau", say("for (years)"), default=1.0, low=0.25, high=50.0, step=0.25)


def _orders_controls() -> float:
    return kept_number("ahead", say("Periods ahead"), default=5, low=0, high=20, whole=True)


def _value_controls() -> dict[str, float]:
    order_value = kept_number("order", say("Average order value"), default=100.0, low=0.01, high=1e9, step=10)
    margin = kept_number("margin", say("Margin (%)"), default=30, low=1, high=100)
    discount = kept_number("discount", say("Discount a year (%)"), default=10, low=1, high=100)
    ends = {
        name: say("{count:year|years}", count=int(end)) if np.isfinite(end) else say("without an end")
        for name, end in ENDS.items()
    }
    years = option("years", ends, "10", title=say("Horizon"), key="totals")
    rates = {"margin": margin / 100, "annual_discount_rate": discount / 100}
    return {"order_value": order_value, **rates, "horizon": ENDS[years]}


CONTROLS: dict[str, Callable[[], Any]] = {
    "fit": _no_controls,
    "window": _window_controls,
    "orders": _orders_controls,
    "value": _value_controls,
}
