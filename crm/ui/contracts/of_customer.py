"""A customer's contracts, what he owes for them, what came in, and how one thing came of another."""

from __future__ import annotations

import streamlit as st

from crm.contracts import queries
from crm.contracts.queries import ContractFilter, ReceiptFilter
from crm.customers.queries import customer
from crm.office.queries import today
from crm.ui.contracts.chain import chain_of
from crm.ui.contracts.new import new_contract
from crm.ui.contracts.receipt import new_receipt, receipt_dialog
from crm.ui.contracts.sums import Figure, figures_line
from crm.ui.desk import figures, find, go, load, me
from crm.ui.dialog import open_dialog
from crm.ui.money import board_currency
from crm.ui.show import empty, heading
from crm.ui.table import table
from crm.words import say
from crm.words.formats import money

SHOWN = ["number", "state", "starts_on", "ends_on", "amount", "received", "overdue", "name"]
RECEIPTS = ["received_on", "kind", "reference", "method", "amount", "free"]


def contracts_of(customer_id: int, key: str = "contracts") -> None:
    """For whoever may see contracts."""
    if not me().actor.grant("contracts").see or (found := find(customer, customer_id)) is None:
        return
    currency = board_currency(me(), found.board_id)
    with st.container(horizontal=True, vertical_alignment="center", key=f"{key}.head"):
        _owed(customer_id, currency, key)
        st.space("stretch")
        _actions(customer_id, key)
    _contracts(customer_id, currency, key)
    _receipts(customer_id, currency, key)
    chain_of(customer_id, currency)


def _owed(customer_id: int, currency: str, key: str) -> None:
    sums = figures(queries.contract_money, day=figures(today), where=ContractFilter(customer_id=customer_id))
    told = {name: sum(by_currency.values()) for name, by_currency in sums.items()}
    told["free"] = figures(queries.free_of_customer, customer_id=customer_id)
    figures_line(
        [
            Figure("outstanding", money(told["outstanding"], currency), say("Planned for signed contracts, not received.")),
            Figure(
                "overdue", money(told["overdue"], currency), say("Of that, what was due before today."), bad=told["overdue"] > 0
            ),
            Figure("received", money(told["received"], currency), say("Received and written off against a plan.")),
            Figure("free", money(told["free"], currency), say("Received, and not written off against a plan yet.")),
        ],
        f"{key}.sums",
    )


def _actions(customer_id: int, key: str) -> None:
    if not me().actor.grant("contracts").change:
        return
    if st.button(say("New receipt"), icon=":material/payments:", key=f"{key}.receipt"):
        open_dialog(say("New receipt"), new_receipt, customer_id)
    if st.button(say("New contract"), icon=":material/add:", key=f"{key}.new"):
        open_dialog(say("New contract"), new_contract, customer_id)


def _contracts(customer_id: int, currency: str, key: str) -> None:
    where = ContractFilter(customer_id=customer_id)
    rows = load(queries.contract_list, day=figures(today), where=where, sort="starts_on", size=200)
    if rows.empty:
        empty("No contract yet. A won deal becomes one with a click; another is entered with New contract.")
        return
    chosen = table(rows, key=f"{key}.table", columns=SHOWN, currency=currency)
    if chosen.opened:
        go("contract", contract=chosen.opened)


def _receipts(customer_id: int, currency: str, key: str) -> None:
    rows = load(queries.receipt_list, where=ReceiptFilter(customer_id=customer_id), size=20)
    if rows.empty:
        return
    heading("Receipts")
    labels = {"reference": say("Payment reference")}
    chosen = table(rows, key=f"{key}.receipts", columns=RECEIPTS, labels=labels, currency=currency, once=True)
    if chosen.opened:
        open_dialog(say("Receipt"), receipt_dialog, chosen.opened)
