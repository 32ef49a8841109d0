"""What matters now: how much, how likely and why, until when, what is next. The right third of an opportunity's page."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import streamlit as st

from crm.customers.filters import CustomerFilter
from crm.customers.queries import customer_list
from crm.office.queries import activities_of, today
from crm.pipeline import queries
from crm.pipeline.commands import OpportunityDetails, tick_criteria
from crm.pipeline.models import ForecastCategory, Opportunity, OpportunityState
from crm.ui.customer.outlook import aligned
from crm.ui.deal.closing import currency
from crm.ui.deal.editing import compare_edit, keep, known
from crm.ui.deal.stages import stage_title
from crm.ui.desk import act, figures, load
from crm.ui.show import heading
from crm.ui.table import records
from crm.ui.text import literal
from crm.words import label, say
from crm.words.formats import date_relative, date_short, money, percent, short_money


def matters(deal: Opportunity, may: bool) -> None:
    with st.container(border=True, key="deal.matters"):
        _title(deal)
        if deal.state == OpportunityState.OPEN:
            aligned([(name, f"**{text}**") for name, text in _figures(deal)])
            st.markdown(f":gray[{say('Next activity')}]  \n{_next(deal, figures(today))}")
            _why(deal)
            _category(deal, may)
        else:
            aligned([(name, f"**{literal(text)}**") for name, text in _ended(deal)])
    if deal.state == OpportunityState.OPEN:
        _to_go_on(deal, may)
    _customer(deal)


def _title(deal: Opportunity) -> None:
    amount = short_money(deal.amount, currency(deal))
    if deal.state == OpportunityState.OPEN:
        heading("{chance} to win {amount}", chance=percent(queries.probability(deal), 0), amount=amount, about=_about())
    elif deal.state == OpportunityState.WON:
        heading("Won for {amount}", amount=amount)
    elif deal.lost_to:
        heading("{amount} lost to {name}", amount=amount, name=deal.lost_to)
    else:
        heading("{amount} lost", amount=amount)


def _about() -> str:
    return say(
        "The chance by the model that learned from decided deals; where there are too few of them, what the firm set for the "
        "stage. Weighted: the amount times the chance."
    )


# ------------------------------------------------------------------------------------------------------ open deals


def _figures(deal: Opportunity) -> list[tuple[str, str]]:
    day = figures(today)
    weighted = float(deal.amount) * queries.probability(deal)
    return [
        (label("amount"), literal(money(deal.amount, currency(deal)))),
        (say("Weighted"), literal(money(round(weighted), currency(deal)).removesuffix(".00"))),
        (say("Closes"), _close(deal, day)),
        (say("Silent for"), _silence(deal, day)),
        (say("Open for"), say("{days:day|days}", days=(day - deal.created_on).days)),
    ]


def _close(deal: Opportunity, day: dt.date) -> str:
    if deal.expected_close_on is None:
        return f":orange[{say('not set')}]"
    told = f"{date_short(deal.expected_close_on)} · {date_relative(deal.expected_close_on, day)}"
    return f":red[:material/warning: {told}]" if deal.expected_close_on < day else told


def silent_days(deal: Opportunity, day: dt.date) -> int:
    """Since the last activity or move."""
    return (day - max(deal.last_activity_on or deal.stage_since, deal.stage_since)).days


def _silence(deal: Opportunity, day: dt.date) -> str:
    """Against the patience of the stage."""
    silent, patience = silent_days(deal, day), deal.stage.rotting_days
    if patience is None:
        return say("{days:day|days}", days=silent)
    told = say("{days} of {patience:day|days}", days=silent, patience=patience)
    return f":red[:material/warning: {told}]" if silent > patience else told


def _next(deal: Opportunity, day: dt.date) -> str:
    rows = load(activities_of, subject_type="opportunity", subject_id=deal.id)
    planned = rows[rows["happened_on"].isna() & rows["planned_on"].notna()]
    if planned.empty:
        return f":orange[{say('nothing planned')}]"
    first = min(records(planned), key=lambda row: row.planned_on)
    what = first.topic if pd.notna(first.topic) else label(first.kind, of="kind")
    colour = "red" if first.planned_on < day else "gray"
    return f"**{literal(what)}** :{colour}[{date_relative(first.planned_on, day)}]"


def _why(deal: Opportunity) -> None:
    """What the chance is made of, in words."""
    if deal.win_probability is None:
        stage = literal(stage_title(deal.stage))
        st.caption(say("The chance that the firm set for the stage {stage}; no model has judged this deal yet.", stage=stage))
    elif not deal.win_reasons:
        st.caption(say("How often deals were won that reached this stage: too few were decided to say more."))
    else:
        for speaks, icon in ((1, ":green[:material/trending_up:]"), (-1, ":red[:material/trending_down:]")):
            found = [reason(code, deal) for code, effect in deal.win_reasons if effect * speaks > 0]
            if found:
                told = say("For it: {reasons}", reasons=found) if speaks > 0 else say("Against it: {reasons}", reasons=found)
                st.markdown(f"{icon} :small[{told}]")


def reason(code: str, deal: Opportunity) -> str:
    """One reason of the model with the deal's own figure."""
    day = figures(today)
    match code:
        case "position":
            return say("the stage {stage}", stage=literal(stage_title(deal.stage)))
        case "days_in_stage":
            return say("{days:day|days} in this stage", days=(day - deal.stage_since).days)
        case "age_days":
            return say("{days:day|days} since it began", days=(day - deal.created_on).days)
        case "silent_days":
            return say("{days:day|days} of silence", days=silent_days(deal, day))
        case "amount":
            return say("an amount of {amount}", amount=literal(short_money(deal.amount, currency(deal))))
        case "source":
            return say("the source {source}", source=label(deal.source or "other", of="source"))
        case "owner":
            return say("who works on it")
    return label(code)


