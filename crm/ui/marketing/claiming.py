"""Into the public pool and out of it, where a customer or a lead is open: for the head of its page."""

from __future__ import annotations

import datetime as dt

import streamlit as st

from crm.access import Reach
from crm.contracts.commands import discard_to_pool, release_to_pool
from crm.customers.models import Customer
from crm.marketing import commands, queries
from crm.marketing.commands import Release
from crm.marketing.models import PoolKind
from crm.office.queries import today
from crm.ui.desk import act, figures, me
from crm.ui.dialog import open_dialog
from crm.words import label, say
from crm.words.formats import date_relative, date_short


def claim_button(customer: Customer) -> None:
    """Of what lies in the public pool."""
    if customer.owner_id is not None:
        return
    lies = figures(queries.lies_in, customer_id=customer.id)
    may_claim = me().actor.may("claim", "marketing")
    if lies and lies["pool"] == PoolKind.PUBLIC and may_claim:
        st.button(
            say("Claim"), type="primary", icon=":material/back_hand:", key="customer.claim", on_click=claim, args=(lies["id"],)
        )


def pool_notes(customer: Customer) -> None:
    """Where the customer lies and why, or that he will go there."""
    if customer.owner_id is not None:
        warn_of_pool(figures(today), customer_id=customer.id)
    elif (lies := figures(queries.lies_in, customer_id=customer.id)) is not None:
        place = say("in the invalid pool") if lies["pool"] == PoolKind.INVALID else say("in the public pool")
        text = say(
            "{place} since {day}: {reason}",
            place=place,
            day=date_short(lies["entered_at"]),
            reason=label(lies["reason"], of="pool_reason"),
        )
        st.info(text, icon=":material/water:")


def warn_of_pool(day: dt.date, *, customer_id: int | None = None, lead_id: int | None = None) -> None:
    """It goes to the pool soon."""
    for row in figures(queries.warned_of, customer_id=customer_id, lead_id=lead_id):
        text = say(
            "Goes to the public pool {when}, unless something is done: {reason}.",
            when=date_relative(row.due_on, day),
            reason=label(row.reason, of="pool_reason"),
        )
        st.warning(text, icon=":material/hourglass_bottom:")


def open_release(customer: Customer) -> None:
    open_dialog(customer.name, release_customer_dialog, customer.id, width="small")


def may_release(customer: Customer) -> bool:
    """What is one's own or of one's unit, as the command judges it."""
    if customer.owner_id is None:
        return False
    actor = me().actor
    reach = actor.grant("customers").change
    mine = reach is not Reach.NOTHING and customer.owner_id == actor.user_id
    return mine or reach is Reach.EVERYTHING or (reach is Reach.TEAM and customer.team_id in actor.team_ids)


def claim(entry_id: int) -> None:
    """In a callback: it is mine before the page is drawn again."""
    act(commands.claim, entry_id, done="Claimed: it is yours from now on.", rerun=False)


def release_customer_dialog(customer_id: int) -> None:
    st.caption(
        say(
            "The whole board sees him in the pool without phone and contacts, and can claim him. With an open deal or "
            "a running contract he stays."
        )
    )
    remark = st.text_area(
        say("Why?"), key="customer.release_remark", height=80, max_chars=300, placeholder=say("One sentence for the next person")
    ).strip()
    with st.container(horizontal=True):
        if st.button(say("Release to the pool"), type="primary", key="customer.release_yes", disabled=not remark):
            act(
                release_to_pool,
                Release(customer_ids=(customer_id,), remark=remark),
                done="Released. Whoever claims first has it.",
            )
        if st.button(say("Never to be worked again"), key="customer.discard_yes", disabled=not remark, type="tertiary"):
            act(discard_to_pool, [customer_id], remark, done="Taken out of work: it lies in the invalid pool.")
