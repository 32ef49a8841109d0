"""What moved the forecast of a period since it was kept: a waterfall that adds up, each step leading to its deals."""

from __future__ import annotations

import datetime as dt

import streamlit as st

from crm.charts import forecast as charts
from crm.pipeline import queries
from crm.pipeline.queries.outlook import Changed, changed_deals, what_changed
from crm.ui.desk import figures, go, load
from crm.ui.forecast.period import Period, sign
from crm.ui.forecast.shown import rows_below
from crm.ui.insight.about import titled
from crm.ui.insight.cohort_controls import newly, one, option, put
from crm.ui.show import Built, empty, heading, show
from crm.ui.table import table
from crm.words import label, say
from crm.words.formats import date_short

MOST = 50
WEEK = dt.timedelta(7)
COLUMNS = ["name", "stage", "state", "amount", "change", "expected_close_on"]


def changed(of: Period) -> None:
    days = [day for day in figures(queries.snapshot_days, where=of.where) if day < of.told.day]
    if not days:
        empty(
            "No earlier forecast is kept yet, so nothing can be compared. The job “forecast” keeps one a week: run it each night,"
            " and from the second week on this shows what moved."
        )
        return
    usual = next((day for day in days if day <= of.told.day - WEEK), days[-1])
    titles = {day.isoformat(): date_short(day) for day in days}
    since = dt.date.fromisoformat(option("since", titles, usual.isoformat(), title=say("Since"), key="forecast.changed"))
    found = figures(what_changed, since=since, start=of.span[0], end=of.span[1], where=of.where)
    _waterfall(of, found)


def _waterfall(of: Period, found: Changed) -> None:
    key, moved = "forecast.changed", found.closing - found.opening
    steps = found.fall[(found.fall["deals"] > 0)]
    values = {"amount": of.money(abs(moved)), "day": date_short(found.since)}
    if steps.empty:
        sign_ = titled("Nothing moved the forecast since {day}", key, day=values["day"])
    else:
        most = steps.iloc[int(steps["change"].abs().argmax())]
        values |= {"step": label(str(most["step"]), of="step"), "by": of.money(abs(float(most["change"])))}
        sign_ = titled(_UP if moved >= 0 else _DOWN, key, **values)
    with sign_:
        definition = say(
            "A deal counts with its amount times its chance where it is expected in the period; won counts whole, lost nothing."
            " Each deal is told by the first that applies: won, lost, new, moved into or out of the period, then its amount, then"
            " its chance. Start + all steps = now, to the cent."
        )
        sign(of, key, definition, int(steps["deals"].sum()))
    picked = show(Built(charts.waterfall, found.fall), key=f"{key}.chart")
    rows = found.fall.assign(id=range(len(found.fall)), step_name=[label(str(one), of="step") for one in found.fall["step"]])
    rows = rows.rename(columns={"total": "total_after"})
    columns, names = ["step_name", "change", "total_after", "deals"], {"step_name": label("step")}
    row = rows_below(rows, columns, key, labels=names, currency=of.board.currency)
    clicked = str(one(picked[0])) if picked else None
    chosen = clicked if newly(f"{key}.chart", clicked) else None
    if row is not None and newly(f"{key}.table", row):
        chosen = str(rows["step"].iloc[row])
    if chosen:
        put("step", chosen)
    _deals(of, found, st.query_params.get("step", ""))


_UP = "{amount} more than on {day}; most of it by “{step}”: {by}"
_DOWN = "{amount} less than on {day}; most of it by “{step}”: {by}"


def _deals(of: Period, found: Changed, step: str) -> None:
    """Those behind one step, or of all the largest."""
    changes = found.changes[found.changes["step"] == step] if step in set(found.changes["step"]) else found.changes
    if changes.empty:
        return
    whole = changes.groupby("opportunity_id")["change"].sum().sort_values(key=abs, ascending=False)
    if changes is found.changes:
        heading("{count:deal|deals} moved it; the largest first", count=len(whole))
    else:
        heading("{step}: {count:deal|deals}", step=label(step, of="step"), count=len(whole))
    shown = {int(one): float(change) for one, change in whole.head(MOST).items()}  # type: ignore[call-overload]
    rows = load(changed_deals, changed=shown)
    chosen = table(rows, key="forecast.changed.deals", columns=COLUMNS, currency=of.board.currency, height=360)
    if chosen.opened:
        go("opportunity", opportunity=chosen.opened)


__all__ = ["changed"]
