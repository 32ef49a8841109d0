"""Settings of the whole installation: thresholds, the demo's today."""

from __future__ import annotations

import datetime as dt
from typing import Any

from pydantic import Field
from sqlalchemy import select

from crm.editing import Input
from crm.office.models import Setting, granted
from crm.office.thresholds import Thresholds
from crm.session import ScopedSession


def put_setting(session: ScopedSession, key: str, value: dict[str, Any]) -> Setting:
    """Set a value that holds for the whole installation; an empty one switches it off."""
    session.actor.must(*granted(key))
    found = session.scalar(select(Setting).where(Setting.key == key))
    if found is None:
        found = Setting(key=key)
        session.add(found)
    found.value = value
    session.flush()
    return found


def set_thresholds(session: ScopedSession, input: Thresholds) -> Setting:
    input.check()
    return put_setting(session, "thresholds", input.model_dump(mode="json"))


class DemoDay(Input):
    day: dt.date | None = Field(None, title="Demo date")
    """Empty = the calendar's own today."""


def set_demo_today(session: ScopedSession, input: DemoDay) -> Setting:
    return put_setting(session, "demo_today", {"day": input.day.isoformat()} if input.day else {})
