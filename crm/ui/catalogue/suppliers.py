"""Suppliers: the list, and one of them with what he delivers, at what cost and how fast."""

from __future__ import annotations

from typing import Any

import streamlit as st

from crm.catalogue import commands, queries
from crm.catalogue.commands import SupplierInput, SupplyInput
from crm.catalogue.commands.suppliers import Rating
from crm.catalogue.models import Supplier
from crm.catalogue.queries import EVERY_SUPPLIER, SupplierFilter
from crm.ui.address import number, read_filter, write_filter
from crm.ui.catalogue.grids import grid
from crm.ui.catalogue.picking import hits, search_field
from crm.ui.catalogue.product import may_change
from crm.ui.desk import act, figures, find, load, me
from crm.ui.dialog import open_dialog
from crm.ui.filtering import search_box
from crm.ui.form import form
from crm.ui.money import currency_of
from crm.ui.paging import page_of, pager
from crm.ui.show import empty, heading
from crm.ui.table import table
from crm.ui.text import literal
from crm.ui.versions import edit_form
from crm.words import label, say

SIZE = 50
COLUMNS = ("name", "rating", "products", "contact", "phone", "email", "payment_days", "remark")


def suppliers() -> None:
    """The one in the address, else the list."""
    asked = number("supplier", 0)
    found = find(queries.supplier, asked) if asked else None
    if found is not None:
        _one(found)
    else:
        _list()


# ------------------------------------------------------------------------------------------------------ the list


def _list() -> None:
    where = read_filter(SupplierFilter)
    with st.container(horizontal=True, vertical_alignment="center"):
        _filters(where)
        st.space("stretch")
        if may_change() and st.button(say("New supplier"), icon=":material/add:", type="primary", key="supplier.new"):
            open_dialog(say("New supplier"), new_supplier, width="medium")
    total = figures(queries.supplier_count, where=where)
    if not total:
        _nothing(where)
        return
    st.markdown(say("{count:supplier|suppliers}", count=total))
    page = page_of(total, SIZE)
    rows = load(queries.suppliers, where=where, page=page, size=SIZE)
    chosen = table(rows, key=f"suppliers.table.{page}.{hash(where)}", columns=COLUMNS, once=True)
    if chosen.opened:
        open_supplier(chosen.opened)
    pager(total, SIZE, "suppliers.page")


def open_supplier(supplier_id: int) -> None:
    st.query_params.from_dict({"view": "suppliers", "supplier": str(supplier_id)})
    st.rerun()


def _filters(where: SupplierFilter) -> None:
    st.session_state["suppliers.search"], st.session_state["suppliers.rating"] = where.search, list(where.rating)
    search_box("suppliers.search", say("Name, contact, phone"), _changed)
    st.pills(
        label("rating"),
        [rating.value for rating in Rating],
        selection_mode="multi",
        key="suppliers.rating",
        label_visibility="collapsed",
        on_change=_changed,
    )


def _changed() -> None:
    state = st.session_state
    chosen = {"search": (state["suppliers.search"] or "").strip(), "rating": tuple(state["suppliers.rating"] or ())}
    write_filter(SupplierFilter.model_validate(chosen), ("view",))


def _nothing(where: SupplierFilter) -> None:
    if where != EVERY_SUPPLIER:
        empty("No supplier fits these filters.")
    elif may_change():
        empty("No suppliers yet. Add the first one, then what he delivers: its cost stands beside your prices.")
    else:
        empty("No suppliers yet. An administrator adds them.")


def new_supplier() -> None:
    details = form(SupplierInput, key="supplier.add", save="Add")
    if details:
        act(commands.add_supplier, details, done="{name} added.", name=details.name)


# ------------------------------------------------------------------------------------------------------------ one


def _one(found: Supplier) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            "", icon=":material/arrow_back:", key="supplier.back", type="tertiary", help=say("All suppliers"), on_click=_back
        )
        st.markdown(f"**{literal(found.name)}**", width="content")
        if found.rating:
            st.badge(say("Rating {rating}", rating=found.rating), color="green" if found.rating in "AB" else "gray")
        _contact(found)
        st.space("stretch")
        if may_change() and st.button(say("Edit"), icon=":material/edit:", key="supplier.edit"):
            open_dialog(say("Edit {name}", name=found.name), edit_supplier, found.id, width="medium")
    if found.remark:
        st.caption(literal(found.remark))
    rows = load(queries.supplies, supplier_id=found.id)
    heading("{name} delivers {count:product|products}", name=found.name, count=len(rows))
    if may_change():
        key = f"supplies.{found.id}"
        search_field(key)
        hits(key, lambda product_id, code, name: _deliver(found.id, product_id))
    _goods(found.id, rows)


def _back() -> None:
    st.query_params.from_dict({"view": "suppliers"})


def _contact(found: Supplier) -> None:
    given = [found.contact, found.phone, found.email, found.address]
    told = [literal(one) for one in given if one]
    if found.payment_days is not None:
        told.append(say("paid after {count:day|days}", count=found.payment_days))
    st.caption(" · ".join(told), width="content")


def _deliver(supplier_id: int, product_id: int) -> None:
    act(commands.put_supply, supplier_id, SupplyInput(product_id=product_id), rerun=False)


def _goods(supplier_id: int, rows: Any) -> None:
    columns = ("code", "name", "their_code", "cost", "price", "lead_days")
    if rows.empty:
        empty("Nothing yet: look for a product above to say that he delivers it.")
    elif may_change():
        column = st.column_config
        edited = {
            "their_code": column.TextColumn(label("their_code"), max_chars=40),
            "cost": column.NumberColumn(label("cost"), min_value=0.0, format="%,.2f"),
            "lead_days": column.NumberColumn(label("lead_days"), min_value=0, step=1),
        }
        grid(rows, SupplyInput, commands.save_supplies, supplier_id, key="supplies", columns=columns, edited=edited)
    else:
        table(rows, key="supplies.table", columns=columns, currency=currency_of(me()), opens=False)


def edit_supplier(supplier_id: int) -> None:
    found = find(queries.supplier, supplier_id)
    if found is None:
        return
    edit_form(SupplierInput, found, commands.edit_supplier, key=f"supplier.{supplier_id}", done="Saved.")
    with st.popover(say("Delete"), icon=":material/delete:", key="supplier.delete"):
        st.markdown(say("{name} leaves the list, with what he delivers. Products stay.", name=literal(found.name)))
        if st.button(say("Delete"), type="primary", key="supplier.delete_yes"):
            act(commands.delete_supplier, supplier_id, done="{name} deleted.", name=found.name)
