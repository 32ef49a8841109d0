"""Invoices and credit notes of a contract."""

from __future__ import annotations

from typing import Any

import streamlit as st

from crm.contracts import commands, queries
from crm.contracts.commands import CreditInput, InvoiceInput
from crm.contracts.models import Contract, ContractState, InvoiceKind
from crm.office.queries import today
from crm.ui.contracts.knowing import knowingly
from crm.ui.desk import act, figures, load
from crm.ui.dialog import open_dialog
from crm.ui.form import form
from crm.ui.show import empty, heading
from crm.ui.table import table
from crm.words import label, say
from crm.words.formats import money

SHOWN = ["issued_on", "number", "kind", "order", "amount", "credits", "to_credit", "remark"]


def invoices(contract: Contract, ties: dict[str, Any]) -> None:
    found = load(queries.invoices_of, contract_id=contract.id)
    sums = figures(queries.contract_sums, contract_id=contract.id, day=figures(today))
    may = ties["may_change"] and contract.state != ContractState.DRAFT
    with st.container(horizontal=True, vertical_alignment="center", key="invoices.head"):
        _answer(sums, ties["currency"])
        st.space("stretch")
        if may and st.button(say("New invoice"), icon=":material/receipt_long:", key="invoice.new"):
            open_dialog(say("New invoice"), new_invoice, contract, max(sums["to_invoice"], 0.0))
    if found.empty:
        if contract.state == ContractState.DRAFT:
            empty("A draft is not billed. Start the contract first, then its invoices stand here.")
        else:
            empty("No invoice yet. Each one counts against the amount of the contract; a credit note takes it back.")
        return
    chosen = table(
        found,
        key="invoices.table",
        columns=[name for name in SHOWN if found[name].notna().any()],
        currency=ties["currency"],
        opens=may,
        once=True,
    )
    if chosen.opened:
        row = found.set_index("id", drop=False).loc[chosen.opened]
        open_dialog(
            say("Invoice {number}", number=row["number"]), invoice_dialog, row.to_dict(), ties["currency"], width="medium"
        )


def _answer(sums: dict[str, float], currency: str) -> None:
    told = {"invoiced": money(sums["invoiced"], currency), "left": money(abs(sums["to_invoice"]), currency)}
    if sums["to_invoice"] > 0:
        heading("{invoiced} billed, {left} still to bill", **told)
    elif sums["to_invoice"] < 0:
        heading("{invoiced} billed, {left} more than the contract", **told)
    else:
        heading("All of it is billed: {invoiced}", **told)


def new_invoice(contract: Contract, left: float) -> None:
    """What is still to be billed is proposed."""
    found = load(queries.orders_under, contract_id=contract.id)
    placed = found[found["kind"] != "return"]
    choices = {
        "order_id": dict(zip(placed["id"].tolist(), placed["number"].tolist(), strict=True)),
        "kind": {one.value: label(one.value, of="kind") for one in InvoiceKind if one != InvoiceKind.CREDIT_NOTE},
    }
    current = {"issued_on": figures(today), "amount": left or None, "kind": InvoiceKind.SPECIAL_VAT.value}
    details = form(InvoiceInput, current, key="invoice.form", choices=choices)
    if details is not None:
        knowingly(commands.add_invoice, contract.id, details, key=f"invoice.knowing.{contract.id}", done="Invoice saved.")


def invoice_dialog(row: dict[str, Any], currency: str) -> None:
    """What is left of an invoice can be credited, wholly or in part."""
    st.markdown(f"**{money(row['amount'], currency)}** · {label(str(row['kind']), of='kind')}")
    left = row["to_credit"]
    if row["kind"] == InvoiceKind.CREDIT_NOTE or not left or left <= 0:
        st.caption(say("Nothing is left to credit."))
        return
    st.caption(say("A credit note takes it back: {amount} is left.", amount=money(left, currency)))
    details = form(CreditInput, {"issued_on": figures(today), "amount": left}, key="invoice.credit", save="Credit")
    if details is not None:
        act(commands.credit, int(row["id"]), details, done="Credit note saved.")
