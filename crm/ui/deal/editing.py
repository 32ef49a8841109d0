"""Dialogs of the head: correct an opportunity, give it to somebody else, delete it. And a change of one field in place."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from crm.catalogue.queries import product_choices
from crm.marketing.queries import campaign_choices
from crm.office.queries import custom_fields
from crm.pipeline import commands, queries
from crm.pipeline.commands import DealAssignment, OpportunityDetails
from crm.pipeline.models import Opportunity, OpportunityState
from crm.staff.queries import colleagues
from crm.ui.compare import compare, save
from crm.ui.custom_fields import custom_widgets
from crm.ui.deal.customers import find_customer
from crm.ui.desk import act, figures, find, go, load
from crm.ui.form import form
from crm.words import say

FIELDS = ("name", "amount", "expected_close_on", "forecast_category", "product_id", "source", "campaign_id", "need", "remark")
SETTLED = ("amount", "expected_close_on", "forecast_category")
"""What a closed deal keeps as it was."""


def edit_dialog(deal: Opportunity) -> None:
    """`deal` is as it was when the dialog opened: its version is what the save is judged by."""
    fixed = set(SETTLED) if deal.state != OpportunityState.OPEN else set()
    if not load(queries.lines, opportunity_id=deal.id).empty:
        fixed.add("amount")
        st.caption(say("The amount is the sum of the products."))
    chosen = {} if deal.customer_id else {"customer_id": find_customer("deal.edit.customer", None)}
    choices = {"product_id": figures(product_choices), "campaign_id": figures(campaign_choices, board_id=deal.board_id)}
    specs = figures(custom_fields, subject_type="opportunity")
    details = form(
        OpportunityDetails,
        known(deal),
        key="deal.edit_form",
        choices=choices,
        only=[name for name in FIELDS if name not in fixed],
        extra=lambda: {"custom": custom_widgets(specs, deal.custom, "deal.custom")} | chosen,
    )
    if details is not None:
        keep(deal, details)
    compare(_key(deal), choices)


def known(deal: Opportunity) -> dict[str, Any]:
    return {name: getattr(deal, name) for name in OpportunityDetails.model_fields}


def keep(deal: Opportunity, details: OpportunityDetails) -> None:
    """Save it, judged by the version of `deal`; `compare_edit` shows both where somebody was quicker."""
    save(
        commands.edit_opportunity,
        deal.id,
        details,
        version=deal.version,
        now=version_of(deal.id),
        key=_key(deal),
        done="Saved.",
    )


def compare_edit(deal: Opportunity) -> None:
    """Where a field is changed in place: outside of the dialog."""
    compare(_key(deal))


def _key(deal: Opportunity) -> str:
    return f"deal.edit.{deal.id}"


def version_of(opportunity_id: int) -> Callable[[], int]:
    """-> the version that stands in the database when it is asked."""

    def now() -> int:
        deal = find(queries.opportunity, opportunity_id)
        return deal.version if deal else 0

    return now


def assign_dialog(ids: list[int]) -> None:
    people = load(colleagues)
    choices = {"owner_id": dict(zip(people["id"], people["name"], strict=True))}
    st.caption(say("The new owner may read the customer from then on. The former one stays in the history."))
    to = form(DealAssignment, key="deal.assign_form", choices=choices, columns=1, save="Assign")
    if to:
        act(commands.assign, ids, to, done="Assigned. The former owner stays in the history.")


def delete_dialog(ids: list[int]) -> None:
    st.markdown(say("It leaves the board, the lists and the forecast; its events stay in the log."))
    sure = st.button(say("Delete"), type="primary", key="deal.delete_yes")
    if sure and act(commands.delete_opportunities, ids, done="Deleted.", rerun=False) is not None:
        go("pipeline")
