"""The editor of a quote: it says what the lines come to, and whether the discount needs approval, before anything is saved."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any, Literal

import streamlit as st

from crm.errors import CrmError
from crm.office.queries import today
from crm.pipeline import commands, pricing, queries
from crm.pipeline.commands import QuoteInput, QuoteLineInput
from crm.pipeline.models import Opportunity, Quote
from crm.pipeline.pricing import QuotePrices
from crm.ui.compare import compare, save
from crm.ui.desk import act, figures, find, in_scope, me, tell
from crm.ui.dialog import open_dialog
from crm.ui.form import checked
from crm.ui.money import board_currency
from crm.ui.quotes import grid
from crm.words import label, say
from crm.words.formats import money, number

Mode = Literal["new", "edit", "revise"]
TITLES = {"new": "New quote", "edit": "Change {quote}", "revise": "New version of {quote}"}
VALID_DAYS = 30


def open_editor(opportunity: Opportunity, mode: Mode, quote_id: int | None = None) -> None:
    """Begins with the lines of the deal, or with those of the quote."""
    found = find(queries.quote, quote_id) if quote_id else None
    st.session_state.pop(_key(opportunity), None)
    open_dialog(say(TITLES[mode], quote=found.title if found else ""), editor, opportunity, mode, found)


def editor(opportunity: Opportunity, mode: Mode, found: Quote | None) -> None:
    """`found` is the quote as it was when the dialog opened: its version is what the save is judged by."""
    key = _key(opportunity)
    if key not in st.session_state:
        begun = (pricing.lines_of_quote, found.id) if found else (pricing.lines_of_deal, opportunity.id)
        grid.begin(key, in_scope(*begun))
    grid.adding(key)
    rows = grid.present(key)
    lines = grid.inputs(rows)
    prices = _prices(opportunity, lines) if lines else None
    if rows:
        grid.grid(key, prices)
    else:
        st.info(say("Look for the first product above, or add a line without one."), icon=":material/playlist_add:")
    if prices is not None:
        _totals(prices, board_currency(me(), opportunity.board_id))
    values = _rest(key, found)
    saving = f"{key}.{found.id if found else 0}"
    saved = st.button(say("Save draft"), type="primary", icon=":material/check:", key=f"{key}.save", disabled=prices is None)
    if saved and (input := checked(QuoteInput, values | {"lines": lines})) is not None:
        _save(opportunity, mode, found, input, saving)
    compare(saving)


def _key(opportunity: Opportunity) -> str:
    return f"quote.editor.{opportunity.id}"


def _prices(opportunity: Opportunity, lines: list[QuoteLineInput]) -> QuotePrices | None:
    try:
        return in_scope(pricing.quote_prices, opportunity.id, lines)
    except CrmError as error:
        tell(error)
        return None


def _totals(prices: QuotePrices, currency: str) -> None:
    told = say("Of the whole or of any line, against the list price: the limit is held against it.")
    with st.container(horizontal=True, gap="large"):
        st.metric(say("Total"), money(prices.amount, currency), width="content")
        st.metric(say("At list price"), money(prices.list_amount, currency), width="content")
        st.metric(say("Discount"), _percent(prices.discount_percent), width="content")
        st.metric(say("Largest discount"), _percent(prices.largest_percent), width="content", help=told)
    shown = {"largest": number(prices.largest_percent, 1), "limit": number(prices.limit_percent)}
    if prices.needs_approval:
        st.warning(
            say("{largest} % is above your limit of {limit} %: this quote needs approval before it can be sent.", **shown),
            icon=":material/approval:",
        )
    else:
        st.caption(say("Within your limit of {limit} %: you can send it without asking.", **shown))


def _percent(value: Decimal) -> str:
    return say("{percent} %", percent=number(value, 1))


def _rest(key: str, found: Quote | None) -> dict[str, Any]:
    day: dt.date = figures(today)
    until = found.valid_until if found and found.valid_until and found.valid_until >= day else day + dt.timedelta(VALID_DAYS)
    cells = st.columns([1, 3])
    return {
        "valid_until": cells[0].date_input(
            label("valid_until"), value=until, min_value=day, key=f"{key}.until", format="YYYY-MM-DD"
        ),
        "terms": cells[1].text_area(
            label("terms"),
            value=(found.terms if found else None) or "",
            key=f"{key}.terms",
            height=68,
            max_chars=5000,
            placeholder=say("Delivery, payment, warranty"),
        ),
    }


def _save(opportunity: Opportunity, mode: Mode, found: Quote | None, input: QuoteInput, saving: str) -> None:
    if found is None:
        act(commands.new_quote, opportunity.id, input, done="The quote is made. It is a draft until you send it.")
        return
    command = commands.edit_quote if mode == "edit" else commands.revise_quote
    done = "Saved." if mode == "edit" else "The new version is a draft until you send it."
    save(command, found.id, input, version=found.version, now=lambda: _version(found.id), key=saving, done=done)


def _version(quote_id: int) -> int:
    found = find(queries.quote, quote_id)
    return found.version if found else 0
