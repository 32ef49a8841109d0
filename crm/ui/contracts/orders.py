"""Orders under a contract: what of each was billed, paid and taken back; linked, taken off, returned."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pandas as pd
import streamlit as st

from crm.contracts import commands, queries
from crm.contracts.commands import ReturnInput
from crm.contracts.models import Contract
from crm.customers.commands import LineInput
from crm.office.queries import today
from crm.ui.desk import act, figures, load
from crm.ui.dialog import open_dialog
from crm.ui.form import checked
from crm.ui.show import empty, heading
from crm.ui.table import table
from crm.words import label, say
from crm.words.formats import date_short, money

BALANCE = ["number", "ordered_on", "amount", "returned", "invoiced", "received", "to_invoice", "to_receive"]


def orders(contract: Contract, ties: dict[str, Any]) -> None:
    found = load(queries.order_balance, contract_id=contract.id)
    with st.container(horizontal=True, vertical_alignment="center", key="orders.head"):
        _answer(found, ties["currency"])
        st.space("stretch")
        if ties["may_change"] and st.button(say("Link an order"), icon=":material/add_link:", key="orders.link"):
            open_dialog(say("Link an order"), link_dialog, contract, ties["currency"], width="medium")
    if found.empty:
        empty("No order is linked. Link those of the customer that were placed under this contract.")
        return
    # What names no order is not an order: it cannot be opened.
    rows = found.assign(id=found["order_id"].fillna(0).astype("int64"), number=found["number"].fillna(say("without an order")))
    chosen = table(rows, key="orders.table", columns=BALANCE, currency=ties["currency"], opens=ties["may_change"], once=True)
    if chosen.opened:
        row = rows.set_index("id", drop=False).loc[chosen.opened]
        open_dialog(str(row["number"]), order_dialog, contract, row.to_dict(), ties["currency"], width="medium")
    _returns(contract, ties)


def _answer(found: pd.DataFrame, currency: str) -> None:
    placed = found[found["order_id"].notna()]
    told = {"amount": money(float(placed["amount"].astype("float64").sum()), currency)}
    back = float(found["returned"].sum()) if len(found) else 0.0
    if back:
        heading("{count:order|orders} over {amount}, {back} came back", count=len(placed), back=money(back, currency), **told)
    else:
        heading("{count:order|orders} over {amount}", count=len(placed), **told)


def _returns(contract: Contract, ties: dict[str, Any]) -> None:
    every = load(queries.orders_under, contract_id=contract.id)
    back = every[every["returns"].notna()]
    if back.empty:
        return
    heading("Came back")
    chosen = table(
        back,
        key="orders.returns",
        columns=["ordered_on", "number", "returns", "amount"],
        currency=ties["currency"],
        opens=ties["may_change"],
        once=True,
    )
    if chosen.opened:
        open_dialog(say("Take the return off"), unlink_dialog, contract, chosen.opened, width="small")


# ------------------------------------------------------------------------------------------------------- dialogs


def link_dialog(contract: Contract, currency: str) -> None:
    """Orders and returns of the customer that belong to no contract yet."""
    free = load(queries.orders_to_link, contract_id=contract.id)
    back = load(queries.orders_to_link, contract_id=contract.id, returns=True)
    if free.empty and back.empty:
        st.info(say("Every order of this customer belongs to a contract already."))
        return
    if len(free):
        ticked = table(
            free,
            key="orders.free",
            columns=["ordered_on", "number", "kind", "amount"],
            currency=currency,
            many=True,
            opens=False,
        ).ticked
        if st.button(say("Link"), type="primary", icon=":material/add_link:", key="orders.link.yes", disabled=not ticked):
            act(_link_all, contract.id, ticked, done="Linked.")
    if len(back):
        _link_return(contract, back, currency)


def _link_all(session: Any, contract_id: int, order_ids: list[int]) -> None:
    for order_id in order_ids:
        commands.link_order(session, contract_id, order_id)


def _link_return(contract: Contract, back: pd.DataFrame, currency: str) -> None:
    """A return that was entered with the customer."""
    every = load(queries.orders_under, contract_id=contract.id)
    placed = every[every["kind"] != "return"]
    if placed.empty:
        return
    st.caption(say("A return takes back an order of the contract."))
    told = {
        row["id"]: f"{row['number']} · {date_short(row['ordered_on'])} · {money(row['amount'], currency)}"
        for row in back.to_dict("records")
    }
    numbers = dict(zip(placed["id"].tolist(), placed["number"].tolist(), strict=True))
    with st.form("orders.return_link", border=False), st.container(horizontal=True, vertical_alignment="bottom"):
        which = st.selectbox(say("Return"), list(told), format_func=told.__getitem__, key="orders.return_link.which")
        takes = st.selectbox(say("takes back"), list(numbers), format_func=numbers.__getitem__, key="orders.return_link.of")
        if st.form_submit_button(say("Link"), icon=":material/add_link:"):
            act(commands.link_return, contract.id, which, takes, done="Linked.")


def order_dialog(contract: Contract, row: dict[str, Any], currency: str) -> None:
    """Its lines; what of them comes back, and a way to take the order off the contract."""
    order_id = int(row["order_id"])
    lines = load(queries.lines_under, contract_id=contract.id, order_id=order_id).assign(returned_now=0.0)
    st.caption(say("Type how many come back. Nothing typed: all of them."))
    with st.form("orders.return", border=False):
        edited = st.data_editor(
            lines,
            key=f"orders.return.{order_id}",
            column_order=["code", "description", "quantity", "unit_price", "returned_now"],
            disabled=["code", "description", "quantity", "unit_price"],
            column_config=_line_columns(currency),
            hide_index=True,
            width="stretch",
        )
        cells = st.columns(2)
        day = cells[0].date_input(label("returned_on"), value=figures(today), format="YYYY-MM-DD", key="orders.return.day")
        remark = cells[1].text_input(label("remark"), key="orders.return.remark")
        sent = st.form_submit_button(say("Goods came back"), icon=":material/undo:")
    if sent:
        values = {"returned_on": day, "remark": remark, "lines": _returned(edited)}
        if (details := checked(ReturnInput, values)) is not None:
            act(commands.return_goods, contract.id, order_id, details, done="Return recorded.")
    if st.button(say("Take it off the contract"), icon=":material/link_off:", key="orders.unlink", type="tertiary"):
        act(commands.unlink_order, contract.id, order_id, done="The order no longer belongs to this contract.")


def _returned(edited: pd.DataFrame) -> list[LineInput]:
    back = edited[edited["returned_now"].fillna(0) > 0]
    return [
        LineInput(
            product_id=int(row["product_id"]) if pd.notna(row["product_id"]) else None,
            description=row["description"] if pd.notna(row["description"]) else None,
            quantity=-Decimal(str(row["returned_now"])),
            unit_price=Decimal(str(row["unit_price"])),
        )
        for row in back.to_dict("records")
    ]


def _line_columns(currency: str) -> dict[str, Any]:
    column = st.column_config
    return {
        "code": column.TextColumn(label("code"), width="small"),
        "description": column.TextColumn(label("description")),
        "quantity": column.NumberColumn(label("quantity"), format="localized", width="small"),
        "unit_price": column.NumberColumn(f"{label('unit_price')} {currency}", format="%,.2f"),
        "returned_now": column.NumberColumn(say("Comes back"), format="localized", min_value=0.0, width="small"),
    }


def unlink_dialog(contract: Contract, order_id: int) -> None:
    st.markdown(say("The return itself stays with the customer; the order counts as delivered again."))
    if st.button(say("Take it off the contract"), type="primary", icon=":material/link_off:", key="orders.unlink_return"):
        act(commands.unlink_order, contract.id, order_id, done="The return no longer belongs to this contract.")
