"""Contacts of a customer with their chart, competitors, holdings, and ties to other customers."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from crm.charts import theme
from crm.charts.graph import relations_graph, reports_to_chart
from crm.customers import commands, queries
from crm.customers.commands import CompetitorDetails, ContactDetails, HoldingDetails, RelationDetails
from crm.customers.models import Contact, Customer, CustomerCompetitor, Holding
from crm.editing import Input
from crm.ui.compare import compare, save
from crm.ui.desk import act, figures, find, go, load, me
from crm.ui.dialog import open_dialog
from crm.ui.form import form
from crm.ui.show import empty, graph, heading, is_dark
from crm.ui.table import records, table
from crm.words import label, say

PARTS: dict[str, tuple[type[Input], Any, Any, Any, tuple[str, ...]]] = {
    "contact": (
        ContactDetails,
        commands.save_contact,
        Contact,
        queries.contacts,
        ("name", "position", "department", "influence", "phone", "email", "wechat", "birthday", "is_main"),
    ),
    "competitor": (
        CompetitorDetails,
        commands.save_competitor,
        CustomerCompetitor,
        queries.competitors,
        ("name", "products", "share_percent", "strengths", "weaknesses"),
    ),
    "holding": (
        HoldingDetails,
        commands.save_holding,
        Holding,
        queries.holdings,
        ("side", "product_type", "place", "institution", "amount", "as_of"),
    ),
}
"""part -> its input, its command, its table, its query, its columns"""

_ADD = {"contact": "Add a contact", "competitor": "Add a competitor", "holding": "Add a holding"}
_EMPTY = {
    "contact": "No contacts yet: add the person you speak with first.",
    "competitor": "Nobody knows yet who else sells to this customer.",
    "holding": "No holdings: deposits, funds, loans, with us or elsewhere.",
}


def parts(customer: Customer, part: str) -> None:
    """The list of one kind of part; a row opens it, the button adds one."""
    _, _, _, query, columns = PARTS[part]
    rows = load(query, customer_id=customer.id)
    may = bool(me().actor.grant("customers").change)
    if may and st.button(say(_ADD[part]), icon=":material/add:", key=f"{part}.add"):
        open_dialog(say(_ADD[part]), part_dialog, customer.id, part, None)
    if rows.empty:
        empty(_EMPTY[part])
        return
    chosen = table(rows, key=f"{part}.table", columns=columns, opens=may, once=True)
    if chosen.opened:
        one = rows.set_index("id", drop=False).loc[chosen.opened].to_dict()
        open_dialog(label(part), part_dialog, customer.id, part, one)


def part_dialog(customer_id: int, part: str, current: dict[str, Any] | None) -> None:
    kind, command, record, _, _ = PARTS[part]
    choices = {}
    if part == "contact":
        others = load(queries.contacts, customer_id=customer_id)
        own = current["id"] if current else None
        choices["reports_to_id"] = {row.id: row.name for row in records(others) if row.id != own}
    known: Any = {name: None if pd.isna(value) else value for name, value in current.items()} if current else None
    details = form(kind, known, key=f"{part}.form", choices=choices)
    stale = f"{part}.{known['id'] if known else 0}"
    if details is not None and known is None:
        act(command, customer_id, details, done="Saved.")
    elif details is not None and known is not None:
        save(
            _with_version,
            command,
            customer_id,
            details,
            known["id"],
            version=known["version"],
            now=lambda: _version(part, customer_id, known["id"]),
            key=stale,
            done="Saved.",
        )
    compare(stale)
    if known is not None and st.button(say("Delete"), key=f"{part}.delete", type="tertiary", icon=":material/delete:"):
        act(commands.remove_part, record, known["id"], done="Deleted.")


def _with_version(session: Any, command: Any, customer_id: int, details: Input, part_id: int, version: int) -> Any:
    return command(session, customer_id, details, part_id, version)


def _version(part: str, customer_id: int, part_id: int) -> int:
    rows = find(PARTS[part][3], customer_id)
    return int(rows.set_index("id").at[part_id, "version"]) if rows is not None and part_id in set(rows["id"]) else 0


def contact_chart(customer: Customer) -> None:
    rows = load(queries.contacts, customer_id=customer.id)
    if len(rows) > 1:
        heading("Who reports to whom")
        graph(reports_to_chart(rows.rename(columns={"position": "title"}), theme.ink(is_dark())))


def relations(customer: Customer) -> None:
    """Ties to other customers as a net, and as a list."""
    if me().actor.grant("customers").change and st.button(say("Add a relation"), icon=":material/add_link:", key="relation.add"):
        open_dialog(say("{name} is … of", name=customer.name), relation_dialog, customer, width="small")
    edges = load(queries.neighbours, customer_id=customer.id)
    if edges.empty:
        empty("No ties known: family, group, supplier, guarantor. They show who stands behind a customer.")
        return
    ends = pd.concat(
        [
            edges[["customer_id", "from_name"]].set_axis(["id", "name"], axis=1),
            edges[["other_id", "to_name"]].set_axis(["id", "name"], axis=1),
        ]
    ).drop_duplicates("id")
    nodes = ends.assign(name=ends["name"].fillna(say("hidden")))
    drawn = edges.rename(columns={"customer_id": "from_id", "other_id": "to_id"})
    graph(relations_graph(nodes, drawn, customer.id, theme.ink(is_dark())))
    own = load(queries.relations, customer_id=customer.id)
    shown = own.assign(id=own["id"], relation=own["kind"], **{"from": own["from_name"], "to": own["to_name"]})
    chosen = table(shown, key="relation.table", columns=["from", "relation", "to", "remark"])
    if chosen.opened:
        row: Any = own.set_index("id").loc[chosen.opened]
        other = int(row["other_id"] if row["customer_id"] == customer.id else row["customer_id"])
        _relation_actions(chosen.opened, other)


def _relation_actions(relation_id: int, other_id: int) -> None:
    with st.container(horizontal=True):
        if st.button(say("Open this customer"), icon=":material/open_in_new:", key="relation.open"):
            go("customer", customer=other_id)
        if me().actor.grant("customers").change and st.button(say("Delete"), icon=":material/delete:", key="relation.delete"):
            act(commands.unrelate, relation_id, done="Deleted.")


def relation_dialog(customer: Customer) -> None:
    words = st.text_input(
        say("Find the other customer"), key="relation.words", type="search", live=True, placeholder=say("Search")
    )
    found = figures(queries.search_everything, words=words.strip()) if words and words.strip() else []
    others = {
        hit.customer_id: f"{hit.title} · {hit.detail}"
        for hit in found
        if hit.kind == "customer" and hit.customer_id != customer.id
    }
    if not others:
        st.caption(say("Type a few letters of the name or the code."))
        return
    details = form(RelationDetails, key="relation.form", choices={"other_id": others}, columns=1)
    if details:
        act(commands.relate, customer.id, details, done="Saved.")
