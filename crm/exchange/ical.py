"""Days and hours as an iCalendar file (RFC 5545), for the calendar of a phone or of a mail program."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event

PRODUCT = "-//Perennial CRM//Calendar//EN"
LENGTH = 60
"""Minutes of what has a beginning and no known length."""


@dataclass(frozen=True, slots=True)
class Appointment:
    """Without `starts_at` it takes the whole day and keeps nobody from anything else."""

    uid: str
    """The same in every file, so that a newer one replaces an older one."""
    day: dt.date
    title: str
    starts_at: dt.time | None = None
    """By the clocks of the zone of the file."""
    minutes: int | None = None
    about: str = ""
    place: str = ""
    kind: str = ""
    version: int = 0


def to_ical(appointments: Iterable[Appointment], zone: str, stamp: dt.datetime, name: str) -> bytes:
    """`stamp`: when the file is made (UTC)."""
    made = Calendar()
    made.add("prodid", PRODUCT)
    made.add("version", "2.0")
    made.add("calscale", "GREGORIAN")
    made.add("x-wr-calname", " ".join(name.splitlines()))
    for one in appointments:
        made.add_component(_event(one, ZoneInfo(zone), stamp))
    made.add_missing_timezones()
    return bytes(made.to_ical())


def _event(one: Appointment, zone: ZoneInfo, stamp: dt.datetime) -> Event:
    event = Event()
    event.add("uid", one.uid)
    event.add("dtstamp", stamp)
    event.add("sequence", one.version)
    event.add("summary", _lines(one.title))
    if one.starts_at is None:
        event.add("dtstart", one.day)
        event.add("dtend", one.day + dt.timedelta(1))
        event.add("transp", "TRANSPARENT")
    else:
        starts = dt.datetime.combine(one.day, one.starts_at, zone)
        event.add("dtstart", starts)
        event.add("dtend", starts + dt.timedelta(minutes=one.minutes or LENGTH))
    for field, text in (("description", one.about), ("location", one.place), ("categories", one.kind)):
        if text:
            event.add(field, [_lines(text)] if field == "categories" else _lines(text))
    return event


def _lines(text: str) -> str:
    """The library escapes one kind of line end and fails on the others."""
    return "\n".join(text.splitlines())
