"""On which days people were here: a day on which a browser that was still signed in was used counts like a sign-in."""

from __future__ import annotations

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
from sqlalchemy import func, select

from crm.database import frame
from crm.session import ScopedSession
from crm.staff.models import Presence, SignInEvent, SignInKind


def days_here(session: ScopedSession, since: dt.date, until: dt.date, zone: str) -> pd.DataFrame:
    """-> user_id, day; each day of the zone once, of the people whose sign-ins the actor sees."""
    used = select(Presence.user_id, Presence.day).where(Presence.day >= since, Presence.day <= until)
    known = frame(session, used)
    entered = _entered().where(SignInEvent.created_at >= _begin(since, zone), SignInEvent.created_at < _begin(until + ONE, zone))
    signed = frame(session, entered.add_columns(SignInEvent.created_at))
    signed = signed.assign(day=signed.pop("created_at").dt.tz_convert(zone).dt.date)
    both = pd.concat([known, signed[known.columns]]) if len(signed) else known
    return both.drop_duplicates(ignore_index=True)


def last_here(session: ScopedSession, until: dt.date, zone: str) -> dict[int, dt.date]:
    """The last day up to one on which each was here; who never was is not named."""
    used = select(Presence.user_id, func.max(Presence.day)).where(Presence.day <= until).group_by(Presence.user_id)
    found: dict[int, dt.date] = dict(session.execute(used).all())
    entered = _entered().where(SignInEvent.created_at < _begin(until + ONE, zone)).group_by(SignInEvent.user_id)
    for user_id, at in session.execute(entered.add_columns(func.max(SignInEvent.created_at))):
        day = at.astimezone(ZoneInfo(zone)).date()
        found[user_id] = max(found.get(user_id, day), day)
    return found


ONE = dt.timedelta(1)


def _entered() -> Any:
    signed_in = SignInEvent.kind == SignInKind.SIGNED_IN
    return select(SignInEvent.user_id).where(signed_in, SignInEvent.user_id.is_not(None))


def _begin(day: dt.date, zone: str) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), ZoneInfo(zone))


__all__ = ["days_here", "last_here"]
