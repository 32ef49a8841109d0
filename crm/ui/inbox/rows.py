"""The notices, one line each: what, when, whose; opened, put away or put off with a click."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd
import streamlit as st

from crm.office import commands
from crm.office.models import NoticeCategory
from crm.office.queries import notices, today
from crm.ui.desk import act, figures, load
from crm.ui.dialog import open_dialog
from crm.ui.inbox.doing import open_record, opens, put_away, put_off, read
from crm.ui.inbox.messages import reply_button, whole_message
from crm.ui.inbox.sentences import icon, sentence
from crm.ui.paging import page_of, pager
from crm.ui.planned import LATER, later_day
from crm.ui.table import records
from crm.ui.text import in_badge, literal
from crm.words import say
from crm.words.formats import date_relative

SIZE = 25


def notice_rows(category: str | None, total: int, *, done: bool) -> None:
    page = page_of(total, SIZE)
    day = figures(today)
    with st.container(gap="xxsmall"):
        for row in records(load(notices, category=category, done=done, page=page, size=SIZE)):
            _row(row, day, done)
    pager(total, SIZE, "inbox.page")


def _row(row: Any, day: dt.date, done: bool) -> None:
    new = pd.isna(row.read_at)
    with st.container(gap=None, key=f"notice.{row.id}"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            text = f"**{sentence(row)}**" if new else sentence(row)
            if st.button(text, icon=icon(row.topic), key=f"notice.open.{row.id}", type="tertiary", wrap=True):
                _open(row)
            st.space("stretch")
            if isinstance(row.over, str):
                st.badge(say("passed up from {name}", name=in_badge(row.over)), color="orange")
            if pd.notna(row.due_on):
                late = row.category == NoticeCategory.ALERT and row.due_on < day
                when = date_relative(row.due_on, day)
                st.caption(f":red[{when}]" if late else when, width="content")
            _put_back(row) if done else _controls(row, day)
        _below(row)


def _open(row: Any) -> None:
    """To the record; what hangs on none is read here."""
    read([int(row.id)])
    if row.category == NoticeCategory.MESSAGE or not opens(row.subject_type):
        open_dialog(say("Message"), whole_message, row, width="medium")
    else:
        open_record(row.subject_type, row.subject_id)


def _below(row: Any) -> None:
    """What a message is about leads there."""
    if row.category != NoticeCategory.MESSAGE or not opens(row.subject_type):
        return
    about = say("About {name}", name=literal(row.about))
    if st.button(about, key=f"notice.about.{row.id}", type="tertiary", icon=":material/subdirectory_arrow_right:"):
        read([int(row.id)])
        open_record(row.subject_type, row.subject_id)


def _controls(row: Any, day: dt.date) -> None:
    notice_id = int(row.id)
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", width="content"):
        if row.category == NoticeCategory.MESSAGE:
            reply_button(row)
        if st.button("", icon=":material/check:", key=f"notice.away.{row.id}", type="tertiary", help=say("Put away")):
            put_away([notice_id])
        later = st.menu_button(
            "",
            list(LATER),
            format_func=lambda days: later_day(days, day),
            key=f"notice.later.{row.id}",
            icon=":material/snooze:",
            type="tertiary",
            help=say("Put off"),
        )
        if later:
            put_off(notice_id, day + dt.timedelta(later))


def _put_back(row: Any) -> None:
    if st.button("", icon=":material/undo:", key=f"notice.back.{row.id}", type="tertiary", help=say("Put back")):
        act(commands.put_back, [int(row.id)], done="Put back.")
