"""Lifetime value: from customers, from totals alone, from contracts."""

from crm.ui.desk import page
from crm.ui.insight.clv_lab import customers_lab
from crm.ui.insight.sides import side
from crm.ui.insight.subscriptions import contracts_lab
from crm.ui.insight.totals import totals_lab
from crm.words import say

LABS = {"customers": customers_lab, "totals": totals_lab, "contracts": contracts_lab}


person = page("Lifetime value", needs="insight:see")
titles = {
    "customers": say("From customers"),
    "totals": say("From totals alone"),
    "contracts": say("Contracts and subscriptions"),
}
lab = side("lab", titles, key="clv.lab", title=say("Lab"), keep=("board",))
LABS[lab](person)
