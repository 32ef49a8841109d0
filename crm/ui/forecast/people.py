"""Who wins what share, how large and how quickly: by rep and by unit, and what a day of their pipeline brings."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from crm.analytics import funnel as analytics
from crm.charts import pipeline as charts
from crm.charts.compare import bars
from crm.pipeline import queries
from crm.pipeline.filters import OpportunityFilter
from crm.ui.address import parameters
from crm.ui.desk import load
from crm.ui.forecast.asked import FIELDS, Asked
from crm.ui.forecast.controls import deals
from crm.ui.forecast.shown import behind, shares, words
from crm.ui.insight.about import titled
from crm.ui.insight.cohort_controls import one, option
from crm.ui.show import Built, heading, show
from crm.ui.table import table
from crm.ui.tile import COUNT, Tile, tile
from crm.words import label, say
from crm.words.formats import number, percent, short_money

COLUMNS = ["name", "won", "lost", "open", "win_rate", "low", "high", "won_amount", "average_deal", "days_to_win", "velocity"]
MOST = 15


def people(asked: Asked, _: pd.DataFrame) -> None:
    by = option(
        "group",
        {"owner": label("owner"), "team": label("team")},
        "owner",
        title=say("By"),
        key="funnel",
        draw=st.segmented_control,
    )
    found = load(queries.win_rates, by=by, where=asked.where)
    found = found.assign(name=[str(one) for one in found["name"]], id=range(len(found)))
    _all_together(asked, found)
    left, right = st.columns(2, gap="large")
    with left:
        _rates(asked, found, by)
    with right:
        _pace(asked, found, by)
    shown = shares(found, "win_rate", "low", "high").assign(days_to_win=found["days_to_win"].round())
    chosen = table(shown, key=f"funnel.people.{by}", columns=COLUMNS, labels=words(), currency=asked.board.currency)
    if chosen.opened is not None:
        _open(asked, found, by, chosen.opened)


def _all_together(asked: Asked, found: pd.DataFrame) -> None:
    """The four levers of a pipeline, and what they bring together."""
    names = ["won", "lost", "open", "won_amount", "days_to_win"]
    sums = found.assign(days_to_win=found["days_to_win"].fillna(0) * found["won"])[names].sum().to_frame().T
    whole = analytics.rates_of(sums).iloc[0]
    currency = asked.board.currency
    open_ones = asked.where.model_copy(update={"state": ("open",)})
    decided = asked.where.model_copy(update={"state": ("won", "lost")})
    won = asked.where.model_copy(update={"state": ("won",)})
    velocity = say("Open deals × win rate × average deal / days to win: what a day of this pipeline brings.")
    days = say("From entering to winning, mean of the deals won.")
    shown = {"average": whole["average_deal"], "velocity": whole["velocity"]}
    money = {name: short_money(value, currency) for name, value in shown.items()}
    tiles = [
        _tile("open", say("Open deals"), number(whole["open"], 0), say("Deals of this pipeline that are not decided."), open_ones,
            whole["open"]),
        _tile("rate", say("Win rate"), percent(whole["win_rate"]), say("Won of all that is decided: won / (won + lost)."),
            decided),
        _tile("average", say("Average deal"), money["average"], say("Amount won / deals won."), won),
        _tile("days", say("Days to win"), number(whole["days_to_win"], 0), days, won),
        _tile("velocity", say("Velocity a day"), money["velocity"], velocity, open_ones),
    ]  # fmt: skip
    cells = st.container(horizontal=True, key="funnel.velocity")
    for each in tiles:
        with cells.container(border=True, width="stretch", height="stretch", key=f"{each.name}.cell"):
            tile(each, border=False)


def _tile(name: str, title: str, text: str, about: str, where: OpportunityFilter, count: float | None = None) -> Tile:
    rows = {"show": "list"} | parameters(where)
    total = COUNT if count is not None else None
    return Tile(f"funnel.{name}", title, count, text, "pipeline", rows, total=total, about=about)


def _rates(asked: Asked, found: pd.DataFrame, by: str) -> None:
    known = found[(found["won"] + found["lost"]) > 0].sort_values("win_rate", ascending=False, ignore_index=True)
    shown = known.head(MOST).reset_index(drop=True)
    if shown.empty:
        heading("Nothing is decided yet")
        return
    sure = shown[shown["low"] > known["won"].sum() / (known["won"] + known["lost"]).sum()]
    values: dict[str, Any] = {"name": shown["name"].iloc[0], "rate": percent(shown["win_rate"].iloc[0]), "count": len(sure)}
    with titled(
        "{name} wins most often: {rate}; {count} of those shown win more than chance explains", f"funnel.rates.{by}", **values
    ):
        definition = say("Won of all that is decided, with its interval of 95 % (Wilson): few deals have a wide one.")
        behind(asked, f"funnel.rates.{by}", definition, int((known["won"] + known["lost"]).sum()))
    for row in show(Built(charts.rates, shown), key=f"funnel.rates.{by}.chart")[:1]:
        _open(asked, shown, by, int(one(row)), decided=True)


def _pace(asked: Asked, found: pd.DataFrame, by: str) -> None:
    known = found[found["velocity"].notna()].nlargest(MOST, "velocity")
    if known.empty:
        heading("Velocity needs open deals and deals that were won")
        return
    top = known.iloc[0]
    values = {"name": top["name"], "amount": short_money(top["velocity"], asked.board.currency)}
    with titled("{name} is quickest: a day of the pipeline brings {amount}", f"funnel.pace.{by}", **values):
        definition = say("Open deals × win rate × average deal / days to win: what a day of this pipeline brings.")
        behind(asked, f"funnel.pace.{by}", definition, int(found["open"].sum()))
    picked = show(Built(bars, known, "name", "velocity"), key=f"funnel.pace.{by}.chart")
    if picked:
        name = one(picked[0])
        _open(asked, known.reset_index(drop=True), by, int((known["name"] == name).to_numpy().argmax()))


def _open(asked: Asked, found: pd.DataFrame, by: str, row: int, decided: bool = False) -> None:
    deals(asked.where, **{FIELDS[by]: (int(found["key"].iloc[row]),)}, state=("won", "lost") if decided else asked.where.state)


__all__ = ["people"]
