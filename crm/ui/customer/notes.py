"""Notes on a customer: what happened, and what comes next."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd
import streamlit as st

from crm.customers.models import Customer
from crm.office import commands as office
from crm.office.commands import NoteInput
from crm.office.models import Note, NoteKind
from crm.office.queries import note, notes_of, today
from crm.ui.compare import compare, save
from crm.ui.desk import act, figures, find, load, me
from crm.ui.dialog import open_dialog
from crm.ui.form import checked, form
from crm.ui.show import empty
from crm.ui.text import literal
from crm.words import label, say
from crm.words.formats import date_relative, date_short

_ICONS = {"call": "call", "visit": "directions_walk", "message": "chat", "email": "mail", "meeting": "groups", "service": "build"}
_ICONS |= {"inspection": "fact_check", "renewal": "autorenew", "other": "note"}


def notes(customer: Customer, limit: int | None = None, key: str = "notes") -> None:
    """The timeline, newest first, pinned ones on top; the quick entry stands above it."""
    rows = load(notes_of, subject_type="customer", subject_id=customer.id)
    if me().actor.grant("office").change:
        _quick(customer, key)
    if rows.empty:
        empty("No notes yet. Write down the last call or visit, and what comes next.")
        return
    ordered = rows.sort_values("pinned", ascending=False, kind="stable")
    for one in ordered.head(limit or len(ordered)).to_dict("records"):
        _note(one, key)
    if limit and len(rows) > limit:
        st.caption(say("{count} more under Notes.", count=len(rows) - limit))


def _quick(customer: Customer, key: str) -> None:
    """Two clicks: type, press Save."""
    day = figures(today)
    with st.form(f"{key}.quick", border=True, clear_on_submit=True):
        text = st.text_area(say("What happened?"), key=f"{key}.text", height=68, placeholder=say("Called, visited, agreed …"))
        with st.container(horizontal=True, vertical_alignment="bottom"):
            kinds = [kind.value for kind in NoteKind]
            kind = st.selectbox(
                label("kind"), kinds, format_func=lambda code: label(code, of="note"), key=f"{key}.kind", width=130
            )
            happened = st.date_input(label("happened_on"), value=day, key=f"{key}.day", format="YYYY-MM-DD", width=150)
            follow = st.text_input(label("follow_up"), key=f"{key}.follow", width=220, placeholder=say("What comes next"))
            due = st.date_input(label("follow_up_on"), value=None, key=f"{key}.due", format="YYYY-MM-DD", width=150)
            sent = st.form_submit_button(say("Save note"), type="primary")
    if sent:
        values = {"text": text, "kind": kind, "happened_on": happened, "follow_up": follow, "follow_up_on": due}
        if (details := checked(NoteInput, values)) is not None:
            act(office.add_note, "customer", customer.id, details, done="Note saved.")


def _note(one: dict[Any, Any], key: str) -> None:
    day = figures(today)
    with st.container(border=bool(one["pinned"]), gap=None, key=f"{key}.note.{one['id']}"):
        with st.container(horizontal=True, vertical_alignment="center"):
            icon = f":material/{_ICONS.get(one['kind'], 'note')}:"
            when = f"{date_short(one['happened_on'])} · {literal(one['author'] or '–')}"
            st.markdown(f"{icon} **{label(one['kind'], of='note')}** :gray[{when}]", width="stretch")
            mine = me().actor.user_id == one["author_id"]
            if mine and st.button("", icon=":material/edit:", key=f"{key}.edit.{one['id']}", type="tertiary", help=say("Edit")):
                _edit(int(one["id"]))
        st.text(one["text"])
        if pd.notna(one["follow_up_on"]):
            _follow_up(one, day, key)


def _edit(note_id: int) -> None:
    if (found := find(note, note_id)) is not None:
        open_dialog(say("Edit the note"), edit_dialog, found, width="small")


def _follow_up(one: dict[Any, Any], day: dt.date, key: str) -> None:
    open_ = pd.isna(one["done_at"])
    late = open_ and one["follow_up_on"] < day
    colour = "red" if late else "gray"
    text = literal(one["follow_up"] or say("Follow up"))
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(
            f":{colour}[→ {text} · {date_relative(one['follow_up_on'], day)}]" + ("" if open_ else " :green[✓]"), width="content"
        )
        if (
            open_
            and me().actor.grant("office").change
            and st.button(say("Done"), key=f"{key}.done.{one['id']}", type="tertiary", icon=":material/check:")
        ):
            act(office.finish_follow_up, int(one["id"]), done="Follow-up done.")


def edit_dialog(found: Note) -> None:
    """`found` is the note as it was when the dialog opened."""
    details = form(
        NoteInput, {name: getattr(found, name) for name in NoteInput.model_fields}, key=f"note.form.{found.id}", columns=1
    )
    if details is not None:
        save(
            office.edit_note,
            found.id,
            details,
            version=found.version,
            now=lambda: _version(found.id),
            key=f"note.edit.{found.id}",
            done="Saved.",
        )
    compare(f"note.edit.{found.id}")
    if st.button(say("Delete this note"), key=f"note.delete.{found.id}", type="tertiary", icon=":material/delete:"):
        act(office.remove_note, found.id, done="Note deleted.")


def _version(note_id: int) -> int:
    found = find(note, note_id)
    return found.version if found else 0
