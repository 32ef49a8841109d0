"""The lab for customers: who is looked at and what is tested at the left, one answer and one large chart at the right."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from crm.analytics.errors import AnalyticsError
from crm.insight.queries import Population
from crm.insight.queries.lab import Lab, LabPlan
from crm.staff.sign_in import SignedIn
from crm.ui.address import choice as in_address
from crm.ui.desk import go
from crm.ui.insight import clv_checks, clv_worth
from crm.ui.insight.clv_controls import LabChoice, controls, plan_for, read_choice
from crm.ui.insight.clv_held import Held, held
from crm.ui.insight.clv_publish import publishing
from crm.ui.insight.clv_shown import Shown
from crm.ui.insight.clv_words import model_name
from crm.ui.insight.population import chosen_population
from crm.ui.menu import BY_PATH, allowed
from crm.ui.show import empty, heading
from crm.words import say
from crm.words.formats import date_short, number

KEY = "clv"


def customers_lab(person: SignedIn) -> None:
    """Models on the purchases of customers the person may see."""
    left, right = st.columns([1, 3], gap="large")
    with left:
        population = chosen_population(person, KEY, free=True)
    if population is None:
        empty("You see no board yet. An administrator gives you one under People.")
        return
    found, choice = held(population), read_choice()
    if found.bought.empty:
        with right:
            _nothing(person)
        return
    plan = plan_for(choice, found.first, found.last)
    with left:
        controls(choice, plan, found.first, found.last, KEY)
    with right:
        _results(person, population, found, choice, plan)


def _nothing(person: SignedIn) -> None:
    empty("No purchases here yet: the lab learns from orders with their customer, day and amount. Import them first.")
    _import_button(person)


def _import_button(person: SignedIn) -> None:
    if allowed(person.actor, BY_PATH["exchange"].needs) and st.button(
        say("Import orders"), icon=":material/upload_file:", key=f"{KEY}.import"
    ):
        go("exchange")


def _results(person: SignedIn, population: Population, found: Held, choice: LabChoice, plan: LabPlan) -> None:
    try:
        with st.spinner(say("Fitting {count:model|models} …", count=len(plan.models)), show_time=True):
            lab = found.lab(plan)
    except AnalyticsError as error:
        _refused(person, error)
        return
    if not any(fit.refusal is None for fit in lab.fits.values()):
        _refused(person, next(fit.refusal for fit in lab.fits.values() if fit.refusal))
        return
    board = next(board for board in person.boards if board.id == population.board_id)
    shown = Shown(board, population, choice, found, lab, _model(lab))
    with st.container(horizontal=True, vertical_alignment="center", key=f"{KEY}.verdict"):
        with st.container(width="stretch"):
            _verdict(lab)
        with st.container(width="content"):
            publishing(shown)
    st.caption(
        say(
            "{customers:customer|customers}, {repeaters} of them bought again · learned until {end}, tested until {last}",
            customers=len(lab.calibration),
            repeaters=number(lab.repeaters, 0),
            end=date_short(plan.calibration_until),
            last=date_short(plan.holdout_until),
        )
    )
    _views(shown)


def _refused(person: SignedIn, error: AnalyticsError) -> None:
    """Why there is nothing to see, and what would change it."""
    empty(error.template, **error.values)
    st.markdown(
        say(
            "A model needs at least 20 customers who bought again before the cut-off. Import more orders, take a longer span of "
            "purchases, move the calibration end to a later day, or look at more customers."
        )
    )
    _import_button(person)


def _verdict(lab: Lab) -> None:
    """The model to use, or why none is named."""
    contest = lab.contest
    if contest.refusal is not None:
        refusal = contest.refusal
        values = refusal.values | ({"rule": model_name(str(refusal.values["rule"]))} if "rule" in refusal.values else {})
        heading("No model is named: {why}", why=say(refusal.template, **values))
        return
    best = contest.table[contest.table["chosen"]].iloc[0]
    heading(
        "{model} forecasts best: {expected} repeat orders expected after the cut-off, {actual} came",
        model=model_name(str(contest.chosen)),
        expected=number(best["total_expected"], 0),
        actual=number(best["total_actual"], 0),
    )


def _model(lab: Lab) -> str:
    """The one asked for in the address, else the winner, else the likeliest."""
    usual = lab.contest.chosen or max(lab.fits, key=lambda name: _likelihood(lab, name))
    return in_address("model", lab.fits, usual)


def _likelihood(lab: Lab, name: str) -> float:
    value = lab.fits[name].log_likelihood
    return value if value == value else float("-inf")


# ----------------------------------------------------------------------------------------------------- views

View = Callable[[Shown], None]


def _of_test(view: Callable[[Shown, Any], None]) -> View:
    return lambda shown: view(shown, shown.fit.model) if shown.fit.model else clv_checks.without_model(shown)


def _of_today(view: Callable[[Shown, Any], None]) -> View:
    return lambda shown: view(shown, shown.again.model) if shown.again.model else clv_checks.without_model(shown)


TESTS: Mapping[str, View] = {
    "ranking": clv_checks.ranking,
    "parameters": clv_checks.parameters,
    "tracking": _of_test(clv_checks.followed),
    "frequency_fit": _of_test(clv_checks.frequencies),
    "conditional": _of_test(clv_checks.conditional),
    "reliability": _of_test(clv_checks.chances),
}
FORECASTS: Mapping[str, View] = {
    "iso_value": _of_today(clv_worth.iso_value),
    "p_alive": _of_today(clv_worth.alive),
    "expected_orders": _of_today(clv_worth.expected),
    "spend": clv_worth.spend,
}


def _views(shown: Shown) -> None:
    """One large chart at a time, of one model."""
    titles = {
        "ranking": say("Ranking"),
        "parameters": say("Parameters"),
        "tracking": say("Tracking"),
        "frequency_fit": say("Frequency"),
        "conditional": say("Afterwards"),
        "reliability": say("Reliability"),
        "iso_value": say("Equal value"),
        "p_alive": say("Probability alive"),
        "expected_orders": say("Expected orders"),
        "spend": say("Spend"),
    }
    now = in_address("view", titles, "ranking")
    part, first = (TESTS, "ranking") if now in TESTS else (FORECASTS, "iso_value")
    with st.container(horizontal=True, vertical_alignment="center", key=f"{KEY}.views"):
        _switch("view", {"ranking": say("The test"), "iso_value": say("What it says")}, first, say("Part"), f"{KEY}.part")
        if now not in ("ranking", "spend") and len(shown.lab.fits) > 1:
            _switch("model", {name: model_name(name) for name in shown.lab.fits}, shown.name, say("Model"), f"{KEY}.model")
    _switch("view", {name: titles[name] for name in part}, now, say("View"), f"{KEY}.{first}")
    part[now](shown)


def _switch(name: str, words: Mapping[str, str], now: str, title: str, key: str) -> None:
    """One of several, kept in the address under `name`."""
    st.session_state[key] = now
    st.segmented_control(
        title,
        list(words),
        key=key,
        required=True,
        format_func=words.__getitem__,
        label_visibility="collapsed",
        on_change=_keep,
        args=(name, key),
    )


def _keep(name: str, key: str) -> None:
    st.query_params[name] = st.session_state[key]


__all__ = ["customers_lab"]
