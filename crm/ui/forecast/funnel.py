"""The funnel: every deal that entered counts once, the lost and the open ones stay in."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pandas as pd
import streamlit as st
from dateutil.relativedelta import relativedelta

from crm.analytics import funnel as analytics
from crm.charts import pipeline as charts
from crm.pipeline import queries
from crm.staff.sign_in import SignedIn
from crm.ui.desk import load
from crm.ui.forecast.asked import Asked, asked, titled_frame
from crm.ui.forecast.compare import compare
from crm.ui.forecast.controls import board_of, deals
from crm.ui.forecast.habits import habits
from crm.ui.forecast.losses import losses
from crm.ui.forecast.people import people
from crm.ui.forecast.shown import behind, rows_below, shares
from crm.ui.forecast.time import time
from crm.ui.insight.about import titled
from crm.ui.insight.sides import side
from crm.ui.show import Built, empty, show
from crm.words import say
from crm.words.formats import number, percent

KEPT = ("board", "pipeline", "since", "until", "by", "only")


def funnel(person: SignedIn) -> None:
    """One line of controls, the views below it."""
    titles = {
        "funnel": say("Funnel"),
        "time": say("Time"),
        "compare": say("Compare"),
        "people": say("People"),
        "losses": say("Losses"),
        "habits": say("Habits"),
    }
    with st.container(horizontal=True, key="funnel.top"):
        chosen = side("show", titles, key="funnel.show", title=say("Show"), keep=KEPT)
        board = board_of(person, "funnel")
    found = asked(board) if board else None
    if found is None:
        empty("There is no opportunity that you see yet. Begin one in the pipeline: from its first day on it counts here.")
        return
    table = analytics.funnel_of(load(queries.funnel_counts, where=found.where), len(found.stages))
    if not table["entered"].iloc[0]:
        empty("No deal entered this pipeline in these days. Take a wider span, or another value to compare by.")
        return
    VIEWS[chosen](found, titled_frame(table, found.stages))


def stages(asked: Asked, table: pd.DataFrame) -> None:
    first = table.iloc[0]
    lost, still_open = int(table["lost"].sum()), int(table["open"].sum())
    values: dict[str, Any] = {"entered": int(first["entered"]), "won": int(first["won"])}
    if lost:
        worst = int(table["lost"].argmax())
        values |= {"stage": asked.stages[worst], "next": asked.stages[min(worst + 1, len(asked.stages) - 1)]}
        last = worst == len(asked.stages) - 1
        sign = titled(_MOST_LOST_LAST if last else _MOST_LOST, "funnel.stages", **values)
    else:
        sign = titled("Of {entered:deal|deals} {won} were won; none was lost yet", "funnel.stages", **values)
    with sign:
        definition = say(
            "Every deal that entered counts once, by the furthest stage it ever stood in: going back and forth changes nothing,"
            " and a leap passes what lies between. Behind a bar: the share that went on, with its interval of 95 % (Wilson)."
        )
        behind(asked, "funnel.stages", definition, values["entered"], formula=r"\frac{\text{went on}}{\text{came so far}}")
    st.caption(
        say(
            "{won} won + {lost} lost + {open} open = {entered} entered",
            won=number(values["won"], 0),
            lost=number(lost, 0),
            open=number(still_open, 0),
            entered=number(values["entered"], 0),
        )
    )
    for row, part in show(Built(charts.funnel, table), key="funnel.stages.chart")[:1]:
        deals(asked.where, **_behind(part, int(row), len(asked.stages)))
    shown = shares(table, "conversion", "low", "high", "from_start")
    columns = ["name", "entered", "won", "went_on", "open", "lost", "conversion", "low", "high", "from_start"]
    picked = rows_below(shown, columns, "funnel.stages", labels={"name": say("Stage"), "went_on": say("Went on")})
    if picked is not None:
        deals(asked.where, furthest=tuple(range(picked, len(asked.stages))))
    cohorts(asked)


_MOST_LOST = "Of {entered:deal|deals} {won} were won; most were lost between {stage} and {next}"
_MOST_LOST_LAST = "Of {entered:deal|deals} {won} were won; most were lost in {stage}, the last stage"


def _behind(part: str, row: int, stages: int) -> dict[str, Any]:
    """The part of a bar as a filter."""
    parts: dict[str, dict[str, Any]] = {
        "won": {"state": ("won",)},
        "further": {"state": ("open", "lost"), "furthest": tuple(range(row + 1, stages))},
        "open": {"state": ("open",), "furthest": (row,)},
        "lost": {"state": ("lost",), "furthest": (row,)},
    }
    return parts[part]


def cohorts(asked: Asked) -> None:
    """The same deals by the month in which they entered."""
    table = analytics.cohorts_of(load(queries.cohort_counts, where=asked.where))
    decided = table[table["open"] == 0]
    entered = int(table["entered"].sum())
    values: dict[str, Any] = {"won": percent(table["won"].sum() / entered), "count": len(table), "over": len(decided)}
    with titled(
        "{won} of all that entered are won; of {count:month|months} {over} are decided to the last deal",
        "funnel.cohorts",
        **values,
    ):
        definition = say(
            "Deals by the month in which they entered. A young month has many open deals: what it wins may still rise, so compare"
            " months of which few are open."
        )
        behind(asked, "funnel.cohorts", definition, entered)
    for month, state in show(Built(charts.cohorts, table), key="funnel.cohorts.chart")[:1]:
        deals(asked.where, **_month(dt.date.fromisoformat(month)), state=(state,))
    shown = shares(table.sort_values("cohort", ascending=False, ignore_index=True), "win_rate", "low", "high", "decided_rate")
    shown = shown.assign(id=range(len(shown)), month=[f"{one:%Y-%m}" for one in shown["cohort"]])
    columns = ["month", "entered", "open", "won", "lost", "win_rate", "low", "high", "decided_rate"]
    picked = rows_below(shown, columns, "funnel.cohorts")
    if picked is not None:
        deals(asked.where, **_month(shown["cohort"].iloc[picked].date()))


def _month(first: dt.date) -> dict[str, dt.date]:
    return {"created_from": first, "created_to": first + relativedelta(months=1, days=-1)}


VIEWS: dict[str, Callable[[Asked, pd.DataFrame], None]] = {
    "funnel": stages,
    "time": time,
    "compare": compare,
    "people": people,
    "losses": losses,
    "habits": habits,
}

__all__ = ["funnel"]
