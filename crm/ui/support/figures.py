"""How the service goes: the numbers of a period beside the one before, and what stands behind them."""

from __future__ import annotations

import datetime as dt
from typing import Any, get_args

import pandas as pd
import streamlit as st

from crm.charts import support as charts
from crm.support import queries
from crm.support.queries import ServiceFigures
from crm.support.queries.dashboard import By
from crm.ui.address import choice
from crm.ui.desk import figures as asked_for
from crm.ui.desk import go, load
from crm.ui.insight.about import titled
from crm.ui.insight.cohort_controls import option, put
from crm.ui.show import Built, empty, heading, show
from crm.ui.support.compared import compared
from crm.ui.support.headline import headline, hours
from crm.ui.support.quality import Asked, asked, show_cases
from crm.ui.support.shown import behind, clicked, rows_below
from crm.ui.table import table
from crm.words import label, say
from crm.words.formats import date_short, percent

WAITING = ("waiting_customer", "waiting_third")
WORKING = ("new", "in_progress")
OLD = "over_30_days"


def figures() -> None:
    of = asked("figures")
    by = choice("by", get_args(By), "team")
    told = asked_for(queries.service_figures, since=of.since, until=of.until, where=of.where, by=by)
    if not told.cases and not told.now["open"] and not told.weeks["ended"].sum():
        _nothing(of)
        return
    headline(of, told)
    left, right = st.columns(2, gap="large")
    with left:
        _ages(of, told)
    with right:
        _flow(of, told)
    if not told.cases:
        heading("No case was opened in these days")
        return
    for cell, measure in zip(st.columns(2, gap="large"), ("first_response", "resolution"), strict=True):
        with cell:
            _waits(of, told, measure)
    compared(of, told, by)
    titles = {one: say(title) for one, title in _WHAT.items()}
    what = option("what", titles, "cause", title=say("What it was"), key="figures", draw=st.segmented_control)
    _DRAWN[what](of, told)
    _escalations(of)


def _nothing(of: Asked) -> None:
    newest = asked_for(queries.newest_case, where=of.where)
    if newest is None:
        empty("No case is known here yet. Write down the first one under Cases, or import the log of another system.")
        return
    empty("In these days nothing was opened or ended, and nothing is open. The newest case is of {day}.", day=date_short(newest))
    days = {"since": newest - dt.timedelta(of.days - 1), "until": newest}
    if st.button(say("Show the days up to then"), icon=":material/history:", key="figures.newest"):
        for name, day in days.items():
            put(name, day)
        put("period", None)
        st.rerun()


# --------------------------------------------------------------------------------------------------- what is open, what flows


def _ages(of: Asked, told: ServiceFigures) -> None:
    ages, count = told.ages, told.now["open"]
    old = int(ages.loc[ages["age"] == OLD, "cases"].iloc[0])
    waiting = int(ages["waiting"].sum())
    values: dict[str, Any] = {"count": count, "old": old, "waiting": waiting}
    if not count:
        heading("No case is open")
        return
    template = "{count:case is|cases are} open, {old} of them for more than 30 days" if old else _YOUNG
    with titled(template, "figures.ages", **values):
        definition = say(
            "Cases open now, whenever they were opened, by days since then. Light: we wait for the customer or somebody else."
        )
        behind(of, "figures.ages", definition, count, where=of.where.model_copy(update={"open": True}))
    if picked := clicked(show(Built(charts.open_by_age, ages), key="figures.ages.chart")):
        age, part = picked
        row = ages[ages["age"] == age].iloc[0]
        state = WAITING if part == "waiting" else WORKING
        show_cases(of.open(opened_from=row["opened_from"], opened_to=row["opened_to"], state=state))
    shown = ages.assign(id=range(len(ages)), age=[label(age) for age in ages["age"]])
    row = rows_below(shown, ["age", "cases", "unassigned", "waiting"], "figures.ages")
    if row is not None:
        show_cases(of.open(opened_from=ages["opened_from"].iloc[row], opened_to=ages["opened_to"].iloc[row]))


_YOUNG = "{count:case is|cases are} open, none for more than 30 days; {waiting} wait for somebody else"


def _flow(of: Asked, told: ServiceFigures) -> None:
    weeks = told.weeks
    arrived, ended = int(weeks["arrived"].sum()), int(weeks["ended"].sum())
    values = {"arrived": arrived, "ended": ended, "more": abs(arrived - ended)}
    sign = "up" if arrived > ended else "down" if ended > arrived else "same"
    with titled(_FLOWS[sign], "figures.flow", **values):
        definition = say(
            "By week: cases opened, and cases solved or closed; below, how many were open when the week ended. The first and the "
            "last week may be cut by the period."
        )
        behind(of, "figures.flow", definition, arrived)
    if picked := clicked(show(Built(charts.flow, weeks), key="figures.flow.chart")):
        _week(of, dt.date.fromisoformat(picked[0]), picked[1])
    shown = weeks.assign(id=range(len(weeks)), week=[f"{week:%Y-%m-%d}" for week in weeks["week"]])
    row = rows_below(shown, ["week", "arrived", "ended", "backlog"], "figures.flow")
    if row is not None:
        _week(of, weeks["week"].iloc[row].date(), "arrived")


_FLOWS = {
    "up": "{arrived:case|cases} came and {ended} went: {more} more are open",
    "down": "{arrived:case|cases} came and {ended} went: {more} fewer are open",
    "same": "{arrived:case|cases} came and as many went",
}


