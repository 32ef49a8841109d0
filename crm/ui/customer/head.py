"""The head of a customer's page: who he is, whose he is, and what can be done with him."""

from __future__ import annotations

from functools import partial
from typing import Any

import streamlit as st

from crm.customers import commands, queries
from crm.customers.commands import CustomerDetails
from crm.customers.commands.details import PROFILE_DETAILS
from crm.customers.models import Customer
from crm.exchange.profiles import profile_xlsx
from crm.office import commands as office
from crm.office.queries import custom_fields
from crm.staff.sign_in import SignedIn
from crm.ui.compare import compare, save
from crm.ui.custom_fields import custom_widgets
from crm.ui.customer.loss import losses, lost_button
from crm.ui.customer_list import assign_dialog, delete_dialog, share_dialog
from crm.ui.customer_profile import profile_sections
from crm.ui.deferred import still_here
from crm.ui.desk import figures, find, me
from crm.ui.dialog import open_dialog
from crm.ui.form import form
from crm.ui.inbox.messages import message_button
from crm.ui.marketing.claiming import claim_or_release, pool_notes
from crm.ui.quick_log import quick_log
from crm.ui.support.mood import mood_button
from crm.ui.tags import tag_dialog, tags
from crm.ui.text import literal
from crm.words import Language, label, language, say


def head(customer: Customer) -> None:
    """Badges and tags at the left; the actions a role has at the right."""
    followed = figures(queries.followed_by, customer_id=customer.id)
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", key="customer.head"):
        for name in ("life_cycle", "kind", "level", "credit_grade", "segment"):
            if code := getattr(customer, name):
                st.badge(label(code, of=name), color=_COLOURS.get(code, "gray"), help=label(name))
        st.caption(literal(f"{customer.code} · {followed['owner'] or say('No owner')} · {followed['unit']}"), width="content")
        mood_button(customer.id, "customer")
        tags("customer", customer.id)
        with st.container(horizontal=True, horizontal_alignment="right", gap="xsmall", key="customer.actions"):
            _actions(customer)
    pool_notes(customer)
    losses(customer)


_COLOURS: dict[str, Any] = {"active": "green", "dormant": "orange", "lost": "red", "potential": "blue", "vip": "violet"}


def _actions(customer: Customer) -> None:
    actor = me().actor
    may = {
        "edit": bool(actor.grant("customers").change),
        "assign": actor.may("assign", "customers"),
        "share": actor.may("share", "customers"),
        "tag": bool(actor.grant("office").change),
        "delete": actor.may("delete", "customers"),
    }
    with st.container(width="content"):
        quick_log("customer", customer.id, customer.name, "customer.log")
    if may["edit"] and st.button(say("Edit"), icon=":material/edit:", key="customer.edit", shortcut="Alt+E"):
        open_dialog(say("Edit {name}", name=customer.name), edit_dialog, customer)
    for name, icon, dialog in (
        ("assign", ":material/swap_horiz:", assign_dialog),
        ("share", ":material/share:", share_dialog),
        ("tag", ":material/sell:", _tag),
        ("delete", ":material/delete:", delete_dialog),
    ):
        if may[name] and st.button("", icon=icon, key=f"customer.{name}", help=label(name)):
            open_dialog(customer.name, dialog, [customer.id], width="small")
    message_button("customer.message", "customer", customer.id, short=True)
    claim_or_release(customer)
    lost_button(customer)
    if actor.may("export", "customers"):
        st.download_button(
            "",
            data=partial(_profile_file, me(), language(), customer.id),
            file_name=f"{customer.code}.xlsx",
            icon=":material/print:",
            key="customer.profile",
            help=say("One-page profile as Excel"),
            on_click="ignore",
        )


def _profile_file(person: SignedIn, spoken: Language, customer_id: int) -> bytes:
    with still_here(person, spoken) as session:
        office.log_export(session, "profile", "xlsx", 1, {"customer": customer_id})
        return profile_xlsx(queries.customer(session, customer_id).name, profile_sections(session, customer_id))


def edit_dialog(customer: Customer) -> None:
    """`customer` is as it was when the dialog opened: its version is what the save is judged by."""
    current = {name: getattr(customer, name) for name in CustomerDetails.model_fields}
    details = form(CustomerDetails, current, key="customer.edit_form", extra=lambda: {"custom": _custom(customer)})
    if details is not None:
        save(
            commands.edit_customer,
            customer.id,
            details,
            version=customer.version,
            now=lambda: _version(customer.id),
            key=f"customer.edit.{customer.id}",
            done="Saved.",
        )
    compare(f"customer.edit.{customer.id}")


def _version(customer_id: int) -> int:
    found = find(queries.customer, customer_id)
    return found.version if found else 0


def _tag(ids: list[int]) -> None:
    tag_dialog("customer", ids)


def _custom(customer: Customer) -> dict[str, object]:
    """Custom fields inside the form; -> key: what was entered."""
    return custom_widgets(figures(custom_fields, subject_type="customer"), customer.custom, "customer.custom")


def profile_dialog(customer: Customer, version: int, current: dict[str, object]) -> None:
    """The extended file, of the kind the customer is."""
    details = form(PROFILE_DETAILS[customer.kind], current, key="customer.profile_form")
    if details is not None:
        save(
            commands.save_profile,
            customer.id,
            details,
            version=version,
            now=lambda: getattr(find(queries.profile, customer.id), "version", 0),
            key=f"customer.profile.{customer.id}",
            done="Saved.",
        )
    compare(f"customer.profile.{customer.id}")
