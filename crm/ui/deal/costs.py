"""What the deal costs to win: samples that went out, and money that was spent."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from crm.pipeline import queries
from crm.pipeline.models import Opportunity
from crm.ui.customer.outlook import aligned
from crm.ui.deal.closing import currency
from crm.ui.deal.parts import parts
from crm.ui.desk import load
from crm.ui.show import heading
from crm.ui.text import literal
from crm.words import label
from crm.words.formats import money, percent


def costs(deal: Opportunity, may: bool) -> None:
    left, right = st.columns([1.4, 1], gap="large")
    with left:
        spent = load(queries.expenses, opportunity_id=deal.id)
        _spent(deal, spent)
        parts(deal, "expense", may)
    with right:
        sent = load(queries.samples, opportunity_id=deal.id)
        waiting = sent[sent["sent_on"].notna() & sent["answer"].isna()]
        if len(waiting):
            heading("{count:sample is|samples are} out without an answer", count=len(waiting))
        else:
            heading("Samples")
        parts(deal, "sample", may)


def _spent(deal: Opportunity, rows: pd.DataFrame) -> None:
    """The sum, what it is of the amount, and what it was spent on."""
    if rows.empty:
        heading("Expenses")
        return
    total, unit = float(rows["amount"].sum()), currency(deal)
    if deal.amount:
        share = percent(total / float(deal.amount))
        heading("{total} spent, {share} of the amount", total=money(total, unit), share=share)
    else:
        heading("{total} spent", total=money(total, unit))
    sums = rows.groupby("kind")["amount"].sum().sort_values(ascending=False)
    if len(sums) > 1:
        aligned([(label(str(kind), of="kind"), f"**{literal(money(float(amount), unit))}**") for kind, amount in sums.items()])
