"""One contract: its life, its money, its orders."""

import streamlit as st

from crm.contracts import queries
from crm.ui.address import number
from crm.ui.attachments import attachments
from crm.ui.contracts import invoices, orders, plan, record
from crm.ui.contracts.history import history
from crm.ui.desk import figures, find, record_page
from crm.ui.top import top_line
from crm.words import say

TABS = ("Plan and receipts", "Invoices", "Orders", "Files", "History")

person = record_page(needs="contracts:see")
contract = find(queries.contract, number("contract", 0))
if contract is None:
    top_line(say("Contract"), person)
    st.page_link("pages/sales/contracts.py", label=say("To the contracts"), icon=":material/contract:")
    st.stop()
ties = figures(queries.contract_ties, contract_id=contract.id)
top_line(contract.name, person)
record.head(contract, ties)
record.sums(contract, ties)
left, right = st.columns([2.4, 1], gap="large")
with right:
    record.facts(contract, ties)
with left:
    drawn = st.tabs([say(tab) for tab in TABS], key="contract.tabs", on_change="rerun")
    tab, place = next((one for one in zip(TABS, drawn, strict=True) if one[1].open), (TABS[0], drawn[0]))
    with place:
        if tab == "Plan and receipts":
            plan.plan_and_receipts(contract, ties)
        elif tab == "Invoices":
            invoices.invoices(contract, ties)
        elif tab == "Orders":
            orders.orders(contract, ties)
        elif tab == "Files":
            attachments("contract", contract.id)
        elif tab == "History":
            history(contract)
