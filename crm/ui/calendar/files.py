"""Entries of the calendar as an iCalendar file: what is shown, or one of them."""

from __future__ import annotations

import hmac
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from crm.database import now
from crm.exchange.ical import Appointment, to_ical
from crm.office.commands import log_export
from crm.session import ScopedSession
from crm.settings import settings
from crm.staff.sign_in import SignedIn
from crm.targets.queries.calendar import firm_zone
from crm.ui.calendar.asked import Asked
from crm.ui.calendar.entries import entries, one_activity, worded
from crm.ui.deferred import still_here
from crm.ui.desk import me
from crm.ui.table import records
from crm.words import Language, language, say

AREAS = ("customers", "support")
"""Whoever may export from one of them may take his calendar along."""


def range_file(asked: Asked) -> None:
    if (area := _area()) is None:
        return
    where = {"since": asked.since, "until": asked.until, "people": asked.people, "groups": asked.groups}
    st.download_button(
        say("iCal file"),
        data=partial(_range, me(), language(), area, where),
        file_name=f"calendar-{asked.since}.ics",
        mime="text/calendar",
        key="calendar.ics",
        icon=":material/event:",
        on_click="ignore",
        help=say("What is shown, for the calendar of a phone or of a mail program"),
    )


def one_file(row: Any) -> None:
    """Of an activity."""
    if (area := _area()) is None or not row["id"].startswith("a"):
        return
    st.download_button(
        say("iCal file"),
        data=partial(_one, me(), language(), area, int(row["id"][1:])),
        file_name=f"{row['id']}.ics",
        mime="text/calendar",
        key="entry.ics",
        icon=":material/event:",
        on_click="ignore",
    )


def _area() -> str | None:
    return next((area for area in AREAS if me().actor.may("export", area)), None)


def _range(person: SignedIn, spoken: Language, area: str, where: dict[str, Any]) -> bytes:
    with still_here(person, spoken) as session:
        plain = {name: value.isoformat() if name in ("since", "until") else value for name, value in where.items()}
        return made(session, worded(entries(session, **where)), area, plain)


def _one(person: SignedIn, spoken: Language, area: str, activity_id: int) -> bytes:
    with still_here(person, spoken) as session:
        return made(session, worded(one_activity(session, activity_id)), area, {"activity_id": activity_id})


def made(session: ScopedSession, found: pd.DataFrame, area: str, filters: dict[str, Any]) -> bytes:
    """-> the file of these entries, written to the export log."""
    log_export(session, "calendar", "ics", len(found), filters, area)
    return to_ical(map(appointment, records(found)), firm_zone(session), now(), say("Perennial CRM"))


def appointment(row: Any) -> Appointment:
    title = " · ".join(text for text in (row.title, row.name) if text)
    about = "\n".join(str(text) for text in (row.about, row.who) if text)
    return Appointment(
        uid=f"{row.id}@{_house()}",
        day=row.day,
        title=f"✓ {title}" if row.done else title,
        starts_at=row.starts_at,
        minutes=row.minutes,
        about=about,
        place=row.place or "",
        kind=row.kind,
        version=int(row.version),
    )


def _house() -> str:
    """The same for all entries of an installation, and for no other."""
    return f"{hmac.new(settings().key().encode(), b'calendar', 'sha256').hexdigest()[:16]}.perennial-crm"
