"""One receipt: entered with what it pays for, written off further, corrected, refunded, deleted."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import streamlit as st

from crm.contracts import commands, queries
from crm.contracts.commands import ReceiptInput, RefundInput
from crm.contracts.models import PaymentMethod, Receipt, ReceiptKind
from crm.customers.queries import customer
from crm.office.queries import today
from crm.ui.contracts.parts import parts_grid
from crm.ui.deal.customers import find_customer
from crm.ui.desk import act, figures, find, load, me
from crm.ui.form import checked, form
from crm.ui.money import board_currency
from crm.ui.table import table
from crm.ui.text import literal
from crm.ui.versions import edit_form
from crm.words import label, say
from crm.words.formats import date_short, money


def new_receipt(customer_id: int | None = None) -> None:
    """Who paid, how much; what is paid for is proposed and can be changed."""
    customer_id = customer_id or find_customer("receipt.new", None)
    found = find(customer, customer_id) if customer_id else None
    if found is None or customer_id is None:
        return
    currency = board_currency(me(), found.board_id)
    values = _fields(currency)
    amount = Decimal(str(values["amount"] or 0))
    parts = parts_grid(customer_id, amount, currency, "receipt.parts") if amount > 0 else []
    if st.button(say("Save receipt"), type="primary", icon=":material/check:", key="receipt.save"):
        details = checked(ReceiptInput, values)
        if details is not None:
            act(commands.add_receipt, customer_id, details, parts, done="Receipt saved.")


def _fields(currency: str) -> dict[str, Any]:
    """Not a form: the proposal below follows the amount."""
    cells = st.columns(4)
    amount = cells[0].number_input(
        f"{label('amount')} {currency} *", value=None, min_value=0.0, step=None, format="%.2f", key="receipt.amount"
    )
    day = cells[1].date_input(f"{label('received_on')} *", value=figures(today), format="YYYY-MM-DD", key="receipt.day")
    method = cells[2].selectbox(
        label("method"),
        [one.value for one in PaymentMethod],
        index=None,
        format_func=lambda code: label(code, of="method"),
        placeholder=say("Choose"),
        key="receipt.method",
    )
    reference = cells[3].text_input(say("Payment reference"), key="receipt.reference")
    remark = st.text_input(label("remark"), key="receipt.remark")
    return {"amount": amount, "received_on": day, "method": method, "reference": reference, "remark": remark}


# ---------------------------------------------------------------------------------------------------- one receipt


def receipt_dialog(receipt_id: int) -> None:
    """What it paid for, and what can be done with it."""
    found, about = find(queries.receipt, receipt_id), find(queries.receipt_about, receipt_id)
    if found is None or about is None:
        return
    _told(found, about)
    if found.kind == ReceiptKind.RECEIPT:
        written_off(receipt_id=receipt_id, currency=about["currency"], may_change=about["may_change"])
    if about["may_change"]:
        _actions(found, about)


def _told(found: Receipt, about: dict[str, Any]) -> None:
    parts = [date_short(found.received_on)] + ([label(found.method, of="method")] if found.method else [])
    parts += [literal(one) for one in (found.reference, found.remark) if one]
    st.markdown(f"**{money(found.amount, about['currency'])}** · {literal(about['customer'])}  \n:gray[{' · '.join(parts)}]")
    if about["free"]:
        st.markdown(say(":orange-badge[{amount} not written off]", amount=money(about["free"], about["currency"])))


def written_off(
    *, currency: str, may_change: bool, receipt_id: int | None = None, contract_id: int | None = None, key: str = "written_off"
) -> None:
    """The write-offs of a receipt or of a contract; a click on one undoes it."""
    rows = load(queries.allocations_of, receipt_id=receipt_id, contract_id=contract_id)
    if rows.empty:
        st.caption(say("Nothing is written off yet."))
        return
    standing = rows[~rows["undone"].astype(bool) & rows["undoes_id"].isna()]
    names = ["contract"] if receipt_id is not None else ["received_on", "reference"]
    columns = [*names, "due_on", "what", "amount"]
    labels = {"reference": say("Payment reference")}
    ticked = table(
        standing, key=f"{key}.{len(rows)}", columns=columns, labels=labels, currency=currency, opens=False, many=may_change
    ).ticked
    taken_back = (len(rows) - len(standing)) // 2
    if taken_back:
        st.caption(say("Undone and kept in the history: {count:write-off|write-offs}.", count=taken_back))
    if ticked and st.button(
        say("Undo {count:write-off|write-offs}", count=len(ticked)), icon=":material/undo:", key=f"{key}.undo", type="primary"
    ):
        act(_undo, ticked, done="Undone: the money is free again.")


def _undo(session: Any, ids: list[int]) -> None:
    for one in ids:
        commands.undo_allocation(session, one)


def _actions(found: Receipt, about: dict[str, Any]) -> None:
    """Each behind its word, one at a time."""
    is_receipt = found.kind == ReceiptKind.RECEIPT
    free = is_receipt and about["free"] > 0
    words = {"write_off": say("Write off")} if free else {}
    words |= {"edit": say("Edit"), "refund": say("Refund")} if is_receipt else {}
    words |= {"delete": say("Delete")}
    chosen = st.segmented_control(
        say("Action"),
        list(words),
        format_func=words.__getitem__,
        key=f"receipt.action.{found.id}",
        label_visibility="collapsed",
    )
    if chosen == "write_off":
        _write_off(found, about)
    elif chosen == "edit":
        edit_form(ReceiptInput, found, commands.edit_receipt, key=f"receipt.edit.{found.id}", done="Saved.")
    elif chosen == "refund":
        _refund(found, about)
    elif chosen == "delete":
        _delete(found, about)


def _write_off(found: Receipt, about: dict[str, Any]) -> None:
    parts = parts_grid(found.customer_id, Decimal(str(about["free"])), about["currency"], f"receipt.rest.{found.id}")
    if parts and st.button(say("Write off"), type="primary", icon=":material/check:", key="receipt.write_off"):
        act(commands.allocate, found.id, parts, done="Written off.")


def _refund(found: Receipt, about: dict[str, Any]) -> None:
    if not about["free"]:
        st.info(say("All of it is written off. Undo a write-off above first; then so much can go back."))
        return
    current = {"received_on": figures(today), "amount": about["free"], "method": found.method, "reference": found.reference}
    details = form(RefundInput, current, key="receipt.refund", save="Refund")
    if details is not None:
        act(commands.refund, found.id, details, done="Refund saved.")


def _delete(found: Receipt, about: dict[str, Any]) -> None:
    amount = money(found.amount, about["currency"])
    st.markdown(say("Delete the receipt of {amount}? Only for one that was entered by mistake.", amount=amount))
    if st.button(say("Delete"), icon=":material/delete:", key="receipt.delete"):
        act(commands.remove_receipt, found.id, done="Receipt deleted.")
