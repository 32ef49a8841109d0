"""Use this model: what is published, who published before."""

from __future__ import annotations

from typing import Any

import streamlit as st

from crm.insight.commands import publish_run
from crm.insight.queries import RunSettings, holdout_result, runs
from crm.ui.desk import act, load, me
from crm.ui.dialog import open_dialog
from crm.ui.insight.clv_shown import Shown
from crm.ui.insight.clv_words import diagnosis, model_name
from crm.ui.show import empty
from crm.ui.table import table
from crm.words import say
from crm.words.formats import date_short, number, percent


def publishing(shown: Shown) -> None:
    """The button, for those who may; and what was published before, for everybody."""
    with st.container(horizontal=True, vertical_alignment="center", key="clv.publishing"):
        fit = shown.fit
        usable = fit.model is not None and fit.refusal is None
        if me().actor.may("publish", "insight") and st.button(
            say("Use this model"), icon=":material/publish:", key="clv.publish", disabled=not usable
        ):
            result = holdout_result(shown.lab.contest, shown.name, shown.lab.plan.holdout_days)
            open_dialog(
                say("Use {model}?", model=shown.model), confirm, shown.board.id, settings_of(shown), result, width="small"
            )
        panel = st.popover(say("Earlier runs"), icon=":material/history:", key="clv.runs", on_change="rerun")
        if panel.open:
            with panel:
                earlier(shown.board.id)


def settings_of(shown: Shown) -> RunSettings:
    """What the lab shows, as settings that the job can repeat."""
    choice, population = shown.choice, shown.population
    return RunSettings.model_validate(
        {
            "model": shown.name,
            "group_id": population.group_id,
            "where": population.where,
            "since": population.since,
            "until": population.until,
            "count_free": population.count_free,
            "holdout_days": shown.lab.plan.holdout_days,
            "horizon_months": choice.horizon,
            "margin": choice.margin / 100,
            "annual_discount": choice.discount / 100,
        }
    )


def confirm(board_id: int, settings: RunSettings, result: dict[str, Any]) -> None:
    """What will hold from now on for everybody's figures, and the button that makes it so."""
    st.markdown(
        say(
            "{model} will be fitted to all purchases and score every customer of this board: chance to be active, expected "
            "orders, value over {months:month|months} at a margin of {margin} and a discount of {discount} a year. "
            "The run before stays in the list.",
            model=model_name(settings.model),
            months=settings.horizon_months,
            margin=percent(settings.margin),
            discount=percent(settings.annual_discount),
        )
    )
    if result["actual"] is not None and result["expected"] is not None:
        st.caption(
            say(
                "In the holdout of {days:day|days} {expected} repeat orders were expected and {actual} came.",
                days=result["days"],
                expected=number(result["expected"], 0),
                actual=number(result["actual"], 0),
            )
        )
    if result["chosen"] != settings.model:
        st.warning(say("The contest does not name this model: look at the ranking once more."), icon=":material/warning:")
    if st.button(say("Use this model"), type="primary", icon=":material/check:", key="clv.confirm"):
        act(publish_run, board_id, settings, result, done="{model} is published.", model=model_name(settings.model))


def earlier(board_id: int) -> None:
    """The runs of the board, newest first: who published what, and what the job fitted since."""
    found = load(runs, board_id=board_id)
    if found.empty:
        empty("Nothing is published yet. Press Use this model to give every customer his figures.")
        return
    latest = found.iloc[0]
    st.caption(
        say(
            "In use: {model}, fitted on purchases until {day}. {diagnosis}",
            model=model_name(latest["model"]),
            day=date_short(latest["cutoff_on"]),
            diagnosis=diagnosis(latest["diagnosis"]),
        )
    )
    rows = found.rename(columns={"by": "user"}).assign(model=[model_name(code) for code in found["model"]])
    columns = ["created_at", "user", "kind", "model", "cutoff_on", "customers", "log_likelihood"]
    table(rows, key="clv.runs.table", columns=columns, opens=False)


__all__ = ["confirm", "earlier", "publishing", "settings_of"]
