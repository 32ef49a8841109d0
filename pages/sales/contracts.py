"""Contracts: what was signed, what is owed for it, what came in, what ends soon."""

import streamlit as st

from crm.ui.contracts.listing import contract_list
from crm.ui.contracts.receipts import receipt_list
from crm.ui.contracts.receivables import receivables
from crm.ui.contracts.renewals import renewals
from crm.ui.desk import page
from crm.ui.insight.sides import side
from crm.words import say

SIDES = {"contracts": "Contracts", "receivables": "Receivables", "receipts": "Receipts", "renewals": "Renewals due"}
DRAWN = {"contracts": contract_list, "receivables": receivables, "receipts": receipt_list, "renewals": renewals}

page("Contracts", needs="contracts:see")
titles = {name: say(title) for name, title in SIDES.items()}
shown = side("show", titles, key="contracts.show", title=say("View"), keep=("board",))
st.fragment(DRAWN[shown])()
