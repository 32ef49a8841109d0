"""The list of products beside the tree of their categories, which filters it."""

from __future__ import annotations

from typing import Any

import streamlit as st

from crm.catalogue import queries
from crm.catalogue.queries import EVERY_PRODUCT, PAGE_SIZE, ProductFilter
from crm.ui.address import read_filter, write_filter
from crm.ui.catalogue.categories import edit_category, new_button
from crm.ui.catalogue.product import may_change, new_product, product_dialog
from crm.ui.desk import figures, load, me
from crm.ui.dialog import open_dialog
from crm.ui.exporter import export_button
from crm.ui.filtering import search_box
from crm.ui.money import currency_of
from crm.ui.paging import page_of, pager
from crm.ui.show import empty
from crm.ui.table import records, table
from crm.ui.text import literal
from crm.words import label, say
from crm.words.formats import number as spoken

COLUMNS = ("code", "name", "category", "unit", "price", "in_stock", "description", "service_fee", "renewal_months")
ALL = 0
"""Stands for no category, where a widget wants a value."""


@st.fragment
def product_list() -> None:
    where = read_filter(ProductFilter)
    if where.category_id not in figures(queries.category_choices):
        where = where.model_copy(update={"category_id": None})
    tree, rows = st.columns([1, 4], gap="large")
    with tree:
        _tree(where)
    with rows:
        _line_of_filters(where)
        _rows(where)


# ---------------------------------------------------------------------------------------------------- categories


def _tree(where: ProductFilter) -> None:
    found = records(load(queries.categories))
    texts = {ALL: say("All products")} | {row.id: _branch(row) for row in found}
    st.session_state["products.category"] = where.category_id or ALL
    st.radio(
        label("category"), list(texts), key="products.category", format_func=texts.__getitem__, on_change=_chosen, width="stretch"
    )
    if not may_change():
        return
    with st.container(horizontal=True):
        new_button()
        if where.category_id and st.button(say("Edit"), icon=":material/edit:", type="tertiary", key="category.edit"):
            open_dialog(say("Edit category"), edit_category, where.category_id, width="small")


def _branch(row: Any) -> str:
    """One line of the tree; those below another category stand further in."""
    further_in = "\u2003" if isinstance(row.parent, str) else ""
    return f"{further_in}{literal(row.name)} :gray[{spoken(row.products, 0)}]"


# ------------------------------------------------------------------------------------------------------ products


def _line_of_filters(where: ProductFilter) -> None:
    st.session_state["products.search"] = where.search
    with st.container(horizontal=True, vertical_alignment="center"):
        search_box("products.search", say("Name or code"), _chosen)
        st.space("stretch")
        applied = where.model_dump(exclude_defaults=True)
        export_button("products", lambda session: queries.product_rows(session, where), _labels(), applied, area="catalogue")
        if may_change() and st.button(say("New product"), icon=":material/add:", type="primary", key="product.new"):
            open_dialog(say("New product"), new_product, where.category_id, width="medium")


def _labels() -> dict[str, str]:
    return {name: label(name) for name in COLUMNS} | {"unit": say("Unit of measure")}


def _chosen() -> None:
    state = st.session_state
    write_filter(ProductFilter(search=(state["products.search"] or "").strip(), category_id=state["products.category"] or None))


def _rows(where: ProductFilter) -> None:
    total = figures(queries.product_count, where=where)
    if not total:
        _nothing(where)
        return
    # Stands between the buttons and the table, whose own toolbar would cover them.
    st.markdown(say("**{count}** products", count=spoken(total, 0)))
    page = page_of(total, PAGE_SIZE)
    rows = load(queries.products, where=where, page=page)
    rows["in_stock"] = rows["in_stock"].map({True: say("In stock"), False: say("To order")})
    key = f"products.table.{page}.{hash(where)}"
    chosen = table(rows, key=key, columns=COLUMNS, labels=_labels(), currency=currency_of(me()), once=True)
    if chosen.opened:
        names = dict(zip(rows["id"], rows["name"], strict=True))
        open_dialog(str(names[chosen.opened]), product_dialog, chosen.opened)
    pager(total, PAGE_SIZE, key="products.page")


def _nothing(where: ProductFilter) -> None:
    if where == EVERY_PRODUCT and may_change():
        empty("Here your products will stand. Add the first one, or import a list: Import and export.")
    elif where == EVERY_PRODUCT:
        empty("Here the products will stand. An administrator adds them.")
    else:
        empty("No product fits this search.")
        st.button(say("Show all products"), on_click=st.query_params.clear, icon=":material/filter_alt_off:")
