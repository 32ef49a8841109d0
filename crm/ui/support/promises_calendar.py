"""Working calendars: the week, holidays, days worked in their place; and the coming two weeks as blocks."""

from __future__ import annotations

import datetime as dt
from typing import Any
from zoneinfo import available_timezones

import pandas as pd
import streamlit as st

from crm.analytics.errors import AnalyticsError
from crm.charts.working_days import working_days
from crm.errors import Invalid
from crm.office.queries import today
from crm.support import commands, queries
from crm.support.commands import CalendarInput
from crm.support.models import WorkingCalendar
from crm.ui.compare import compare, save
from crm.ui.desk import act, figures, find, load
from crm.ui.dialog import open_dialog
from crm.ui.form import checked
from crm.ui.show import Built, heading, plain
from crm.ui.support.promises_days import (
    DAYS,
    DayError,
    blocks_of,
    checked_hours,
    day_seconds,
    extra_of,
    holidays_of,
    holidays_text,
)
from crm.ui.support.times import duration
from crm.ui.table import records
from crm.ui.text import literal
from crm.words import label, say

PREVIEW = 14


def calendars(may: bool) -> None:
    found = {int(one.id): one for one in records(load(queries.calendars))}
    with st.container(horizontal=True, vertical_alignment="center", key="calendars.head"):
        chosen = _choose(found)
        one = found[chosen]
        st.caption(f"{literal(one.zone)} · {literal(_week(one.week))}", width="stretch")
        if may and st.button(say("Edit"), icon=":material/edit:", key="calendar.edit"):
            open_dialog(say("Edit the calendar"), edit_calendar, chosen)
        if may and st.button(say("New calendar"), icon=":material/add:", key="calendar.new"):
            open_dialog(say("New calendar"), new_calendar)
    _preview(one)


def _choose(found: dict[int, Any]) -> int:
    if len(found) == 1:
        (only,) = found
        st.subheader(literal(found[only].name), anchor=False, width="content")
        return only
    if st.session_state.get("calendar.chosen") not in found:
        busiest = load(queries.policies)["calendar"].mode()
        names = {one.name: key for key, one in found.items()}
        st.session_state["calendar.chosen"] = names[busiest[0]] if len(busiest) else next(iter(found))
    return st.segmented_control(  # type: ignore[return-value]
        label("calendar"),
        list(found),
        key="calendar.chosen",
        required=True,
        format_func=lambda one: literal(found[one].name),
        label_visibility="collapsed",
    )


def _week(week: list[str]) -> str:
    """Mon–Fri 08:30-12:00, 13:30-17:30; days of the same hours in a row are told as one."""
    runs: list[tuple[int, int, str]] = []
    for day, hours in enumerate(week):
        if runs and runs[-1][2] == hours:
            runs[-1] = runs[-1][0], day, hours
        else:
            runs.append((day, day, hours))
    names = (
        (f"{label(DAYS[first])}–{label(DAYS[last])}" if last > first else label(DAYS[first]), hours)
        for first, last, hours in runs
    )
    return " · ".join(f"{name} {hours}" for name, hours in names if hours)


# ------------------------------------------------------------------------------------------------------- preview


def _preview(one: Any) -> None:
    first = figures(today)
    days = [first + dt.timedelta(number) for number in range(PREVIEW)]
    holidays = [day for day in days if day.isoformat() in one.holidays and day.isoformat() not in one.extra_days]
    worked = {day: _hours(one, day) for day in days if day not in holidays}
    blocks = pd.DataFrame(
        [
            (day, block.start, block.end, "extra" if day.isoformat() in one.extra_days else "usual")
            for day, hours in worked.items()
            for block in blocks_of(hours)
        ],
        columns=["day", "start", "end", "kind"],
    )
    if blocks.empty:
        heading("Nobody works in the coming two weeks")
        return
    time = duration(sum(day_seconds(hours) for hours in worked.values()))
    if holidays:
        heading("{time} of work in the coming two weeks, {count:holiday|holidays} among them", time=time, count=len(holidays))
    else:
        heading("{time} of work in the coming two weeks", time=time)
    plain(Built(working_days, days, blocks, holidays), key=f"calendar.preview.{one.id}")


def _hours(one: Any, day: dt.date) -> str:
    return str(one.extra_days.get(day.isoformat(), one.week[day.weekday()]))


