"""The head of a lead's page: where it stands, whose it is, and what can be done with it."""

from __future__ import annotations

from typing import Any

import streamlit as st

from crm.marketing import commands, queries
from crm.marketing.commands import LeadDetails, SecondFollowUp
from crm.marketing.filters import OPEN
from crm.marketing.models import Lead, LeadState
from crm.office.queries import today
from crm.staff.queries import person
from crm.ui.compare import compare, save
from crm.ui.desk import act, figures, find, go, me
from crm.ui.dialog import open_dialog
from crm.ui.form import form
from crm.ui.marketing.claiming import warn_of_pool
from crm.ui.marketing.converting import convert_dialog
from crm.ui.marketing.lead_actions import assign_dialog, delete_dialog, invalid_dialog, release_dialog
from crm.ui.marketing.new_lead import lead_choices
from crm.ui.text import literal
from crm.words import label, say
from crm.words.formats import date_relative, date_short

COLOURS: dict[str, Any] = {"collected": "gray", "assigned": "blue", "worked": "violet", "converted": "green", "invalid": "red"}


def head(lead: Lead) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key="lead.head"):
        st.badge(label(lead.state, of="lead_state"), color=COLOURS.get(lead.state, "gray"))
        if lead.source:
            st.badge(label(lead.source, of="source"), color="gray", help=label("source"))
        st.caption(literal(_whose(lead)), width="content")
        st.space("stretch")
        _actions(lead)
    _standing(lead)


def _whose(lead: Lead) -> str:
    since = say("here since {day}", day=date_short(lead.created_at.date()))
    return f"{owner_of(lead)} · {since}"


def owner_of(lead: Lead) -> str:
    owner = find(person, lead.owner_id) if lead.owner_id else None
    return owner.name if owner else say("No owner")


def _actions(lead: Lead) -> None:
    actor = me().actor
    if not actor.grant("marketing").change:
        return
    is_open = lead.state in OPEN
    may_convert = is_open and actor.grant("customers").change and actor.grant("pipeline").change
    if may_convert and st.button(say("Convert"), type="primary", icon=":material/handshake:", key="lead.convert"):
        open_dialog(say("Make {name} a customer", name=lead.name), convert_dialog, lead, width="medium")
    if lead.state == LeadState.INVALID and st.button(say("Take up again"), icon=":material/replay:", key="lead.reopen"):
        open_dialog(say("Take {name} up again", name=lead.name), reopen_dialog, lead, width="small")
    if lead.state == LeadState.INVALID and st.button(say("Second follow-up"), icon=":material/event_repeat:", key="lead.second"):
        open_dialog(say("When is {name} taken up again?", name=lead.name), second_dialog, lead, width="small")
    if st.button(say("Edit"), icon=":material/edit:", key="lead.edit", shortcut="Alt+E"):
        open_dialog(say("Edit {name}", name=lead.name), edit_dialog, lead)
    offered = [("assign", ":material/swap_horiz:", assign_dialog)] if actor.may("assign", "marketing") else []
    offered += [("release_to_the_pool", ":material/water:", release_dialog)] if lead.owner_id else []
    offered += [("leads_nowhere", ":material/block:", invalid_dialog)]
    for name, icon, body in offered if is_open else []:
        if st.button("", icon=icon, key=f"lead.{name}", help=label(name)):
            open_dialog(lead.name, body, [lead.id], width="small")
    if lead.state != LeadState.CONVERTED and st.button("", icon=":material/delete:", key="lead.delete", help=say("Delete")):
        open_dialog(lead.name, delete_dialog, [lead.id], width="small")


def _standing(lead: Lead) -> None:
    """What must be known before anything else: where it lies, that it will go, or what became of it."""
    day = figures(today)
    if lead.state == LeadState.CONVERTED and lead.customer_id:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.success(
                say("Converted on {day}.", day=date_short(lead.closed_at.date() if lead.closed_at else None)),
                icon=":material/check:",
            )
            if st.button(say("To the customer"), icon=":material/arrow_forward:", key="lead.customer"):
                go("customer", customer=lead.customer_id)
    if lead.state == LeadState.INVALID:
        again = lead.second_follow_up_on
        then = (
            say("It is taken up again {when}.", when=date_relative(again, day))
            if again
            else say("No second follow-up is planned.")
        )
        st.warning(
            say("Leads nowhere: {reason}", reason=literal(lead.invalid_reason or "–")) + " " + then, icon=":material/block:"
        )
    lies = figures(queries.lies_in, lead_id=lead.id)
    if lies is not None and lead.state in OPEN:
        st.info(
            say("It lies in the public pool since {day}: whoever may claim can take it.", day=date_short(lies["entered_at"])),
            icon=":material/water:",
        )
    warn_of_pool(day, lead_id=lead.id)


def edit_dialog(lead: Lead) -> None:
    """`lead` is as it was when the dialog opened: its version is what the save is judged by."""
    key, choices = f"lead.edit.{lead.id}", lead_choices()
    current = {name: getattr(lead, name) for name in LeadDetails.model_fields}
    details = form(LeadDetails, current, key=f"{key}.form", choices=choices)
    if details is not None:
        save(commands.edit_lead, lead.id, details, version=lead.version, now=lambda: _version(lead.id), key=key, done="Saved.")
    compare(key, choices)


def _version(lead_id: int) -> int:
    found = find(queries.lead, lead_id)
    return found.version if found else 0


def second_dialog(lead: Lead) -> None:
    st.caption(say("Without a day it goes to the invalid pool."))
    key = f"lead.second.{lead.id}"
    input = form(SecondFollowUp, {"second_follow_up_on": lead.second_follow_up_on}, key=f"{key}.form", columns=1)
    if input is not None:
        save(
            commands.plan_second_follow_up,
            lead.id,
            input,
            version=lead.version,
            now=lambda: _version(lead.id),
            key=key,
            done="Saved.",
        )
    compare(key)


def reopen_dialog(lead: Lead) -> None:
    st.caption(say("Its owner has it again; where he is gone it goes to the public pool."))
    reason = st.text_input(say("Why now?"), key="lead.reopen_reason", max_chars=300).strip()
    if st.button(say("Take up again"), type="primary", key="lead.reopen_yes", disabled=not reason):
        act(commands.reopen_lead, lead.id, reason, done="Taken up again. Plan what comes first.")
