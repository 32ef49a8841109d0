"""What the firm promises its customers: policies in their order, working calendars, colours, who is told when time runs out."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from crm.customers.models import Level
from crm.support import commands, queries
from crm.support.models import CaseKind, Priority
from crm.ui.desk import act, figures, load, me
from crm.ui.dialog import open_dialog
from crm.ui.show import empty, heading
from crm.ui.support.promises_calendar import calendars
from crm.ui.support.promises_colours import colours
from crm.ui.support.promises_days import typed_time
from crm.ui.support.promises_policy import edit_policy, new_policy
from crm.ui.table import records
from crm.ui.text import literal
from crm.words import label, say
from crm.words.formats import date_short, spoken

PLACE, NAME, WHOM, TIME, CALENDAR = 60, 210, 160, 72, 200
"""Widths in pixels: on a phone a line breaks between them, and its times stay together."""
TIMES = ("first_response_seconds", "next_response_seconds", "resolution_seconds")


def promises() -> None:
    """Everybody reads it; whoever may set policies changes it."""
    may = me().actor.may("policies", "support")
    if load(queries.calendars).empty:
        _nothing(may)
        return
    rows = load(queries.policies)
    _head(rows, may)
    if rows.empty:
        empty("No policy yet: nothing is promised, and no case is ever late. Add the first one.")
    else:
        _policies(rows, may)
        _tester()
    st.divider()
    calendars(may)
    st.divider()
    colours(may)


def _nothing(may: bool) -> None:
    empty(
        "Nothing is promised yet: no clock runs, and the queue cannot say what is urgent. Begin with office hours and five usual "
        "policies, and change them to what you promise."
    )
    if may and st.button(say("Begin with the usual"), type="primary", icon=":material/add:", key="promises.seed"):
        act(commands.seed_policies, done="Office hours and five policies are set: change them to what you promise.")


# ------------------------------------------------------------------------------------------------------ policies


def _head(rows: pd.DataFrame, may: bool) -> None:
    about = say(
        "The clocks count working time of the calendar, and stand still while a case waits in a pausing state. Open cases follow "
        "a change at once; what was solved keeps the result of its day."
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        with st.container(width="stretch"):
            heading("{count:policy|policies}: the first that fits a case holds for it", count=len(rows), about=about)
        if may and st.button(say("New policy"), icon=":material/add:", type="primary", key="policy.new"):
            open_dialog(say("New policy"), new_policy, width="medium")


def _policies(rows: pd.DataFrame, may: bool) -> None:
    never: dict[int, str] = figures(queries.overruled)
    order = [int(one) for one in rows["id"]]
    with st.container(border=True, gap="small", key="policies"):
        with st.container(horizontal=True, gap="small"):
            st.caption(" ", width=PLACE)
            st.caption(label("name"), width=NAME)
            st.caption(say("Holds for"), width=WHOM)
            with st.container(horizontal=True, gap="small", width="content"):
                for name in TIMES:
                    st.caption(label(name.removesuffix("_seconds")), width=TIME)
            st.caption(label("calendar"), width=CALENDAR)
        for place, row in enumerate(records(rows)):
            _policy(row, place, order, may, never.get(int(row.id)))
    if not _catches_all(rows):
        st.caption(
            f":material/info: {say('What fits none of them is promised nothing. A last policy for everybody closes the gap.')}"
        )


def _catches_all(rows: pd.DataFrame) -> bool:
    return bool(rows[["level", "priority", "kind"]].isna().all(axis=1).any())


def _policy(row: Any, place: int, order: list[int], may: bool, never: str | None) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"policy.{row.id}"):
        with st.container(horizontal=True, gap=None, width=PLACE):
            if may:
                _shift(order, place, -1, ":material/arrow_upward:", say("Move earlier"))
                _shift(order, place, 1, ":material/arrow_downward:", say("Move later"))
            else:
                st.markdown(f":gray[{place + 1}]")
        waits = [label(state, of="state") for state in row.pausing]
        hint = say("Stands still while: {states}", states=waits) if waits else None
        st.markdown(f"**{literal(row.name)}**", help=hint, width=NAME)
        with st.container(gap=None, width=WHOM):
            st.markdown(_whom(row))
            if never is not None:
                st.caption(f":orange[:material/warning: {say('Never used: {name} above fits first.', name=literal(never))}]")
        with st.container(horizontal=True, gap="small", width="content"):
            for name in TIMES:
                seconds = getattr(row, name)
                st.markdown("–" if pd.isna(seconds) else typed_time(int(seconds)), width=TIME)
        with st.container(horizontal=True, gap=None, vertical_alignment="center", width=CALENDAR):
            st.markdown(f":gray[{literal(row.calendar)}]", width=CALENDAR - 40)
            if may and st.button("", icon=":material/edit:", key=f"policy.edit.{row.id}", type="tertiary", help=say("Edit")):
                open_dialog(say("Edit the policy"), edit_policy, int(row.id), width="medium")


def _whom(row: Any) -> str:
    given = ((label(name), getattr(row, name), name) for name in ("level", "priority", "kind"))
    parts = [f":gray[{title}] {label(value, of=name)}" for title, value, name in given if isinstance(value, str)]
    return " · ".join(parts) or say("Everybody")


def _shift(order: list[int], place: int, by: int, icon: str, hint: str) -> None:
    to = place + by
    if st.button("", icon=icon, key=f"policy.{by}.{order[place]}", type="tertiary", disabled=not 0 <= to < len(order), help=hint):
        moved = list(order)
        moved[place], moved[to] = moved[to], moved[place]
        act(commands.reorder_policies, moved, done="Moved.")


# -------------------------------------------------------------------------------------------------- which holds?


def _tester() -> None:
    with st.container(horizontal=True, vertical_alignment="bottom", key="promises.tester"):
        level = _ask("level", [None, *(one.value for one in Level)], None)
        priority = _ask("priority", [one.value for one in Priority], Priority.NORMAL.value)
        kind = _ask("kind", [one.value for one in CaseKind], CaseKind.FAULT.value)
        with st.container(width="stretch"):
            _answer(figures(queries.promise_for, level=level, priority=priority, kind=kind))


def _ask(name: str, codes: list[str | None], first: str | None) -> Any:
    return st.selectbox(
        say("Which policy holds for …") if name == "level" else label(name),
        codes,
        index=codes.index(first),
        format_func=lambda code: say("no level") if code is None else label(code, of=name),
        key=f"promises.ask.{name}",
        width=190,
    )


def _answer(found: queries.Promise) -> None:
    if found.policy is None:
        st.markdown(f":orange[:material/remove_moderator: {say('None: nothing is promised.')}]")
        return
    dues = [
        say("{name} by {moment}", name=label(clock), moment=f"{date_short(due)} {due:%H:%M}") for clock, due in found.due.items()
    ]
    told = spoken(dues) if dues else say("no time is promised")
    st.markdown(f":material/verified: **{literal(found.policy)}**  \n:gray[{say('Opened now: {times}', times=told)}]")
