"""A large opportunity waits for a lead's word; until then it stays where it is."""

from __future__ import annotations

import streamlit as st

from crm.pipeline import commands
from crm.pipeline.commands import Confirmation, Refusal
from crm.pipeline.models import Opportunity, OpportunityState, Registration
from crm.ui.compare import compare, save
from crm.ui.deal.editing import version_of
from crm.ui.desk import me
from crm.ui.dialog import open_dialog
from crm.ui.form import form
from crm.ui.text import literal
from crm.words import say


def registration(deal: Opportunity, may: bool) -> None:
    """One line below the head, with what each may do; nothing for a deal that needs no word."""
    if deal.state != OpportunityState.OPEN or deal.registration not in (Registration.ASKED, Registration.REFUSED):
        return
    key = f"deal.registration.{deal.id}"
    with st.container(horizontal=True, vertical_alignment="center", border=True, key="deal.registration"):
        if deal.registration == Registration.ASKED:
            _asked(deal)
        else:
            _refused(deal, may, key)
    compare(key)


def _asked(deal: Opportunity) -> None:
    st.markdown(
        f":orange[:material/hourglass_top:] {say('So large that a lead confirms it first; until then it stays in its stage.')}"
    )
    decides = me().actor.may("approve", "pipeline") and deal.owner_id != me().actor.user_id
    if decides and st.button(say("Confirm"), icon=":material/check:", key="deal.confirm", type="primary"):
        open_dialog(say("Confirm this opportunity"), answer_dialog, deal, True, width="small")
    if decides and st.button(say("Refuse"), icon=":material/block:", key="deal.refuse"):
        open_dialog(say("Refuse this opportunity"), answer_dialog, deal, False, width="small")


def _refused(deal: Opportunity, may: bool, key: str) -> None:
    st.markdown(f":red[:material/block:] {say('A lead refused it: {note}', note=literal(deal.registration_note or '–'))}")
    if may and st.button(say("Report it again"), icon=":material/redo:", key="deal.report"):
        save(
            commands.ask_registration,
            deal.id,
            version=deal.version,
            now=version_of(deal.id),
            key=key,
            done="Reported again; a lead decides.",
        )


def answer_dialog(deal: Opportunity, confirm: bool) -> None:
    """`deal` is as it was when the dialog opened."""
    key = f"deal.answer.{deal.id}"
    command = commands.confirm_registration if confirm else commands.refuse_registration
    said = form(Confirmation if confirm else Refusal, key=f"{key}.form", columns=1, save="Confirm" if confirm else "Refuse")
    if said is not None:
        save(command, deal.id, said, version=deal.version, now=version_of(deal.id), key=key, done="The owner reads it.")
    compare(key)
