"""One customer of the call queue: why he, whom to ask for, what was said last; and the small form that closes the call."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pandas as pd
import streamlit as st

from crm.analytics.rfm import Rhythm
from crm.customers.queries import contacts, customer, top_products
from crm.insight.commands import log_call, skip_call, snooze_call
from crm.insight.models import SkipReason
from crm.insight.queries.calls import LISTED, PLANNED
from crm.office.commands import ActivityResult, LoggedActivity
from crm.office.models import ActivityKind, Outcome
from crm.office.queries import activities_of
from crm.staff.sign_in import Board
from crm.ui.activities import ICONS
from crm.ui.compare import compare
from crm.ui.desk import act, figures, find, go, load, me
from crm.ui.form import checked
from crm.ui.planned import LATER, finish, later_day, postpone
from crm.ui.support.mood import careful_line
from crm.ui.table import records
from crm.ui.text import literal
from crm.words import label, say
from crm.words.formats import date_relative, money, percent, short_money

WAYS = {"phone": ("tel:", ":material/call:"), "email": ("mailto:", ":material/mail:")}


def card(row: Any, board: Board, pace: Rhythm | None, day: dt.date) -> None:
    """`row`: of crm.insight.queries.calls.queue."""
    found = find(customer, int(row.customer_id))
    if found is None:
        return
    with st.container(border=True, key="call.card"):
        _title(row, found)
        careful_line(found.id, "call")
        st.markdown("  \n".join(reasons(row, board, pace, day)))
        left, right = st.columns([6, 5], gap="medium")
        with left:
            _whom(found)
        with right:
            _talk(int(row.customer_id), day)
        if me().actor.grant("customers").change and me().actor.grant("office").change:
            _close(row, day)


def _title(row: Any, found: Any) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader(literal(row.name), anchor=False, width="content")
        if st.button("", key="call.open", type="tertiary", icon=":material/open_in_new:", help=say("Open the customer")):
            go("customer", customer=row.customer_id)
        st.badge(label(found.life_cycle, of="life_cycle"), color="gray")
        st.space("stretch")
        minutes = say("{count:minute|minutes}", count=int(row.minutes))
        st.caption(f":material/{ICONS.get(row.kind, 'call')}: {label(row.kind, of='kind')} · {minutes}", width="content")


def reasons(row: Any, board: Board, pace: Rhythm | None, day: dt.date) -> Iterator[str]:
    """Why he stands here, in plain words; the strongest first."""
    if row.because == PLANNED:
        colour = "red" if row.planned_on < day else "gray"
        what = literal(row.topic) if pd.notna(row.topic) else label(row.kind, of="kind")
        when = f":{colour}[{date_relative(row.planned_on, day)}]"
        yield say(":material/event: Planned: **{what}**, {when}, by {who}.", what=what, when=when, who=literal(row.author))
    if row.because == LISTED:
        yield say(
            ":material/list_alt: On the call list **{name}**, to be done until {day}.", name=literal(row.list_name), day=row.until
        )
    if pace is not None:
        yield f":material/schedule: {_rhythm(pace)}"
    if row.because != PLANNED and pd.notna(row.value_at_risk) and row.value_at_risk > 0:
        yield f":material/savings: {_at_risk(row, board)}"


def _rhythm(pace: Rhythm) -> str:
    silent = pace.days_since_last
    if pace.median_gap_days is None:
        return say("Bought on one day only, {days:day|days} ago.", days=silent)
    usual, factor = round(pace.median_gap_days), pace.overdue_factor or 0
    if factor > 1.2:
        return say(
            "Usually orders every {usual:day|days}; silent for **{days:day|days}**, {factor} times as long.",
            usual=usual,
            days=silent,
            factor=round(factor, 1),
        )
    return say("Usually orders every {usual:day|days}; silent for {days:day|days}.", usual=usual, days=silent)


def _at_risk(row: Any, board: Board) -> str:
    amount = money(round(row.value_at_risk), board.currency).removesuffix(".00")
    if pd.isna(row.p_alive):
        return say("**{amount}** of yearly revenue at risk, by his rhythm: no model has scored him.", amount=literal(amount))
    return say(
        "**{amount}** of lifetime value at risk; {chance} that he is still a customer.",
        amount=literal(amount),
        chance=percent(row.p_alive, 0),
    )


def glance(row: Any, board: Board, pace: Rhythm | None, day: dt.date) -> bool:
    """A later one, in two lines; -> was he clicked?"""
    key, icon = f"call.choose.{row.customer_id}", f":material/{ICONS.get(row.kind, 'call')}:"
    with st.container(gap=None, key=f"call.then.{row.customer_id}"):
        clicked = st.button(literal(row.name), key=key, type="tertiary", icon=icon)
        st.caption(" · ".join(_short(row, board, pace, day)))
    return bool(clicked)


def _short(row: Any, board: Board, pace: Rhythm | None, day: dt.date) -> Iterator[str]:
    if row.because == PLANNED:
        yield f"{literal(row.topic) if pd.notna(row.topic) else label(row.kind, of='kind')}, {date_relative(row.planned_on, day)}"
    elif row.because == LISTED:
        yield literal(row.list_name)
    elif pace is not None:
        yield say("silent {days:day|days}", days=pace.days_since_last)
    if row.because != PLANNED and pd.notna(row.value_at_risk) and row.value_at_risk > 0:
        yield say("{amount} at risk", amount=literal(short_money(row.value_at_risk, board.currency)))


# ------------------------------------------------------------------------------------------- what one should know


def _whom(found: Any) -> None:
    """Who answers: contacts with their ways, else the customer's own; what he likes."""
    people = load(contacts, customer_id=found.id)
    with st.container(gap=None):
        for row in records(people.head(2)):
            post = f" :gray[{literal(row.position)}]" if pd.notna(row.position) else ""
            st.markdown(f":material/person: **{literal(row.name)}**{post}")
            _ways({name: getattr(row, name) for name in WAYS}, f"call.way.{row.id}")
        if people.empty or not any(people[name].notna().any() for name in WAYS):
            _ways({name: getattr(found, name) for name in WAYS}, "call.way.own")
    if found.preferences:
        st.caption(f":material/favorite: {literal(found.preferences[:200])}")


