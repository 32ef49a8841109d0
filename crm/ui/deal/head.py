"""The head of an opportunity's page: what it is, whose, where it stands on its way, and what can be done with it."""

from __future__ import annotations

from typing import Any

import streamlit as st

from crm.contracts.queries import ContractFilter, contract_list
from crm.office.queries import today
from crm.pipeline import commands, queries
from crm.pipeline.models import Opportunity, OpportunityState
from crm.ui.deal.closing import lose_dialog, move, win_dialog
from crm.ui.deal.editing import assign_dialog, delete_dialog, edit_dialog
from crm.ui.deal.stages import pipeline_title, stage_titles
from crm.ui.desk import act, figures, go, load, me
from crm.ui.dialog import open_dialog, opened
from crm.ui.inbox.messages import message_button
from crm.ui.quick_log import quick_log
from crm.ui.tags import tag_dialog, tags
from crm.ui.text import literal
from crm.words import label, say

COLOURS: dict[str, Any] = {"open": "blue", "won": "green", "lost": "gray"}
ICONS = {"open": ":material/pending:", "won": ":material/trophy:", "lost": ":material/block:"}


def head(deal: Opportunity, may: bool) -> None:
    """Facts at the left, actions at the right, the stages below."""
    held = figures(queries.held_by, opportunity_id=deal.id)
    with st.container(horizontal=True, vertical_alignment="center", key="deal.head"):
        st.badge(label(deal.state, of="state"), icon=ICONS[deal.state], color=COLOURS[deal.state])
        if deal.customer is not None and st.button(
            literal(deal.customer.name),
            icon=":material/groups:",
            key="deal.customer",
            type="tertiary",
            help=say("Open this customer"),
        ):
            go("customer", customer=deal.customer.id)
        facts = (deal.number, held["owner"], held["unit"], pipeline_title(deal.pipeline))
        st.caption(literal(" · ".join(str(fact) for fact in facts)), width="content")
        tags("opportunity", deal.id)
        st.space("stretch")
        _actions(deal, may)
    stage_path(deal, may)


def _actions(deal: Opportunity, may: bool) -> None:
    actor = me().actor
    with st.container(width="content"):
        quick_log("opportunity", deal.id, deal.name, "deal.log")
    if may and deal.state == OpportunityState.OPEN:
        if st.button(say("Win"), icon=":material/trophy:", key="deal.win", type="primary"):
            open_dialog(say("Win this opportunity"), win_dialog, deal.id, width="small")
        if st.button(say("Lose"), icon=":material/block:", key="deal.lose"):
            open_dialog(say("Lose this opportunity"), lose_dialog, deal.id, width="small")
    elif may and not _has_contract(deal) and st.button(say("Reopen"), icon=":material/undo:", key="deal.reopen"):
        act(commands.reopen, deal.id, done="Open again, in the stage where it was.")
    if may and st.button(say("Edit"), icon=":material/edit:", key="deal.edit", shortcut="Alt+E"):
        open_dialog(say("Edit {name}", name=deal.name), edit_dialog, deal)
    gives = may and actor.may("assign", "pipeline")
    if gives and st.button("", icon=":material/swap_horiz:", key="deal.assign", help=say("Assign")):
        open_dialog(deal.name, assign_dialog, [deal.id], width="small")
    if actor.grant("office").change and st.button("", icon=":material/sell:", key="deal.tag", help=say("Tag")):
        open_dialog(deal.name, tag_dialog, "opportunity", [deal.id], width="small")
    message_button("deal.message", "opportunity", deal.id, short=True)
    if gives and st.button("", icon=":material/delete:", key="deal.delete", help=say("Delete")):
        open_dialog(say("Delete {name}", name=deal.name), delete_dialog, [deal.id], width="small")


def _has_contract(deal: Opportunity) -> bool:
    """Then it stays won."""
    return not load(contract_list, day=figures(today), where=ContractFilter(opportunity_id=deal.id)).empty


def stage_path(deal: Opportunity, may: bool) -> None:
    """The stages in order; a click moves the deal, or shows what the move asks for."""
    titles = stage_titles(deal.pipeline_id)
    ids = list(titles)
    days = (figures(today) - deal.stage_since).days
    is_open = deal.state == OpportunityState.OPEN

    def written(stage_id: int) -> str:
        title = literal(titles[stage_id])
        if stage_id == deal.stage_id:
            return f"{title} · {say('{days:day|days}', days=days)}" if is_open else title
        passed = deal.stage_id in titles and ids.index(stage_id) < ids.index(deal.stage_id)
        return f":material/check: {title}" if passed else title

    # A move that was not made leaves no trace in the control: with the next dialog it is another one.
    chosen = st.segmented_control(
        label("stage"),
        ids,
        default=deal.stage_id if deal.stage_id in titles else None,
        required=True,
        format_func=written,
        key=f"deal.stage.{deal.stage_id}.{deal.state}.{opened()}",
        label_visibility="collapsed",
        disabled=not (may and is_open),
        wrap=True,
    )
    if chosen is not None and chosen != deal.stage_id and may and is_open:
        move(deal.id, chosen)
