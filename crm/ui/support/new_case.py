"""A new case: whose it is and what it is about; while one types, what is known already, what is open and what is promised."""

from __future__ import annotations

from typing import Any

import streamlit as st

from crm.catalogue.queries import product_choices
from crm.customers.models import Customer
from crm.customers.queries import customer
from crm.errors import CrmError
from crm.office.queries import custom_fields
from crm.session import ScopedSession
from crm.support import commands, queries
from crm.support.commands import NewCase
from crm.support.filters import CaseFilter
from crm.support.models import CaseKind, Clock, ComplaintClass, Priority
from crm.ui.custom_fields import custom_widgets
from crm.ui.deal.customers import find_customer
from crm.ui.desk import figures, find, go, in_scope, load, me, tell
from crm.ui.dialog import open_dialog
from crm.ui.form import form
from crm.ui.support.editing import board_units, case_choices
from crm.ui.support.suggestions import suggestions
from crm.ui.support.times import duration
from crm.ui.table import records
from crm.ui.text import literal
from crm.words import label, say
from crm.words.formats import date_short

FIELDS = ("contact_id", "channel", "severity", "order_id", "contract_id", "team_id")
OPEN_SHOWN = 3


def new_case_button(key: str, customer_id: int | None = None) -> None:
    """Nothing for those who do not work on cases."""
    if me().actor.grant("support").change and st.button(
        say("New case"), type="primary", icon=":material/add:", key=key, shortcut="Alt+N"
    ):
        open_dialog(say("New case"), new_case, customer_id, width="large")


def new_case(customer_id: int | None = None) -> None:
    """The body of a dialog; it ends on the record of the new case."""
    left, right = st.columns([2, 1], gap="large")
    with left:
        chosen = _whose(customer_id)
        about = _about(chosen)
        details = _further(chosen, about)
    with right:
        _promise(about, chosen)
        _open_cases(chosen)
        suggestions(f"{about['subject']}\n{about['description']}", key="case.new.known", product_id=about["product_id"])
    if details is not None:
        _add(details)


# --------------------------------------------------------------------------------------------------- what is asked


def _whose(customer_id: int | None) -> Customer | None:
    if customer_id is None:
        found = find_customer("case.new.customer", None)
        return find(customer, found) if found is not None else None
    known = find(customer, customer_id)
    if known is not None:
        st.markdown(say("For **{name}**", name=literal(known.name)))
    return known


def _about(chosen: Customer | None) -> dict[str, Any]:
    """What the right side follows while it is entered."""
    about: dict[str, Any] = {"customer_id": chosen.id if chosen else None}
    with st.container(horizontal=True, key="case.new.sort"):
        about["kind"] = _one_of("kind", [one.value for one in CaseKind], CaseKind.FAULT)
        about["priority"] = _one_of("priority", [one.value for one in Priority], Priority.NORMAL)
    if about["kind"] == CaseKind.COMPLAINT:
        about |= _complaint(chosen)
    left, right = st.columns([2, 1])
    with left:
        about["subject"] = st.text_input(f"{label('subject')} *", key="case.new.subject", live=True, max_chars=200)
    with right:
        about["product_id"] = _product()
    about["description"] = st.text_area(label("description"), key="case.new.description", height=68)
    return about


def _product() -> int | None:
    products = figures(product_choices)
    chosen: int | None = st.selectbox(
        label("product"),
        list(products),
        index=None,
        format_func=products.__getitem__,
        key="case.new.product",
        placeholder=say("Choose"),
    )
    return chosen


def _one_of(name: str, codes: list[str], first: str) -> str:
    return str(
        st.segmented_control(
            label(name),
            codes,
            default=first,
            required=True,
            format_func=lambda code: label(code, of=name),
            key=f"case.new.{name}",
        )
    )


def _complaint(chosen: Customer | None) -> dict[str, Any]:
    """What it is about, and whom."""
    units = board_units(chosen.board_id) if chosen else {}
    asked: tuple[tuple[str, dict[Any, str]], ...] = (
        ("complaint_class", {one.value: label(one, of="complaint_class") for one in ComplaintClass}),
        ("responsible_unit_id", dict(units)),
    )
    found = {}
    for cell, (name, texts) in zip(st.columns(2), asked, strict=True):
        with cell:
            found[name] = st.selectbox(
                label(name) + (" *" if name == "complaint_class" else ""),
                list(texts),
                index=None,
                format_func=texts.__getitem__,
                key=f"case.new.{name}",
                placeholder=say("Choose"),
            )
    return found


def _further(chosen: Customer | None, about: dict[str, Any]) -> NewCase | None:
    """What has a good answer of its own, and the button that saves it all."""
    choices: dict[str, dict[Any, str]] = {}
    if chosen is not None:
        choices = {name: dict(texts) for name, texts in case_choices(chosen.id, chosen.board_id).items()}
        choices["team_id"] = board_units(chosen.board_id)
    asked = [name for name in FIELDS if not name.endswith("_id") or choices.get(name)]
    specs = figures(custom_fields, subject_type="service_case")
    return form(
        NewCase,
        key=f"case.new.form.{chosen.id if chosen else 0}",
        only=asked,
        choices=choices,
        save="Add the case",
        columns=3,
        extra=lambda: about | {"custom": custom_widgets(specs, {}, "case.new.custom")},
    )


# -------------------------------------------------------------------------------------------------- what is shown


def _promise(about: dict[str, Any], chosen: Customer | None) -> None:
    found = figures(
        queries.promise_for, priority=about["priority"], kind=about["kind"], customer_id=chosen.id if chosen else None
    )
    st.markdown(f"**{say('What is promised')}**")
    if found.policy is None:
        st.caption(say("No policy fits this customer, priority and kind: the clocks only count."))
        return
    for clock in (Clock.FIRST_RESPONSE.value, Clock.RESOLUTION.value):
        if clock in found.due:
            at = found.due[clock]
            st.markdown(
                say(
                    "{clock} by **{at}** :gray[({time} of working time)]",
                    clock=label(clock),
                    at=f"{date_short(at)} {at:%H:%M}".replace(":", r"\:"),
                    time=duration(found.seconds[clock]),
                )
            )
    st.caption(say("Policy {policy}, hours of {calendar}", policy=literal(found.policy), calendar=literal(found.calendar)))


def _open_cases(chosen: Customer | None) -> None:
    """So that nothing is written down twice."""
    if chosen is None:
        return
    rows = load(queries.case_list, where=CaseFilter(customer_id=(chosen.id,), open=True), size=OPEN_SHOWN)
    if rows.empty:
        return
    st.markdown(f"**{say('Open already for this customer')}**")
    for row in records(rows):
        told = f"{literal(row.number)} · {literal(row.subject)}"
        if st.button(told, key=f"case.new.open.{row.id}", type="tertiary", icon=":material/support_agent:"):
            go("case", case=row.id)


# ---------------------------------------------------------------------------------------------------------- save


def _add(details: NewCase) -> None:
    try:
        added = in_scope(_added, details)
    except CrmError as error:
        tell(error)
        return
    go("case", case=added)


def _added(session: ScopedSession, details: NewCase) -> int:
    return commands.add_case(session, details).id
