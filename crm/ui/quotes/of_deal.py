"""The quotes of a deal: its versions, the one that is looked at, and what two of them differ in."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from crm.pipeline import queries
from crm.pipeline.models import Opportunity, OpportunityState, QuoteState
from crm.pipeline.queries.quotes import LIVING
from crm.ui.desk import figures, load, me
from crm.ui.money import board_currency
from crm.ui.quotes.compared import compared
from crm.ui.quotes.editor import open_editor
from crm.ui.quotes.states import readable
from crm.ui.quotes.version import version
from crm.ui.show import empty, heading
from crm.ui.table import records, table
from crm.words import label, say
from crm.words.formats import money, number

COLUMNS = ("quote", "quote_state", "amount", "discount_percent", "valid_until", "made_by")


def quotes(opportunity: Opportunity) -> None:
    rows = load(queries.quotes_of, opportunity_id=opportunity.id)
    may = figures(queries.may_change, opportunity_id=opportunity.id)
    newest = records(rows)[0] if len(rows) else None
    with st.container(horizontal=True, vertical_alignment="center", key="quotes.head"):
        with st.container(width="stretch"):
            if newest is not None:
                _answer(newest, board_currency(me(), opportunity.board_id))
        begins = may and _may_begin(opportunity, newest)
        if begins and st.button(say("New quote"), icon=":material/add:", type="primary", key="quote.new"):
            open_editor(opportunity, "new")
    if newest is None:
        _nothing(opportunity, may)
        return
    picked = int(newest.id)
    if len(rows) > 1:
        shown = table(readable(rows), key="quotes.versions", columns=COLUMNS, labels=labels(), currency=_currency(opportunity))
        picked = shown.opened or picked
    version(opportunity, _row(rows, picked), newest_id=int(newest.id), may=may)
    if len(rows) > 1:
        compared(rows, _currency(opportunity))


def labels() -> dict[str, str]:
    return {"quote_state": label("state"), "discount_percent": say("Discount"), "made_by": say("Made by")}


def _currency(opportunity: Opportunity) -> str:
    return board_currency(me(), opportunity.board_id)


def _row(rows: pd.DataFrame, quote_id: int) -> Any:
    return records(rows[rows["id"] == quote_id])[0]


def _may_begin(opportunity: Opportunity, newest: Any) -> bool:
    """A first one, or one after the customer declined; else the last one is changed or gets a new version."""
    ended = newest is None or newest.state not in (*LIVING, QuoteState.ACCEPTED)
    return opportunity.state == OpportunityState.OPEN and ended


ANSWERS = {
    "draft": "{quote} is a draft: {amount}, {percent} % below list",
    "asked": "{quote} waits for approval: {amount}, {percent} % below list",
    "approved": "{quote} is approved and can be sent: {amount}, {percent} % below list",
    "refused": "{quote} was not approved: change it and ask again",
    "sent": "{quote} is with the customer: {amount}, {percent} % below list",
    "accepted": "The customer accepted {quote}: {amount}",
    "declined": "The customer declined {quote}: {amount}",
    "replaced": "{quote} was replaced",
}


def _answer(newest: Any, currency: str) -> None:
    percent = 0 if pd.isna(newest.discount_percent) else newest.discount_percent
    heading(ANSWERS[newest.state], quote=newest.quote, amount=money(newest.amount, currency), percent=number(percent, 1))


def _nothing(opportunity: Opportunity, may: bool) -> None:
    if opportunity.state != OpportunityState.OPEN:
        empty("This opportunity was closed without a quote.")
    elif may:
        empty("No quote yet. The first one begins with the lines of the deal; you see what it comes to before it is saved.")
    else:
        empty("No quote yet. Whoever has this deal makes the first one.")
