"""How customers move between active, dormant and lost; and whether the model saw it coming."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pandas as pd
import streamlit as st

from crm.analytics.errors import AnalyticsError
from crm.charts import churn as charts
from crm.charts.compare import columns
from crm.customers.filters import CustomerFilter
from crm.insight.queries import Population, published_run, purchases
from crm.insight.queries import churn_movement as moves
from crm.insight.queries import churn_trial as trials
from crm.office.queries import thresholds
from crm.session import ScopedSession
from crm.ui.desk import figures, load, me
from crm.ui.insight.about import about, titled
from crm.ui.insight.churn_controls import Asked, one_of
from crm.ui.insight.clv_words import model_name
from crm.ui.insight.selected import selected
from crm.ui.show import empty, heading, show
from crm.ui.table import table
from crm.words import label, say
from crm.words.formats import percent, short_money

AT_ONCE = 20_000
"""Purchases up to which the test runs without being asked for: it takes well under a second."""
FALLBACK = "bg_nbd"
"""Where nothing has been published yet."""


def movement(asked: Asked, found: dict[str, Any]) -> None:
    churn = asked.churn
    events = load(moves.events, population=churn.population, end=churn.end)
    months = moves.by_month(events, churn.end)
    by_scores = len(events) > 0 and events["source"].iloc[0] == "scores"
    if not months[list(moves.STEPS)].to_numpy().sum():
        empty("Nobody became dormant or lost in these twelve months.")
        return
    last, worst = months.iloc[-1], months.iloc[int(months["lost"].argmax())]
    values = {"lost": int(months["lost"].sum()), "back": int(months["back"].sum()), "month": f"{worst['period']:%Y-%m}"}
    with titled("{lost} became lost in twelve months, most in {month}; {back} came back", "churn.movement", **values):
        _about_movement(asked, events, by_scores)
    picked = show(charts.movement(months), key="churn.movement")
    amount = short_money(float(months["worth"].sum()), asked.board.currency)
    if by_scores:
        heading("{amount} of lifetime value were lost with them, by month", amount=amount)
    else:
        heading("{amount} of yearly revenue were lost with them, by month", amount=amount)
    also = show(columns(months, "period", "worth"), key="churn.movement.worth")
    if pd.Timestamp(last["period"]).to_period("M").end_time.date() > churn.end:
        st.caption(say("The last month is not over."))
    if picked or also:
        month, step = picked[0] if picked else (_first(also), "lost")
        _who_moved(asked, events, str(month), str(step))


def _who_moved(asked: Asked, events: pd.DataFrame, month: str, step: str) -> None:
    there = (events["step"] == step) & (events["day"].dt.to_period("M") == pd.Period(month, freq="M"))
    ids = tuple(sorted({int(one) for one in events.loc[there, "customer_id"]}))
    title = say("{step} in {month}", step=label(charts.SAID[step]), month=month[:7])
    heading("{title}: {count:customer|customers}", title=title, count=len(ids))
    if ids:
        where = CustomerFilter(ids=ids, board_id=(asked.board.id,))
        selected(where, key="churn.moved", made_from=title)


def _about_movement(asked: Asked, events: pd.DataFrame, by_scores: bool) -> None:
    limits = figures(thresholds)
    population, end = asked.churn.population, asked.churn.end
    if by_scores:
        definition = say("The state of each customer by the last scores kept in a month, against the month before.")
    else:
        definition = say(
            "By orders, because scores of fewer than four months are kept: dormant after {active:day|days} without a purchase,"
            " lost after {dormant:day|days}. The value is the revenue of the year up to the last purchase.",
            active=limits.active_days,
            dormant=limits.dormant_days,
        )
    about(
        "churn.movement",
        definition=definition,
        scope=say("{board}, twelve months up to {last}", board=asked.board.name, last=asked.span["last"]),
        as_of=end,
        n=int(events["customer_id"].nunique()),
        rows=lambda session: moves.events(session, population, end),
        columns=("customer_id", "day", "step", "worth"),
    )


# ----------------------------------------------------------------------------------------------------- the test


def is_it_right(asked: Asked, found: dict[str, Any]) -> None:
    """Cut-off dates in the past, each with its own holdout: what the model said there against rules of silence."""
    with st.container(horizontal=True, vertical_alignment="center"):
        spans = {str(days): say("{count} days ahead", count=days) for days in (90, 180, 365)}
        holdout = int(one_of("ahead", spans, "180", title=say("Tested over"), bare=True))
        measure = one_of("measure", {name: _MEASURES[name]() for name in _MEASURES}, "brier", title=say("Measure"), bare=True)
    population = asked.churn.population.model_copy(update={"until": asked.churn.end})
    bought = load(purchases, population=population)
    try:
        days = trials.cutoffs(bought, asked.churn.end, holdout)
    except AnalyticsError as error:
        _refused(error)
        return
    table_ = _tested(asked, population, bought, days, holdout)
    if table_ is None:
        return
    _verdict(asked, table_, holdout)
    contenders = table_.assign(contender=[_key(row) for row in table_.itertuples()])
    names = {_key(row): _called(row) for row in table_.itertuples()}
    drawn = contenders[contenders["name"] != "same_for_all"]
    picked = show(charts.trial(drawn, measure, names, as_share=measure in ("wrong", "total_error")), key=f"churn.trial.{measure}")
    shown = contenders.assign(
        contender=[names[one] for one in contenders["contender"]],
        total_error=contenders["total_error"] * 100,
        called_wrongly=contenders["wrong"] * 100,
        id=range(len(contenders)),
        cutoff_on=contenders["cutoff"].dt.date,
    )
    if picked:
        shown = shown[shown["cutoff"].dt.strftime("%Y-%m-%d") == _first(picked)]
    labels = {"mae": say("MAE"), "brier": say("Brier score")}
    columns_ = [
        "cutoff_on",
        "contender",
        "customers",
        "total_actual",
        "total_expected",
        "total_error",
        "mae",
        "brier",
        "called_wrongly",
    ]
    table(
        shown.round({"total_actual": 0, "total_expected": 0}),
        key="churn.trial.table",
        columns=columns_,
        labels=labels,
        opens=False,
    )


_MEASURES = {
    "brier": lambda: say("Brier score"),
    "wrong": lambda: say("Called wrongly"),
    "total_error": lambda: say("Error of the total"),
    "mae": lambda: say("MAE"),
}


def _refused(error: AnalyticsError) -> None:
    empty(error.template, **error.values)
    st.caption(say("A shorter test needs less history: choose fewer days ahead."))


def _tested(asked: Asked, population: Population, bought: pd.DataFrame, days: list[Any], holdout: int) -> pd.DataFrame | None:
    """Kept in this browser for these data; a long one is asked for by a button and shows how far it is."""
    key = ("churn.trial", me().data_version, repr(population), holdout)
    kept = st.session_state.get("churn.tested", (None, None))
    if kept[0] == key:
        return kept[1]  # type: ignore[no-any-return]
    small = len(bought) <= AT_ONCE
    if not small and not st.button(say("Run the test"), type="primary", icon=":material/play_arrow:", key="churn.run"):
        with titled("Does the model say better who stops than the days of silence alone?", "churn.trial"):
            pass
        empty("The model is fitted anew at {count:cut-off date|cut-off dates}, which takes some seconds.", count=len(days))
        return None
    try:
        found = pd.concat(_run(asked, bought, days, holdout, quiet=small), ignore_index=True)
    except AnalyticsError as error:
        _refused(error)
        return None
    st.session_state["churn.tested"] = (key, found)
    return found


def _run(asked: Asked, bought: pd.DataFrame, days: list[Any], holdout: int, quiet: bool) -> Iterable[pd.DataFrame]:
    limits = figures(thresholds)
    model = figures(_model, board_id=asked.board.id)
    bar = None if quiet else st.progress(0.0, say("Fitting at the first cut-off date"))
    for at, day in enumerate(days):
        yield trials.trial(bought, day, holdout, model, (limits.active_days, limits.dormant_days))
        if bar is not None:
            bar.progress((at + 1) / len(days), say("{tested} of {all} cut-off dates", tested=at + 1, all=len(days)))
    if bar is not None:
        bar.empty()


def _model(session: ScopedSession, board_id: int) -> str:
    run = published_run(session, board_id)
    return run.model if run is not None else FALLBACK


def _verdict(asked: Asked, found: pd.DataFrame, holdout: int) -> None:
    judged = trials.verdict(found)
    values = {"model": model_name(judged["model"]), "wins": judged["wins"], "tests": judged["tests"], "days": judged["days"]}
    if not judged["tests"]:
        place = titled("{model} could not be fitted at any cut-off date: too few repeat buyers", "churn.trial", **values)
    elif judged["wins"] == judged["tests"]:
        place = titled("{model} beats every rule of silence at all {tests:cut-off date|cut-off dates}", "churn.trial", **values)
    elif judged["wins"]:
        place = titled("{model} beats the rules of silence at {wins} of {tests} cut-off dates", "churn.trial", **values)
    else:
        place = titled("{model} does not beat “silent for {days} days”: use the rule", "churn.trial", **values)
    with place:
        about(
            "churn.trial",
            definition=say(
                "At each cut-off date the model is fitted to what was known, and says who buys again in the {holdout} days after"
                " it. A rule of silence says: who has bought within so many days buys again. The Brier score is the mean squared"
                " distance of the chance from what happened; called wrongly is the share for whom yes or no was wrong. The model"
                " beats a rule only if both are smaller. 0 is perfect.",
                holdout=holdout,
            ),
            formula=r"\text{Brier} = \frac{1}{n}\sum_i (p_i - y_i)^2",
            scope=say("{board}, purchases up to {last}", board=asked.board.name, last=asked.span["last"]),
            as_of=asked.churn.end,
            n=int(found["customers"].max()),
        )
    if judged["tests"]:
        st.markdown(
            say(
                "On average {model} calls {wrong} of the customers wrongly, the best rule (“silent for {days} days”) {rival}.",
                wrong=percent(judged["wrong"]),
                rival=percent(judged["rival_wrong"]),
                **values,
            )
        )


def _key(row: Any) -> str:
    """One contender over all cut-offs; of two lengths of silence the longer one is marked."""
    return f"{row.name}.{int(row.days)}" if row.name == trials.SILENT else str(row.name)


def _called(row: Any) -> str:
    if row.name == trials.SILENT:
        return say("Silent for {days} days", days=int(row.days))
    return model_name(str(row.name))


def _first(picked: list[Any]) -> Any:
    return picked[0][0] if isinstance(picked[0], list | tuple) else picked[0]
