"""What is planned with a customer, a lead or a deal, and what was done: two clicks write one down."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd
import streamlit as st

from crm.office import commands as office
from crm.office.commands import LoggedActivity, PlannedActivity
from crm.office.models import ActivityKind, Outcome
from crm.office.queries import activities_of, today
from crm.ui.desk import act, figures, load, me
from crm.ui.form import checked
from crm.ui.planned import edit_button, logged, planned_controls
from crm.ui.show import empty
from crm.ui.table import records
from crm.ui.text import literal
from crm.words import label, say
from crm.words.formats import date_relative, date_short

ICONS = {"call": "call", "visit": "directions_walk", "meeting": "groups", "email": "mail", "message": "chat", "note": "note"}
ICONS |= {"task": "task_alt", "service": "build", "inspection": "fact_check", "renewal": "autorenew", "other": "more_horiz"}

QUARTER = dt.timedelta(minutes=15)


def activities(subject: str, subject_id: int, limit: int | None = None, key: str = "activities") -> None:
    """The quick entry, then what is planned, then what was done: pinned first, newest first."""
    rows = load(activities_of, subject_type=subject, subject_id=subject_id)
    if me().actor.grant("office").change:
        _quick(subject, subject_id, key)
    if rows.empty:
        empty("Nothing planned, nothing done yet. Write down the last call or visit, and what comes next.")
        return
    planned = rows["happened_on"].isna()
    for row in records(rows[planned]):
        _planned(row, key)
    done = rows[~planned].sort_values("pinned", ascending=False, kind="stable")
    for row in records(done.head(limit or len(done))):
        _done(row, key)
    if limit and len(done) > limit:
        st.caption(say("{count} more under Activities.", count=len(done) - limit))


# -------------------------------------------------------------------------------------------------- quick entry


def _quick(subject: str, subject_id: int, key: str) -> None:
    """Type, press Save. What comes next can be said at once; a plan alone is behind the second word."""
    words = {"done": say("Log what was done"), "plan": say("Plan")}
    with st.container(border=True, key=f"{key}.entry"):
        mode = st.segmented_control(
            say("Entry"),
            list(words),
            default="done",
            required=True,
            format_func=lambda code: words[code],
            key=f"{key}.mode",
            label_visibility="collapsed",
        )
        _plan(subject, subject_id, key) if mode == "plan" else _log(subject, subject_id, key)


def _log(subject: str, subject_id: int, key: str) -> None:
    day = figures(today)
    with st.form(f"{key}.quick", border=False, clear_on_submit=True):
        text = st.text_area(
            say("What happened?"),
            key=f"{key}.text",
            height=68,
            placeholder=say("Called, visited, agreed …"),
            label_visibility="collapsed",
        )
        with st.container(horizontal=True, vertical_alignment="bottom"):
            kind = _kind(f"{key}.kind", ActivityKind.CALL)
            outcome = choose_outcome(f"{key}.outcome")
            happened = _day("happened_on", f"{key}.day", day)
        with st.container(horizontal=True, vertical_alignment="bottom"):
            following = next_step(key)
            sent = st.form_submit_button(say("Save activity"), type="primary")
    if sent:
        values = {"text": text, "kind": kind, "outcome": outcome, "happened_on": happened, **following}
        if (details := checked(LoggedActivity, values)) is not None:
            act(logged, subject, subject_id, details, done="Activity saved.")


def _plan(subject: str, subject_id: int, key: str) -> None:
    with (
        st.form(f"{key}.planning", border=False, clear_on_submit=True),
        st.container(horizontal=True, vertical_alignment="bottom"),
    ):
        kind = _kind(f"{key}.plan_kind", ActivityKind.CALL)
        topic = st.text_input(label("topic"), key=f"{key}.topic", width=300, placeholder=say("What is to be done"))
        planned = _day("planned_on", f"{key}.planned", figures(today) + dt.timedelta(1))
        at = st.time_input(label("starts_at"), value=None, key=f"{key}.at", step=QUARTER, width=120)
        place = st.text_input(say("Venue"), key=f"{key}.place", width=160)
        sent = st.form_submit_button(say("Plan it"), type="primary")
    values = {"kind": kind, "topic": topic, "planned_on": planned, "starts_at": at, "place": place}
    if sent and (details := checked(PlannedActivity, values)) is not None:
        act(office.plan_activity, subject, subject_id, details, done="Planned.")


def next_step(key: str) -> dict[str, Any]:
    """-> next_action, next_on, next_kind: what comes after."""
    return {
        "next_action": st.text_input(label("next_action"), key=f"{key}.next", width=220, placeholder=say("What comes next")),
        "next_on": _day("next_on", f"{key}.due", None),
        "next_kind": _kind(f"{key}.next_kind", ActivityKind.TASK, "next_kind"),
    }


def choose_outcome(key: str) -> str | None:
    return st.selectbox(
        label("outcome"),
        [one.value for one in Outcome],
        index=None,
        format_func=lambda code: label(code, of="outcome"),
        key=key,
        width=150,
        placeholder=say("Choose"),
    )


def _kind(key: str, first: ActivityKind, name: str = "kind") -> str:
    kinds = [kind.value for kind in ActivityKind]
    return st.selectbox(
        label(name), kinds, index=kinds.index(first), format_func=lambda code: label(code, of="kind"), key=key, width=130
    )


def _day(name: str, key: str, value: dt.date | None) -> dt.date | None:
    return st.date_input(label(name), value=value, key=key, format="YYYY-MM-DD", width=150)


# ---------------------------------------------------------------------------------------------------- the rows


def _planned(row: Any, key: str) -> None:
    day = figures(today)
    late = row.planned_on < day
    with st.container(horizontal=True, vertical_alignment="center", key=f"{key}.planned.{row.id}"):
        what = literal(row.topic) if pd.notna(row.topic) else label(row.kind, of="kind")
        when = f":{'red' if late else 'gray'}[{date_relative(row.planned_on, day)}]"
        at = f" **{row.starts_at:%H:%M}**" if pd.notna(row.starts_at) else ""
        where = f" · {literal(row.place)}" if pd.notna(row.place) else ""
        who = f":gray[{literal(row.author or '–')}]"
        st.markdown(f":material/{ICONS.get(row.kind, 'event')}: **{what}** {when}{at}{where} · {who}", width="stretch")
        planned_controls(int(row.id), int(row.version), key)
        if me().actor.user_id == row.author_id:
            edit_button(int(row.id), key)


def _done(row: Any, key: str) -> None:
    with st.container(border=bool(row.pinned), gap=None, key=f"{key}.done_row.{row.id}"):
        with st.container(horizontal=True, vertical_alignment="center"):
            about = f" · {literal(row.topic)}" if pd.notna(row.topic) else ""
            parts = [date_short(row.happened_on), literal(row.author or "–")]
            parts += [say("{count:minute|minutes}", count=int(row.minutes))] if pd.notna(row.minutes) else []
            parts += [label(row.outcome, of="outcome")] if pd.notna(row.outcome) else []
            icon = f":material/{ICONS.get(row.kind, 'event')}:"
            st.markdown(f"{icon} **{label(row.kind, of='kind')}**{about} :gray[{' · '.join(parts)}]", width="stretch")
            if me().actor.user_id == row.author_id:
                edit_button(int(row.id), key)
        if pd.notna(row.text):
            st.text(row.text)
