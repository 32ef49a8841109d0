"""What is announced to my unit: read here and on the overview; written, corrected and withdrawn by those who lead."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from crm.access import Reach
from crm.office import commands
from crm.office.commands import AnnouncementInput
from crm.office.models import Announcement, NoticeCategory
from crm.office.queries import announcement, announcements, notices, today
from crm.staff.queries import units
from crm.ui.desk import act, figures, find, load, me
from crm.ui.dialog import open_dialog
from crm.ui.form import form
from crm.ui.inbox.doing import read
from crm.ui.show import empty
from crm.ui.table import records
from crm.ui.text import literal
from crm.ui.versions import edit_form
from crm.words import say
from crm.words.formats import date_short

SHORT = 160
OLDEST = 50


def announce_button(key: str) -> None:
    if me().actor.may("announce", "office") and st.button(say("Announce"), icon=":material/campaign:", key=key):
        open_dialog(say("Announce"), announce_dialog, width="medium")


def announce_dialog(said: Mapping[str, Any] | None = None) -> None:
    """`said`: what it begins with."""
    st.caption(say("Everybody of the unit and below it reads it once, on the overview and in the inbox."))
    details = form(
        AnnouncementInput,
        {"from_on": figures(today)} | dict(said or {}),
        key="announce.form",
        choices={"team_id": _units()},
        save="Announce",
    )
    if details is not None:
        act(commands.announce, details, done="Announced.")


def _units() -> dict[int, str]:
    """Those the person may speak to."""
    rows, actor = load(units), me().actor
    within = rows if actor.grant("office").change is Reach.EVERYTHING else rows[rows["id"].isin(actor.team_ids)]
    return dict(zip(within["id"], within["path"], strict=True))


def announced(*, past: bool = False) -> None:
    """In force (or over), newest first."""
    rows = load(announcements, day=figures(today), past=past)
    if rows.empty:
        empty("Nothing was announced." if past else "Nothing is announced. What whoever leads says to everybody stands here.")
        return
    fresh = _unread()
    for row in records(rows):
        _one(row, fresh.get(int(row.id)))


def _unread() -> dict[int, int]:
    """Announcement -> its notice that I have not read."""
    rows = load(notices, category=NoticeCategory.ANNOUNCEMENT.value, size=OLDEST)
    rows = rows[rows["read_at"].isna() & rows["announcement_id"].notna()]
    return dict(zip(rows["announcement_id"].astype("int64"), rows["id"], strict=True))


def _one(row: Any, notice_id: int | None) -> None:
    with st.container(border=True, gap="small", key=f"announcement.{row.id}"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.markdown(f":material/campaign: **{literal(row.name)}**", width="content")
            if notice_id is not None:
                st.badge(say("new"), color="primary")
            st.space("stretch")
            st.caption(_about(row), width="content")
            _actions(row, notice_id)
        st.markdown(literal(row.text))


def _about(row: Any) -> str:
    until = say("until {day}", day=date_short(row.until_on)) if pd.notna(row.until_on) else ""
    parts = [literal(row.by or "–"), literal(row.unit), date_short(row.from_on), until]
    return " · ".join(part for part in parts if part)


def _actions(row: Any, notice_id: int | None) -> None:
    if notice_id is not None and st.button(
        "", icon=":material/check:", key=f"announcement.read.{row.id}", type="tertiary", help=say("I have read it")
    ):
        act(commands.mark_read, [notice_id], done="Read.")
    if int(row.team_id) not in _mine():
        return
    if st.button("", icon=":material/edit:", key=f"announcement.edit.{row.id}", type="tertiary", help=say("Edit")) and (
        found := find(announcement, int(row.id))
    ):
        open_dialog(say("Edit the announcement"), edit_dialog, found, width="medium")
    if st.button("", icon=":material/delete:", key=f"announcement.withdraw.{row.id}", type="tertiary", help=say("Withdraw")):
        act(commands.withdraw_announcement, int(row.id), done="Withdrawn: nobody reads it any more.")


def _mine() -> set[int]:
    return set(_units()) if me().actor.may("announce", "office") else set()


def edit_dialog(found: Announcement) -> None:
    """`found` is the announcement as it was when the dialog opened."""
    unit = {found.team_id: _units().get(found.team_id, "")}
    edit_form(
        AnnouncementInput,
        found,
        commands.edit_announcement,
        key=f"announcement.form.{found.id}",
        done="Saved.",
        choices={"team_id": unit},
    )


def announcement_line() -> None:
    """The newest that I have not read, as one calm line; nothing otherwise."""
    rows = load(notices, category=NoticeCategory.ANNOUNCEMENT.value, size=OLDEST)
    rows = rows[rows["read_at"].isna()]
    if rows.empty:
        return
    row = records(rows)[0]
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="announcement.line"):
        text = str(row.text or "")
        short = text if len(text) <= SHORT else f"{text[:SHORT].rstrip()}…"
        more = f" :gray[· {say('{count} more', count=len(rows) - 1)}]" if len(rows) > 1 else ""
        st.markdown(
            f":material/campaign: **{literal(row.about)}** :gray[{literal(short)}]{more}".replace("\n", " "), width="stretch"
        )
        if st.button(say("Read it"), key="announcement.open", type="tertiary"):
            read([int(row.id)])
            open_dialog(str(row.about), whole_announcement, row, width="medium")
        if st.button("", icon=":material/check:", key="announcement.read", type="tertiary", help=say("I have read it")):
            act(commands.mark_read, [int(row.id)], done="Read.")


def whole_announcement(row: Any) -> None:
    st.markdown(literal(row.text or ""))
    st.caption(f"{literal(row.by or '–')} · {date_short(row.due_on)}")
