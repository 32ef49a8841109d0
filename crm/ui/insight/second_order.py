"""How soon customers come a second time, and how many of each cohort do."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from crm.charts import cohorts as charts
from crm.insight.queries import cohorts as asked
from crm.ui.desk import figures, load
from crm.ui.insight.about import about, titled
from crm.ui.insight.cohort_controls import day_in_address, newly, one, pick
from crm.ui.insight.cohort_lab import CohortLab, panel, picked_cell
from crm.ui.insight.lab import show_ids
from crm.ui.show import empty, show
from crm.ui.table import table
from crm.words import label, say
from crm.words.formats import percent

BANDS = (0, 30, 60, 90, 180, 365, 730)
FOREVER = 36_500
NOBODY = "Nobody bought for the first time in this selection. Take the day further back, or choose another list."


def second_order(lab: CohortLab) -> None:
    found = figures(asked.second_order, **lab.asked, bands=(*BANDS, FOREVER))
    if not found.customers:
        empty("Nobody bought for the first time in this selection. Take the day further back, or choose another list.")
        return
    bands = found.bands
    with _second_title(found):
        about(
            "cohorts.second",
            definition=say(
                "The share of customers who bought on a second day, by the days since the first. Whoever has not come yet "
                "counts as long as he has been seen, and then leaves the count (Kaplan, Meier 1958): young customers do not "
                "pull the curve down. The steepest part is the time to call; where it is dotted, fewer than 30 customers are "
                "left. n: who came on that day, m: who was still waited for."
            ),
            formula=r"1 - \prod_{d_i \le d} \left(1 - \frac{n_i}{m_i}\right)",
            **panel(lab, found.customers),
        )
    seen = int(found.curve["days"].max()) if len(found.curve) else 30
    longest = next((day for day in BANDS[1:] if day >= seen), BANDS[-1])
    clicked = show(charts.second_order(found.curve, bands[:-1], longest), key="cohorts.second.chart")
    if clicked and newly("cohorts.second", tuple(clicked[0])):
        pick(band=f"{clicked[0][0]}-{clicked[0][1]}")
    _picked_band(lab)
    rows = bands.assign(id=range(len(bands)), share=bands["share_returned"] * 100)
    rows["days_since"] = [_band_name(row.days_from, row.days_to) for row in rows.itertuples()]
    chosen = table(
        rows,
        key="cohorts.bands",
        columns=["days_since", "returned", "share", "waiting"],
        labels={
            "days_since": label("days_since_first_order"),
            "returned": say("Came again"),
            "share": say("Share so far"),
            "waiting": say("Not yet, and now here"),
        },
    )
    st.caption(say("A row leads to the customers whose first purchase is so long ago and who have not come again."))
    if chosen.opened is not None and newly("cohorts.bands", chosen.opened):
        pick(band=f"{bands['days_from'].iloc[chosen.opened]}-{bands['days_to'].iloc[chosen.opened]}")


def _second_title(found: asked.SecondOrder) -> Any:
    waiting = int(found.bands["waiting"].sum())
    if found.curve.empty:
        return titled("None of {waiting:customer|customers} has come a second time yet", "cohorts.second", waiting=waiting)
    shares = dict(zip(found.bands["days_to"], found.bands["share_returned"].tolist(), strict=True))
    return titled(
        "{share} come a second time within 90 days; {waiting:customer has|customers have} not come again yet",
        "cohorts.second",
        share=percent(shares[90]),
        waiting=waiting,
    )


def _band_name(low: Any, high: Any) -> str:
    return f"> {int(low) - 1}" if int(high) >= FOREVER else f"{int(low)}–{int(high)}"


def _picked_band(lab: CohortLab) -> None:
    low, _, high = st.query_params.get("band", "").partition("-")
    if not (low.isdecimal() and high.isdecimal()) or len(low + high) > 18:
        return
    ids = figures(asked.waiting_customers, **lab.asked, low=int(low), high=int(high))
    text = say("First purchase {days} days ago, none since", days=_band_name(low, high))
    show_ids(lab, text, ids)


# ------------------------------------------------------------------------------------------------ repeat rate


def repeat_rate(lab: CohortLab) -> None:
    rates = load(asked.repeat_rates, **lab.asked, period=lab.period, within_days=lab.within)
    if rates.empty:
        empty("Nobody bought for the first time in this selection. Take the day further back, or choose another list.")
        return
    rates = rates.assign(repeat_rate=rates["repeat_rate"].astype("Float64"))
    with _repeat_title(rates, lab):
        about(
            "cohorts.repeat",
            definition=say(
                "The share of each cohort that bought again, on a later day, within so many days of the first purchase. A "
                "cohort whose youngest customer has not been seen for so long has no rate yet and is marked with “…”."
            ),
            **panel(lab, int(rates["customers"].sum())),
        )
    clicked = show(charts.repeat_columns(rates, lab.period), key=f"cohorts.repeat.{lab.period}.{lab.within}")
    if rates["repeat_rate"].isna().any():
        st.caption(say("…: not yet seen for {count:day|days}.", count=lab.within))
    if clicked and newly("cohorts.repeat", str(one(clicked[0]))):
        pick(cohort=one(clicked[0]))
    if cohort := day_in_address("cohort"):
        picked_cell(lab, cohort, None)
    rows = rates.sort_values("cohort", ascending=False).reset_index(drop=True)
    names = [charts.period_name(day, lab.period) for day in rows["cohort"]]
    rows = rows.assign(id=range(len(rows)), cohort_name=names, share=rows["repeat_rate"].astype("float64") * 100)
    chosen = table(
        rows,
        key=f"cohorts.repeat_table.{lab.period}",
        columns=["cohort_name", "customers", "repeaters", "share"],
        labels={"cohort_name": label("cohort"), "share": label("repeat_rate")},
        height=320 if len(rows) > 8 else "content",
    )
    if chosen.opened is not None and newly("cohorts.repeat_table", (chosen.opened, lab.period)):
        pick(cohort=rows["cohort"].dt.date.iloc[chosen.opened])


def _repeat_title(rates: pd.DataFrame, lab: CohortLab) -> Any:
    known = rates.dropna(subset="repeat_rate")
    if known.empty:
        return titled("No cohort has been seen for {count:day|days} yet", "cohorts.repeat", count=lab.within)
    best = known.iloc[int(known["repeat_rate"].astype("float64").argmax())]
    return titled(
        "{share} buy again within {days:day|days}; the best cohort is {cohort} with {best}",
        "cohorts.repeat",
        share=percent(known["repeaters"].sum() / known["customers"].sum()),
        days=lab.within,
        cohort=charts.period_name(best["cohort"], lab.period),
        best=percent(float(best["repeat_rate"])),
    )
