"""The list of orders with its filters in the address; a row opens the customer."""

from __future__ import annotations

import datetime as dt

import streamlit as st

from crm.customers import queries
from crm.customers.models import OrderKind
from crm.customers.queries.orders import OrderFilter
from crm.ui.address import read_filter, write_filter
from crm.ui.desk import figures, go, load, me
from crm.ui.exporter import export_button
from crm.ui.money import amounts, currency_of, in_one_currency
from crm.ui.paging import page_of, pager
from crm.ui.show import empty
from crm.ui.table import table
from crm.ui.tile import told
from crm.words import label, say
from crm.words.formats import number as spoken

SIZE = 50
COLUMNS = ["ordered_on", "number", "customer", "kind", "amount"]


@st.fragment
def order_list() -> None:
    where = read_filter(OrderFilter)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        _filters(where)
        st.space("stretch")
        applied = where.model_dump(mode="json", exclude_defaults=True)
        labels = {name: label(name) for name in COLUMNS}
        export_button("orders", lambda session: queries.order_list(session, where, size=200_000), labels, applied)
    totals = figures(queries.order_totals, where=where)
    told("orders", {"count": totals["orders"], **in_one_currency("amount", totals["amounts"])})
    st.markdown(say("**{orders}** orders · {amount}", orders=spoken(totals["orders"], 0), amount=amounts(totals["amounts"])))
    if not totals["orders"]:
        empty("No order fits these filters.")
        return
    _rows(where, totals["orders"])


def _filters(where: OrderFilter) -> None:
    st.session_state["orders.number"] = where.number
    st.session_state["orders.kind"] = list(where.kind)
    st.session_state["orders.from"], st.session_state["orders.to"] = where.ordered_from, where.ordered_to
    st.text_input(
        label("number"),
        key="orders.number",
        type="search",
        live=True,
        width=180,
        icon=":material/search:",
        placeholder=say("Search"),
        on_change=_changed,
    )
    oldest, newest = dt.date(1970, 1, 1), dt.date(2100, 12, 31)
    for name, title in (("orders.from", "ordered_from"), ("orders.to", "ordered_to")):
        st.date_input(
            label(title),
            key=name,
            value=None,
            min_value=oldest,
            max_value=newest,
            format="YYYY-MM-DD",
            width=150,
            on_change=_changed,
        )
    st.pills(
        label("kind"),
        [kind.value for kind in OrderKind],
        selection_mode="multi",
        key="orders.kind",
        format_func=lambda code: label(code, of="kind"),
        on_change=_changed,
    )


def _changed() -> None:
    state = st.session_state
    chosen = {"number": (state["orders.number"] or "").strip(), "kind": tuple(state["orders.kind"] or ())}
    chosen |= {"ordered_from": state["orders.from"], "ordered_to": state["orders.to"]}
    write_filter(OrderFilter.model_validate(read_filter(OrderFilter).model_dump() | chosen))


def _rows(where: OrderFilter, total: int) -> None:
    page = page_of(total, SIZE)
    rows = load(queries.order_list, where=where, page=page, size=SIZE)
    chosen = table(rows, key=f"orders.table.{page}.{hash(where)}", columns=COLUMNS, currency=currency_of(me()))
    if chosen.opened:
        go("customer", customer=chosen.opened)
    pager(total, SIZE, "orders.page")
