"""The inbox: what waits for me, what comes near, what colleagues wrote, what was announced; by category, new ones first."""

from __future__ import annotations

from typing import Any

import streamlit as st

from crm.office import commands
from crm.office.models import NoticeCategory
from crm.office.queries import notice_counts, notice_total, open_notices
from crm.ui.address import choice
from crm.ui.desk import act, figures, in_scope, load
from crm.ui.inbox.announcements import announce_button, announced
from crm.ui.inbox.messages import message_button, sent
from crm.ui.inbox.news import waiting
from crm.ui.inbox.rows import notice_rows
from crm.ui.inbox.waiting import waiting_rows
from crm.ui.insight.sides import side
from crm.ui.show import empty
from crm.ui.table import records
from crm.words import say

ALL = "all"
TITLES = {
    "all": "All",
    "workflow": "To decide",
    "alert": "Alerts",
    "message": "Messages",
    "announcement": "Announcements",
}
ICONS = {"all": "inbox", "workflow": "rule", "alert": "notifications", "message": "chat", "announcement": "campaign"}
NOTHING = {
    "all": "Nothing is new. What comes due, what colleagues write and what waits for your decision stands here.",
    "workflow": "Nothing waits for your decision.",
    "alert": "No day comes near, nothing is overdue. Which matters are told, and how many days before, stands in the settings.",
    "message": "No colleague has written. Write first: also from the page of a customer or of a deal.",
}


def inbox() -> None:
    undecided = figures(waiting)
    counts = {row.category: row for row in records(load(notice_counts))}
    with st.container(horizontal=True, vertical_alignment="center", key="inbox.top"):
        category = _category(counts, len(undecided))
        st.space("stretch")
        message_button("inbox.write")
        announce_button("inbox.announce")
    with st.container(horizontal=True, vertical_alignment="center", key="inbox.shown"):
        shown = side("show", _shows(category), key="inbox.show", title=say("Show"), keep=("about",))
        st.space("stretch")
        if shown == "open" and category != NoticeCategory.ANNOUNCEMENT:
            _all_at_once(_asked(category), counts)
    done = shown == "done"
    if shown == "sent":
        sent()
    elif category == NoticeCategory.ANNOUNCEMENT:
        announced(past=done)
    else:
        asked = _asked(category)
        total = figures(notice_total, category=asked, done=True) if done else sum(row.notices for row in _of(asked, counts))
        _notices(category, [] if done else undecided, total, done=done)


def _asked(category: str) -> str | None:
    return None if category == ALL else category


def _shows(category: str) -> dict[str, str]:
    titles = {"open": say("Open"), "done": say("Put away")}
    if category == NoticeCategory.ANNOUNCEMENT:
        return {"open": say("In force"), "done": say("Expired")}
    return titles | {"sent": say("Sent")} if category in (ALL, NoticeCategory.MESSAGE) else titles


def _category(counts: dict[str, Any], undecided: int) -> str:
    """Pills, each with how much of it is new; what waits for a decision is new until it is decided."""
    fresh = {name: int(row.unread) for name, row in counts.items()}
    fresh[NoticeCategory.WORKFLOW] = fresh.get(NoticeCategory.WORKFLOW, 0) + undecided
    fresh[ALL] = sum(fresh.values())
    names = [ALL, *(one.value for one in NoticeCategory)]
    now = choice("about", tuple(names), ALL)
    st.session_state["inbox.about"] = now
    st.pills(
        say("Category"),
        names,
        key="inbox.about",
        required=True,
        format_func=lambda name: f":material/{ICONS[name]}: {say(TITLES[name])}{_figure(fresh[name])}",
        label_visibility="collapsed",
        wrap=True,
        on_change=_chosen,
    )
    return now


def _figure(count: int) -> str:
    return f" **{count}**" if count else ""


def _chosen() -> None:
    st.query_params.from_dict({"about": st.session_state["inbox.about"]})


def _all_at_once(category: str | None, counts: dict[str, Any]) -> None:
    rows = _of(category, counts)
    new, known = sum(row.unread for row in rows), sum(row.notices - row.unread for row in rows)
    if new and st.button(say("Mark all read"), icon=":material/mark_email_read:", key="inbox.read", type="tertiary"):
        ids = in_scope(lambda session: open_notices(session, category, read=False))
        act(commands.mark_read, ids, done="{count:notice|notices} marked as read.", count=len(ids))
    if known and st.button(say("Put away what is read"), icon=":material/done_all:", key="inbox.away", type="tertiary"):
        ids = in_scope(lambda session: open_notices(session, category, read=True))
        act(commands.put_away, ids, done="{count:notice|notices} put away.", count=len(ids))


def _of(category: str | None, counts: dict[str, Any]) -> list[Any]:
    return [counts[category]] if category in counts else list(counts.values())


def _notices(category: str, undecided: list[Any], total: int, *, done: bool) -> None:
    live = undecided if category in (ALL, NoticeCategory.WORKFLOW) else []
    waiting_rows(live)
    if total:
        notice_rows(_asked(category), total, done=done)
    elif done:
        empty("Nothing was put away.")
    elif not live:
        empty(NOTHING[category])
