"""What holds for the whole installation: settings, thresholds, and which day it is."""

from __future__ import annotations

import datetime as dt
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, select

from crm.database import now
from crm.office.models import Setting
from crm.office.thresholds import Thresholds
from crm.session import ScopedSession


def setting(session: ScopedSession, key: str) -> dict[str, Any] | None:
    found: dict[str, Any] | None = session.scalar(_setting(), {"key": key})
    return found


@cache
def _setting() -> Select[Any]:
    """Built once: every page asks for a setting, most for several."""
    return select(Setting.value).where(Setting.key == bindparam("key"))


def today(session: ScopedSession) -> dt.date:
    """The day that everything is counted from: the demo's own, or the real one."""
    return demo_day(session) or dt.date.today()


def demo_day(session: ScopedSession) -> dt.date | None:
    """The day at which a demo company stands still; None = this is no demo."""
    demo = session.once(_demo)
    return dt.date.fromisoformat(demo["day"]) if demo else None


def _demo(session: ScopedSession) -> dict[str, Any] | None:
    return setting(session, "demo_today")


def moment(session: ScopedSession) -> dt.datetime:
    """Now; in a demo company that stands still, this time of day on its day."""
    at, day = now(), demo_day(session)
    return dt.datetime.combine(day, at.timetz()) if day else at


def thresholds(session: ScopedSession) -> Thresholds:
    stored = setting(session, "thresholds") or {}
    return Thresholds.model_validate({name: value for name, value in stored.items() if name in Thresholds.model_fields})
