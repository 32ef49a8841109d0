"""The days as a grid of a month or a week, on a phone as a list: what stands on each, and what a person does to it."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st
from babel.dates import format_date, get_day_names

from crm.access import Reach
from crm.charts.theme import MEANINGS
from crm.office.queries import moment, today
from crm.staff.absences import absences
from crm.staff.models import AbsenceKind
from crm.targets.queries.calendar import firm_zone, working_days
from crm.ui.calendar.asked import Asked, title
from crm.ui.calendar.entries import GROUPS
from crm.ui.calendar.moving import move
from crm.ui.calendar.opened import open_entry
from crm.ui.calendar.planning import plan_dialog
from crm.ui.desk import figures, load, me
from crm.ui.dialog import open_dialog
from crm.ui.support.times import local
from crm.ui.table import records
from crm.words import label, language, say
from crm.words.formats import LOCALES

MOST = 40
"""Entries of a day that are sent to the browser."""
FIRST_HOUR, LAST_HOUR, FROM_HOUR = 6, 21, 8

_HERE = Path(__file__).parent
_grid = st.components.v2.component(
    "crm_calendar",
    css=(_HERE / "grid.css").read_text(encoding="utf-8"),
    js=(_HERE / "grid.js").read_text(encoding="utf-8"),
)

Texts = dict[str, Any]


def grid(asked: Asked, found: pd.DataFrame) -> None:
    """A fragment: what is asked for comes back before the page is drawn again."""
    _grid(data=drawn(asked, found), key="calendar.grid", on_asked_change=_heard)
    if wish := st.session_state.pop("calendar.asked", None):
        _answer(wish, found)


def _heard() -> None:
    st.session_state["calendar.asked"] = st.session_state["calendar.grid"]["asked"]
    st.session_state["calendar.turn"] = st.session_state.get("calendar.turn", 0) + 1


def _answer(wish: Texts, found: pd.DataFrame) -> None:
    if wish["what"] == "plan":
        at = dt.time.fromisoformat(wish["time"]) if wish.get("time") else None
        open_dialog(say("Plan"), plan_dialog, dt.date.fromisoformat(wish["day"]), at, width="small")
        return
    row = next((one for one in records(found) if one.id == wish["id"]), None)
    if row is None:
        return
    if wish["what"] == "open":
        open_entry(row)
    elif wish["what"] == "move" and may_move(row):
        time = {"starts_at": dt.time.fromisoformat(wish["time"]) if wish["time"] else None} if "time" in wish else {}
        move(int(row.id[1:]), planned_on=dt.date.fromisoformat(wish["day"]), **time)


def may_move(row: Any) -> bool:
    """What is planned and not proven by a check-in: by who does it, who planned it, and those above; the command asks again."""
    if not row.id.startswith("a") or row.done or row.checked:
        return False
    actor = me().actor
    return actor.grant("office").change > Reach.OWN or actor.user_id in (row.who_id, row.author_id)


# ----------------------------------------------------------------------------------------- what the browser draws


def drawn(asked: Asked, found: pd.DataFrame) -> Texts:
    day, locale = figures(today), LOCALES[language()]
    names = get_day_names("abbreviated", locale=locale)
    rows: dict[dt.date, list[Any]] = {}
    for row in records(found):
        rows.setdefault(row.day, []).append(row)
    every = [asked.since + dt.timedelta(one) for one in range((asked.until - asked.since).days + 1)]
    works, gone = _working(asked), _away(asked)
    clock = f"{local(figures(moment), figures(firm_zone)):%H:%M}"
    days = [_day(asked, one, rows.get(one, []), day, clock) | {"off": one not in works, "away": gone.get(one)} for one in every]
    hours = [row.starts_at.hour for row in records(found) if row.starts_at is not None]
    return {
        "view": asked.view,
        "title": title(asked, asked.view),
        "days": days,
        "heads": [names[place] for place in range(7)],
        "colours": MEANINGS["entry"],
        "words": _words(),
        "may": me().actor.grant("office").change is not Reach.NOTHING,
        "first_hour": min([FIRST_HOUR, *hours]),
        "last_hour": max([LAST_HOUR, *(hour + 1 for hour in hours)]),
        "from_hour": FROM_HOUR,
        "turn": st.session_state.get("calendar.turn", 0),
    }


def _words() -> Texts:
    return {
        "more": say("+{count} more", count="{count}"),
        "plan": say("Plan"),
        "close": say("Close"),
        "late": say("overdue"),
        "done": say("done"),
        "whole": say("Any time"),
        "today": say("Today"),
        "earlier": say("Earlier days"),
        "nothing": say("Nothing planned"),
    }


def _day(asked: Asked, on: dt.date, rows: list[Any], day: dt.date, clock: str) -> Texts:
    locale = LOCALES[language()]
    more = len(rows) - MOST
    return {
        "iso": on.isoformat(),
        "number": str(on.day),
        "title": str(format_date(on, "EEEE d MMMM" if language() == "en" else "M月d日 EEEE", locale=locale)),
        "spoken": say("{count:entry|entries}", count=len(rows)),
        "today": on == day,
        "other": asked.view == "month" and on.month != asked.day.month,
        "count": len(rows),
        "more": say("{count} more: choose a person or a kind.", count=more) if more > 0 else None,
        "entries": [_entry(row, asked, day, clock) for row in rows[:MOST]],
    }


def _entry(row: Any, asked: Asked, day: dt.date, clock: str) -> Texts:
    time = f"{row.starts_at:%H:%M}" if row.starts_at is not None else None
    unnamed = row.title == row.kind and row.name
    passed = row.day < day or (row.day == day and time is not None and time < clock)
    return {
        "id": row.id,
        "group": row.group,
        "icon": GROUPS[row.group],
        "kind": row.kind,
        "title": row.name if unnamed else row.title,
        "name": None if unnamed else row.name,
        "time": time,
        "minutes": row.minutes,
        "who": row.who if asked.several else None,
        "done": bool(row.done),
        "late": not row.done and not row.checked and passed,
        "checked": bool(row.checked),
        "movable": may_move(row),
    }


def _working(asked: Asked) -> set[dt.date]:
    return set(figures(working_days, since=asked.since, until=asked.until).tolist())


def _away(asked: Asked) -> dict[dt.date, str]:
    """day -> who is away; why, only he himself reads."""
    found = load(absences, since=asked.since, until=asked.until, user_ids=asked.people)
    told: dict[dt.date, list[str]] = {}
    for row in records(found):
        why = label(row.kind, of="kind") if asked.whose == "mine" or row.kind == AbsenceKind.TRAVEL else say("away")
        first, last = max(row.starts_on, asked.since), min(row.ends_on, asked.until)
        for place in range((last - first).days + 1):
            text = say("{name}: {text}", name=row.name, text=why) if asked.several else why
            told.setdefault(first + dt.timedelta(place), []).append(text)
    return {on: " · ".join(texts) for on, texts in told.items()}


__all__ = ["drawn", "grid", "may_move"]
