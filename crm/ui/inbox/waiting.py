"""What waits for the decision of this person, as rows on top of his inbox."""

from __future__ import annotations

from typing import Any

import streamlit as st

from crm.office.queries import today
from crm.ui.desk import figures, go
from crm.ui.inbox.news import Waiting
from crm.ui.text import literal
from crm.words import say
from crm.words.formats import date_relative, number, short_money

SENTENCES = {
    "quote": "Quote {quote} for {about}: {percent} % off, {name} asks for your word",
    "deal": "{about} ({amount}): {name} asks you to confirm this deal",
    "plan": "Targets {about}: {count:target|targets} of {unit} to approve",
    "evaluation": "Evaluation of {about} ({form}): your marks are missing",
}
ICONS = {"quote": "request_quote", "deal": "handshake", "plan": "flag", "evaluation": "rate_review"}


def waiting_rows(found: list[Waiting]) -> None:
    day = figures(today)
    rows = st.container(gap="xxsmall")
    for place, one in enumerate(found):
        with rows, st.container(horizontal=True, vertical_alignment="center", key=f"waiting.{place}", gap="small"):
            icon = f":material/{ICONS[one.kind]}:"
            if st.button(_sentence(one), icon=icon, key=f"waiting.open.{place}", type="tertiary", wrap=True):
                go(one.page, **one.where)
            st.space("stretch")
            if one.since is not None:
                st.caption(date_relative(one.since, day), width="content")


def _sentence(one: Waiting) -> str:
    values: dict[str, Any] = {name: literal(value) if isinstance(value, str) else value for name, value in one.values.items()}
    if "amount" in values:
        values["amount"] = literal(short_money(*values["amount"]))
    if "percent" in values:
        values["percent"] = number(values["percent"], 1)
    return f"**{say(SENTENCES[one.kind], **values)}**"
