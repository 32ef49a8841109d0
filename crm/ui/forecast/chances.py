"""The chance of every open deal: by which model, how well it forecasts, what it goes by; and the deals."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd
import streamlit as st

from crm.charts import forecast as charts
from crm.charts.compare import bars
from crm.pipeline import queries
from crm.pipeline.queries.outlook import chances, model_of
from crm.ui.desk import figures, go, load
from crm.ui.forecast.asked import stages_of
from crm.ui.forecast.period import Period, sign
from crm.ui.forecast.shown import rows_below
from crm.ui.insight.about import titled
from crm.ui.paging import page_of, pager
from crm.ui.show import Built, empty, heading, plain
from crm.ui.table import table
from crm.words import label, say
from crm.words.formats import date_short, number, percent

SIZE = 50
COLUMNS = ["name", "stage", "chance", "amount", "reasons", "expected_close_on"]


def win_probability(of: Period) -> None:
    report = figures(model_of, board_id=of.board.id)
    if report is None:
        empty(
            "No model was fitted yet: until then each deal has the chance that is set for its stage. The job “deals” fits one and"
            " writes the chance of every open deal with its reasons."
        )
    elif report["refusal"]:
        _refused(report)
    else:
        _model(of, report)
    _deals(of)


def _refused(report: dict[str, Any]) -> None:
    """Why the regression is not used, in words; the base rate of the stage holds."""
    template, values = report["refusal"]
    st.info(
        say("The chance set for the stage holds for every deal. {reason}", reason=say(template, **values)),
        icon=":material/info:",
    )
    if report["brier"] is not None:
        text = say(
            "Tried on {count} later deals: Brier score {brier}, by the base rate {base}; smaller is better.",
            count=report["tested"],
            brier=number(report["brier"], 3),
            base=number(report["brier_base"], 3),
        )
        st.caption(text)


def _model(of: Period, report: dict[str, Any]) -> None:
    left, right = st.columns(2, gap="large")
    better = 1 - report["brier"] / report["brier_base"]
    day = dt.date.fromisoformat(report["as_of"])
    values = {"better": percent(better, 0), "count": report["tested"]}
    with left:
        with titled(
            "On {count} later deals the model is {better} better than the stage's base rate", "forecast.reliability", **values
        ):
            definition = say(
                "A regularised logistic regression on what was known of {deals} decided deals, calibrated, judged on the newest"
                " quarter of them, which it had not seen. Points on the line: of deals said to have 60 % were 60 % won."
                " Fitted on {day}.",
                deals=report["deals"],
                day=date_short(day),
            )
            formula = r"\text{Brier} = \frac{1}{n}\sum_i (p_i - y_i)^2"
            sign(of, "forecast.reliability", f"{definition}\n\n$${formula}$$", report["tested"])
        frame = pd.DataFrame(report["reliability"])
        plain(Built(charts.reliability, frame), key="forecast.reliability.chart")
        st.caption(
            say(
                "Brier score {brier}, by the base rate {base}; smaller is better.",
                brier=number(report["brier"], 3),
                base=number(report["brier_base"], 3),
            )
        )
        shown = frame.assign(
            id=range(len(frame)), looks=frame["customers"], said=frame["expected"] * 100, came=frame["actual"] * 100
        )
        names = {"said": label("chance_said"), "came": label("share_won")}
        rows_below(shown, ["said", "came", "looks"], "forecast.reliability", labels=names)
    with right:
        _weights(of, report)


def _weights(of: Period, report: dict[str, Any]) -> None:
    weights = report["weights"]
    frame = pd.DataFrame({"fact": [fact(name) for name in weights], "effect": list(weights.values())})
    with titled("{fact} matters most", "forecast.weights", fact=frame["fact"].iloc[0]):
        definition = say(
            "How far each fact moves the chance of a deal on average, in log odds: 0.7 about doubles the odds of winning."
        )
        sign(of, "forecast.weights", definition, report["deals"])
    plain(Built(bars, frame, "fact", "effect"), key="forecast.weights.chart")
    stages = _stage_rates(of, report["base"])
    if len(stages):
        st.caption(say("Won of the deals seen in each stage, drawn towards the rate of all where few were"))
        table(stages, key="forecast.base", columns=["name", "base_rate"], labels={"name": say("Stage")}, opens=False)


def fact(name: str) -> str:
    """What the model knows of a deal, as a person calls it."""
    return label("stage" if name == "position" else name, of="fact")


def _stage_rates(of: Period, base: dict[str, float]) -> pd.DataFrame:
    found = load(queries.pipelines, board_id=of.board.id)
    if len(found) != 1:
        return pd.DataFrame()
    names = stages_of(int(found["id"].iloc[0]))
    rows = [(names[int(one)], rate * 100) for one, rate in base.items() if int(one) < len(names)]
    return pd.DataFrame(rows, columns=["name", "base_rate"]).assign(id=range(len(rows)))


def _deals(of: Period) -> None:
    """The open deals, likeliest first."""
    where = of.where.model_copy(update={"state": ("open",)})
    total = figures(queries.totals, where=where)["open"]
    if not total:
        heading("No deal is open")
        return
    page = page_of(total, SIZE)
    rows = load(chances, where=where, page=page, size=SIZE)
    heading("{count:open deal|open deals}, the likeliest first", count=total)
    shown = rows.assign(
        chance=rows["probability"].astype("float64") * 100,
        reasons=[
            ", ".join(f"{fact(name)} {'+' if effect > 0 else '−'}" for name, effect in found)
            if by_model
            else say("set for the stage")
            for found, by_model in zip(rows["reasons"], rows["by_model"], strict=True)
        ],
    )
    labels = {"chance": label("win_probability"), "reasons": label("reasons")}
    chosen = table(shown, key=f"forecast.deals.{page}", columns=COLUMNS, labels=labels, currency=of.board.currency)
    if chosen.opened:
        go("opportunity", opportunity=chosen.opened)
    pager(total, SIZE, "forecast.page")


__all__ = ["win_probability"]