# ------------------------------------------------------------------------------------------------------- dialogs


def new_calendar() -> None:
    details = _form({"week": CalendarInput(name="-").week, "zone": CalendarInput(name="-").zone}, "calendar.add", say("Add"))
    if details is not None:
        act(commands.add_calendar, details, done="{name} added.", name=details.name)


def edit_calendar(calendar_id: int) -> None:
    found: WorkingCalendar | None = find(queries.calendar, calendar_id)
    if found is None:
        return
    key = f"calendar.{calendar_id}.form"
    kept = st.session_state.setdefault(f"{key}.version", found.version)
    details = _form({name: getattr(found, name) for name in CalendarInput.model_fields}, key, say("Save"))
    if details is not None:
        st.session_state.pop(f"{key}.version")
        save(commands.edit_calendar, calendar_id, details, version=kept, now=lambda: found.version, key=key, done="Saved.")
        st.session_state[f"{key}.version"] = found.version
    compare(key)
    _remove(found)


def _remove(found: WorkingCalendar) -> None:
    policies = load(queries.policies)
    users = policies.loc[policies["calendar"] == found.name, "name"].tolist()
    if users:
        text = say("{policies} count by it: it cannot be removed.", policies=[literal(name) for name in users])
        st.caption(f":material/lock: {text}")
        return
    with st.popover(say("Remove"), icon=":material/delete:", key="calendar.remove"):
        st.markdown(say("No policy counts by it."))
        if st.button(say("Remove"), type="primary", key="calendar.remove_yes"):
            act(commands.remove_calendar, found.id, done="{name} removed.", name=found.name)


def _form(current: dict[str, Any], key: str, send: str) -> CalendarInput | None:
    zones = sorted(available_timezones())
    with st.form(key, border=False, enter_to_submit=False):
        left, right = st.columns(2)
        name = left.text_input(f"{label('name')} *", current.get("name", ""), key=f"{key}.name")
        zone = right.selectbox(label("zone"), zones, index=zones.index(current["zone"]), key=f"{key}.zone")
        st.caption(say("Working hours like 08:30-12:00, 13:30-17:30, as many blocks as you need; empty = nobody works."))
        cells = st.columns(4) + st.columns(4)
        week = [
            cells[place].text_input(label(day), current["week"][place], key=f"{key}.{day}", placeholder=say("nobody works"))
            for place, day in enumerate(DAYS)
        ]
        left, right = st.columns(2)
        off = left.text_area(
            say("Holidays, one a line"),
            holidays_text(current.get("holidays", [])),
            height=150,
            key=f"{key}.holidays",
            help=say("Paste a list: 2026-10-01, or 2026-10-01 ~ 2026-10-07. What follows the day on its line is left out."),
        )
        extra = right.text_area(
            say("Days worked besides, one a line"),
            "\n".join(f"{day} {hours}" for day, hours in sorted(current.get("extra_days", {}).items())),
            height=150,
            key=f"{key}.extra",
            help=say("2026-10-10 08:30-12:00; without hours it is worked like an ordinary day. It wins over a holiday."),
        )
        sent = st.form_submit_button(send, type="primary", icon=":material/check:")
    return _checked(name, zone, week, off, extra) if sent else None


def _checked(name: str, zone: str, week: list[str], off: str, extra: str) -> CalendarInput | None:
    """The input, or None after telling which days are wrong and how."""
    wrong: list[str] = []
    values: dict[str, Any] = {"name": name, "zone": zone, "week": week}
    for day, hours in zip(DAYS, week, strict=True):
        try:
            checked_hours(label(day), hours)
        except DayError as error:
            wrong.append(_sentence(error.name, error.reason))
    for title, field, read in (
        (say("Holidays"), "holidays", lambda: holidays_of(off)),
        (say("Days worked besides"), "extra_days", lambda: extra_of(extra, week)),
    ):
        try:
            values[field] = read()
        except DayError as error:
            wrong.append(_sentence(f"{title}, {literal(error.name)}", error.reason))
    if wrong:
        st.error("  \n".join(wrong), icon=":material/error:")
        return None
    return checked(CalendarInput, values)


def _sentence(name: str, error: Invalid | AnalyticsError) -> str:
    text = say(error.template, **{key: literal(str(value)) for key, value in error.values.items()})
    return say("**{name}**: {text}", name=name, text=text)
