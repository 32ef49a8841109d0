"""What is decided about a quote: approved or refused inside the firm, accepted or declined by the customer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import streamlit as st

from crm.office.queries import today
from crm.pipeline import commands, queries
from crm.pipeline.commands import QuoteAnswer
from crm.pipeline.models import Quote
from crm.session import ScopedSession
from crm.ui.compare import compare, save
from crm.ui.desk import figures, find, me
from crm.ui.form import form
from crm.words import say


def may_decide(made_by: int) -> bool:
    """Whose role approves, and who did not make it himself."""
    actor = me().actor
    return actor.may("approve", "pipeline") and actor.user_id != made_by


def approve(quote_id: int, version: int, saving: str) -> None:
    save(commands.approve_quote, quote_id, version=version, now=lambda: _version(quote_id), key=saving, done="Approved.")


def refuse_dialog(quote_id: int, version: int) -> None:
    saving = f"quote.refuse.{quote_id}"
    with st.form("quote.refuse.form", border=False):
        reason = st.text_area(say("Why is it refused?"), key="quote.refuse.reason", max_chars=300, height=90)
        sent = st.form_submit_button(say("Refuse"), type="primary", icon=":material/block:")
    if sent:
        save(
            _refuse(reason or ""),
            quote_id,
            version=version,
            now=lambda: _version(quote_id),
            key=saving,
            done="Refused. Whoever made it reads why, changes it, and may ask again.",
        )
    compare(saving)


def _refuse(reason: str) -> Callable[[ScopedSession, int, int], Quote]:
    return lambda session, quote_id, version: commands.refuse_quote(session, quote_id, version, reason)


def answer_dialog(quote_id: int, version: int, said: Literal["accepted", "declined"]) -> None:
    saving = f"quote.answer.{quote_id}"
    answer = form(QuoteAnswer, {"answered_on": figures(today)}, key="quote.answer.form", columns=1)
    if answer is not None:
        accepted = said == "accepted"
        command = commands.accept_quote if accepted else commands.decline_quote
        done = "Accepted. Mark the deal as won when it is signed." if accepted else "Declined. A new quote can be made."
        save(command, quote_id, answer, version=version, now=lambda: _version(quote_id), key=saving, done=done)
    compare(saving)


def _version(quote_id: int) -> int:
    found = find(queries.quote, quote_id)
    return found.version if found else 0
