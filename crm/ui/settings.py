"""The parts of the page "Settings"."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from crm.access import GRANTS
from crm.office import commands, queries, totals
from crm.office.commands import CustomFieldDetails, CustomFieldInput, DemoDay, TagInput, Thresholds
from crm.pipeline.commands import DiscountLimits, set_discount_limits
from crm.pipeline.queries import discount_limits
from crm.ui.desk import act, figures, find, load
from crm.ui.dialog import open_dialog
from crm.ui.form import checked, form
from crm.ui.show import empty, heading
from crm.ui.table import table
from crm.ui.versions import edit_form
from crm.words import label, say
from crm.words.formats import date_short

QUOTING = [role.value for role, areas in GRANTS.items() if "pipeline" in areas and areas["pipeline"].change]
"""Roles that make quotes."""

# ------------------------------------------------------------------------------------------------- custom fields


def custom_fields() -> None:
    fields = figures(queries.custom_fields, subject_type="customer")
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(say("Fields that customers have besides the built-in ones."), width="stretch")
        if st.button(say("New field"), icon=":material/add:", type="primary", key="field.new"):
            open_dialog(say("New field"), new_field, width="medium")
    if not fields:
        empty("No custom fields yet. A field added here is shown, filtered, imported and exported like the others.")
        return
    rows = pd.DataFrame([{name: getattr(field, name) for name in field.__slots__} for field in fields])
    rows["choices"] = rows["choices"].map("\u2002·\u2002".join)
    columns = ("label", "label_zh", "key", "kind", "choices", "required", "in_list", "position")
    # A line between the button and the table, whose own toolbar would cover it.
    st.caption(say("{count:field|fields}", count=len(rows)))
    labels = {"label_zh": say("Chinese label"), "in_list": say("Column of the list")}
    labels |= {"key": say("Field key"), "position": say("Sequence")}
    if chosen := table(rows, key="fields.table", columns=columns, labels=labels, once=True).opened:
        open_dialog(say("Edit field"), edit_field, chosen, width="medium")


def new_field() -> None:
    details = form(CustomFieldInput, key="field.add", save="Add")
    if details:
        act(commands.add_custom_field, "customer", details, done="{name} added.", name=details.label)


def edit_field(field_id: int) -> None:
    found = find(queries.custom_field, field_id)
    if found is None:
        return
    edit_form(CustomFieldDetails, found, commands.edit_custom_field, key=f"field.{field_id}", done="Saved.")
    with st.popover(say("Remove"), icon=":material/delete:", key="field.remove"):
        held = figures(totals.values_held, field_id=field_id)
        st.markdown(say("{count:customer keeps|customers keep} a value. Adding the same field again shows it again.", count=held))
        if st.button(say("Remove"), type="primary", key="field.remove_yes"):
            act(commands.remove_custom_field, field_id, done="{name} removed.", name=found.label)


# ---------------------------------------------------------------------------------------------------------- tags


def tags() -> None:
    rows = load(queries.tags)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(say("Words that everybody puts on customers."), width="stretch")
        if st.button(say("New tag"), icon=":material/add:", type="primary", key="tag.new"):
            open_dialog(say("New tag"), new_tag, width="small")
    if rows.empty:
        empty("No tags yet. Add the words your teams agree on; anybody who writes activities can add more.")
        return
    uses = figures(totals.tag_uses)
    rows = rows.assign(customers=rows["id"].map(uses).fillna(0).astype("int64"), colour=rows["colour"].map(_colour))
    st.caption(say("{count:tag|tags}", count=len(rows)))
    if chosen := table(rows, key="tags.table", columns=("name", "colour", "customers"), once=True).opened:
        open_dialog(say("Edit tag"), edit_tag, chosen, uses.get(chosen, 0), width="small")


def _colour(code: str) -> str:
    return label(code, of="colour")


def new_tag() -> None:
    details = form(TagInput, key="tag.add", columns=1, save="Add")
    if details:
        act(commands.add_tag, details, done="{name} added.", name=details.name)


def edit_tag(tag_id: int, carried: int) -> None:
    found = find(queries.tag, tag_id)
    if found is None:
        return
    edit_form(TagInput, found, commands.edit_tag, key=f"tag.{tag_id}", done="Saved.", columns=1)
    with st.popover(say("Remove"), icon=":material/delete:", key="tag.remove"):
        st.markdown(say("It comes off {count:customer|customers}. Adding it again puts it back.", count=carried))
        if st.button(say("Remove"), type="primary", key="tag.remove_yes"):
            act(commands.remove_tag, tag_id, done="{name} removed.", name=found.name)


# ---------------------------------------------------------------------------------------------------- thresholds


def thresholds() -> None:
    current = figures(queries.thresholds)
    with st.form("thresholds", width=640):
        heading(
            "Life cycle", about=say("By the chance to be a customer still, where a model is published; else by days of silence.")
        )
        active, dormant = st.columns(2)
        values: dict[str, float | None] = {
            "active_chance": active.number_input(say("Active from (chance)"), 0.01, 0.99, current.active_chance, 0.05),
            "dormant_chance": dormant.number_input(
                say("Dormant from (chance), below it lost"), 0.01, 0.99, current.dormant_chance, 0.05
            ),
            "active_days": active.number_input(say("Active up to (days)"), 1, value=current.active_days),
            "dormant_days": dormant.number_input(say("Dormant up to (days), then lost"), 1, value=current.dormant_days),
        }
        heading("Rating by assets", about=say("What a customer holds with us; below the least amount the rating is E."))
        for cell, letter in zip([*st.columns(2), *st.columns(2)], "abcd", strict=True):
            name = f"assets_for_{letter}"
            title = say("{rating} from", rating=letter.upper())
            values[name] = cell.number_input(title, 0.0, value=float(getattr(current, name)), step=None, format="%.2f")
        sent = st.form_submit_button(say("Save"), type="primary", icon=":material/check:")
    st.caption(say("Customers follow when the scores are refreshed next."))
    if sent and (input := checked(Thresholds, values)):
        act(commands.set_thresholds, input, done="Saved.")


# ----------------------------------------------------------------------------------------------------- discounts


def discounts() -> None:
    """Up to so much a person gives without asking; empty where the common limit holds."""
    current = figures(discount_limits)
    with st.form("discounts", width=640):
        heading("Discount without approval", about=say("Of the whole or of any line of a quote, against the list price."))
        common = st.number_input(say("Everybody (percent)"), 0.0, 100.0, float(current["other"]), 1.0, format="%.1f")
        entered: dict[str, float | None] = {}
        cells = st.columns(2)
        for place, role in enumerate(QUOTING):
            value = float(current[role]) if role in current else None
            title, key = label(role, of="role"), f"discounts.{role}"
            options: dict[str, Any] = {"placeholder": say("As everybody"), "format": "%.1f", "key": key}
            entered[role] = cells[place % 2].number_input(title, 0.0, 100.0, value, 1.0, **options)
        sent = st.form_submit_button(say("Save"), type="primary", icon=":material/check:")
    own = {role: limit for role, limit in entered.items() if limit is not None}
    if sent and (input := checked(DiscountLimits, {"limit_percent": common, "per_role": own})):
        act(set_discount_limits, input, done="Saved.")


# --------------------------------------------------------------------------------------------------------- today


def today() -> None:
    day, demo = figures(queries.today), figures(queries.demo_day)
    st.markdown(say("Everything is counted from {day}.", day=date_short(day)))
    st.caption(say("A demo company stands still at a day of its own. Leave it empty to follow the calendar."))
    with st.container(width=320):
        input = form(DemoDay, {"day": demo}, key="today", columns=1)
    if input:
        act(commands.set_demo_today, input, done="Saved.")
