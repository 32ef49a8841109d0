"""The head of a contract's page, its money in figures, and what was agreed."""

from __future__ import annotations

import datetime as dt
from typing import Any

import streamlit as st

from crm.contracts import queries
from crm.contracts.models import Contract, ContractState
from crm.office.queries import today
from crm.ui.contracts import life
from crm.ui.contracts.states import state_badge
from crm.ui.contracts.sums import Figure, figures_line
from crm.ui.customer.file import facts_list
from crm.ui.desk import figures, go, me
from crm.ui.show import heading
from crm.ui.text import literal
from crm.words import label, say
from crm.words.formats import date_relative, date_short, money, percent

Ties = dict[str, Any]
"""What `contract_ties` tells."""


def head(contract: Contract, ties: Ties) -> None:
    """State and whose at the left; what can be done now at the right."""
    with st.container(horizontal=True, vertical_alignment="center", key="contract.head"):
        state_badge(contract.state, renewed=ties["renewed_by"] is not None)
        if st.button(literal(ties["customer"]), key="contract.customer", type="tertiary", icon=":material/groups:"):
            go("customer", customer=contract.customer_id)
        st.caption(" · ".join(literal(one) for one in (contract.number, ties["owner"], ties["board"]) if one), width="content")
        st.space("stretch")
        if ties["may_change"]:
            life.actions(contract, ties)


def sums(contract: Contract, ties: Ties) -> None:
    """What it is worth, what was billed and what came in; and what does not add up."""
    found = figures(queries.contract_sums, contract_id=contract.id, day=figures(today))
    refunded = float(figures(queries.refunded, contract_id=contract.id))
    currency = ties["currency"]
    received = percent(found["received"] / found["amount"], 0) if found["amount"] else None
    billed = percent(found["invoiced"] / found["amount"], 0) if found["amount"] else None
    shown = [
        Figure("amount", money(found["amount"], currency)),
        Figure("invoiced", money(found["invoiced"], currency), say("All invoices less all credit notes."), billed),
        Figure("received", money(found["received"], currency), say("Received and written off against the plan."), received),
        Figure("outstanding", money(found["outstanding"], currency), say("Planned and not received.")),
        Figure(
            "overdue", money(found["overdue"], currency), say("Of that, what was due before today."), bad=found["overdue"] > 0
        ),
    ]
    if refunded:
        shown.append(Figure("refunded", money(refunded, currency), say("Given back of receipts that paid for this contract.")))
    figures_line(shown, "contract.sums")
    _warnings(contract, found, currency)


def _warnings(contract: Contract, found: dict[str, float], currency: str) -> None:
    if found["overdue"]:
        overdue = money(found["overdue"], currency)
        st.warning(say("{amount} is overdue: see which part below, and call.", amount=overdue), icon=":material/schedule:")
    open_state = contract.state in (ContractState.DRAFT, ContractState.RUNNING)
    if found["to_plan"] > 0 and open_state:
        missing = money(found["to_plan"], currency)
        st.info(say("{amount} stands in no receipt plan yet: nobody is waiting for it.", amount=missing), icon=":material/event:")
    elif found["to_plan"] < 0:
        excess = money(-found["to_plan"], currency)
        st.info(say("The plan is {amount} more than the contract.", amount=excess), icon=":material/event:")


# --------------------------------------------------------------------------------------------------------- facts


def facts(contract: Contract, ties: Ties) -> None:
    """What was agreed, and where it came from and went."""
    heading("What was agreed")
    rows = [(label(name), date_short(getattr(contract, name))) for name in ("signed_on", "starts_on")]
    rows.append((label("ends_on"), _end(contract, figures(today))))
    if contract.remind_on and contract.state == ContractState.RUNNING:
        rows.append((label("remind_on"), date_short(contract.remind_on)))
    rows += [(label("ended_on"), date_short(contract.ended_on))] if contract.ended_on else []
    rows += [(label("end_reason"), contract.end_reason)] if contract.end_reason else []
    facts_list(rows, 2)
    _links(ties)
    if contract.terms:
        facts_list([(label("terms"), contract.terms)])


def _end(contract: Contract, day: dt.date) -> str:
    if contract.ends_on is None:
        return say("It has no end.")
    near = contract.state == ContractState.RUNNING
    return date_short(contract.ends_on) + (f" ({date_relative(contract.ends_on, day)})" if near else "")


def _links(ties: Ties) -> None:
    links = [("opportunity", "opportunity", ":material/handshake:")] if me().actor.grant("pipeline").see else []
    links += [("renews", "contract", ":material/history:"), ("renewed_by", "contract", ":material/autorenew:")]
    for name, page, icon in links:
        if ties[name] is None:
            continue
        record_id, text = ties[name]
        with st.container(gap=None, key=f"contract.tie.{name}"):
            st.markdown(f":gray[{label(name)}]")
            if st.button(literal(text), key=f"contract.open.{name}", type="tertiary", icon=icon):
                go(page, **{page: record_id})
