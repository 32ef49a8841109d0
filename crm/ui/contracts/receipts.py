"""The list of receipts and refunds: what came in, and what of it is not written off yet."""

from __future__ import annotations

import datetime as dt
from typing import Any

import streamlit as st

from crm.contracts import queries
from crm.contracts.models import ReceiptKind
from crm.contracts.queries import EVERY_RECEIPT, ReceiptFilter
from crm.ui.address import read_filter, write_filter
from crm.ui.contracts.receipt import new_receipt, receipt_dialog
from crm.ui.desk import figures, load, me
from crm.ui.dialog import open_dialog
from crm.ui.exporter import export_button
from crm.ui.filtering import code_pills, search_box
from crm.ui.money import amounts, currency_of, in_one_currency
from crm.ui.paging import page_of, pager
from crm.ui.show import empty
from crm.ui.table import table
from crm.ui.tile import told
from crm.words import label, say
from crm.words.formats import number as spoken

SIZE = 50
KEEP = ("show",)
SHOWN = ["received_on", "customer", "kind", "reference", "method", "amount", "allocated", "free"]


def receipt_list() -> None:
    where = read_filter(ReceiptFilter)
    with st.container(horizontal=True, vertical_alignment="bottom", key="receipts.filters"):
        _filters(where)
    totals = figures(queries.receipt_totals, where=where)
    told("contracts", {"count": totals["receipts"], **in_one_currency("amount", totals["amounts"])})
    with st.container(horizontal=True, vertical_alignment="center", key="receipts.sums"):
        shown = {"receipts": spoken(totals["receipts"], 0), "amount": amounts(totals["amounts"])}
        st.markdown(say("**{receipts}** receipts and refunds · {amount}", **shown), width="content")
        st.space("stretch")
        _export(where)
        if me().actor.grant("contracts").change and st.button(
            say("New receipt"), type="primary", icon=":material/payments:", key="receipt.new"
        ):
            open_dialog(say("New receipt"), new_receipt)
    if not totals["receipts"]:
        if where == EVERY_RECEIPT:
            empty("Here the money that came in will stand. Enter the first with New receipt: it pays for what was due first.")
        else:
            empty("No receipt fits these filters.")
        return
    _rows(where, totals["receipts"])


def _filters(where: ReceiptFilter) -> None:
    state = st.session_state
    state["receipts.search"], state["receipts.kind"] = where.search, list(where.kind)
    state["receipts.from"], state["receipts.to"] = where.received_from, where.received_to
    state["receipts.free"] = where.unallocated
    search_box("receipts.search", say("Payment reference, customer"), _changed)
    code_pills("kind", [kind.value for kind in ReceiptKind], "receipts.kind", _changed)
    for name, title in (("receipts.from", say("From")), ("receipts.to", say("To"))):
        _day(name, title)
    st.toggle(say("Not written off"), key="receipts.free", on_change=_changed)


def _day(key: str, title: str) -> None:
    oldest, newest = dt.date(1970, 1, 1), dt.date(2100, 12, 31)
    st.date_input(
        title,
        key=key,
        value=None,
        min_value=oldest,
        max_value=newest,
        format="YYYY-MM-DD",
        width=150,
        on_change=_changed,
    )


def _changed() -> None:
    state = st.session_state
    chosen: dict[str, Any] = {"search": (state["receipts.search"] or "").strip(), "kind": tuple(state["receipts.kind"] or ())}
    chosen |= {"received_from": state["receipts.from"], "received_to": state["receipts.to"]}
    chosen |= {"unallocated": state["receipts.free"]}
    write_filter(ReceiptFilter.model_validate(read_filter(ReceiptFilter).model_dump() | chosen), KEEP)


def _rows(where: ReceiptFilter, total: int) -> None:
    page, currency = page_of(total, SIZE), currency_of(me())
    rows = load(queries.receipt_list, where=where, page=page, size=SIZE)
    columns = SHOWN if currency else [*SHOWN[:5], "currency", *SHOWN[5:]]
    labels = {"reference": say("Payment reference")}
    key = f"receipts.table.{page}.{hash(where)}"
    chosen = table(rows, key=key, columns=columns, labels=labels, currency=currency, once=True)
    if chosen.opened:
        open_dialog(say("Receipt"), receipt_dialog, chosen.opened)
    pager(total, SIZE, "receipts.page")


def _export(where: ReceiptFilter) -> None:
    labels = {name: label(name) for name in [*SHOWN[:5], "currency", *SHOWN[5:], "remark"]}
    labels["reference"] = say("Payment reference")
    applied = where.model_dump(mode="json", exclude_defaults=True)
    export_button(
        "receipts",
        lambda session: queries.every_receipt(session, where),
        labels,
        applied,
        area="contracts",
        key="receipts.export",
    )
