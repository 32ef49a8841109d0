"""The first tab of an opportunity: what the customer needs, the facts, and what was done lately."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from crm.catalogue.queries import product_choices
from crm.marketing.queries import campaign_choices
from crm.office.queries import custom_fields
from crm.pipeline import queries
from crm.pipeline.models import Opportunity
from crm.ui.activities import activities
from crm.ui.customer.file import facts_list
from crm.ui.desk import figures, go, load
from crm.ui.show import heading
from crm.ui.table import records
from crm.words import label, say
from crm.words.formats import date_short, number


def overview(deal: Opportunity) -> None:
    heading("What the customer needs")
    if deal.need:
        st.text(deal.need)
    else:
        st.caption(say("Nobody has written it down yet: Edit, need."))
    facts_list(_facts(deal), 2)
    if deal.lead_id is not None and st.button(say("Open the lead it came from"), key="deal.lead", type="tertiary"):
        go("lead", lead=deal.lead_id)
    heading("Activities")
    activities("opportunity", deal.id, limit=4)


def _facts(deal: Opportunity) -> list[tuple[str, Any]]:
    rows = [(label("created_on"), date_short(deal.created_on))]
    if products := _products(deal):
        rows.append((label("products"), products))
    if deal.source:
        rows.append((label("source"), label(deal.source, of="source")))
    if deal.campaign_id is not None:
        name = figures(campaign_choices, board_id=deal.board_id).get(deal.campaign_id)
        rows += [(label("campaign"), name)] if name else []
    if deal.remark:
        rows.append((label("remark"), deal.remark))
    specs = {spec.key: str(spec) for spec in figures(custom_fields, subject_type="opportunity")}
    return rows + [(specs[key], value) for key, value in deal.custom.items() if key in specs]


def _products(deal: Opportunity) -> str:
    """The lines in short; without lines the main product."""
    lines = load(queries.lines, opportunity_id=deal.id)
    if lines.empty:
        known: dict[int, str] = figures(product_choices) if deal.product_id is not None else {}
        return known.get(deal.product_id or 0, "")
    told = [
        f"{number(row.quantity)} × {row.product if pd.notna(row.product) else row.description}" for row in records(lines.head(4))
    ]
    return ", ".join([*told, say("{count} more", count=len(lines) - 4)] if len(lines) > 4 else told)
