"""One version of a quote: its facts, its lines, and what its state lets a person do."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd
import streamlit as st

from crm.office.queries import today
from crm.pipeline import commands, queries
from crm.pipeline.models import Opportunity, OpportunityState
from crm.ui.compare import compare, save
from crm.ui.desk import figures, find, load, me
from crm.ui.dialog import open_dialog
from crm.ui.money import board_currency
from crm.ui.quotes.deciding import answer_dialog, approve, may_decide, refuse_dialog
from crm.ui.quotes.document import document_button
from crm.ui.quotes.editor import open_editor
from crm.ui.quotes.states import state_badge
from crm.ui.table import table
from crm.ui.text import literal
from crm.words import say
from crm.words.formats import date_relative, date_short, number

LINES = ("code", "description", "quantity", "list_price", "unit_price", "discount_percent", "amount")


def version(opportunity: Opportunity, row: Any, *, newest_id: int, may: bool) -> None:
    """`row` is one of `quotes_of`; `may`: change the deal."""
    saving = f"quote.act.{row.id}"
    with st.container(horizontal=True, vertical_alignment="center", key="quote.head"):
        st.markdown(f"**{literal(row.quote)}**", width="content")
        state_badge(row.state)
        _validity(row)
        st.space("stretch")
        _actions(opportunity, row, saving, newest=row.id == newest_id, may=may)
    compare(saving)
    _story(row)
    lines(int(row.id), board_currency(me(), opportunity.board_id))
    terms = getattr(find(queries.quote, int(row.id)), "terms", None)
    if terms:
        st.caption(literal(terms))


def lines(quote_id: int, currency: str | None, key: str = "quote.lines") -> None:
    found = load(queries.quote_lines, quote_id=quote_id)
    columns = [name for name in LINES if name != "discount_percent" or (found["discount_percent"].astype(float) > 0).any()]
    labels = {"discount_percent": say("Discount")}
    found = found.assign(discount_percent=found["discount_percent"].astype(float), quantity=found["quantity"].astype(float))
    table(found, key=key, columns=columns, labels=labels, currency=currency, opens=False)


def _validity(row: Any) -> None:
    if pd.isna(row.valid_until):
        return
    over = row.valid_until < figures(today) and row.state in ("draft", "approved", "sent")
    text = say("valid until {day}", day=date_short(row.valid_until))
    st.caption(f":red[:material/event_busy: {text}]" if over else text, width="content")


def _story(row: Any) -> None:
    """Who asked, decided, sent and answered, in one line."""
    day: dt.date = figures(today)
    told = [say("made by {name}", name=literal(row.made_by))] if isinstance(row.made_by, str) else []
    if row.state == "asked":
        told.append(say("asked {when}", when=date_relative(row.asked_at, day)))
        shown = {"largest": number(row.largest_percent, 1), "limit": number(row.limit_percent)}
        told.append(say("{largest} % at most, the limit is {limit} %", **shown))
    if pd.notna(row.decided_at):
        name = literal(row.decided_by) if isinstance(row.decided_by, str) else "–"
        who = {"name": name, "day": date_short(row.decided_at)}
        refused = row.state == "refused"
        told.append(say("approval refused by {name} on {day}", **who) if refused else say("approved by {name} on {day}", **who))
    if isinstance(row.decision, str):
        told.append(f"“{literal(row.decision)}”")
    if pd.notna(row.sent_at):
        told.append(say("sent on {day}", day=date_short(row.sent_at)))
    if pd.notna(row.answered_on):
        told.append(say("answered on {day}", day=date_short(row.answered_on)))
    if isinstance(row.answer, str):
        told.append(f"“{literal(row.answer)}”")
    st.caption(" · ".join(told))


def _actions(opportunity: Opportunity, row: Any, saving: str, *, newest: bool, may: bool) -> None:
    running = opportunity.state == OpportunityState.OPEN
    with st.container(horizontal=True, vertical_alignment="center", key="quote.actions", width="content"):
        if row.state == "asked" and may_decide(row.by_id):
            if st.button(say("Approve it"), icon=":material/check:", type="primary", key="quote.approve"):
                approve(int(row.id), int(row.version), saving)
            if st.button(say("Refuse"), icon=":material/block:", key="quote.refuse"):
                open_dialog(say("Refuse {quote}", quote=row.quote), refuse_dialog, int(row.id), int(row.version), width="small")
        if may and newest:
            _next_steps(opportunity, row, saving, running)
        document_button(int(row.id), row.quote)


def _next_steps(opportunity: Opportunity, row: Any, saving: str, running: bool) -> None:
    """What its state lets whoever has the deal do; the first is the primary one."""
    if running and row.state in ("draft", "approved"):
        asks = row.state == "draft" and row.largest_percent > _my_limit()
        if asks and st.button(say("Ask for approval"), icon=":material/approval:", type="primary", key="quote.ask"):
            _act(commands.ask_approval, row, saving, "Asked. Whoever approves finds it under Quotes.")
        if not asks and st.button(say("Mark as sent"), icon=":material/send:", type="primary", key="quote.send"):
            _act(commands.send_quote, row, saving, "Sent. From here on this version stays as it is.")
    if row.state == "sent":
        for name, icon, primary in (("accepted", ":material/thumb_up:", True), ("declined", ":material/thumb_down:", False)):
            title = say("Accepted") if name == "accepted" else say("Declined")
            if st.button(title, icon=icon, type="primary" if primary else "secondary", key=f"quote.{name}"):
                open_dialog(f"{row.quote}: {title}", answer_dialog, int(row.id), int(row.version), name, width="small")
    edits = running and row.state in ("draft", "refused")
    if edits and st.button(say("Edit"), icon=":material/edit:", key="quote.edit"):
        open_editor(opportunity, "edit", int(row.id))
    revises = running and row.state in ("asked", "approved", "sent", "declined")
    if revises and st.button(say("New version"), icon=":material/edit_document:", key="quote.revise"):
        open_editor(opportunity, "revise", int(row.id))


def _my_limit() -> float:
    return float(figures(queries.discount_limit, role=me().actor.role))


def _act(command: Any, row: Any, saving: str, done: str) -> None:
    save(command, int(row.id), version=int(row.version), now=lambda: version_of(int(row.id)), key=saving, done=done)


def version_of(quote_id: int) -> int:
    found = find(queries.quote, quote_id)
    return found.version if found else 0
