"""One invitation as a line: what was asked, when, and what came back."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from crm.support import commands
from crm.ui.desk import act, go
from crm.ui.text import literal
from crm.words import label, say
from crm.words.formats import date_short

COLOURS: dict[str, Any] = {"open": "blue", "answered": "green", "expired": "gray", "withdrawn": "gray"}
ICONS = {"open": "hourglass_empty", "answered": "mark_email_read", "expired": "timer_off", "withdrawn": "undo"}
FACES = (
    "sentiment_very_dissatisfied",
    "sentiment_dissatisfied",
    "sentiment_neutral",
    "sentiment_satisfied",
    "sentiment_very_satisfied",
)


def invitation(row: Any, key: str, *, of_customer: bool, may_ask: bool) -> None:
    with st.container(key=key, gap=None):
        with st.container(horizontal=True, vertical_alignment="center", key=f"{key}.line"):
            st.badge(label(row.state, of="invitation"), icon=f":material/{ICONS[row.state]}:", color=COLOURS[row.state])
            st.markdown(_what(row), width="stretch")
            if of_customer and isinstance(row.number, str):
                _to_case(row, key)
            if row.state == "open" and may_ask:
                hint = say("Withdraw: the link works no more.")
                if st.button("", key=f"{key}.withdraw", type="tertiary", icon=":material/undo:", help=hint):
                    act(commands.withdraw_invitation, row.id, done="Withdrawn: the link works no more.")
        if row.state == "answered" and isinstance(row.comment, str) and row.comment:
            st.text(row.comment)


def _to_case(row: Any, key: str) -> None:
    if st.button(literal(row.number), key=f"{key}.case", type="tertiary", icon=":material/support_agent:"):
        go("case", case=int(row.case_id))


def _what(row: Any) -> str:
    """Item, marks, and when."""
    parts = [label(row.item, of="item")]
    if row.state == "answered":
        face = f":material/{FACES[int(row.csat) - 1]}:"
        parts.append(f"**{face} {say('{mark} of 5', mark=int(row.csat))}**")
        parts += [say("recommends us: {mark} of 10", mark=int(row.nps))] if pd.notna(row.nps) else []
        parts.append(f":gray[{date_short(row.answered_at)}]")
    else:
        who = literal(row.by) if isinstance(row.by, str) else "–"
        when = say("asked {day} by {name}, until {until}", day=row.sent_at, name=who, until=row.expires_at)
        parts.append(f":gray[{when}]")
    return " · ".join(parts)
