"""Contracts and subscriptions: who renews, for how long, and what a contract is still worth; ours, or those of a pasted table."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pandas as pd
import streamlit as st

from crm.analytics.clv.contracts import contracts_of_survivors, fit_retention
from crm.analytics.errors import AnalyticsError
from crm.insight.counts import Counts, survivor_mistakes
from crm.insight.queries.subscriptions import contracts, services
from crm.office.queries import today
from crm.staff.sign_in import Board, SignedIn
from crm.ui.boards import one_board
from crm.ui.desk import figures, load
from crm.ui.insight.cohort_controls import option
from crm.ui.insight.entering import Table, enter, grid, standing
from crm.ui.insight.kept import kept_number
from crm.ui.insight.subscriptions_shown import VIEWS, Lab, models
from crm.ui.show import empty
from crm.ui.table import records
from crm.words import label, say

EXAMPLE = Counts(
    ("2021", "2022", "2023", "2024"),
    ("0", "1", "2", "3", "4"),
    ((400, 272, 214, 180, 157), (450, 330, 271, 238, None), (380, 288, 243, None, None), (520, 365, None, None, None)),
)
"""Made up: customers of four intakes who were still under contract after 0, 1, 2, ... renewals."""

SURVIVORS = Table(
    "survivors",
    "left",
    EXAMPLE,
    survivor_mistakes,
    lambda: say("a cohort"),
    lambda: say("a number of renewals"),
)
TERMS = {"1": 1, "3": 3, "6": 6, "12": 12, "24": 24}


def contracts_lab(person: SignedIn) -> None:
    left, right = st.columns([1, 3], gap="large")
    with left:
        part = option("part", _parts(), "survival", title=say("View"), key="contracts", draw=st.radio)
        source = option("of", _sources(), "ours", title=say("Contracts"), key="contracts", draw=st.segmented_control)
        lab = _ours(person) if source == "ours" else None
        given = None if source == "ours" else _given()
        asked = CONTROLS[part](lab.price if lab else None)
    with right:
        place = st.container()
        if given is not None:
            lab = _of_table(grid(SURVIVORS), given)
    with place:
        if lab is None:
            empty(
                "No service that runs out has been sold here. Set the months until renewal of your services under Products, "
                "or choose Entered and paste the customers left after each renewal."
            )
            return
        _show(lab, part, asked)


def _parts() -> dict[str, str]:
    return {"survival": say("Survival"), "retention": say("Renewal rate"), "worth": say("Value of a contract (DEL, DERL)")}


def _sources() -> dict[str, str]:
    return {"ours": say("Ours"), "given": say("Entered")}


def _show(lab: Lab, part: str, asked: dict[str, float]) -> None:
    if lab.made_up:
        st.caption(":orange-badge[" + say("Made-up figures") + "] " + say("An example to see the format: paste your own."))
    try:
        fit = fit_retention(lab.contracts) if len(lab.contracts) else None
    except AnalyticsError as error:
        fit = None
        st.warning(say(error.template, **error.values) + " " + say(TOO_LITTLE), icon=":material/hourglass_empty:")
    if lab.contracts.empty:
        empty("Nobody holds this service yet. Choose another one, or enter figures of your own.")
        return
    VIEWS[part](lab, fit, asked)
    if fit is not None:
        models(lab, fit)


TOO_LITTLE = "The dots below are facts; a model would be guessing. Take a service with more contracts, or wait for more renewals."


# ---------------------------------------------------------------------------------------------------------- ours


def _ours(person: SignedIn) -> Lab | None:
    board = one_board(person, "contracts.board")
    found = load(services, board_id=board.id) if board else pd.DataFrame()
    if board is None or found.empty:
        return None
    choices = _choices(found)
    texts = {key: text for key, (text, _) in choices.items()}
    key = option("service", texts, next(iter(texts)), title=say("Service"), key="contracts")
    spans = {"M": label("month"), "Q": label("quarter"), "Y": label("year")}
    span = option("by", spans, "Y", title=say("Cohorts by"), key="contracts", draw=st.segmented_control)
    chosen = found[found["id"].isin(choices[key][1])]
    as_of = figures(today)
    rows = load(contracts, board_id=board.id, product_ids=tuple(chosen["id"].tolist()), as_of=as_of)
    return _lab_of(rows, board, texts[key], span, as_of, chosen)


def _choices(found: pd.DataFrame) -> dict[str, tuple[str, list[int]]]:
    """Key in the address -> text, products: each category of one term (terms are never mixed), then each service."""
    whole: dict[str, tuple[str, list[int]]] = {}
    of_category = found.dropna(subset="category_id").groupby(["category_id", "months"], sort=False)
    for group in records(of_category.agg(list).reset_index()):
        if len(group.id) > 1:
            told = {"category": group.category[0], "months": int(group.months)}
            whole[f"c{int(group.category_id)}-{told['months']}"] = (say("{category}, {months:month|months}", **told), group.id)
    single = {f"p{row.id}": (str(row.product), [int(row.id)]) for row in records(found)}
    return whole | single


def _lab_of(rows: pd.DataFrame, board: Board, service: str, span: str, as_of: dt.date, chosen: pd.DataFrame) -> Lab:
    months, prices = int(chosen["months"].iloc[0]), chosen["price"].dropna()
    own = rows.assign(cohort=pd.PeriodIndex(rows["started_on"], freq=span).astype(str) if len(rows) else [], contracts=1)
    return Lab(
        contracts=own,
        months=months,
        scope=f"{board.name} · {service}",
        as_of=as_of,
        price=float(prices.mean()) if len(prices) else None,
        currency=board.currency,
        board_id=board.id,
    )


# ------------------------------------------------------------------------------------------------------- entered


def _given() -> int:
    """The table to paste into -> the months of a contract."""
    standing(SURVIVORS)
    terms = {key: say("{count:month|months}", count=months) for key, months in TERMS.items()}
    months = TERMS[option("term", terms, "12", title=say("A contract runs for"), key="contracts")]
    enter(
        SURVIVORS, say("Customers left after 0, 1, 2, ... renewals: a row a cohort, or one column; the newest rows end earlier.")
    )
    return months


def _of_table(counts: Counts, months: int) -> Lab:
    made_up = counts.cells == EXAMPLE.cells
    return Lab(
        contracts=contracts_of_survivors(_named(counts.rows), counts.cells),
        months=months,
        scope=say("Made-up example") if made_up else say("Figures entered here"),
        made_up=made_up,
    )


def _named(rows: tuple[str, ...]) -> list[str]:
    """Names that differ: cohorts of the same name would be one."""
    return [row if rows.count(row) == 1 else f"{row} ({place})" for place, row in enumerate(rows, start=1)]


# ------------------------------------------------------------------------------------------------------ controls


def _ahead(price: float | None) -> dict[str, float]:
    return {"ahead": kept_number("ahead", say("Renewals ahead"), default=5, low=0, high=30, whole=True)}


def _worth(price: float | None) -> dict[str, float]:
    most = kept_number("most", say("Up to how many renewals"), default=5, low=1, high=30, whole=True)
    paid = kept_number(
        "price",
        say("Margin per contract period"),
        default=round(price or 100.0, 2),
        low=0.01,
        high=1e9,
        step=10,
        help=say("What one period under contract brings after cost; set to the price of the service at first."),
    )
    discount = kept_number("discount", say("Discount a year (%)"), default=10, low=1, high=100)
    return {"most": most, "price": paid, "discount": discount / 100}


CONTROLS: dict[str, Callable[[float | None], dict[str, Any]]] = {"survival": _ahead, "retention": _ahead, "worth": _worth}
