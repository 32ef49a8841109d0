"""A contract entered by hand: with whom, over what, from when."""

from __future__ import annotations

from crm.contracts import commands
from crm.contracts.commands import ContractInput
from crm.office.queries import today
from crm.ui.deal.customers import find_customer
from crm.ui.desk import act, figures
from crm.ui.form import form


def new_contract(customer_id: int | None = None) -> None:
    customer_id = customer_id or find_customer("contract.new", None)
    if customer_id is None:
        return
    day = figures(today)
    details = form(ContractInput, {"starts_on": day}, key="contract.new.form", save="Save contract")
    if details is not None:
        act(commands.add_contract, customer_id, details, done="Contract saved, as a draft.")
