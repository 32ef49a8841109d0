"""What was done with deals in their first month, and how they ended: which habits go with winning."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from crm.charts import pipeline as charts
from crm.pipeline import queries
from crm.pipeline.filters import OpportunityFilter
from crm.pipeline.queries import HABITS
from crm.pipeline.queries.facts.behaviour import FIRST_DAYS
from crm.ui.desk import figures, go, load
from crm.ui.forecast.asked import Asked
from crm.ui.forecast.shown import behind, rows_below, shares
from crm.ui.insight.about import titled
from crm.ui.insight.cohort_controls import one
from crm.ui.show import Built, empty, heading, show
from crm.ui.table import table
from crm.words import label, say
from crm.words.formats import percent

COLUMNS = ["name", "customer", "stage", "state", "amount", "created_on", "closed_on", "owner"]


def habits(asked: Asked, _: pd.DataFrame) -> None:
    """A chart for each habit, two in a row; a click on a point shows its deals below."""
    found = load(queries.behaviour, where=asked.where)
    if not found[["won", "lost"]].to_numpy().sum():
        empty("No deal was open for a month and then decided. Log what is done with deals: in a month this page can compare.")
        return
    st.caption(
        say(
            "Only the first {days} days count, and only deals that were still open then. What goes with winning need not be its "
            "cause: promising deals are also better cared for.",
            days=FIRST_DAYS,
        )
    )
    cells = [*st.columns(2, gap="large"), *st.columns(2, gap="large")]
    picked = None
    for cell, habit in zip(cells, HABITS, strict=True):
        with cell:
            group = _habit(asked, habit, found[found["habit"] == habit].reset_index(drop=True))
        picked = picked or (group and (habit, group))
    if picked:
        _deals(asked, *picked)


def _habit(asked: Asked, habit: str, rows: pd.DataFrame) -> str | None:
    """-> the group that was picked"""
    key = f"funnel.habit.{habit}"
    named = rows.assign(name=[group_name(habit, str(group)) for group in rows["group"]])
    with _title(habit, named, key):
        definition = say(
            "Deals by what was done in their first month; the point is the share won of those decided, the line its interval "
            "of 95 %."
        )
        behind(asked, key, definition, int(rows[["won", "lost"]].to_numpy().sum()))
    chosen = [int(one(row)) for row in show(Built(charts.rates, named), key=f"{key}.chart")]
    shown = shares(named.assign(id=range(len(named))), "win_rate", "low", "high")
    row = rows_below(shown, ["name", "won", "lost", "win_rate", "low", "high"], key, labels={"name": label(habit)})
    chosen += [row] if row is not None else []
    return str(rows["group"].iloc[chosen[-1]]) if chosen else None


def _title(habit: str, rows: pd.DataFrame, key: str) -> st.delta_generator.DeltaGenerator:
    """Says which group wins most, and whether that is more than chance: its interval does not touch the lowest one's."""
    known = rows[rows["win_rate"].notna()]
    if len(known) < 2:
        return titled("{habit}: only one group has decided deals", key, habit=label(habit))
    ordered = known.sort_values("win_rate", kind="stable")
    best, worst = ordered.iloc[-1], ordered.iloc[0]
    values: dict[str, Any] = {"habit": label(habit), "best": best["name"], "worst": worst["name"]}
    values |= {"high": percent(best["win_rate"]), "low": percent(worst["win_rate"])}
    clear = best["low"] > worst["high"]
    return titled(_CLEAR if clear else _UNCLEAR, key, **values)


_CLEAR = "{habit}: {high} won with {best}, {low} with {worst}"
_UNCLEAR = "{habit}: {high} won with {best}, {low} with {worst}; it may be chance"


def group_name(habit: str, group: str) -> str:
    if habit in ("met", "quoted"):
        return label(group, of="answer")
    if group == "none":
        return say("not at all")
    return say("day {days}", days=group) if habit == "first_touch" else say("{count} activities", count=group)


def _deals(asked: Asked, habit: str, group: str) -> None:
    ids = figures(queries.behaved, habit=habit, group=group, where=asked.where)
    heading("{habit}: {group} · {count:deal|deals}", habit=label(habit), group=group_name(habit, group), count=len(ids))
    if not ids:
        return
    where = OpportunityFilter(ids=tuple(ids))
    rows = load(queries.opportunity_list, where=where, sort="amount", descending=True)
    chosen = table(rows, key=f"funnel.habit.{habit}.{group}.deals", columns=COLUMNS, currency=asked.board.currency)
    if chosen.opened:
        go("opportunity", opportunity=chosen.opened)


__all__ = ["group_name", "habits"]
