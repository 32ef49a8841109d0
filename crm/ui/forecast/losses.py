"""Why deals were lost, to whom, and in which stage."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from crm.charts.compare import bars
from crm.pipeline import queries
from crm.ui.desk import load
from crm.ui.forecast.asked import Asked
from crm.ui.forecast.controls import deals
from crm.ui.forecast.shown import behind, rows_below
from crm.ui.insight.about import titled
from crm.ui.insight.cohort_controls import one
from crm.ui.show import Built, empty, show
from crm.words import label, say
from crm.words.formats import percent, short_money

MOST = 12
_TITLES = {
    "close_reason": "{name} is the first reason: {share} of the deals lost, {amount}",
    "lost_to": "Most were lost to {name}: {share} of the deals lost, {amount}",
}


def losses(asked: Asked, funnel: pd.DataFrame) -> None:
    lost = int(funnel["lost"].sum())
    if not lost:
        empty("No deal was lost here yet. When one is, whoever closes it says why and to whom, and it is counted here.")
        return
    left, right = st.columns(2, gap="large")
    with left:
        _reasons(asked, load(queries.loss_reasons, where=asked.where))
    with right:
        _to_whom(asked, load(queries.lost_to, where=asked.where))
    _where_lost(asked, funnel)


def _reasons(asked: Asked, found: pd.DataFrame) -> None:
    rows = found.assign(code=found["reason"].fillna(""))
    rows = rows.assign(name=[label(one, of="close_reason") if one else say("nobody said") for one in rows["code"]])
    _bars(
        asked,
        rows,
        "funnel.reasons",
        say("What was entered when the deal was closed as lost. One reason a deal."),
        "close_reason",
    )


def _to_whom(asked: Asked, found: pd.DataFrame) -> None:
    rows = found.assign(code=found["competitor"].fillna(""))
    rows = rows.assign(name=[one or say("nobody said") for one in rows["code"]])
    _bars(
        asked,
        rows,
        "funnel.to_whom",
        say("The competitor who was entered when the deal was closed as lost."),
        "lost_to",
    )


def _bars(asked: Asked, rows: pd.DataFrame, key: str, definition: str, field: str) -> None:
    rows = rows.assign(id=range(len(rows)))
    whole, given = int(rows["deals"].sum()), rows[rows["code"] != ""]
    if given.empty:
        sign = titled("Of {count:lost deal|lost deals} nobody said it", key, count=whole)
    else:
        top = given.iloc[0]
        values: dict[str, Any] = {"name": top["name"], "share": percent(top["deals"] / whole)}
        sign = titled(_TITLES[field], key, **values, amount=short_money(top["amount"], asked.board.currency))
    with sign:
        behind(asked, key, definition, whole)
    picked = show(Built(bars, rows.head(MOST), "name", "deals"), key=f"{key}.chart")
    row = rows_below(rows, ["name", "deals", "amount"], key, labels={"name": label(field)}, currency=asked.board.currency)
    if picked:
        name = one(picked[0])
        row = int((rows["name"] == name).to_numpy().argmax())
    if row is not None:
        deals(asked.where, state=("lost",), **{field: (rows["code"].iloc[row],)})


def _where_lost(asked: Asked, funnel: pd.DataFrame) -> None:
    """By the furthest stage they came to."""
    rows = funnel[funnel["lost"] > 0]
    top = rows.iloc[int(rows["lost"].argmax())]
    values = {"stage": top["name"], "share": percent(top["lost"] / rows["lost"].sum())}
    with titled("{share} of the deals lost came as far as {stage} and no further", "funnel.lost_where", **values):
        definition = say("Lost deals by the furthest stage they ever stood in.")
        behind(asked, "funnel.lost_where", definition, int(rows["lost"].sum()))
    picked = show(Built(bars, rows.assign(deals=rows["lost"]), "name", "deals"), key="funnel.lost_where.chart")
    if picked:
        name = one(picked[0])
        deals(asked.where, state=("lost",), furthest=(int(rows.loc[rows["name"] == name, "position"].iloc[0]),))


__all__ = ["losses"]
