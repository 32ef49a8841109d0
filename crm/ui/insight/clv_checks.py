"""Can the models be believed: ranking, parameters, tracking, frequencies, expectations and reliability on the holdout."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from crm.analytics.clv.fitters.base import BuyTillYouDie
from crm.analytics.clv.validate import (
    chance_of_activity,
    conditional_expectation_table,
    frequency_fit,
    reliability,
    tracking,
)
from crm.charts import models as charts
from crm.insight.queries.lab import Fit
from crm.ui.address import choice
from crm.ui.insight.about import titled
from crm.ui.insight.clv_shown import Shown, figures_table
from crm.ui.insight.clv_words import SIGNS, diagnosis, model_name
from crm.ui.show import empty, heading, plain, show
from crm.ui.table import table
from crm.words import say
from crm.words.formats import date_short, number, percent

RANKED = ("name", "total_actual", "total_expected", "total_error", "mae", "rmse", "correlation", "log_score", "brier", "bic")
DAYS = 7
OFTEN = {"frequency": "repeat_orders"}


def ranking(shown: Shown) -> None:
    """All models and rules on the holdout; a bar shows its model."""
    found = shown.lab.contest.table.reindex(columns=["kind", "chosen", *RANKED])
    rows = found.assign(key=found["name"], name=[model_name(code) for code in found["name"]]).sort_values("rmse")
    models, rules = (rows[rows["kind"] == kind].dropna(subset="rmse") for kind in ("model", "rule"))
    key = "clv.ranking"
    if len(models):
        best, rule = (models[models["chosen"]] if models["chosen"].any() else models).iloc[0], rules.iloc[0]
        place = titled(
            "{model} is off by {error} orders a customer, the best simple rule ({rule}) by {other}",
            key,
            model=best["name"],
            error=number(best["rmse"], 3),
            rule=rule["name"],
            other=number(rule["rmse"], 3),
        )
    else:
        place = titled("No model could be fitted; the simple rules stand alone", key)
    with place:
        shown.about_test(key)
    picked = show(charts.ranking(rows.reset_index(drop=True), "rmse"), key=f"{key}.chart")
    if picked and _first(picked) in shown.lab.fits and _first(picked) != shown.name:
        st.query_params["model"] = str(_first(picked))
        st.rerun()
    rounded = rows.assign(total_expected=rows["total_expected"].round(1), bic=rows["bic"].round(1))
    shares = rounded.assign(id=range(len(rows)), total_error=rows["total_error"] * 100)
    titles = {"rmse": say("Error (RMSE)"), "mae": say("Mean error (MAE)"), "bic": "BIC"}
    table(shares, key=f"{key}.rows", columns=RANKED, labels=titles, opens=False)


def parameters(shown: Shown) -> None:
    """Estimates with their intervals, on the calibration period and on everything."""
    fit, key = shown.fit, "clv.parameters"
    place = titled("{model}: {diagnosis}", key, model=shown.model, diagnosis=diagnosis(fit.diagnosis))
    with place:
        shown.about_test(key)
    _fit(fit, say("Learned from purchases until {day}", day=date_short(shown.lab.plan.calibration_until)), "calibration")
    _fit(shown.again, say("Learned from all purchases until {day}", day=date_short(shown.held.last)), "whole")


def _fit(fit: Fit, title: str, key: str) -> None:
    st.markdown(f"**{title}**")
    report = fit.report.assign(parameter=[SIGNS.get(name, name) for name in fit.report["parameter"]])
    left, right = st.columns([2, 1], gap="small")
    with left:
        rows = report.rename(columns={"lower": "lower_95", "upper": "upper_95"}).assign(id=range(len(report)))
        wanted = ["parameter", "estimate", "standard_error", "lower_95", "upper_95"]
        titles = {"lower_95": say("95 % from"), "upper_95": say("95 % to")}
        table(rows, key=f"clv.parameters.{key}", columns=wanted, labels=titles, opens=False)
        st.caption(
            say(
                "Log-likelihood {likelihood} · AIC {aic} · BIC {bic} · n = {n}",
                likelihood=number(fit.log_likelihood, 6),
                aic=number(fit.aic, 2),
                bic=number(fit.bic, 2),
                n=number(fit.customers, 0),
            )
        )
        if fit.diagnosis != "interior":
            st.caption(diagnosis(fit.diagnosis))
    if report["lower"].notna().any():
        with right:
            plain(charts.parameter_intervals(report), key=f"clv.intervals.{key}")


def followed(shown: Shown, model: BuyTillYouDie) -> None:
    """Week by week, and all together."""
    key, plan = "clv.tracking", shown.lab.plan
    weeks = tracking(
        model,
        shown.held.bought,
        calibration_period_end=plan.calibration_until,
        observation_period_end=plan.holdout_until,
    )
    later = weeks[~weeks["calibration"]]
    came, expected = float(later["actual"].sum()), float(later["expected"].sum())
    place = titled(
        "After the cut-off {actual:repeat order came|repeat orders came}, {expected} were expected ({difference})",
        key,
        actual=int(came),
        expected=number(expected, 0),
        difference=_signed(expected / came - 1) if came else "–",
    )
    with place:
        shown.about_test(key)
    way = _way()
    picked = show(charts.tracking(weeks, cumulative=way == "cumulative"), key=f"{key}.{way}")
    columns = ("ends_on", "actual", "expected", "actual_cumulative", "expected_cumulative")
    figures_table(weeks, key, columns)
    if picked:
        day = pd.Timestamp(_first(picked))
        shown.lead(_buyers_of_week(shown, day), say("repeat orders in the week to {day}", day=date_short(day)), key)


def _way() -> str:
    now = choice("tracking", ("weekly", "cumulative"), "weekly")
    st.session_state["clv.way"] = now
    words = {"weekly": say("By week"), "cumulative": say("Cumulative")}
    st.segmented_control(
        say("Tracking"),
        list(words),
        key="clv.way",
        required=True,
        format_func=words.__getitem__,
        label_visibility="collapsed",
        on_change=_keep_way,
    )
    return now


def _keep_way() -> None:
    st.query_params["tracking"] = st.session_state["clv.way"]


def _buyers_of_week(shown: Shown, day: pd.Timestamp) -> list[int]:
    """Who of the calibration period's customers bought again in the week that ends on a day."""
    bought = shown.held.bought
    inside = bought[bought["date"].between(day - pd.Timedelta(days=DAYS - 1), day)]
    first = bought.groupby("customer_id")["date"].min()
    again = inside[inside["date"] > inside["customer_id"].map(first)]
    return sorted(set(again["customer_id"]) & set(shown.lab.calibration.index))


