"""What the model says of all histories: lines of equal value, P(alive), expected orders, the pull of spend to the mean."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import streamlit as st

from crm.analytics.clv.fitters import GammaGammaFitter
from crm.analytics.clv.fitters.base import BuyTillYouDie
from crm.analytics.errors import AnalyticsError
from crm.charts import worth as charts
from crm.insight.queries.lab_values import (
    ages,
    history_grid,
    iso_value_curves,
    places,
    spend_lines,
    spend_table,
    standing_at,
    usual_age,
    value_of,
)
from crm.ui.insight.about import titled
from crm.ui.insight.clv_shown import Shown, figures_table
from crm.ui.insight.clv_words import diagnosis
from crm.ui.show import empty, heading, show
from crm.words import say
from crm.words.formats import number, percent, short_money

Floats = npt.NDArray[np.float64]
HALF = 0.5


def iso_value(shown: Shown, model: BuyTillYouDie) -> None:
    """Histories that are worth the same."""
    key, whole = "clv.iso", shown.held.whole
    age = float(whole["T"].max())
    value = partial(_value, shown, model, age)
    curves, crowd = iso_value_curves(value, whole), places(whole)
    once, best = float(value(0, 0.0)[0]), _best(value, crowd)
    place = titled(
        "Somebody who bought once, {weeks:week|weeks} ago, is worth {low}; the best history {high}",
        key,
        weeks=round(age),
        low=short_money(once, shown.board.currency),
        high=short_money(best, shown.board.currency),
    )
    with place:
        shown.about_today(key, months=shown.choice.horizon)
    picked = show(charts.iso_value(curves, crowd), key=f"{key}.chart")
    st.caption(
        say(
            "Margin {margin}, discount {discount} a year, mean spend {spend} per order",
            margin=percent(shown.choice.margin / 100),
            discount=percent(shown.choice.discount / 100),
            spend=short_money(shown.held.spend.mean, shown.board.currency),
        )
    )
    _lead_to_place(shown, picked, key, None)


def _value(shown: Shown, model: BuyTillYouDie, age: float, x: Any, t_x: Any) -> Floats:
    choice, spend = shown.choice, shown.held.spend.mean
    history = (np.atleast_1d(x), np.atleast_1d(t_x), np.full(np.shape(np.atleast_1d(x)), age))
    return value_of(
        model, history, spend, months=choice.horizon, margin=choice.margin / 100, annual_discount=choice.discount / 100
    )


def _best(value: Callable[[Any, Any], Floats], crowd: pd.DataFrame) -> float:
    return float(value(crowd["frequency"].to_numpy(), crowd["low"].to_numpy()).max()) if len(crowd) else 0.0


def alive(shown: Shown, model: BuyTillYouDie) -> None:
    """P(alive) over (x, t_x)."""
    key, age = "clv.alive", _age(shown, "clv.alive")
    chance = partial(_alive, model, age)
    place = _alive_title(shown, chance, age, key)
    with place:
        shown.about_today(key)
    _grid(shown, chance, age, key, as_share=True)


def _alive(model: BuyTillYouDie, age: float, x: Any, t_x: Any) -> Floats:
    return np.asarray(model.conditional_probability_alive(np.asarray(x), np.asarray(t_x), np.full(np.shape(x), age)))


def _alive_title(shown: Shown, chance: Callable[[Any, Any], Floats], age: float, key: str) -> Any:
    """After how long a silence it is more likely than not that a frequent and a rare buyer have left."""
    often = max(int(shown.held.whole["frequency"].quantile(0.99)), 2)
    rare_silence, often_silence = (_silence(chance, age, x) for x in (1, often))
    if often_silence is None:
        return titled("Nobody of this age is given up, however long he has been silent", key)
    if rare_silence is None:
        return titled(
            "With {often} repeat orders a customer is probably lost after {weeks:week|weeks} of silence",
            key,
            often=often,
            weeks=often_silence,
        )
    return titled(
        "Probably lost after {weeks:week|weeks} of silence with {often} repeat orders, after {longer} with one",
        key,
        weeks=often_silence,
        often=often,
        longer=rare_silence,
    )


def _silence(chance: Callable[[Any, Any], Floats], age: float, x: int) -> int | None:
    """The shortest silence (weeks) with less than an even chance to be alive."""
    silences = np.arange(0, int(age) + 1)
    given_up = np.flatnonzero(chance(np.full(len(silences), x), age - silences) < HALF)
    return int(silences[given_up[0]]) if len(given_up) else None


def expected(shown: Shown, model: BuyTillYouDie) -> None:
    """Expected orders over (x, t_x)."""
    key, age = "clv.expected", _age(shown, "clv.expected")
    orders = partial(_expected, model, age, shown.weeks)
    grid = history_grid(orders, shown.held.whole, age)
    top = grid.nlargest(1, "value").iloc[0]
    place = titled(
        "At best {high} orders in {months:month|months}, with {often} repeat orders so far; {low} after one order",
        key,
        high=number(top["value"], 1),
        months=shown.choice.horizon,
        often=int(top["frequency"]),
        low=number(grid["value"].iloc[0], 1),
    )
    with place:
        shown.about_today(key)
    _grid(shown, orders, age, key, as_share=False)


def _expected(model: BuyTillYouDie, age: float, weeks: float, x: Any, t_x: Any) -> Floats:
    ages_ = np.full(np.shape(x), age)
    return np.asarray(model.conditional_expected_number_of_purchases_up_to_time(weeks, np.asarray(x), np.asarray(t_x), ages_))


def _age(shown: Shown, key: str) -> float:
    """Which age the grid is drawn for: a quarter of the oldest, half of it, ..."""
    options = [round(age, 6) for age in ages(shown.held.whole)]
    usual = round(usual_age(shown.held.whole), 6)
    asked = st.session_state.get(f"{key}.age")
    return float(asked if asked in options else usual)


def _choose_age(shown: Shown, age: float, key: str) -> None:
    words = {round(one, 6): say("{count:week ago|weeks ago}", count=round(one)) for one in ages(shown.held.whole)}
    st.session_state[f"{key}.age"] = age
    st.segmented_control(say("First order"), list(words), key=f"{key}.age", required=True, format_func=words.__getitem__)


def _grid(shown: Shown, value: Callable[[Any, Any], Floats], age: float, key: str, *, as_share: bool) -> None:
    _choose_age(shown, age, key)
    grid = history_grid(value, shown.held.whole, age)
    picked = show(charts.history_heat(grid, as_share=as_share), key=f"{key}.chart.{age:.0f}")
    _lead_to_place(shown, picked, key, age)


def _lead_to_place(shown: Shown, picked: list[Any], key: str, age: float | None) -> None:
    if not picked or not isinstance(picked[0], list | tuple):
        return
    frequency, low, high = int(picked[0][0]), float(picked[0][1]), float(picked[0][2])
    customers = standing_at(shown.held.whole, frequency, low, high, age)
    text = say(
        "{count:repeat order|repeat orders}, the last one {low} to {high} weeks after the first order",
        count=frequency,
        low=round(low),
        high=round(high),
    )
    shown.lead(customers, text, key)


# ----------------------------------------------------------------------------------------------------- spend


def spend(shown: Shown) -> None:
    """How much of a customer's own mean is to be believed."""
    key, fit = "clv.spend", shown.held.spend
    if fit.model is None:
        heading("No spend model: {why}", why=_why(fit.refusal, fit.diagnosis))
        empty("Values use the mean spend of all, {spend} per order.", spend=short_money(fit.mean, shown.board.currency))
        return
    rows = spend_table(fit.model, shown.held.whole)
    place = _spend_title(rows, key)
    with place:
        shown.about_today(key, fit.customers, correlation=number(fit.correlation, 2))
    picked = show(charts.spend_regression(*spend_lines(fit.model, shown.held.whole)), key=f"{key}.chart")
    _spend_parameters(fit.model, fit.correlation)
    columns = ("repeat_orders", "customers", "observed_mean", "expected_mean", "own_share")
    listed = rows.rename(columns={"frequency": "repeat_orders"}).assign(own_share=rows["own_share"] * 100)
    figures_table(listed, key, columns, shown.board.currency)
    if picked:
        one = picked[0][0] if isinstance(picked[0], list | tuple) else picked[0]
        shown.lead([int(one)], say("mean spend"), key)


def _spend_title(rows: pd.DataFrame, key: str) -> Any:
    first, last = rows.iloc[0], rows.iloc[-1]
    if len(rows) == 1:
        return titled("After one repeat order {share} of a customer's own mean counts", key, share=percent(first["own_share"], 0))
    return titled(
        "After one repeat order {low} of a customer's own mean counts, after {often} or more {high}",
        key,
        low=percent(first["own_share"], 0),
        often=int(last["frequency"]),
        high=percent(last["own_share"], 0),
    )


def _spend_parameters(model: GammaGammaFitter, correlation: float) -> None:
    p, q, v = (number(float(value), 3) for value in model.params_)
    st.caption(
        say(
            "Gamma-Gamma: p {p}, q {q}, v {v} · correlation of frequency and spend {correlation}",
            p=p,
            q=q,
            v=v,
            correlation=number(correlation, 2),
        )
    )


def _why(refusal: AnalyticsError | None, code: str) -> str:
    return say(refusal.template, **refusal.values) if refusal else diagnosis(code)
