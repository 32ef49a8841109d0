"""A new lead: the fields of a first entry, and a look at who is here already before it is saved twice."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from crm.access import Reach
from crm.catalogue.queries import product_choices
from crm.customers.queries import collisions
from crm.errors import CrmError
from crm.marketing import commands, queries
from crm.marketing.commands import LeadDetails
from crm.session import ScopedSession
from crm.ui.desk import figures, go, in_scope, me, tell
from crm.ui.dialog import open_dialog
from crm.ui.form import form
from crm.ui.table import table
from crm.words import label, say

FIRST = [name for name in LeadDetails.model_fields if name not in ("wechat", "position", "custom")]
TWIN = "leads.twin"
"""What was typed and is here already; typed again under the same name it is meant."""


def new_lead_button() -> None:
    if me().actor.grant("marketing").change and st.button(
        say("New lead"), type="primary", icon=":material/add:", key="leads.new", shortcut="Alt+N"
    ):
        st.session_state.pop(TWIN, None)
        open_dialog(say("New lead"), new_lead)


def new_lead() -> None:
    boards = {board.id: board.name for board in me().boards}
    board_id = None
    if len(boards) > 1:
        board_id = st.selectbox(label("board"), list(boards), format_func=boards.__getitem__, key="leads.new_board")
    details = form(LeadDetails, key="leads.new_form", only=FIRST, choices=lead_choices(), save="Add")
    twin: LeadDetails | None = st.session_state.get(TWIN)
    if details is not None:
        try:
            added = in_scope(_add, details, board_id, twin is not None and twin.name == details.name)
        except CrmError as error:
            tell(error)
            twin = st.session_state[TWIN] = details if error.values.get("board") else None
        else:
            st.session_state.pop(TWIN, None)
            go("lead", lead=added)
    if twin is not None:
        show_twins(twin)


def lead_choices() -> dict[str, dict[Any, str]]:
    return {"campaign_id": figures(queries.campaign_choices), "product_id": figures(product_choices)}


def _add(session: ScopedSession, details: LeadDetails, board_id: int | None, knowing: bool) -> int:
    """Nobody's is given out at once where its board has a rule for it."""
    lead = commands.add_lead(session, details, board_id=board_id, knowing=knowing)
    if lead.owner_id is None and session.actor.grant("marketing").change is not Reach.OWN:
        commands.assign_by_rule(session, [lead.id])
    return lead.id


def show_twins(details: LeadDetails) -> None:
    """Leads and customers like this one; those that are mine to see lead to their page."""
    leads = in_scope(queries.lead_twins, details.name, details.phone).assign(what=label("lead"), page="lead")
    customers = in_scope(collisions, details.name, details.phone, details.email).assign(what=label("customer"), page="customer")
    found = pd.concat([leads, customers], ignore_index=True)
    for row in found[found["id"].notna()].to_dict("records"):
        if st.button(
            say("Open {name}", name=row["name"]), key=f"leads.twin.{row['page']}.{row['id']}", icon=":material/arrow_forward:"
        ):
            go(row["page"], **{row["page"]: int(row["id"])})
    hidden = found[found["id"].isna()]
    if len(hidden):
        shown = hidden.assign(id=range(len(hidden)), because=hidden["because"])
        table(shown, key="leads.twins", columns=["what", "name", "board", "because"], opens=False)
