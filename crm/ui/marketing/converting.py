"""A lead becomes a customer, a contact and an opportunity in one step; who looks like one of mine is offered instead."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from crm.marketing import queries
from crm.marketing.models import Lead
from crm.pipeline.commands import DealConversion, convert_lead_to_deal
from crm.pipeline.queries import pipelines
from crm.session import ScopedSession
from crm.ui.desk import act, go, load
from crm.ui.form import form
from crm.ui.table import records
from crm.ui.text import literal
from crm.words import say

NEW = 0
"""Among the customers to choose from: none of them."""


def convert_dialog(lead: Lead) -> None:
    known = load(queries.customers_like, lead_id=lead.id)
    customer_id = _customer(known)
    st.caption(say("The opportunity begins with what the lead says; correct it here."))
    current = {"name": lead.name, "amount": lead.budget, "expected_close_on": lead.wanted_by, "with_contact": True}
    choices = {"pipeline_id": {row.id: row.name for row in records(load(pipelines, board_id=lead.board_id))}}
    only = ["name", "amount", "expected_close_on", *(["pipeline_id"] if len(choices["pipeline_id"]) > 1 else [])]
    only += ["with_contact"] if lead.contact else []
    said = form(DealConversion, current, key=f"lead.convert.{lead.id}", only=only, choices=choices, save="Convert")
    if said is not None:
        to = said.model_copy(update={"customer_id": customer_id or None, "knowing": bool(len(known)) and not customer_id})
        made = act(_convert, lead.id, to, done="Converted: customer, contact and opportunity are made.", rerun=False)
        if made is not None:
            go("opportunity", opportunity=made)


def _convert(session: ScopedSession, lead_id: int, to: DealConversion) -> int:
    return convert_lead_to_deal(session, lead_id, to).id


def _customer(known: pd.DataFrame) -> int:
    """Whom it joins; NEW = a customer of its own. Who is not mine to see is named, but not offered."""
    hidden = known[known["id"].isna()]
    for row in records(hidden):
        told = {"name": literal(row.name), "board": literal(row.board)}
        if row.in_pool:
            st.warning(
                say("{name} lies in the pool of {board}: claim it there instead of making it twice.", **told),
                icon=":material/water:",
            )
        else:
            st.warning(
                say("{name} is a customer of a colleague in {board} already. Ask before you make another.", **told),
                icon=":material/group:",
            )
    mine: dict[int, Any] = {int(row["id"]): row for row in known[known["id"].notna()].to_dict("records")}
    if not mine:
        return NEW
    words = {one: _told(row) for one, row in mine.items()} | {NEW: say("No, a new customer")}
    chosen: int = st.radio(say("Is it one of these?"), list(words), format_func=words.__getitem__, key="lead.convert.join")
    return chosen


def _told(row: dict[str, Any]) -> str:
    because = {"name": say("same name"), "phone": say("same phone"), "contact": say("same phone or e-mail")}.get(
        row["because"], ""
    )
    return say(
        "Yes: {name} ({owner}, {because})",
        name=literal(row["name"]),
        owner=literal(row["owner"] or say("No owner")),
        because=because,
    )
