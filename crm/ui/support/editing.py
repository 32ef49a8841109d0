"""Correct what is known of a case; both versions are shown where somebody was quicker."""

from __future__ import annotations

from typing import Any

import streamlit as st

from crm.catalogue.queries import product_choices
from crm.contracts.queries import ContractFilter, contract_list
from crm.customers import queries as customers
from crm.office.queries import custom_fields, today
from crm.staff.queries import units
from crm.support import commands
from crm.support.commands import CaseDetails
from crm.support.models import Case, CaseKind, Priority
from crm.ui.compare import compare, save
from crm.ui.custom_fields import custom_widgets
from crm.ui.deal.customers import find_customer
from crm.ui.desk import figures, load, me
from crm.ui.form import Choices, form
from crm.ui.support.opened import version_of
from crm.ui.table import records
from crm.words import label, say
from crm.words.formats import date_short

FIELDS = [name for name in CaseDetails.model_fields if name not in ("customer_id", "custom")]


def edit_dialog(case: Case) -> None:
    """`case` is as it was when the dialog opened: its version is what the save is judged by. What points to something that I may
    not see stays as it is."""
    chosen = {} if case.customer_id else {"customer_id": find_customer("case.edit.customer", None)}
    choices = case_choices(case.customer_id, case.board_id)
    specs = figures(custom_fields, subject_type="service_case")
    details = form(
        CaseDetails,
        known(case),
        key=f"case.edit.{case.id}",
        choices=choices,
        only=[name for name in FIELDS if name not in choices or getattr(case, name) in (None, *choices[name])],
        extra=lambda: {"custom": custom_widgets(specs, case.custom, "case.custom")} | chosen,
    )
    if details is not None:
        if details.kind != CaseKind.COMPLAINT:
            details = details.model_copy(update={"complaint_class": None, "responsible_unit_id": None})
        keep(case, details)
    compare(_key(case), choices)


def priority_dialog(case: Case) -> None:
    """The time used stays; from now on the promise of the new priority holds."""
    st.caption(say("The time used stays. From now on holds what is promised for the new priority."))
    chosen = st.segmented_control(
        label("priority"),
        [one.value for one in Priority],
        default=case.priority,
        required=True,
        format_func=lambda code: label(code, of="priority"),
        key=f"case.priority.{case.id}",
        label_visibility="collapsed",
    )
    if st.button(say("Save"), type="primary", icon=":material/check:", key="case.priority.save"):
        keep(case, CaseDetails(**known(case) | {"priority": chosen}))
    compare(_key(case))


def keep(case: Case, details: CaseDetails) -> None:
    save(
        commands.edit_case,
        case.id,
        details,
        version=case.version,
        now=lambda: version_of(case.id),
        key=_key(case),
        done="Saved.",
    )


def known(case: Case) -> dict[str, Any]:
    return {name: getattr(case, name) for name in CaseDetails.model_fields}


def _key(case: Case) -> str:
    return f"case.edited.{case.id}"


def case_choices(customer_id: int | None, board_id: int) -> Choices:
    """What a case can point to: the people, orders and contracts of its customer, all products, the units of its board."""
    choices: dict[str, dict[Any, str]] = {
        "product_id": figures(product_choices),
        "responsible_unit_id": board_units(board_id),
        "contact_id": {},
        "order_id": {},
        "contract_id": {},
    }
    if customer_id is None:
        return choices
    choices["contact_id"] = {int(row.id): str(row.name) for row in records(load(customers.contacts, customer_id=customer_id))}
    orders = records(load(customers.orders_of, customer_id=customer_id, limit=100))
    choices["order_id"] = {int(row.id): f"{row.number} · {date_short(row.ordered_on)}" for row in orders}
    if me().actor.grant("contracts").see:
        where = ContractFilter(customer_id=customer_id)
        found = records(load(contract_list, day=figures(today), where=where, size=100))
        choices["contract_id"] = {int(row.id): f"{row.number} · {row.name}" for row in found}
    return choices


def board_units(board_id: int) -> dict[int, str]:
    """The board and all below it -> how they are called, from the board on."""
    found = load(units).set_index("id")
    names: dict[int, str] = {}
    for row in records(found):
        if row.Index == board_id:
            names[row.Index] = str(row.name)
        elif row.parent_id in names:
            above = names[int(row.parent_id)] if row.parent_id != board_id else ""
            names[row.Index] = f"{above} / {row.name}" if above else str(row.name)
    return names
