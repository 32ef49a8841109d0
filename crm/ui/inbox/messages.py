"""Messages to colleagues: written, about a record if wanted, answered; and whether they were read."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from crm.office.commands import MessageInput, send_message
from crm.office.queries import sent_messages, today
from crm.staff.queries import colleagues
from crm.ui.desk import act, figures, load, me
from crm.ui.dialog import open_dialog
from crm.ui.filtering import named
from crm.ui.form import form
from crm.ui.inbox.doing import open_record, opens
from crm.ui.show import empty
from crm.ui.table import records
from crm.ui.text import literal
from crm.words import say
from crm.words.formats import date_relative

SENT = 50


def message_button(key: str, subject_type: str | None = None, subject_id: int | None = None, *, short: bool = False) -> None:
    """Opens the form; of a record, with what it is about. `short`: the sign alone, for a head that is full of buttons."""
    words = say("Send a message")
    if st.button("" if short else words, icon=":material/send:", key=key, help=words if short else None):
        open_dialog(words, compose, subject_type, subject_id, width="small")


def compose(subject_type: str | None = None, subject_id: int | None = None, to: int | None = None) -> None:
    people = load(colleagues)
    others = named(people[people["id"] != me().user_id])
    current = {"to": [to] if to in others else []}
    about = {"subject_type": subject_type, "subject_id": subject_id}
    key, fields = f"message.{subject_type}.{subject_id}.{to}", ("to", "text")
    message = form(MessageInput, current | about, key=key, choices={"to": others}, only=fields, columns=1, save="Send")
    if message is not None:
        act(send_message, message, done="Sent to {count:colleague|colleagues}.", count=len(message.to))


def reply_button(row: Any) -> None:
    if pd.notna(row.by_id) and st.button(
        "", icon=":material/reply:", key=f"notice.reply.{row.id}", type="tertiary", help=say("Reply")
    ):
        open_dialog(say("Answer {name}", name=row.by or "–"), _answer, row, width="small")


def whole_message(row: Any) -> None:
    """All of it, and the answer."""
    st.markdown(literal(row.text or row.about or ""))
    if isinstance(row.by, str):
        st.caption(f"{literal(row.by)} · {date_relative(row.due_on, figures(today))}")
    if opens(row.subject_type) and st.button(literal(row.about), key="message.record", icon=":material/open_in_new:"):
        open_record(row.subject_type, row.subject_id)
    if row.category == "message" and pd.notna(row.by_id):
        _answer(row)


def _answer(row: Any) -> None:
    if opens(row.subject_type):
        compose(row.subject_type, int(row.subject_id), int(row.by_id))
    else:
        compose(to=int(row.by_id))


def sent() -> None:
    """What I wrote, and who has read it."""
    rows = load(sent_messages, size=SENT)
    if rows.empty:
        empty("You have written nothing yet. A message reaches a colleague here, also about a customer or a deal.")
        return
    day = figures(today)
    with st.container(gap="xxsmall"):
        for row in records(rows):
            _sent(row, day)


def _sent(row: Any, day: Any) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"sent.{row.id}"):
        st.markdown(f":material/send: **{literal(row.to)}** {literal(row.text)}", width="content")
        if opens(row.subject_type) and st.button(
            literal(row.about), key=f"sent.open.{row.id}", type="tertiary", icon=":material/subdirectory_arrow_right:"
        ):
            open_record(row.subject_type, row.subject_id)
        st.space("stretch")
        words = say("read") if pd.notna(row.read_at) else say("not read yet")
        st.caption(f"{date_relative(row.due_on, day)} · {words}", width="content")
