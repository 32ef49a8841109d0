"""What can be done with a contract in the state it is in: start, end, terminate, renew, edit, delete."""

from __future__ import annotations

import datetime as dt
from typing import Any

import streamlit as st

from crm.contracts import commands, queries
from crm.contracts.commands import ContractInput, EndInput, TerminationInput
from crm.contracts.models import Contract, ContractState
from crm.office.queries import today
from crm.ui.compare import compare, save
from crm.ui.contracts.renewals import renew_dialog
from crm.ui.desk import figures, find
from crm.ui.dialog import open_dialog
from crm.ui.form import form
from crm.ui.versions import edit_form
from crm.words import label, say

DRAFT, RUNNING, ENDED = ContractState.DRAFT, ContractState.RUNNING, ContractState.ENDED


def actions(contract: Contract, ties: dict[str, Any]) -> None:
    """Only those that go with the state; the next step of its life stands out."""
    state = contract.state
    if state == DRAFT and st.button(say("Put into force"), type="primary", icon=":material/play_arrow:", key="contract.start"):
        open_dialog(say("Start the contract"), start_dialog, contract, width="small")
    to_renew = state in (RUNNING, ENDED) and ties["renewed_by"] is None
    if to_renew and st.button(say("Renew"), icon=":material/autorenew:", key="contract.renew"):
        open_dialog(say("Renew contract {number}", number=contract.number), renew_dialog, contract.id)
    if state == RUNNING:
        if st.button(say("End as agreed"), icon=":material/task_alt:", key="contract.end"):
            open_dialog(say("End the contract"), end_dialog, contract, width="small")
        if st.button(say("Terminate"), icon=":material/cancel:", key="contract.terminate"):
            open_dialog(say("Terminate the contract"), terminate_dialog, contract, width="small")
    if state in (DRAFT, RUNNING) and st.button("", icon=":material/edit:", key="contract.edit", help=label("edit")):
        open_dialog(say("Edit {name}", name=contract.name), edit_dialog, contract)
    if state == DRAFT and st.button("", icon=":material/delete:", key="contract.delete", help=label("delete")):
        open_dialog(say("Delete the contract"), delete_dialog, contract, width="small")


def edit_dialog(contract: Contract) -> None:
    edit_form(ContractInput, contract, commands.edit_contract, key=f"contract.edit.{contract.id}", done="Saved.")


def start_dialog(contract: Contract) -> None:
    """`contract` is as it was when the dialog opened, here and below."""
    st.caption(say("From now on it can be billed, and what its plan names is owed."))
    with st.form("contract.start.form", border=False):
        day: dt.date = contract.signed_on or figures(today)
        signed = st.date_input(label("signed_on"), value=day, format="YYYY-MM-DD", key="contract.start.day")
        sent = st.form_submit_button(say("Put into force"), type="primary", icon=":material/check:")
    key = f"contract.start.{contract.id}"
    if sent:

        def start(session: Any, contract_id: int, version: int) -> Contract:
            return commands.start_contract(session, contract_id, version, signed)

        _save(start, contract, key, done="The contract runs.")
    compare(key)


def end_dialog(contract: Contract) -> None:
    key, day = f"contract.end.{contract.id}", figures(today)
    ended = min(contract.ends_on, day) if contract.ends_on else day
    details = form(EndInput, {"ended_on": ended}, key="contract.end.form", columns=1, save="End as agreed")
    if details is not None:
        _save(commands.end_contract, contract, key, details, done="The contract has ended.")
    compare(key)


def terminate_dialog(contract: Contract) -> None:
    key = f"contract.terminate.{contract.id}"
    st.caption(say("Before its time, and for a reason. It cannot be started again."))
    details = form(TerminationInput, {"ended_on": figures(today)}, key="contract.terminate.form", columns=1, save="Terminate")
    if details is not None:
        _save(commands.terminate_contract, contract, key, details, done="The contract is terminated.")
    compare(key)


def delete_dialog(contract: Contract) -> None:
    key = f"contract.delete.{contract.id}"
    st.markdown(say("Delete contract **{number}** with its plan? Its orders stay.", number=contract.number))
    if st.button(say("Delete"), type="primary", icon=":material/delete:", key="contract.delete.yes"):
        _save(commands.delete_contract, contract, key, done="Contract deleted.")
    compare(key)


def _save(command: Any, contract: Contract, key: str, *details: Any, done: str) -> None:
    save(
        command,
        contract.id,
        *details,
        version=contract.version,
        now=lambda: getattr(find(queries.contract, contract.id), "version", 0),
        key=key,
        done=done,
    )
