"""Two kinds of deals side by side: what each stage lets through, and whether the difference may be chance."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd
import streamlit as st

from crm.analytics import funnel as analytics
from crm.analytics.proportions import newcombe
from crm.charts import pipeline as charts
from crm.pipeline import queries
from crm.pipeline.filters import OpportunityFilter
from crm.ui.desk import load
from crm.ui.forecast.asked import Asked, titled_frame
from crm.ui.forecast.controls import deals
from crm.ui.forecast.shown import behind, rows_below, shares
from crm.ui.insight.about import titled
from crm.ui.insight.cohort_controls import option
from crm.ui.show import Built, empty, heading, plain, show
from crm.ui.text import literal
from crm.words import label, say
from crm.words.formats import percent

FEW = 30
"""Decided deals of one side below which its rate says little."""


@dataclass(frozen=True)
class Side:
    key: str
    name: str
    where: OpportunityFilter
    table: pd.DataFrame
    won: int
    decided: int


def compare(asked: Asked, _: pd.DataFrame) -> None:
    if len(asked.names) < 2:
        empty("There is one value of this only: {name}. Compare by something else.", name=next(iter(asked.names.values()), "–"))
        return
    sides = _two(asked)
    if sides is None:
        return
    first, second = sides
    rows = analytics.compare_funnels(first.table, second.table)
    rows = titled_frame(rows, asked.stages)
    whole = _won(first, second)
    table = pd.concat([pd.DataFrame([whole]), rows], ignore_index=True) if whole else rows
    table = table.assign(id=range(len(table)))
    with titled(_TITLES[_verdict(whole)], "funnel.compare", **_values(first, second, whole)):
        definition = say(
            "The share that went on from each stage, of the one and of the other, and the difference with its interval of 95 %"
            " (Newcombe). Where the interval holds zero the difference may be chance: it is grey. Above: won of all decided."
        )
        behind(asked, "funnel.compare", definition, first.decided + second.decided)
    for one in sides:
        if one.decided < FEW:
            text = say(
                "Only {decided} decided deals of {name}: its shares say little yet.", decided=one.decided, name=literal(one.name)
            )
            st.caption(f":material/warning: {text}")
    _charts(asked, table, first, second)


def _two(asked: Asked) -> tuple[Side, Side] | None:
    keys = list(asked.names)
    with st.container(horizontal=True, key="funnel.compare.sides"):
        one = option("first", asked.names, keys[0], title=say("First"), key=f"funnel.compare.{asked.by}")
        others = {key: name for key, name in asked.names.items() if key != one}
        two = option("second", others, next(iter(others)), title=say("Second"), key=f"funnel.compare.{asked.by}")
    return _side(asked, one), _side(asked, two)


def _side(asked: Asked, key: str) -> Side:
    where = asked.only(key)
    table = analytics.funnel_of(load(queries.funnel_counts, where=where), len(asked.stages))
    won = int(table["went_on"].iloc[-1])
    return Side(key, asked.names[key], where, table, won, won + int(table["lost"].sum()))


def _won(first: Side, second: Side) -> dict[str, object]:
    """Of all that is decided; empty where nothing is decided on a side."""
    if not first.decided or not second.decided:
        return {}
    found = newcombe(first.won, first.decided, second.won, second.decided)
    known = {"name": say("Won of decided"), "position": -1, "entered_1": first.decided, "entered_2": second.decided}
    known |= {"conversion_1": found.first, "conversion_2": found.second, "difference": found.difference}
    return known | {"low": found.low, "high": found.high, "clear": found.is_clear}


_TITLES = {
    "unknown": "{first} and {second}: too little is decided to compare who wins more",
    "clear": "{first} wins {one} of what is decided, {second} {two}: more than chance explains",
    "chance": "{first} wins {one} of what is decided, {second} {two}: it may be chance",
}


def _verdict(whole: dict[str, object]) -> str:
    return "unknown" if not whole else "clear" if whole["clear"] else "chance"


def _values(first: Side, second: Side, whole: dict[str, object]) -> dict[str, str]:
    names = {"first": first.name, "second": second.name}
    shared = {"one": whole.get("conversion_1"), "two": whole.get("conversion_2")}
    return names | {name: percent(value) for name, value in shared.items() if isinstance(value, float)}


def _charts(asked: Asked, table: pd.DataFrame, first: Side, second: Side) -> None:
    left, right = st.columns(2, gap="large")
    with left:
        picked = show(Built(charts.two_shares, table, first.name, second.name), key="funnel.compare.chart")
    with right:
        heading("{first} less {second}", first=first.name, second=second.name)
        plain(Built(charts.differences, table), key="funnel.compare.difference")
    for row, side in picked[:1]:
        position = int(table["position"].iloc[int(row)])
        furthest = tuple(range(position, len(asked.stages))) if position > 0 else ()
        chosen = (first if side == 1 else second).where
        deals(chosen, furthest=furthest, state=("won", "lost") if position < 0 else ())
    names = {
        "entered_1": f"{first.name}: {label('entered', of='funnel')}",
        "entered_2": f"{second.name}: {label('entered', of='funnel')}",
    }
    names |= {"conversion_1": f"{first.name}: {label('conversion')}", "conversion_2": f"{second.name}: {label('conversion')}"}
    shown = shares(table, "conversion_1", "conversion_2", "difference", "low", "high")
    columns = ["name", "entered_1", "conversion_1", "entered_2", "conversion_2", "difference", "low", "high"]
    rows_below(shown, columns, "funnel.compare", labels=names | {"name": say("Stage")})


__all__ = ["compare"]