def _ways(known: dict[str, Any], key: str) -> None:
    with st.container(horizontal=True, gap="xsmall"):
        for name, (scheme, icon) in WAYS.items():
            value = known[name]
            if isinstance(value, str) and value:
                target = value if name == "email" else "".join(one for one in value if one.isdigit() or one == "+")
                st.link_button(literal(value), scheme + quote(target, safe="@+"), icon=icon, type="tertiary", key=f"{key}.{name}")


def _talk(customer_id: int, day: dt.date) -> None:
    """The last words with him, and what he buys."""
    done = load(activities_of, subject_type="customer", subject_id=customer_id).dropna(subset="happened_on")
    for row in records(done.head(2)):
        said = row.text if pd.notna(row.text) else row.topic if pd.notna(row.topic) else label(row.outcome or "", of="outcome")
        when = f"{date_relative(row.happened_on, day)}, {literal(row.author or '–')}"
        st.markdown(f":material/{ICONS.get(row.kind, 'event')}: {literal(str(said)[:160])} :gray[{when}]")
    if done.empty:
        st.caption(say("Nobody has written anything down about him yet."))
    bought = figures(top_products, customer_id=customer_id, limit=3)
    if bought:
        st.caption(say("Buys mostly {products}.", products=[literal(one.product) for one in bought]))


# ------------------------------------------------------------------------------------------------ log and next


def _close(row: Any, day: dt.date) -> None:
    key = f"call.log.{row.customer_id}"
    with st.form(key, border=False, clear_on_submit=True):
        outcome = st.pills(
            say("How did it come out?"),
            [one.value for one in Outcome],
            format_func=lambda code: label(code, of="outcome"),
            key=f"{key}.outcome",
        )
        text = st.text_area(
            say("What happened?"), key=f"{key}.text", height=68, placeholder=say("In a few words"), label_visibility="collapsed"
        )
        with st.container(horizontal=True, vertical_alignment="bottom"):
            following = st.text_input(label("next_action"), key=f"{key}.next", width=240, placeholder=say("What comes next"))
            due = st.date_input(label("next_on"), value=None, min_value=day, key=f"{key}.due", format="YYYY-MM-DD", width=150)
            sent = st.form_submit_button(say("Log and next"), type="primary", icon=":material/skip_next:")
    if sent:
        values = {"happened_on": day, "text": text, "outcome": outcome, "next_action": following, "next_on": due}
        _log(row, values | {"next_kind": row.kind if row.kind in ("call", "visit") else ActivityKind.CALL})
    _or_not(row, day)
    compare(f"call.finish.{row.customer_id}")


def _log(row: Any, values: dict[str, Any]) -> None:
    if row.because != PLANNED:
        if (logged := checked(LoggedActivity, values | {"kind": row.kind})) is not None:
            act(log_call, int(row.call_id), logged, done="{name}: logged.", name=row.name)
        return
    if (result := checked(ActivityResult, values)) is not None:
        finish(int(row.activity_id), result, int(row.version), f"call.finish.{row.customer_id}")


def _or_not(row: Any, day: dt.date) -> None:
    """Another day, or not at all; what is planned can only be put off."""
    with st.container(horizontal=True, key="call.or_not"):
        later = st.menu_button(
            say("Put off"),
            list(LATER),
            format_func=lambda days: later_day(days, day),
            key=f"call.snooze.{row.customer_id}",
            icon=":material/snooze:",
            type="tertiary",
        )
        if later and row.because == PLANNED:
            postpone(int(row.activity_id), day + dt.timedelta(later), f"call.finish.{row.customer_id}")
        elif later:
            until = day + dt.timedelta(later)
            act(snooze_call, int(row.call_id), until, day, done="{name} comes back on {day}.", name=row.name, day=until)
        if row.because != PLANNED:
            reason = st.menu_button(
                say("Skip"),
                [one.value for one in SkipReason],
                format_func=lambda code: label(code, of="skip"),
                key=f"call.skip.{row.customer_id}",
                icon=":material/block:",
                type="tertiary",
            )
            if reason:
                act(skip_call, int(row.call_id), SkipReason(reason), day, done="{name}: skipped.", name=row.name)
