"""The parts of the page "Audit": what was changed, before and after, and who signed in from where."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd
import streamlit as st

from crm.access import SYSTEM
from crm.staff import queries
from crm.staff.models import SignInKind
from crm.staff.queries import PAGE, AuditFilter, EventFilter
from crm.ui.desk import in_scope, load
from crm.ui.show import empty
from crm.ui.table import CODES, table
from crm.words import label, say
from crm.words.formats import spoken

ACTIONS = ("create", "change", "delete", "restore", "bulk")
PEOPLE = {"owner_id", "manager_id", "user_id", "author_id"}
UNITS = {"unit_id", "team_id", "board_id", "parent_id"}


def changes() -> None:
    wanted = _audit_filter()
    pages = _pages(in_scope(queries.audit_log_count, wanted))
    page = min(st.session_state.get("audit.page", 1), pages)
    rows = in_scope(queries.audit_log, wanted, page)
    rows = rows.assign(actor_name=rows["actor_name"].replace(SYSTEM.name, label("system", of="role")))
    if rows.empty:
        empty("Nothing was changed under this filter.", icon=":material/history:")
        return
    left, right = st.columns([3, 2], gap="large")
    with left:
        columns = ["created_at", "actor_name", "action", "record_type", "record_title"]
        heads = {"actor_name": say("Who"), "created_at": say("When"), "record_title": say("Record")}
        chosen = table(rows, key=f"audit.rows.{page}", columns=columns, labels=heads)
        if pages > 1:
            st.pagination(pages, key="audit.page")
    with right:
        if chosen.opened is None:
            empty("Click a change to see it before and after.", icon=":material/touch_app:")
        else:
            entry: Any = rows[rows["id"] == chosen.opened].iloc[0]
            st.subheader(entry["record_title"], anchor=False)
            st.table(before_and_after(entry["before"], entry["after"]))


def before_and_after(before: dict[str, Any], after: dict[str, Any]) -> pd.DataFrame:
    """The two sides of a change -> one row for each field, with names in place of ids."""
    names = [*before, *(name for name in after if name not in before)]
    rows = [(label(name), _readable(name, before.get(name)), _readable(name, after.get(name))) for name in names]
    return pd.DataFrame(rows, columns=[say("Field"), say("Before"), say("After")]).set_index(say("Field"))


def _readable(name: str, value: Any) -> str:
    if value is None or value == "":
        return "–"
    if name in PEOPLE | UNITS:
        return _names(name in PEOPLE).get(value, str(value))
    return label(str(value), of=name) if name in CODES else spoken(value)


def _names(of_people: bool) -> dict[Any, str]:
    rows = load(queries.everybody) if of_people else load(queries.units)
    return dict(zip(rows["id"].tolist(), rows["name"], strict=True))


def _audit_filter() -> AuditFilter:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        search = st.text_input(say("Record"), key="audit.search", placeholder=say("Name"), icon=":material/search:", width=180)
        actor_id = _choose_person("audit.who", say("Who"))
        kind = _choose(say("Record type"), queries.audited_types(), "audit.type", "record_type")
        action = _choose(say("Action"), list(ACTIONS), "audit.action", "action")
        since, until = _days("audit")
    return AuditFilter(actor_id, kind, action, search or "", since, until)


def sign_ins() -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        user_id = _choose_person("events.who", say("Who"))
        kind = _choose(say("Event"), [kind.value for kind in SignInKind], "events.kind", "event")
        wanted = EventFilter(user_id, kind, *_days("events"))
    pages = _pages(in_scope(queries.sign_in_events_count, wanted))
    page = min(st.session_state.get("events.page", 1), pages)
    rows = in_scope(queries.sign_in_events, wanted, page)
    if rows.empty:
        empty("Nobody signed in under this filter.", icon=":material/login:")
        return
    shown = rows.assign(event=[label(kind, of="event") for kind in rows["kind"]])
    table(
        shown,
        key="events.rows",
        columns=["created_at", "event", "username", "name", "origin"],
        labels={"created_at": say("When")},
        opens=False,
    )
    if pages > 1:
        st.pagination(pages, key="events.page")


def _pages(total: int) -> int:
    return max(1, math.ceil(total / PAGE))


def _choose_person(key: str, title: str) -> int | None:
    names = _names(of_people=True)
    chosen: int | None = st.selectbox(
        title, list(names), index=None, format_func=names.__getitem__, key=key, placeholder=say("Any"), width=170
    )
    return chosen


def _choose(title: str, codes: list[str], key: str, of: str) -> str | None:
    return st.selectbox(
        title, codes, index=None, format_func=lambda code: label(code, of=of), key=key, placeholder=say("Any"), width=150
    )


def _days(key: str) -> tuple[Any, Any]:
    since = st.date_input(say("From"), value=None, key=f"{key}.since", format="YYYY-MM-DD", width=140)
    until = st.date_input(say("Until"), value=None, key=f"{key}.until", format="YYYY-MM-DD", width=140)
    return since, until
