"""The products page: the tree of categories as a filter, the list, and the dialogs that change them."""

from __future__ import annotations

from typing import Any

import streamlit as st

from crm.catalogue import commands, queries
from crm.catalogue.commands import CategoryInput, ProductInput
from crm.catalogue.queries import EVERY_PRODUCT, PAGE_SIZE, ProductFilter
from crm.ui.address import read_filter, write_filter
from crm.ui.desk import act, figures, find, load, me
from crm.ui.dialog import open_dialog
from crm.ui.exporter import export_button
from crm.ui.form import form
from crm.ui.money import currency_of
from crm.ui.paging import page_of, pager
from crm.ui.show import empty
from crm.ui.table import records, table
from crm.ui.versions import edit_form
from crm.words import label, say
from crm.words.formats import number as spoken

COLUMNS = ("code", "name", "category", "unit", "price", "renewal_months", "description")
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


def _may_change() -> bool:
    return bool(me().actor.grant("catalogue").change)


# ---------------------------------------------------------------------------------------------------- categories


def _tree(where: ProductFilter) -> None:
    found = records(load(queries.categories))
    texts = {ALL: say("All products")} | {row.id: _branch(row) for row in found}
    st.session_state["products.category"] = where.category_id or ALL
    st.radio(
        label("category"), list(texts), key="products.category", format_func=texts.__getitem__, on_change=_chosen, width="stretch"
    )
    if not _may_change():
        return
    with st.container(horizontal=True):
        if st.button(say("New category"), icon=":material/add:", type="tertiary", key="category.new"):
            open_dialog(say("New category"), new_category, width="small")
        if where.category_id and st.button(say("Edit"), icon=":material/edit:", type="tertiary", key="category.edit"):
            open_dialog(say("Edit category"), edit_category, where.category_id, width="small")


def _branch(row: Any) -> str:
    """One line of the tree; those below another category stand further in."""
    further_in = "\u2003" if isinstance(row.parent, str) else ""
    return f"{further_in}{row.name} :gray[{spoken(row.products, 0)}]"


def _first_level() -> dict[str, dict[int, str]]:
    top = [row for row in records(load(queries.categories)) if not isinstance(row.parent, str)]
    return {"parent_id": {row.id: f"{row.code} {row.name}" for row in top}}


def new_category() -> None:
    details = form(CategoryInput, key="category.add", choices=_first_level(), columns=1, save="Add")
    if details:
        act(commands.add_category, details, done="{name} added.", name=details.name)


def edit_category(category_id: int) -> None:
    found = find(queries.category, category_id)
    if found is None:
        return
    st.caption(found.code)
    key = f"category.{category_id}"
    edit_form(CategoryInput, found, commands.edit_category, key=key, done="Saved.", choices=_first_level(), columns=1)
    if st.button(say("Delete"), icon=":material/delete:", key="category.delete"):
        act(commands.delete_category, category_id, done="{name} deleted.", name=found.name)


# ------------------------------------------------------------------------------------------------------ products


def _line_of_filters(where: ProductFilter) -> None:
    st.session_state["products.search"] = where.search
    with st.container(horizontal=True, vertical_alignment="center"):
        st.text_input(
            say("Search"),
            key="products.search",
            type="search",
            live=True,
            width=260,
            icon=":material/search:",
            placeholder=say("Name or code"),
            label_visibility="collapsed",
            on_change=_chosen,
        )
        st.space("stretch")
        applied = where.model_dump(exclude_defaults=True)
        export_button("products", lambda session: queries.product_rows(session, where), _labels(), applied, area="catalogue")
        if _may_change() and st.button(say("New product"), icon=":material/add:", type="primary", key="product.new"):
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
    key = f"products.table.{page}.{hash(where)}"
    chosen = table(rows, key=key, columns=COLUMNS, labels=_labels(), currency=currency_of(me()), opens=_may_change(), once=True)
    if chosen.opened:
        open_dialog(say("Edit product"), edit_product, chosen.opened, width="medium")
    pager(total, PAGE_SIZE, key="products.page")


def _nothing(where: ProductFilter) -> None:
    if where == EVERY_PRODUCT and _may_change():
        empty("Here your products will stand. Add the first one, or import a list: Import and export.")
    elif where == EVERY_PRODUCT:
        empty("Here the products will stand. An administrator adds them.")
    else:
        empty("No product fits this search.")
        st.button(say("Show all products"), on_click=st.query_params.clear, icon=":material/filter_alt_off:")


def _categories() -> dict[str, dict[int, str]]:
    return {"category_id": figures(queries.category_choices)}


def new_product(category_id: int | None) -> None:
    details = form(ProductInput, {"category_id": category_id}, key="product.add", choices=_categories(), save="Add")
    if details:
        act(commands.add_product, details, done="{name} added.", name=details.name)


def edit_product(product_id: int) -> None:
    found = find(queries.product, product_id)
    if found is None:
        return
    edit_form(ProductInput, found, commands.edit_product, key=f"product.{product_id}", done="Saved.", choices=_categories())
    with st.popover(say("Delete"), icon=":material/delete:", key="product.delete"):
        st.markdown(say("{name} leaves the list. Orders that name it stay as they are.", name=found.name))
        if st.button(say("Delete"), type="primary", key="product.delete_yes"):
            act(commands.delete_product, product_id, done="{name} deleted.", name=found.name)
