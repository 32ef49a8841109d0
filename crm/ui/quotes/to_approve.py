"""What waits for my word: each quote with its discount, the limit, who asked and since when; decided in place."""

from __future__ import annotations

import datetime as dt
from typing import Any

import streamlit as st

from crm.office.queries import today
from crm.pipeline.queries import quotes_to_approve
from crm.ui.compare import compare
from crm.ui.desk import figures, go, load
from crm.ui.dialog import open_dialog
from crm.ui.quotes.deciding import approve, refuse_dialog
from crm.ui.quotes.version import lines
from crm.ui.show import empty, heading
from crm.ui.table import records
from crm.ui.text import literal
from crm.words import say
from crm.words.formats import date_relative, date_short, money, number

SHOWN = 50


def to_approve() -> None:
    found = load(quotes_to_approve)
    if found.empty:
        empty("No quote waits for your word. A quote whose discount is above the limit of its maker comes here.")
        return
    oldest = date_relative(found["asked_at"].iloc[0], figures(today))
    heading("{count:quote waits|quotes wait} for your word, the oldest asked {when}", count=len(found), when=oldest)
    for row in records(found.head(SHOWN)):
        _one(row)
    if len(found) > SHOWN:
        st.caption(say("{count} more when these are decided.", count=len(found) - SHOWN))


def _one(row: Any) -> None:
    saving, currency = f"quote.decide.{row.id}", row.currency or "CNY"
    with st.container(border=True, key=f"quote.waiting.{row.id}"):
        with st.container(horizontal=True, vertical_alignment="center"):
            with st.container(width="stretch", gap=None):
                st.markdown(f"**{literal(row.quote)}** · {_of(row)}")
                _why(row, currency)
            _buttons(row, saving)
        compare(saving)


def _of(row: Any) -> str:
    """The deal and its customer, unless the name of the deal says him already."""
    named = not isinstance(row.customer, str) or row.customer in row.opportunity
    return literal(row.opportunity) if named else f"{literal(row.opportunity)} · {literal(row.customer)}"


def _why(row: Any, currency: str) -> None:
    day: dt.date = figures(today)
    over = {"largest": number(row.largest_percent, 1), "limit": number(row.limit_percent), "amount": money(row.amount, currency)}
    asked = {"name": literal(row.made_by or "–"), "day": date_short(row.asked_at), "when": date_relative(row.asked_at, day)}
    st.caption(
        say("{amount} · :orange[{largest} % off at most], the limit is {limit} %", **over)
        + " · "
        + say("{name} asked {when} ({day})", **asked)
    )


def _buttons(row: Any, saving: str) -> None:
    quote_id, version = int(row.id), int(row.version)
    with st.container(horizontal=True, width="content"):
        if st.button(say("Approve it"), icon=":material/check:", key=f"quote.approve.{quote_id}"):
            approve(quote_id, version, saving)
        if st.button(say("Refuse"), icon=":material/block:", key=f"quote.refuse.{quote_id}"):
            open_dialog(say("Refuse {quote}", quote=row.quote), refuse_dialog, quote_id, version, width="small")
        if st.button("", icon=":material/list:", key=f"quote.lines.{quote_id}", help=say("Its lines")):
            open_dialog(str(row.quote), lines, quote_id, row.currency, f"quote.lines.table.{quote_id}")
        if st.button("", icon=":material/open_in_new:", key=f"quote.deal.{quote_id}", help=say("Open the deal")):
            go("opportunity", opportunity=int(row.opportunity_id))