def _week(of: Asked, monday: dt.date, what: str) -> None:
    first, last = max(monday, of.since), min(monday + dt.timedelta(6), of.until)
    field = "ended" if what == "ended" else "opened"
    show_cases(of.where.model_copy(update={f"{field}_from": first, f"{field}_to": last}))


# ------------------------------------------------------------------------------------------------------ how long it takes


def _waits(of: Asked, told: ServiceFigures, measure: str) -> None:
    key, found = f"figures.{measure}", told.times[told.times["measure"] == measure]
    if found.empty or not int(found["ended"].iloc[0]):
        heading(_UNKNOWN[measure])
        return
    row = found.iloc[0]
    waiting = int(row["cases"]) - int(row["ended"])
    values = {"half": hours(row["median"]), "most": hours(row["p90"]), "waiting": waiting}
    kind = "half" if pd.isna(row["p90"]) else "both"
    with titled(_WAITS[measure, "none" if pd.isna(row["median"]) else kind], key, **values):
        definition = say(
            "The share of the cases opened in the period that still wait after so long, day and night. {waiting} still wait: "
            "they count as far as they have come (Kaplan-Meier, with its interval of 95 %); leaving them out would flatter.",
            waiting=waiting,
        )
        formula = r"\hat S(t) = \prod_{t_i \le t} \left(1 - \frac{d_i}{n_i}\right)"
        behind(of, key, definition, int(row["cases"]), formula=formula)
    curve = told.waits[told.waits["measure"] == measure]
    if show(Built(charts.waits, curve, row["median"], row["p90"]), key=f"{key}.chart"):
        show_cases(of.list())


_UNKNOWN = {
    "first_response": "Nobody has answered a case of these days yet",
    "resolution": "No case of these days is solved yet",
}
_WAITS = {
    ("first_response", "both"): "Half are answered within {half}, nine in ten within {most}",
    ("first_response", "half"): "Half are answered within {half}; nine in ten are not answered yet",
    ("first_response", "none"): "Less than half are answered yet",
    ("resolution", "both"): "Half are solved within {half}, nine in ten within {most}",
    ("resolution", "half"): "Half are solved within {half}; nine in ten are not solved yet",
    ("resolution", "none"): "Less than half are solved yet",
}


# ------------------------------------------------------------------------------------------------------------ what it was


def _causes(of: Asked, told: ServiceFigures) -> None:
    rows = told.causes.assign(name=[say("nobody said") if pd.isna(key) else key for key in told.causes["key"]])
    definition = say("The cause that was entered, of the cases opened in the period. Dark: still open.")
    _ranked(of, rows, "figures.causes", _CAUSE, definition, "cause", "")


def _problems(of: Asked, told: ServiceFigures) -> None:
    if told.problems.empty:
        heading("No case of these days has a known problem behind it")
        return
    definition = say("Cases opened in the period that are tied to a known problem. Dark: still open.")
    _ranked(of, told.problems, "figures.problems", _PROBLEM, definition, "problem_id", 0)


def _products(of: Asked, told: ServiceFigures) -> None:
    names = [say("No product") if pd.isna(name) else name for name in told.products["name"]]
    rows = told.products.assign(name=names)
    definition = say("The product that a case is about, of the cases opened in the period. Dark: still open.")
    _ranked(of, rows, "figures.products", _PRODUCT, definition, "product_id", 0)


_WHAT = {"cause": "By cause", "problem": "By known problem", "product": "By product"}
_DRAWN = {"cause": _causes, "problem": _problems, "product": _products}
_CAUSE = "{name} is the first cause: {share} of the cases"
_PROBLEM = "{name} is the first known problem: {count:case|cases}"
_PRODUCT = "Most cases are about {name}: {share}"


def _ranked(of: Asked, rows: pd.DataFrame, key: str, template: str, definition: str, field: str, nothing: Any) -> None:
    given = rows[rows["key"].notna()]
    if given.empty:
        heading(_NOT_GIVEN[field])
        return
    top = given.iloc[0]
    with titled(template, key, name=str(top["name"]), share=percent(top["share"], 0), count=int(top["cases"])):
        behind(of, key, definition, int(rows["cases"].sum()))
    picked = clicked(show(Built(charts.ranked, rows), key=f"{key}.chart"))
    percents = rows.assign(id=range(len(rows)), share=rows["share"] * 100)
    row = rows_below(percents, ["name", "cases", "share", "open"], key)
    row = int(picked[0]) if picked else row
    if row is not None:
        value = rows["key"].iloc[row]
        show_cases(of.list(**{field: (nothing if pd.isna(value) else value if field == "cause" else int(value),)}))


_NOT_GIVEN = {
    "cause": "Nobody said what these cases came from",
    "product_id": "No product is given with these cases",
}


# ---------------------------------------------------------------------------------------------------- who had to be told


def _escalations(of: Asked) -> None:
    rows = load(queries.escalated, since=of.since, until=of.until, where=of.where)
    if rows.empty:
        heading("Nothing had to be escalated in these days")
        return
    heading(
        "{count:escalation|escalations} in these days, the newest first",
        count=int(rows["total"].iloc[0]),
        about=say("Somebody above was told that a clock of a case runs out, or has run out."),
    )
    readable = rows.assign(
        case=rows["number"] + " · " + rows["subject"],
        escalation=[
            f"{label(clock)} · {label(level, of='escalation')}" for clock, level in zip(rows["clock"], rows["level"], strict=True)
        ],
        told_at=rows["at"],
    )
    chosen = table(readable, key="figures.escalations", columns=["told_at", "case", "escalation", "to", "state"])
    if chosen.opened:
        go("case", case=chosen.opened)


__all__ = ["figures"]