def frequencies(shown: Shown, model: BuyTillYouDie) -> None:
    """Customers by number of repeat purchases, and the test over all of them."""
    key = "clv.frequency"
    fit = frequency_fit(model, shown.lab.calibration)
    never = fit.table.iloc[0]
    place = titled(
        "{actual:customer|customers} bought only once, {expected} are expected · χ² {chi}, p {p}",
        key,
        actual=int(never["actual"]),
        expected=number(never["expected"], 0),
        chi=number(fit.chi_square, 2),
        p=_p(fit.p_value),
    )
    with place:
        shown.about_test(key)
    picked = show(charts.frequency_columns(fit.table), key=f"{key}.chart")
    figures_table(fit.table.rename(columns=OFTEN), key, ("repeat_orders", "actual", "expected"))
    _lead_by_frequency(shown, picked, int(fit.table["frequency"].max()), key)


def conditional(shown: Shown, model: BuyTillYouDie) -> None:
    """What followed, by what had been."""
    key = "clv.conditional"
    rows = conditional_expectation_table(model, shown.lab.calibration)
    never = rows.iloc[0]
    place = titled(
        "Those with {frequency:repeat order|repeat orders} at the cut-off made {actual} later ones each; {expected} expected",
        key,
        frequency=int(never["frequency"]),
        actual=number(never["actual"], 2),
        expected=number(never["expected"], 2),
    )
    with place:
        shown.about_test(key)
    picked = show(charts.conditional_expectations(rows), key=f"{key}.chart")
    figures_table(rows.rename(columns=OFTEN), key, ("repeat_orders", "customers", "actual", "expected"))
    _lead_by_frequency(shown, picked, int(rows["frequency"].max()), key)


def _lead_by_frequency(shown: Shown, picked: list[Any], most: int, key: str) -> None:
    if not picked:
        return
    chosen = int(str(_first(picked)))
    counts = np.minimum(shown.lab.calibration["frequency"], most)
    customers = [int(customer) for customer in shown.lab.calibration.index[counts == chosen]]
    more = chosen == most
    text = say("{count} repeat orders or more" if more else "{count:repeat order|repeat orders}", count=chosen)
    day = date_short(shown.lab.plan.calibration_until)
    shown.lead(customers, say("{what} until {day}", what=text, day=day), key)


def chances(shown: Shown, model: BuyTillYouDie) -> None:
    """Of those with a chance of 70 %, did 70 % come?"""
    key = "clv.reliability"
    chance = chance_of_activity(model, shown.lab.calibration)
    rows = reliability(chance, shown.lab.calibration["frequency_holdout"] > 0)
    top = rows.iloc[-1]
    place = titled(
        "Of the {customers:customer|customers} with the best chance ({said} on average) {happened} ordered again",
        key,
        customers=int(top["customers"]),
        said=percent(top["expected"], 0),
        happened=percent(top["actual"], 0),
    )
    with place:
        shown.about_test(key)
    picked = show(charts.reliability(rows), key=f"{key}.chart")
    listed = rows.assign(said_from=rows["lower"] * 100, said_to=rows["upper"] * 100)
    listed = listed.assign(said_on_average=rows["expected"] * 100, happened=rows["actual"] * 100)
    figures_table(listed, key, ("said_from", "said_to", "customers", "said_on_average", "happened"))
    if picked and isinstance(picked[0], list | tuple):
        low, high = float(picked[0][0]), float(picked[0][1])
        inside = (chance >= low) & ((chance < high) | (high >= 1))
        chosen = [int(customer) for customer in shown.lab.calibration.index[inside]]
        share = say("a chance of {low} to {high}", low=percent(low, 0), high=percent(high, 0))
        shown.lead(chosen, share, key)


def without_model(shown: Shown) -> None:
    heading("{model} could not be fitted", model=shown.model)
    empty("There are no parameters to draw from: {why}", why=diagnosis(shown.fit.diagnosis))


def _first(picked: list[Any]) -> Any:
    return picked[0][0] if isinstance(picked[0], list | tuple) else picked[0]


def _p(value: float | None) -> str:
    return "–" if value is None else "< 0.001" if value < 0.001 else number(value, 3)


def _signed(share: float) -> str:
    return ("+" if share > 0 else "") + percent(share)
