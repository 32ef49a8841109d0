"""Teams, kinds, priorities side by side: who keeps what is promised, how long it takes, what comes back."""

from __future__ import annotations

from typing import Any, get_args

import pandas as pd
import streamlit as st

from crm.charts import support as charts
from crm.support.queries import ServiceFigures
from crm.support.queries.dashboard import KEYS, By
from crm.ui.insight.about import titled
from crm.ui.insight.cohort_controls import option
from crm.ui.show import Built, heading, show
from crm.ui.support.headline import hours
from crm.ui.support.quality import Asked, show_cases
from crm.ui.support.shown import behind, clicked, rows_below
from crm.words import label, say
from crm.words.formats import percent

MOST = 10
"""Rows of a chart; the table has all."""
FEW = 10
"""Decided cases below which a group is not named in a title."""
PERCENT = ["share", "low", "high", "again", "again_low", "again_high"]
COLUMNS = ["name", "cases", "first_median", "first_p90", "median", "p90", "decided", *PERCENT[:3], *PERCENT[3:]]


def compared(of: Asked, told: ServiceFigures, by: str) -> None:
    titles = {one: say(_BY[one]) for one in get_args(By)}
    with st.container(key="figures.by_row"):
        option("by", titles, "team", title=say("Compare by"), key="figures", draw=st.segmented_control)
    rows = told.groups.assign(name=_names(told.groups, by))
    shown = rows.head(MOST).reset_index(drop=True)
    cells = st.columns(3, gap="large")
    with cells[0]:
        _kept(of, told, rows, shown, by)
    with cells[1]:
        _times(of, rows, shown, by)
    with cells[2]:
        _again(of, told, rows, shown, by)
    if len(rows) > MOST:
        st.caption(say("The {shown} with most cases, of {count}; the table has all.", shown=MOST, count=len(rows)))
    percents = rows.assign(id=range(len(rows)), **{name: rows[name] * 100 for name in PERCENT})
    picked = rows_below(percents, COLUMNS, "figures.by", labels=_heads(by))
    if picked is not None:
        _list(of, rows, picked, by)


_BY: dict[str, str] = {
    "team": "By team",
    "kind": "By kind",
    "priority": "By priority",
    "product": "By product",
    "channel": "By channel",
    "owner": "By agent",
}


def _names(rows: pd.DataFrame, by: str) -> list[str]:
    if by in KEYS:
        return [say("not given") if pd.isna(name) else str(name) for name in rows["name"]]
    return [label(str(key), of=by) for key in rows["key"]]


def _heads(by: str) -> dict[str, str]:
    return {
        "name": label(by),
        "first_median": say("First response, median (h)"),
        "first_p90": say("First response, 90 % (h)"),
        "median": say("Resolution, median (h)"),
        "p90": say("Resolution, 90 % (h)"),
        "decided": say("Solved, promised"),
        "share": say("Within the SLA"),
        "low": say("from"),
        "high": say("to"),
        "again": say("Reopened"),
        "again_low": say("from"),
        "again_high": say("to"),
    }


def _kept(of: Asked, told: ServiceFigures, rows: pd.DataFrame, shown: pd.DataFrame, by: str) -> None:
    decided = int(rows["decided"].sum())
    if not decided:
        heading("Nothing promised is decided yet")
        return
    whole = float(rows["kept"].sum() / decided)
    known = rows[rows["decided"] >= FEW]
    values: dict[str, Any] = {"share": percent(whole, 0)}
    behind_it = known[known["high"] < whole]
    if len(behind_it):
        worst = behind_it.iloc[int(behind_it["share"].astype("float64").argmin())]
        values |= {"name": worst["name"], "least": percent(worst["share"], 0)}
        sign = titled("{share} are solved within the SLA; {name} keeps {least}", "figures.kept", **values)
    else:
        sign = titled("{share} are solved within the SLA; no difference is beyond chance", "figures.kept", **values)
    with sign:
        still = told.cases - int(rows["solved"].sum())
        definition = say(
            "Of the cases opened in the period that are solved and to which something was promised: the share solved in time, "
            "with its interval of 95 % (Wilson). {open} are not solved yet and not counted. Line: all together.",
            open=still,
        )
        behind(of, "figures.kept", definition, decided, formula=r"\frac{\text{in time}}{\text{solved}}")
    frame = shown.assign(value=shown["share"], of=shown["decided"])
    if (row := clicked(show(Built(charts.dots, frame, (0, 1), whole), key=f"figures.kept.{by}"))) is not None:
        _list(of, rows, row, by, made_sla=False)


def _times(of: Asked, rows: pd.DataFrame, shown: pd.DataFrame, by: str) -> None:
    known = rows[(rows["cases"] >= FEW) & rows["median"].notna()]
    key = "figures.spans"
    if known.empty:
        sign = titled("Too little is solved to say who takes longest", key)
    else:
        slow = known.iloc[int(known["median"].astype("float64").argmax())]
        sign = titled("{name} takes longest: half within {half}", key, name=slow["name"], half=hours(slow["median"]))
    with sign:
        definition = say(
            "Until a case is solved, day and night: the bar ends where half are solved, the mark stands where nine in ten are. "
            "Open cases count as far as they have come (Kaplan-Meier); no mark: nine in ten are not solved yet."
        )
        behind(of, key, definition, int(rows["cases"].sum()))
    if (row := clicked(show(Built(charts.spans, shown), key=f"{key}.{by}"))) is not None:
        _list(of, rows, row, by)


def _again(of: Asked, told: ServiceFigures, rows: pd.DataFrame, shown: pd.DataFrame, by: str) -> None:
    solved, again = int(rows["solved"].sum()), int(rows["reopened"].sum())
    key = "figures.again"
    if not solved:
        heading("No case of these days is solved yet")
        return
    values = {"again": again, "solved": solved, "share": percent(again / solved)}
    with titled("{again} of {solved:solved case|solved cases} came back: {share}", key, **values):
        definition = say(
            "Of the cases opened in the period that were solved at least once: the share that was opened again, with its "
            "interval of 95 % (Wilson). Line: all together."
        )
        behind(of, key, definition, solved, formula=r"\frac{\text{reopened}}{\text{solved}}")
    frame = shown.assign(value=shown["again"], low=shown["again_low"], high=shown["again_high"], of=shown["solved"])
    reach = (0.0, min(1.0, float(frame["high"].max()) * 1.1 or 1.0))
    if (row := clicked(show(Built(charts.dots, frame, reach, again / solved), key=f"{key}.{by}"))) is not None:
        _list(of, rows, row, by, reopened=True)


def _list(of: Asked, rows: pd.DataFrame, row: Any, by: str, **more: Any) -> None:
    place = row[0] if isinstance(row, list | tuple) else row
    value = rows["key"].iloc[int(place)]
    of_id = by in KEYS
    chosen = ("" if not of_id else 0) if pd.isna(value) else int(value) if of_id else value
    show_cases(of.list(**{KEYS.get(by, by): (chosen,)}, **more))


__all__ = ["compared"]
