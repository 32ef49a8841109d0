"""The categories of products as a list in the order of their tree, and the dialogs that change them."""

from __future__ import annotations

import streamlit as st

from crm.catalogue import commands, queries
from crm.catalogue.commands import CategoryInput
from crm.ui.catalogue.product import may_change
from crm.ui.desk import act, find, go, load
from crm.ui.dialog import open_dialog
from crm.ui.form import form
from crm.ui.show import empty
from crm.ui.table import records, table
from crm.ui.versions import edit_form
from crm.words import label, say


def categories() -> None:
    rows = load(queries.categories)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(say("{count:category|categories} in two levels", count=len(rows)), width="stretch")
        new_button()
    if rows.empty:
        empty("No categories yet. They have two levels, and their codes are made by themselves.")
        return
    columns = ["code", "name", "parent", "products", "remark"]
    labels = {"parent": say("Category above")}
    chosen = table(rows, key="categories.table", columns=columns, labels=labels, once=may_change())
    if chosen.opened and may_change():
        open_dialog(say("Edit category"), edit_category, chosen.opened, width="small")
    elif chosen.opened:
        go("products", category_id=chosen.opened)


def new_button() -> None:
    if may_change() and st.button(say("New category"), icon=":material/add:", type="tertiary", key="category.new"):
        open_dialog(say("New category"), new_category, width="small")


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
    st.caption(f"{label('code')} {found.code}")
    key = f"category.{category_id}"
    edit_form(CategoryInput, found, commands.edit_category, key=key, done="Saved.", choices=_first_level(), columns=1)
    if st.button(say("Delete"), icon=":material/delete:", key="category.delete"):
        act(commands.delete_category, category_id, done="{name} deleted.", name=found.name)
