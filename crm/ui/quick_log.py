"""What was done with a customer or a deal, written down in two clicks: how, and how it came out. Undone with a third."""

from __future__ import annotations

import datetime as dt
import time
from typing import Any

import streamlit as st

from crm.office import commands as office
from crm.office.commands import LoggedActivity
from crm.office.models import Activity, ActivityKind, Outcome
from crm.office.queries import today
from crm.session import ScopedSession
from crm.ui.activities import ICONS
from crm.ui.desk import act, figures, me
from crm.ui.dialog import open_dialog, opened
from crm.ui.form import checked
from crm.ui.planned import LATER, later_word, logged
from crm.ui.text import literal
from crm.words import label, say

KINDS = (
    ActivityKind.CALL,
    ActivityKind.VISIT,
    ActivityKind.MEETING,
    ActivityKind.EMAIL,
    ActivityKind.MESSAGE,
    ActivityKind.NOTE,
)
LAST, UNDO = "log.kind", "log.undo"
"""The kind that was logged last, which stands chosen the next time; and what can be taken back."""
SECONDS = 60
"""As long as the undo is offered."""


def may_log() -> bool:
    return bool(me().actor.grant("office").change)


@st.fragment
def quick_log(subject: str, subject_id: int, name: str, key: str) -> None:
    """In the head of a record: opens at once, without asking the server."""
    if not may_log():
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", width="content"):
        with st.popover(say("Log"), icon=":material/edit_note:", key=f"{key}.{opened()}.{_turn()}"):
            log_form(subject, subject_id, name, key)
        undo_log(key, subject, subject_id)


def log_button(subject: str, subject_id: int, name: str, key: str) -> None:
    """In a row of a list."""
    if may_log() and st.button("", icon=":material/edit_note:", key=key, type="tertiary", help=say("Log what was done")):
        log_dialog(subject, subject_id, name)


def log_dialog(subject: str, subject_id: int, name: str) -> None:
    open_dialog(say("Log: {name}", name=name), log_form, subject, subject_id, name, "log.dialog", width="small")


def log_form(subject: str, subject_id: int, name: str, key: str) -> None:
    """One click on how, one on how it came out; words and what comes next if wanted, before the second click."""
    turn = f"{key}.{_turn()}"
    kind = st.pills(
        label("kind"),
        [one.value for one in KINDS],
        default=st.session_state.get(LAST, ActivityKind.CALL.value),
        required=True,
        format_func=lambda code: f":material/{ICONS[code]}: {label(code, of='kind')}",
        key=f"{turn}.kind",
        label_visibility="collapsed",
    )
    text = st.text_input(
        say("What happened?"), key=f"{turn}.text", placeholder=say("In a few words, if wanted"), label_visibility="collapsed"
    )
    later = st.pills(say("Next call"), list(LATER), format_func=later_word, key=f"{turn}.later")
    if kind == ActivityKind.NOTE:
        outcome, sent = None, st.button(say("Save"), type="primary", icon=":material/check:", key=f"{turn}.save")
    else:
        outcome = st.pills(
            say("How did it come out? One click saves."),
            [one.value for one in Outcome],
            format_func=lambda code: label(code, of="outcome"),
            key=f"{turn}.outcome",
        )
        sent = outcome is not None
    if sent:
        _save(subject, subject_id, name, {"kind": kind, "text": text, "outcome": outcome} | _next(later))


def _next(later: int | None) -> dict[str, Any]:
    if later is None:
        return {}
    return {"next_on": figures(today) + dt.timedelta(later), "next_kind": ActivityKind.CALL}


def _save(subject: str, subject_id: int, name: str, values: dict[str, Any]) -> None:
    details = checked(LoggedActivity, values | {"happened_on": figures(today)})
    if details is None:
        return
    st.session_state[LAST] = values["kind"]

    def log(session: ScopedSession) -> Activity:
        added = logged(session, subject, subject_id, details)
        st.session_state[UNDO] = {"id": added.id, "of": (subject, subject_id), "name": name, "kind": values["kind"]}
        st.session_state[UNDO]["until"] = time.monotonic() + SECONDS
        return added

    st.session_state["log.turn"] = _turn() + 1
    act(log, done="{kind} with {name} logged.", kind=label(values["kind"], of="kind"), name=name)


def undo_log(key: str, subject: str | None = None, subject_id: int | None = None) -> None:
    """For a minute after; on a record only what was logged there."""
    last = st.session_state.get(UNDO)
    if last is None or last["until"] < time.monotonic() or (subject and last["of"] != (subject, subject_id)):
        return
    what = say("Undo: {kind} with {name}", kind=label(last["kind"], of="kind"), name=literal(last["name"]))
    shown, hint = (say("Undo"), what) if subject else (what, None)
    if st.button(shown, help=hint, icon=":material/undo:", key=f"{key}.undo", type="tertiary"):
        del st.session_state[UNDO]
        act(office.take_back, last["id"], done="Taken back.")


def _turn() -> int:
    """Another form after each entry."""
    turn: int = st.session_state.get("log.turn", 0)
    return turn
