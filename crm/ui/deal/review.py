"""Looking back at a closed deal: why, to whom, and what the next one learns."""

from __future__ import annotations

import streamlit as st

from crm.pipeline import commands
from crm.pipeline.commands import Review
from crm.pipeline.models import DealLossReason, Opportunity, OpportunityState, WinReason
from crm.ui.compare import compare, save
from crm.ui.customer.file import facts_list
from crm.ui.deal.closing import choose_rival
from crm.ui.deal.editing import version_of
from crm.ui.dialog import open_dialog
from crm.ui.form import form
from crm.ui.show import empty, heading
from crm.words import label, say
from crm.words.formats import date_short


def review(deal: Opportunity, may: bool) -> None:
    if deal.state == OpportunityState.OPEN:
        empty("Written when the deal is won or lost: the reason, to whom, and what was learned.")
        return
    won = deal.state == OpportunityState.WON
    reason = label(deal.close_reason, of="reason") if deal.close_reason else "–"
    if won:
        heading("Won on {day}: {reason}", day=date_short(deal.closed_on), reason=reason)
    else:
        heading("Lost on {day}: {reason}", day=date_short(deal.closed_on), reason=reason)
    if deal.lost_to:
        facts_list([(label("lost_to"), deal.lost_to)])
    if deal.review:
        with st.container(border=True, key="deal.lessons"):
            st.text(deal.review)
    else:
        empty("Nobody has written down what was learned. A few sentences spare the next deal the same mistake.")
    if may and st.button(say("Edit the review"), icon=":material/edit_note:", key="deal.review"):
        open_dialog(say("Review of {name}", name=deal.name), review_dialog, deal, width="small")


def review_dialog(deal: Opportunity) -> None:
    """`deal` is as it was when the dialog opened."""
    won = deal.state == OpportunityState.WON
    reasons = {one.value: label(one.value, of="reason") for one in (WinReason if won else DealLossReason)}
    key = f"deal.review.{deal.id}"
    written = form(
        Review,
        {"reason": deal.close_reason, "review": deal.review},
        key=f"{key}.form",
        choices={"reason": reasons},
        only=["reason", "review"],
        columns=1,
        extra=lambda: {} if won else {"lost_to": choose_rival(deal.id, deal.lost_to, key)},
    )
    if written is not None:
        save(commands.edit_review, deal.id, written, version=deal.version, now=version_of(deal.id), key=key, done="Saved.")
    compare(key)
