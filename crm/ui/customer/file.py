"""The file of a customer in its four parts: basic, extended, key persons, competitors."""

from __future__ import annotations

from typing import Any

import streamlit as st

from crm.catalogue.queries import product_choices
from crm.customers import commands, queries
from crm.customers.models import Customer
from crm.office.queries import custom_fields
from crm.ui.attachments import attachments
from crm.ui.customer.head import profile_dialog
from crm.ui.customer_profile import BASIC, extended_names, facts
from crm.ui.desk import act, figures, find, load, me
from crm.ui.dialog import open_dialog
from crm.ui.show import empty, heading
from crm.ui.text import literal
from crm.words import say


def facts_list(rows: list[tuple[str, Any]], columns: int = 1) -> None:
    """Label and value, line by line."""
    cells = st.columns(columns)
    for position, (title, value) in enumerate(rows):
        cells[position % columns].markdown(f":gray[{literal(title)}]  \n{literal(value)}")


def basic(customer: Customer) -> list[tuple[str, Any]]:
    specs = {spec.key: str(spec) for spec in figures(custom_fields, subject_type="customer")} if customer.custom else {}
    custom = [(specs[key], value) for key, value in customer.custom.items() if key in specs]
    return facts(customer, BASIC[7:]) + custom


def file(customer: Customer) -> None:
    left, right = st.columns(2, gap="large")
    with left:
        heading("Basic file")
        rows = basic(customer)
        if rows:
            facts_list(rows, 2)
        else:
            empty("Nothing but the name is known. Edit adds the rest.")
        _interests(customer)
    with right:
        profile = find(queries.profile, customer.id)
        heading("Extended file")
        names = extended_names(profile) if profile is not None else ()
        found = facts(profile, names) if profile is not None else []
        if found:
            facts_list(found, 2)
        else:
            empty("The extended file is empty: what the firm plans, makes and needs, or who the person is.")
        if me().actor.grant("customers").change and st.button(
            say("Edit the extended file"), icon=":material/edit_note:", key="file.edit"
        ):
            current = {name: getattr(profile, name) for name in names}
            title = say("Extended file of {name}", name=customer.name)
            open_dialog(title, profile_dialog, customer, profile.version if profile is not None else 0, current)

    heading("Documents")
    attachments("customer", customer.id, key="file.documents")


def _interests(customer: Customer) -> None:
    """Products the customer asks about."""
    heading("Products of interest")
    products: dict[int, str] = figures(product_choices)
    now = load(queries.interests, customer_id=customer.id)["id"].tolist()
    if not me().actor.grant("customers").change:
        st.markdown(", ".join(products.get(one, "") for one in now) or "–")
        return
    chosen = st.multiselect(
        say("Products of interest"),
        list(products),
        default=[one for one in now if one in products],
        format_func=lambda one: products[one],
        key=f"interests.{customer.id}.{len(now)}",
        label_visibility="collapsed",
        placeholder=say("Choose products"),
    )
    if set(chosen) != set(now) and st.button(say("Save"), key="interests.save", type="primary"):
        act(commands.set_interests, customer.id, chosen, done="Saved.")
