"""The head of a customer's page: who he is, whose he is, and what can be done with him."""

from __future__ import annotations

from collections.abc import Callable
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
from crm.ui.customer.loss import losses, may_be_called_lost, open_loss
from crm.ui.customer_list import assign_dialog, delete_dialog, share_dialog
from crm.ui.customer_profile import profile_sections
from crm.ui.deferred import still_here
from crm.ui.desk import figures, find, me
from crm.ui.dialog import open_dialog
from crm.ui.form import form
from crm.ui.inbox.messages import compose
from crm.ui.marketing.claiming import claim_button, may_release, open_release, pool_notes
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


Offer = tuple[str, str, Callable[[Customer], None]]
_COLOURS: dict[str, Any] = {"active": "green", "dormant": "orange", "lost": "red", "potential": "blue", "vip": "violet"}


def _actions(customer: Customer) -> None:
    """What is done every day stands open; the rest waits behind one sign, in words."""
    actor = me().actor
    with st.container(width="content"):
        quick_log("customer", customer.id, customer.name, "customer.log")
    if actor.grant("customers").change and st.button(say("Edit"), icon=":material/edit:", key="customer.edit", shortcut="Alt+E"):
        open_dialog(say("Edit {name}", name=customer.name), edit_dialog, customer)
    claim_button(customer)
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
    offered = _offered(customer)
    chosen = st.menu_button(
        "",
        list(offered),
        key="customer.more",
        icon=":material/more_horiz:",
        help=say("More"),
        format_func=lambda name: f":material/{offered[name][0]}: {offered[name][1]}",
    )
    if chosen:
        offered[chosen][2](customer)


def _offered(customer: Customer) -> dict[str, Offer]:
    """Name -> sign, words and what is opened, of all that the reader may do with the customer besides."""
    actor = me().actor
    every: dict[str, tuple[bool, Offer]] = {
        "tag": (bool(actor.grant("office").change), ("sell", label("tag"), _over(tag_dialog, "customer"))),
        "message": (True, ("send", say("Send a message"), _message)),
        "share": (actor.may("share", "customers"), ("share", label("share"), _over(share_dialog))),
        "assign": (actor.may("assign", "customers"), ("swap_horiz", label("assign"), _over(assign_dialog))),
        "release": (may_release(customer), ("water", say("Release to the pool"), open_release)),
        "lost": (may_be_called_lost(customer), ("person_cancel", say("Lost"), open_loss)),
        "delete": (actor.may("delete", "customers"), ("delete", label("delete"), _over(delete_dialog))),
    }
    return {name: offer for name, (may, offer) in every.items() if may}


def _over(dialog: Callable[..., None], *before: Any) -> Callable[[Customer], None]:
    return lambda customer: open_dialog(customer.name, dialog, *before, [customer.id], width="small")


def _message(customer: Customer) -> None:
    open_dialog(say("Send a message"), compose, "customer", customer.id, width="small")


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
