"""What brings leads: campaigns with what they cost and what came of it."""

from __future__ import annotations

from typing import Any

import streamlit as st

from crm.customers.queries import group_choices
from crm.marketing import commands, queries
from crm.marketing.commands import CampaignDetails
from crm.marketing.models import Campaign
from crm.office.queries import today
from crm.ui.compare import compare, save
from crm.ui.desk import act, figures, find, go, load, me
from crm.ui.dialog import open_dialog
from crm.ui.filtering import search_box
from crm.ui.form import form
from crm.ui.money import currency_of
from crm.ui.show import empty, heading
from crm.ui.table import table
from crm.words import label, say
from crm.words.formats import short_money

COLUMNS = [
    "name",
    "channel",
    "starts_on",
    "cost",
    "leads",
    "converted",
    "cost_per_lead",
    "cost_per_conversion",
    "ends_on",
    "budget",
    "owner",
]


def campaigns() -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        search = search_box("campaigns.search", label("name"))
        st.space("stretch")
        if me().actor.grant("marketing").change and st.button(
            say("New campaign"), type="primary", icon=":material/add:", key="campaigns.new"
        ):
            open_dialog(say("New campaign"), add_dialog)
    rows = load(queries.campaigns, search=search or "")
    if rows.empty:
        empty(
            "No campaign yet. Add what brings your leads – a fair, a mailing, a partner – and what it costs; then "
            "each lead can name it."
        )
        return
    _sentence(rows)
    several = currency_of(me()) is None
    columns = [*COLUMNS, "currency"] if several else COLUMNS
    chosen = table(rows, key="campaigns.table", columns=columns, currency=currency_of(me()), once=True)
    if chosen.opened and (found := find(queries.campaign, chosen.opened)) is not None:
        open_dialog(found.name, campaign_dialog, found)


def _sentence(rows: Any) -> None:
    paid = rows[rows["cost_per_conversion"].notna()]
    if paid.empty:
        heading("{count:campaign|campaigns} brought {leads:lead|leads}", count=len(rows), leads=int(rows["leads"].sum()))
        return
    best = paid.sort_values("cost_per_conversion").iloc[0]
    heading(
        "{name} converts at the lowest cost: {cost} a customer",
        name=best["name"],
        cost=short_money(best["cost_per_conversion"], best["currency"]),
        about=say("What was spent so far, divided by the leads of the campaign that became customers; only those you see."),
    )


def _choices() -> dict[str, dict[Any, str]]:
    return {"group_id": figures(group_choices)}


def add_dialog() -> None:
    boards = {board.id: board.name for board in me().boards}
    board_id = None
    if len(boards) > 1:
        board_id = st.selectbox(label("board"), list(boards), format_func=boards.__getitem__, key="campaigns.board")
    details = form(CampaignDetails, {"starts_on": figures(today)}, key="campaigns.new_form", choices=_choices(), save="Add")
    if details:
        act(commands.add_campaign, details, board_id, done="Campaign added.")


def campaign_dialog(found: Campaign) -> None:
    """`found` is the campaign as it was when the dialog opened."""
    if st.button(say("Its leads"), icon=":material/arrow_forward:", key="campaigns.leads"):
        go("leads", campaign_id=[found.id])
    if not me().actor.grant("marketing").change:
        st.text(found.remark or "")
        return
    key, current = f"campaigns.edit.{found.id}", {name: getattr(found, name) for name in CampaignDetails.model_fields}
    details = form(CampaignDetails, current, key=f"{key}.form", choices=_choices())
    if details is not None:
        save(
            commands.edit_campaign,
            found.id,
            details,
            version=found.version,
            now=lambda: _version(found.id),
            key=key,
            done="Saved.",
        )
    compare(key, _choices())
    if st.button(say("Delete this campaign"), icon=":material/delete:", type="tertiary", key=f"{key}.delete"):
        act(commands.remove_campaign, found.id, done="Campaign deleted.")


def _version(campaign_id: int) -> int:
    found = find(queries.campaign, campaign_id)
    return found.version if found else 0
