"""Lifetime value: from customers, from totals alone, from contracts."""

import streamlit as st

from crm.ui.address import choice
from crm.ui.desk import page
from crm.ui.insight.clv_lab import customers_lab
from crm.ui.insight.subscriptions import contracts_lab
from crm.ui.insight.totals import totals_lab
from crm.words import say

LABS = {"customers": customers_lab, "totals": totals_lab, "contracts": contracts_lab}


def _open() -> None:
    """Another lab; the board stays, what was set in the lab before does not."""
    kept = {name: st.query_params[name] for name in ("board",) if name in st.query_params}
    st.query_params.from_dict(kept | {"lab": st.session_state["clv.lab"]})


person = page("Lifetime value", needs="insight:see")
titles = {
    "customers": say("From customers"),
    "totals": say("From totals alone"),
    "contracts": say("Contracts and subscriptions"),
}
lab = choice("lab", tuple(LABS), "customers")
st.session_state["clv.lab"] = lab
st.segmented_control(
    say("Lab"),
    list(titles),
    key="clv.lab",
    required=True,
    format_func=titles.__getitem__,
    label_visibility="collapsed",
    on_change=_open,
)
LABS[lab](person)
