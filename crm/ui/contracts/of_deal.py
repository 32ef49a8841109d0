"""On a won deal: the contract that was made of it, or the one step that makes it."""

from __future__ import annotations

import datetime as dt
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from crm.contracts import commands, queries
from crm.contracts.commands import ContractInput
from crm.contracts.queries import ContractFilter
from crm.office.queries import today
from crm.pipeline.models import Opportunity, OpportunityState
from crm.pipeline.queries.quotes import quote_lines
from crm.session import ScopedSession
from crm.ui.contracts.states import state_badge
from crm.ui.desk import act, figures, find, go, load, me
from crm.ui.dialog import open_dialog
from crm.ui.form import form
from crm.ui.table import table
from crm.ui.text import literal
from crm.words import say
from crm.words.formats import money


def contract_of_deal(opportunity: Opportunity) -> None:
    """Nothing as long as the deal is not won, and for whom contracts do not concern."""
    if opportunity.state != OpportunityState.WON or not me().actor.grant("contracts").see:
        return
    found = load(queries.contract_list, day=figures(today), where=ContractFilter(opportunity_id=opportunity.id))
    if len(found):
        _link(found.iloc[0])
    elif me().actor.grant("contracts").change and opportunity.customer_id is not None:
        _to_make(opportunity)


def _link(row: Any) -> None:
    with st.container(horizontal=True, vertical_alignment="center", border=True, key="deal.contract"):
        state_badge(row["state"])
        st.markdown(say("Contract **{number}** · {amount}", number=row["number"], amount=money(row["amount"], row["currency"])))
        if row["overdue"] > 0:
            st.badge(say("{amount} overdue", amount=money(row["overdue"], row["currency"])), color="red")
        st.space("stretch")
        if st.button(say("Open the contract"), icon=":material/contract:", key="deal.contract.open"):
            go("contract", contract=row["id"])


def _to_make(opportunity: Opportunity) -> None:
    with st.container(horizontal=True, vertical_alignment="center", border=True, key="deal.contract"):
        st.markdown(say(":material/contract: Won, and no contract yet. Make it, and the money is followed to the last receipt."))
        st.space("stretch")
        if st.button(say("Make the contract"), type="primary", icon=":material/contract:", key="deal.contract.make"):
            open_dialog(say("Make the contract"), make_contract, opportunity.id)


def make_contract(opportunity_id: int) -> None:
    """From the accepted quote, with its order; where no quote was accepted, of what was agreed and without an order."""
    deal = find(queries.contract_offered, opportunity_id)
    if deal is None:
        return
    day: dt.date = deal["closed_on"] or figures(today)
    _what_will_be(deal)
    current = {"name": deal["name"], "amount": deal["amount"], "signed_on": day, "starts_on": day}
    current |= {"ends_on": day.replace(year=day.year + 1, day=min(day.day, 28)) - dt.timedelta(1)}
    details = form(ContractInput, current, key="deal.contract.form", save="Make the contract")
    if details is None:
        return
    command = commands.contract_from_opportunity if deal["quote"] else partial(_without_quote, deal["customer_id"])
    act(command, opportunity_id, details, done="The contract is made.")


def _without_quote(customer_id: int, session: ScopedSession, opportunity_id: int, details: ContractInput) -> None:
    commands.add_contract(session, customer_id, details, opportunity_id)


def _what_will_be(deal: dict[str, Any]) -> None:
    """Said before anything is saved."""
    if deal["quote"] is None:
        st.info(
            say("No quote of this deal was accepted: enter what was agreed. No order is made."), icon=":material/request_quote:"
        )
        return
    quote_id, title = deal["quote"]
    lines = load(quote_lines, quote_id=quote_id)
    st.markdown(
        say(
            "A draft contract with **{customer}** over **{amount}**, and an order with the {count:line|lines} of quote {quote}.",
            customer=literal(deal["customer"]),
            amount=money(deal["amount"], deal["currency"]),
            count=len(lines),
            quote=title,
        )
    )
    with st.expander(say("Lines of the order"), key="deal.contract.lines"):
        _lines(lines, deal["currency"])


def _lines(lines: pd.DataFrame, currency: str) -> None:
    columns = ["code", "description", "quantity", "unit_price", "discount_percent", "amount"]
    table(lines, key="deal.contract.line_table", columns=columns, currency=currency, opens=False)


__all__ = ["contract_of_deal", "make_contract"]