def _category(deal: Opportunity, may: bool) -> None:
    codes = [one.value for one in ForecastCategory]
    if not may:
        aligned([(label("forecast_category"), f"**{label(deal.forecast_category, of='forecast_category')}**")])
        return
    chosen = st.segmented_control(
        label("forecast_category"),
        codes,
        default=deal.forecast_category,
        required=True,
        format_func=lambda code: label(code, of="forecast_category"),
        key=f"deal.category.{deal.id}.{deal.version}",
        help=say("What you promise: commit comes in, best case may, pipeline is open, omitted does not count."),
        wrap=True,
    )
    if chosen is not None and chosen != deal.forecast_category:
        keep(deal, OpportunityDetails(**known(deal) | {"forecast_category": chosen}))
    compare_edit(deal)


def _to_go_on(deal: Opportunity, may: bool) -> None:
    """The exit criteria of the stage to tick, and what must be filled in before it can be left."""
    criteria = [str(one) for one in deal.stage.exit_criteria]
    empty = [name for name in deal.stage.required_fields if not getattr(deal, name)]
    if not criteria and not empty:
        return
    with st.container(border=True, key="deal.to_go_on"):
        heading("To leave the stage {stage}", stage=stage_title(deal.stage))
        ticked = [
            one
            for position, one in enumerate(criteria)
            if st.checkbox(
                literal(one),
                value=one in deal.criteria_met,
                key=f"deal.criterion.{deal.id}.{deal.stage_id}.{position}",
                disabled=not may,
            )
        ]
        if empty:
            st.markdown(f":orange[:material/edit_note: {say('Fill in: {fields}', fields=[label(name) for name in empty])}]")
        if may and ticked != [one for one in criteria if one in deal.criteria_met]:
            act(tick_criteria, deal.id, ticked, done="Noted.")


# ---------------------------------------------------------------------------------------------------- closed deals


def _ended(deal: Opportunity) -> list[tuple[str, str]]:
    rows = [(label("closed_on"), date_short(deal.closed_on))]
    if deal.close_reason:
        rows.append((label("reason"), label(deal.close_reason, of="reason")))
    if deal.closed_on is not None:
        rows.append((say("Took"), say("{days:day|days}", days=(deal.closed_on - deal.created_on).days)))
    return [(label("amount"), money(deal.amount, currency(deal))), *rows]


def _customer(deal: Opportunity) -> None:
    """What the customer is worth, in short."""
    if deal.customer is None:
        return
    where, columns = CustomerFilter(ids=(deal.customer.id,)), ("p_alive", "expected_value", "lifetime_value", "last_order_on")
    rows = load(customer_list, where=where, columns=columns, page=1, size=1)
    if rows.empty:
        return
    row, money_of = rows.iloc[0], currency(deal)
    lines = [(label("life_cycle"), label(deal.customer.life_cycle, of="life_cycle"))]
    if pd.notna(row["last_order_on"]):
        lines.append((label("last_order_on"), date_relative(row["last_order_on"], figures(today))))
    if pd.notna(row["p_alive"]):
        lines.append((say("Still a customer"), percent(row["p_alive"] / 100, 0)))
        lines += [(label(name), short_money(row[name], money_of)) for name in ("expected_value", "lifetime_value")]
    with st.container(border=True, key="deal.customer_value"):
        heading("The customer: {name}", name=deal.customer.name)
        aligned([(name, f"**{literal(text)}**") for name, text in lines])
