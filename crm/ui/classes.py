"""Customer classes: a name and a rule each; the first class in order that a customer passes is his."""

from __future__ import annotations

from typing import Any

import streamlit as st

from crm.customers import commands, queries
from crm.customers.commands import ClassDetails
from crm.customers.filters import CustomerFilter
from crm.ui.compare import compare, save
from crm.ui.customer_filters import applied, filter_form
from crm.ui.desk import act, figures, find, load
from crm.ui.dialog import open_dialog
from crm.ui.show import empty
from crm.ui.table import records, table
from crm.words import say
from crm.words.formats import number


def classes() -> None:
    rows = load(queries.classes)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(say("Your own classes of customers, each by a rule."), width="stretch")
        if len(rows) and st.button(say("Apply the rules now"), icon=":material/sync:", key="classes.apply"):
            act(commands.assign_classes, done="Every customer has his class.")
        if st.button(say("New class"), type="primary", icon=":material/add:", key="classes.new"):
            open_dialog(say("New class"), class_dialog, None)
    if rows.empty:
        empty("No classes yet. A class is a filter with a name: gold customers, sleeping giants, whom to visit yearly.")
        return
    shown = rows.assign(rule=[_told(row.rule) for row in records(rows)])
    chosen = table(
        shown, key="classes.table", columns=["position", "name", "rule", "customers"], labels={"position": say("Sequence")}
    )
    if chosen.opened:
        one = rows.set_index("id", drop=False).loc[chosen.opened].to_dict()
        open_dialog(str(one["name"]), class_dialog, one)


def _told(rule: dict[str, Any]) -> str:
    where = CustomerFilter.model_validate(rule)
    states = {"life_cycle": ", ".join(where.life_cycle), "search": where.search}
    return " · ".join([*[text for text in states.values() if text], *applied(where).values()])


def class_dialog(current: dict[Any, Any] | None) -> None:
    """Name, order and rule; how many customers the rule finds now stands below it before anything is saved."""
    cells = st.columns([3, 1])
    name = cells[0].text_input(say("Name"), value=current["name"] if current else "", key="class.name")
    position = cells[1].number_input(
        say("Sequence"), value=int(current["position"]) if current else 0, step=1, min_value=0, key="class.position"
    )
    rule = CustomerFilter.model_validate(current["rule"] if current else {})
    chosen = filter_form(rule, key="class.rule", save="Save")
    if chosen is not None:
        st.caption(
            say(
                "{count} customers pass this rule now.",
                count=number(figures(queries.customer_totals, where=chosen)["customers"], 0),
            )
        )
        details = ClassDetails(name=name or "–", position=position, rule=chosen.model_dump(mode="json", exclude_defaults=True))
        if current is None:
            act(commands.save_class, details, done="Saved. Apply the rules to give every customer his class.")
        else:
            _save(details, current)
    compare(f"class.{current['id'] if current else 0}")
    if current is not None and st.button(say("Delete this class"), key="class.delete", type="tertiary", icon=":material/delete:"):
        act(commands.remove_class, int(current["id"]), done="Deleted.")


def _save(details: ClassDetails, current: dict[Any, Any]) -> None:
    class_id = int(current["id"])
    version = int(current["version"])
    key = f"class.{class_id}"
    save(commands.save_class, details, class_id, version=version, now=lambda: _version(class_id), key=key, done="Saved.")


def _version(class_id: int) -> int:
    rows = find(queries.classes)
    return int(rows.set_index("id")["version"].get(class_id, 0)) if rows is not None else 0
