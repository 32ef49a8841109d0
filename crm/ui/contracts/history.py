"""What happened to a contract: its life, then every change."""

from __future__ import annotations

from typing import Any

import streamlit as st

from crm.contracts import queries
from crm.contracts.models import Contract
from crm.session import ScopedSession, history_of
from crm.ui.customer.history import every_change
from crm.ui.desk import find
from crm.ui.show import heading
from crm.ui.text import literal
from crm.words import label
from crm.words.formats import date_short


def history(contract: Contract) -> None:
    steps = find(_life, contract.id)
    if steps:
        heading("Its life")
        told = [f"{date_short(at)} · **{label(state, of='state')}** :gray[{literal(who)}]" for at, state, who in steps]
        st.markdown("  \n".join(told))
    every_change(queries.contract, contract.id)


def _life(session: ScopedSession, contract_id: int) -> list[tuple[Any, str, str]]:
    """-> when, state, by whom; as it went."""
    entries = history_of(session, queries.contract(session, contract_id))
    moves = [entry for entry in entries if entry.record_type == "contract" and "state" in entry.after]
    return [(entry.created_at, str(entry.after["state"]), entry.actor_name) for entry in reversed(moves)]
