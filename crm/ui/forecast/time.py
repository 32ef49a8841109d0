"""How long deals stand in a stage and until they are decided, open ones counted as far as they have come; and who is stuck."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from crm.analytics import funnel as analytics
from crm.analytics.durations import kaplan_meier
from crm.charts import pipeline as charts
from crm.pipeline import queries
from crm.ui.desk import figures, go, load
from crm.ui.forecast.asked import Asked, titled_frame
from crm.ui.forecast.controls import deals
from crm.ui.forecast.shown import behind, days, rows_below, shares
from crm.ui.insight.about import titled
from crm.ui.insight.cohort_controls import one, put
from crm.ui.show import Built, empty, heading, plain, show
from crm.ui.table import table as rows
from crm.words import say
from crm.words.formats import percent

STUCK = ["name", "customer", "stage", "amount", "silent_days", "owner", "expected_close_on"]


def time(asked: Asked, _: pd.DataFrame) -> None:
    stayed = load(queries.stay_counts, where=asked.where)
    if stayed.empty:
        empty("Nothing is known of stages here: the moves of these deals were not recorded.")
        return
    left, right = st.columns(2, gap="large")
    with left:
        _in_stage(asked, stayed)
    with right:
        _until_decided(asked)
    _stuck(asked)


def _in_stage(asked: Asked, stayed: pd.DataFrame) -> None:
    table = titled_frame(analytics.time_in_stage(stayed, len(asked.stages)), asked.stages)
    known = table.dropna(subset=["median_days"])
    if known.empty:
        sign = titled("In no stage half of the deals have moved on yet", "funnel.stay")
    else:
        slow = known.iloc[int(known["median_days"].astype("float64").argmax())]
        values = {"stage": slow["name"], "days": days(slow["median_days"])}
        sign = titled("Deals stay longest in {stage}: half of them longer than {days:day|days}", "funnel.stay", **values)
    with sign:
        definition = say(
            "Days from entering a stage to leaving it. A deal that is there still counts as far as it has come (Kaplan-Meier):"
            " leaving it out would make the stage look quicker than it is. Thick: the middle half; point: median; mark: 90 %."
        )
        behind(asked, "funnel.stay", definition, len(stayed))
    picked = show(Built(charts.stays, table), key="funnel.stay.chart")
    if picked:
        put("stage", int(one(picked[0])))
    columns = ["name", "stays", "open", "p25_days", "median_days", "p75_days", "p90_days", "lost_share"]
    row = rows_below(shares(table, "lost_share"), columns, "funnel.stay", labels={"name": say("Stage")})
    if row is not None:
        put("stage", row)
    _curve(asked, stayed, table)


def _curve(asked: Asked, stayed: pd.DataFrame, table: pd.DataFrame) -> None:
    asked_for = st.query_params.get("stage", "")
    if not asked_for.isdecimal() or len(asked_for) > 9 or int(asked_for) >= len(asked.stages):
        st.caption(say("Choose a stage to see how many are still there after how many days."))
        return
    here = stayed[stayed["position"] == int(asked_for)]
    if here.empty:
        return
    row = table.iloc[int(asked_for)]
    heading(
        "{stage}: of {stays:stay|stays} {open} last still",
        stage=str(row["name"]),
        stays=int(row["stays"]),
        open=int(row["open"]),
    )
    plain(Built(charts.still_there, kaplan_meier(here["days"], here["ended"])), key="funnel.curve")


def _until_decided(asked: Asked) -> None:
    found = load(queries.outcome_counts, where=asked.where)
    curve = analytics.outcomes(found["days"], found["state"])
    decided = curve[curve["open"] <= 0.5]
    last = curve.iloc[-1]
    values: dict[str, Any] = {"won": percent(last["won"]), "lost": percent(last["lost"])}
    if decided.empty:
        sign = titled("Less than half of the deals are decided yet", "funnel.decided")
    else:
        values["days"] = int(decided["duration"].iloc[0])
        sign = titled("Half of the deals are decided after {days:day|days}; in the end {won} are won", "funnel.decided", **values)
    with sign:
        definition = say(
            "The share of all that entered that was won and that was lost by so many days. Open deals count as far as they have"
            " come; won, lost and open add up to one (Aalen-Johansen)."
        )
        behind(asked, "funnel.decided", definition, len(found))
    for _ in show(Built(charts.outcomes, curve), key="funnel.decided.chart")[:1]:
        deals(asked.where)
    shown = shares(curve.iloc[:: max(len(curve) // 40, 1)], "won", "open", "lost").rename(columns=_PARTS)
    shown = shown.assign(days=shown["duration"], id=range(len(shown)))
    rows_below(shown, ["days", *_PARTS.values()], "funnel.decided")


_PARTS = {"won": "share_won", "open": "share_open", "lost": "share_lost"}


def _stuck(asked: Asked) -> None:
    """Open deals that nobody has touched for longer than their stage allows."""
    where = asked.where.model_copy(update={"rotting": True})
    count = figures(queries.totals, where=where)["open"]
    if not count:
        heading("No open deal is stuck: each was touched within what its stage allows")
        return
    found = load(queries.stuck, where=asked.where)
    heading(
        "{count:open deal is|open deals are} stuck, the longest untouched for {days:day|days}",
        count=count,
        days=int(found["silent_days"].iloc[0]),
        about=say("Open, and without an activity or a move for longer than the stage allows. Set per stage under settings."),
    )
    chosen = rows(found, key="funnel.stuck", columns=STUCK, currency=asked.board.currency, height=360)
    if chosen.opened:
        go("opportunity", opportunity=chosen.opened)
    if count > len(found) and st.button(say("All {count}", count=count), key="funnel.stuck.all", type="tertiary"):
        deals(where)


__all__ = ["time"]
