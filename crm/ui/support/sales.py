"""What sales does with the customer of a case, as far as the reader sees it: service sees sales as sales sees service."""

from __future__ import annotations

import streamlit as st

from crm.contracts import queries as contracts
from crm.contracts.queries import ContractFilter
from crm.customers import queries as customers
from crm.customers.models import Customer
from crm.office.queries import today
from crm.ui.contracts.sums import Figure, figures_line
from crm.ui.customer import trade
from crm.ui.desk import figures, find, go, load, me
from crm.ui.money import board_currency
from crm.ui.pipeline.of_customer import deals_of
from crm.ui.show import empty, heading
from crm.ui.support.opened import Opened
from crm.ui.table import table
from crm.words import say
from crm.words.formats import money

CONTRACTS = ["number", "state", "starts_on", "ends_on", "amount", "overdue", "name"]


def sales(opened: Opened) -> None:
    """Money owed, deals, contracts, the last orders."""
    customer_id = opened.case.customer_id
    if customer_id is None:
        empty("Nobody said whose case this is: Edit names the customer.")
        return
    found = find(customers.customer, customer_id)
    if found is None:
        return
    grants = me().actor.grant
    if grants("contracts").see:
        _owed(found)
    if grants("pipeline").see:
        heading("Deals")
        deals_of(customer_id, key="case.deals")
    if grants("contracts").see:
        _contracts(found)
    _orders(found)


def _owed(customer: Customer) -> None:
    currency = board_currency(me(), customer.board_id)
    sums = figures(contracts.contract_money, day=figures(today), where=ContractFilter(customer_id=customer.id))
    owed = {name: sum(by_currency.values()) for name, by_currency in sums.items()}
    bought = Figure("order_amount", money(customer.order_amount, currency), note=say("{n:order|orders}", n=customer.order_count))
    late = Figure(
        "overdue", money(owed["overdue"], currency), say("Of that, what was due before today."), bad=owed["overdue"] > 0
    )
    open_ = Figure("outstanding", money(owed["outstanding"], currency), say("Planned for signed contracts, not received."))
    figures_line([bought, open_, late], "case.owed")


def _contracts(customer: Customer) -> None:
    where = ContractFilter(customer_id=customer.id)
    rows = load(contracts.contract_list, day=figures(today), where=where, sort="starts_on", size=20)
    heading("Contracts")
    if rows.empty:
        st.caption(say("No contract."))
        return
    currency = board_currency(me(), customer.board_id)
    chosen = table(rows, key="case.contracts", columns=CONTRACTS, currency=currency)
    if chosen.opened:
        go("contract", contract=chosen.opened)


def _orders(customer: Customer) -> None:
    rows = load(customers.orders_of, customer_id=customer.id)
    heading("Last orders")
    if rows.empty:
        st.caption(say("No order yet."))
    trade.orders(customer, rows, limit=5, key="case.orders")
