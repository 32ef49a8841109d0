"""A new deal: to whom, what, where it enters; everything else waits on the record."""

from __future__ import annotations

from typing import Any

import streamlit as st

from crm.catalogue.queries import product_choices
from crm.customers.queries import customer
from crm.errors import CrmError
from crm.marketing.queries import campaign_choices
from crm.pipeline import commands
from crm.pipeline.commands import NewOpportunity
from crm.session import ScopedSession
from crm.ui.deal.customers import find_customer
from crm.ui.deal.stages import stage_titles
from crm.ui.desk import figures, find, go, in_scope, tell
from crm.ui.form import form
from crm.ui.pipeline.filters import pipelines
from crm.ui.text import literal
from crm.words import label, say

FIELDS = ("name", "stage_id", "amount", "expected_close_on", "source", "campaign_id", "product_id", "forecast_category", "need")


def new_deal(customer_id: int | None = None) -> None:
    """The body of a dialog; it ends on the record of the new deal."""
    chosen = _to_whom(customer_id)
    pipeline_id = _pipeline()
    stages = stage_titles(pipeline_id) if pipeline_id is not None else {}
    choices: dict[str, dict[int, str]] = {
        "stage_id": stages,
        "campaign_id": figures(campaign_choices),
        "product_id": figures(product_choices),
    }
    details = form(
        NewOpportunity,
        {"stage_id": next(iter(stages), None)},
        key=f"deal.new.{pipeline_id}",
        only=[name for name in FIELDS if choices.get(name) != {}],
        choices=choices,
        save="Add",
        extra=lambda: {"customer_id": chosen, "pipeline_id": pipeline_id},
    )
    if details is not None:
        _add(details)


def _to_whom(customer_id: int | None) -> int | None:
    if customer_id is None:
        return find_customer("deal.new.customer", None)
    if (found := find(customer, customer_id)) is None:
        return None
    st.markdown(say("For **{name}**", name=literal(found.name)))
    return customer_id


def _pipeline() -> int | None:
    known = pipelines()
    if len(known) < 2:
        return next(iter(known), None)
    return st.selectbox(label("pipeline"), list(known), format_func=known.__getitem__, key="deal.new.pipeline")


def _add(details: NewOpportunity) -> None:
    try:
        added = in_scope(_added, details)
    except CrmError as error:
        tell(error)
        return
    go("opportunity", opportunity=added)


def _added(session: ScopedSession, details: Any) -> int:
    return commands.add_opportunity(session, details).id
