"""How right earlier forecasts were, by how long before the end they were told."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from crm.charts import forecast as charts
from crm.pipeline.queries.outlook import accuracy as asked
from crm.pipeline.queries.outlook import told_before
from crm.ui.desk import load
from crm.ui.forecast.period import Period, sign
from crm.ui.forecast.shown import rows_below, shares
from crm.ui.insight.about import titled
from crm.ui.show import Built, empty, heading, plain
from crm.ui.table import table
from crm.words import label, say
from crm.words.formats import date_short, percent

COLUMNS = ["horizon", "forecasts", "error", "absolute_error", "inside", "weighted_error"]
ENOUGH = 8
"""Forecasts of one horizon below which its figures say little."""


def accuracy(of: Period) -> None:
    boards = (of.board.id,)
    told = load(told_before, board_ids=boards, start=of.span[0])
    found = load(asked, board_ids=boards)
    if not of.whole:
        st.caption(say("Forecasts are kept of whole boards: what follows is of {board}.", board=of.board.name))
    if found.empty:
        empty(
            "It is too early: no period is over of which a forecast was kept. The job “forecast” keeps one a week of this quarter"
            " and the next; after the end of a quarter this shows how far each was off."
        )
    else:
        _by_horizon(of, found.assign(days_before=found["days_before"].astype(str)))
    if len(told) >= 2:
        _as_told(of, told)


def _by_horizon(of: Period, rows: pd.DataFrame) -> None:
    total = int(rows["forecasts"].sum())
    off = float((rows["absolute_error"] * rows["forecasts"]).sum() / total)
    inside = float((rows["inside"] * rows["forecasts"]).sum() / total)
    values = {"off": percent(off), "inside": percent(inside, 0), "count": total}
    with titled(
        "Off by {off} on average; {inside} of {count} forecasts held the result between P10 and P90",
        "forecast.accuracy",
        **values,
    ):
        definition = say(
            "Kept forecasts of periods that are over against what was won. Error: (P50 − won) / won. Between P10 and P90 80 % of"
            " the results should lie: fewer means too sure, more means too careful. Horizon: days to the end of the period."
        )
        sign(of, "forecast.accuracy", definition, total)
    plain(Built(charts.accuracy, rows), key="forecast.accuracy.chart")
    if rows["forecasts"].min() < ENOUGH:
        st.caption(say("Some horizons rest on fewer than {count} forecasts: they say little yet.", count=ENOUGH))
    shown = shares(rows, "error", "absolute_error", "inside", "weighted_error")
    shown = shown.assign(id=range(len(shown)), horizon=shown["days_before"])
    table(shown, key="forecast.accuracy.table", columns=COLUMNS, labels={"horizon": label("days_before")}, opens=False)


def _as_told(of: Period, rows: pd.DataFrame) -> None:
    first, last = rows.iloc[0], rows.iloc[-1]
    heading(
        "On {first} {before} were likely for this period, on {last} {now}",
        first=date_short(first["taken_on"]),
        last=date_short(last["taken_on"]),
        before=of.money(first["p50"]),
        now=of.money(last["p50"]),
    )
    plain(Built(charts.told_before, rows), key="forecast.told.chart")
    columns = ["taken_on", "won", "p10", "p50", "p90", "weighted", "commit", "best_case"]
    rows_below(rows.assign(id=range(len(rows))), columns, "forecast.told", currency=of.board.currency)


__all__ = ["accuracy"]
