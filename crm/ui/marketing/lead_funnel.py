"""How far leads come, by source and by campaign; what a lead and a conversion cost. Every bar leads to its leads."""

from __future__ import annotations

import datetime as dt
from typing import Any, Literal

import pandas as pd
import streamlit as st

from crm.charts.leads import STEPS, lead_conversion, lead_steps
from crm.marketing import queries
from crm.marketing.filters import LeadFilter
from crm.office.queries import today
from crm.ui.address import parameters, read_filter
from crm.ui.desk import figures, go, load, me
from crm.ui.insight.about import about, titled
from crm.ui.insight.sides import side
from crm.ui.money import currency_of
from crm.ui.show import empty, heading, show
from crm.ui.table import table
from crm.words import label, say
from crm.words.formats import percent

PERIODS = {"all": None, "year": 365, "half": 182, "quarter": 91}
ENOUGH = 10
"""With fewer leads a source is not called the best one."""


def lead_funnel() -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        by: Any = side(
            "by",
            {"source": say("By source"), "campaign": say("By campaign")},
            key="leads.by",
            title=say("By"),
            keep=("show", "period"),
        )
        where = _cohort()
    total = load(queries.lead_funnel, by=None, where=where).iloc[0]
    if not total["collected"]:
        empty("No lead came in this time. A longer one shows more.")
        return
    found = _named(load(queries.lead_funnel, by=by, where=where), by)
    left, right = st.columns([1, 1.2], gap="large")
    with left:
        _steps(total, where)
    with right:
        _conversion(found, total, by, where)
    heading(
        "The same as a table, with what it cost",
        about=say(
            "Costs are what was entered at the campaign so far, divided by its leads and by its conversions of the same time."
        ),
    )
    _table(found, by, where)


def _cohort() -> LeadFilter:
    """Leads by the day they came in; what else stands in the address holds as well."""
    titles = {"all": say("All time"), "year": say("12 months"), "half": say("6 months"), "quarter": say("3 months")}
    period = side("period", titles, key="leads.period", title=say("Period"), keep=("show", "by"))
    days = PERIODS[period]
    since = figures(today) - dt.timedelta(days) if days else None
    return read_filter(LeadFilter).model_copy(update={"created_from": since, "state": ()})


def _named(found: pd.DataFrame, by: Literal["source", "campaign"]) -> pd.DataFrame:
    """Adds name (in words) and key ("" or 0 for what is not given: the filter knows them)."""
    if by == "source":
        names = [label(code, of="source") if code else say("not given") for code in found["source"].fillna("")]
        return found.assign(name=names, key=found["source"].fillna(""))
    names = [name or say("not given") for name in found["campaign"].fillna("")]
    return found.assign(name=names, key=found["campaign_id"].fillna(0).astype(int))


def _steps(total: Any, where: LeadFilter) -> None:
    share = percent(total["conversion"] / 100)
    title = titled("Of {leads:lead|leads} {share} became customers", "leads.steps", leads=int(total["collected"]), share=share)
    with title:
        about(
            "leads.steps",
            definition=say(
                "Every lead counts once in each step it ever reached, also when it went back or failed later. The "
                "open ones stay in: the share of the youngest will still grow."
            ),
            scope=_scope(),
            as_of=figures(today),
            n=int(total["collected"]),
        )
    if picked := show(lead_steps([int(total[step]) for step in STEPS]), key="leads.steps.chart"):
        step = str(picked[0])
        go("leads", **parameters(where.model_copy(update={"came_to": "" if step == STEPS[0] else step})))


def _conversion(found: pd.DataFrame, total: Any, by: str, where: LeadFilter) -> None:
    enough = found[found["collected"] >= ENOUGH]
    best = enough.sort_values("conversion_from", ascending=False).head(1).to_dict("records")
    if best and best[0]["conversion_from"] > total["conversion"]:
        one = best[0]
        title = titled(
            "{name} converts best: {share}, against {all} of all",
            "leads.conversion",
            name=one["name"],
            share=percent(one["conversion"] / 100),
            all=percent(total["conversion"] / 100),
        )
    else:
        title = titled("No source stands out: the differences may be chance", "leads.conversion")
    with title:
        about(
            "leads.conversion",
            definition=say(
                "Converted leads among all that came in. The line is the 95 % interval by Wilson; the dotted line is "
                "the share of all leads."
            ),
            formula=r"\frac{\hat p+\frac{z^2}{2n}\pm z\sqrt{\frac{\hat p(1-\hat p)}{n}+\frac{z^2}{4n^2}}}{1+\frac{z^2}{n}}",
            scope=_scope(),
            as_of=figures(today),
            n=int(total["collected"]),
        )
    if picked := show(
        lead_conversion(found.head(15), "name", "key", float(total["conversion"])), key=f"leads.conversion.chart.{by}"
    ):
        field = "source" if by == "source" else "campaign_id"
        go("leads", **parameters(LeadFilter.model_validate(where.model_dump() | {field: (picked[0],)})))


def _scope() -> str:
    return ", ".join(board.name for board in me().boards) or say("own leads")


def _table(found: pd.DataFrame, by: str, where: LeadFilter) -> None:
    columns = ["name", *STEPS, "invalid", "open_leads", "conversion", "conversion_from", "conversion_to"]
    if by == "campaign":
        costs = load(queries.campaigns).set_index("id")["cost"].astype("float64")
        cost = found["key"].map(costs)
        found = found.assign(
            cost=cost, cost_per_lead=_each(cost, found["collected"]), cost_per_conversion=_each(cost, found["converted"])
        )
        columns += ["cost", "cost_per_lead", "cost_per_conversion"]
    rows = found.rename(columns={"open": "open_leads"}).assign(id=range(len(found)))
    chosen = table(rows, key=f"leads.funnel.{by}", columns=columns, labels={"name": label(by)}, currency=currency_of(me()))
    if chosen.opened is not None:
        field = "source" if by == "source" else "campaign_id"
        key = rows["key"].iloc[int(chosen.opened)]
        go("leads", **parameters(LeadFilter.model_validate(where.model_dump() | {field: (key,)})))


def _each(cost: pd.Series[Any], count: pd.Series[Any]) -> pd.Series[Any]:
    return cost / count.where(count > 0)
