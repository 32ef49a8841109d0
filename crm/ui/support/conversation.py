"""What was said on a case, and the box in which one goes on: an answer, a note among us, a word of the customer."""

from __future__ import annotations

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

import streamlit as st

from crm.support import commands
from crm.support.commands import CommentInput, Solving
from crm.support.models import CaseState
from crm.ui.desk import act
from crm.ui.form import checked
from crm.ui.show import empty
from crm.ui.support.opened import Opened
from crm.ui.support.solving import solve
from crm.ui.support.suggestions import suggestions
from crm.ui.support.times import told
from crm.ui.table import records
from crm.ui.text import literal
from crm.words import label, say

WIDE = 540
"""A message leaves one side free, so that one sees whose it is."""
LINES = 30
BOX = "case.box"


def conversation(opened: Opened) -> None:
    """The box, then what was said, the newest first."""
    if opened.may:
        box(opened)
    rows = records(opened.comments.iloc[::-1])
    shown = rows if st.session_state.get("case.said.all") else rows[:LINES]
    for row in shown:
        _message(row, opened)
    if len(rows) > len(shown):
        st.toggle(say("Show all {count}", count=len(rows)), key="case.said.all")
    _first_words(opened)
    if not rows and not opened.case.description:
        empty("Nothing was said yet. The first answer to the customer ends the clock of the first response.")


# ------------------------------------------------------------------------------------------------- what was said


def _message(row: Any, opened: Opened) -> None:
    """The customer at the left, we at the right, notes among us in a colour of their own."""
    who, at = literal(row.by or "–"), told(row.at, opened.zone)
    part = f" · {literal(row.number)}" if row.number != opened.case.number else ""
    if row.by_customer:
        name = literal(opened.ties["contact"] or opened.ties["customer"] or label("customer"))
        _customers(f"**{name}** :gray[:small[{at}{part} · {say('written down by {name}', name=who)}]]", str(row.text), row.id)
    elif row.public:
        with _right(row.id):
            st.info(f"**{who}** :small[{at}{part}]  \n{literal(row.text)}", icon=":material/reply:", width=WIDE)
    else:
        with _right(row.id):
            head = f"**{say('Internal note')}** · {who} :small[{at}{part}]"
            st.warning(f"{head}  \n{literal(row.text)}", icon=":material/lock:", width=WIDE)


def _right(comment_id: int) -> Any:
    return st.container(horizontal=True, horizontal_alignment="right", key=f"case.said.{comment_id}")


def _customers(head: str, text: str, comment_id: int | str) -> None:
    with st.container(border=True, width=WIDE, gap=None, key=f"case.said.{comment_id}"):
        st.markdown(f":material/person: {head}")
        st.markdown(literal(text))


def _first_words(opened: Opened) -> None:
    """With which the case began."""
    case = opened.case
    if case.description:
        name = literal(opened.ties["contact"] or opened.ties["customer"] or label("customer"))
        about = f"{told(case.opened_at, opened.zone)} · {label(case.channel, of='channel')}"
        _customers(f"**{name}** :gray[:small[{about}]]", case.description, "first")


# --------------------------------------------------------------------------------------------------------- the box


def box(opened: Opened, key: str = BOX) -> None:
    """Type, choose for whom, send. What is typed finds articles, and an article can be put into it."""
    words = {"answer": say("Answer to the customer"), "note": say("Internal note"), "customer": say("The customer said")}
    with st.container(border=True, key=key):
        mode = st.segmented_control(
            say("Entry"),
            list(words),
            default="answer",
            required=True,
            format_func=words.__getitem__,
            key=f"{key}.mode",
            label_visibility="collapsed",
        )
        text = st.text_area(
            words[mode],
            key=_draft(opened, key),
            height=110,
            label_visibility="collapsed",
            placeholder=_hint(mode),
        )
        if mode == "answer":
            _answer(opened, text or "", key)
        elif mode == "note":
            if st.button(say("Save note"), type="primary", icon=":material/lock:", key=f"{key}.note"):
                _say(opened, {"text": text, "public": False}, "Noted. The customer does not see it.")
        else:
            _customer_said(opened, text or "", key)


def answer_dialog(opened: Opened) -> None:
    """The box from anywhere on the page."""
    box(opened, "case.answering")
    suggested(opened, "case.answering")


def _draft(opened: Opened, key: str) -> str:
    """A box is empty again when something was said."""
    return f"{key}.text.{opened.case.id}.{len(opened.comments)}"


def _hint(mode: str) -> str:
    if mode == "answer":
        return say("What the customer gets to read …")
    return say("What only we read …") if mode == "note" else say("What the customer said or wrote …")


def _answer(opened: Opened, text: str, key: str) -> None:
    is_open = opened.case.is_open
    with st.container(horizontal=True, vertical_alignment="center"):
        now: Any = "primary" if opened.waits else "secondary"
        if st.button(say("Send answer"), type=now, icon=":material/send:", key=f"{key}.send", shortcut="Alt+Enter"):
            _say(opened, {"text": text}, "Answered.")
        if is_open and st.button(say("Send and wait"), icon=":material/pause:", key=f"{key}.wait", help=_wait_help(opened)):
            _say(opened, {"text": text, "wait": True}, "Answered: it waits for the customer.")
        if is_open and st.button(say("Send and solve"), icon=":material/task_alt:", key=f"{key}.solve"):
            solving = checked(Solving, {"solution": text.strip()})
            if solving is not None:
                solve(opened.case.id, solving, answer=text.strip())


def _wait_help(opened: Opened) -> str:
    stands = CaseState.WAITING_CUSTOMER.value in opened.promise.pausing
    return say("The clocks stand still until he answers.") if stands else say("The clocks run on, by its policy.")


def _customer_said(opened: Opened, text: str, key: str) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        at = st.datetime_input(
            say("When ({zone})", zone=opened.zone),
            value=None,
            key=f"{key}.at",
            width=230,
            help=say("Empty = now."),
            format="YYYY-MM-DD",
        )
        if st.button(say("Write down"), type="primary", icon=":material/person:", key=f"{key}.said"):
            _say(opened, {"text": text, "by_customer": True, "at": _utc(at, opened.zone)}, "Written down.")


def _utc(at: dt.datetime | None, zone: str) -> dt.datetime | None:
    return at.replace(tzinfo=ZoneInfo(zone)).astimezone(dt.UTC) if at is not None else None


def _say(opened: Opened, values: dict[str, Any], done: str) -> None:
    details = checked(CommentInput, values | {"text": (values["text"] or "").strip()})
    if details is not None:
        act(commands.comment, opened.case.id, details, done=done)


# -------------------------------------------------------------------------------------------------------- articles


def suggested(opened: Opened, key: str = BOX) -> None:
    """By what is being typed; before that by what the case is about. A click puts an article into the answer."""
    case, draft = opened.case, _draft(opened, key)
    typed = str(st.session_state.get(draft) or "").strip()

    def insert(text: str) -> None:
        """Behind what was typed."""
        before = str(st.session_state.get(draft) or "").rstrip()
        st.session_state[draft] = f"{before}\n\n{text}" if before else text

    text = f"{typed} {case.subject} {'' if typed else case.description or ''}"
    suggestions(text, case.id, f"{key}.known", product_id=case.product_id, insert=insert if opened.may else None)
