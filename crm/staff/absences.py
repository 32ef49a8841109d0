"""Who is away, and when: nothing new is given to people who are."""

from __future__ import annotations

import datetime as dt

import pandas as pd
from pydantic import BaseModel, ConfigDict
from sqlalchemy import select

from crm.database import frame, now
from crm.errors import Invalid
from crm.session import ScopedSession, get
from crm.staff.models import Absence, User


class AbsenceDetails(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    user_id: int
    starts_on: dt.date
    ends_on: dt.date
    """The last day away."""


def add_absence(session: ScopedSession, details: AbsenceDetails) -> Absence:
    """By the person, or by who leads the unit."""
    if details.ends_on < details.starts_on:
        raise Invalid("The last day lies before the first.", field="ends_on")
    get(session, User, details.user_id)
    added = Absence(**details.model_dump())
    session.add(added)
    session.flush()
    return added


def remove_absence(session: ScopedSession, absence_id: int) -> None:
    get(session, Absence, absence_id).deleted_at = now()
    session.flush()


def away(session: ScopedSession, day: dt.date) -> set[int]:
    """The ids of the people who are absent on a day."""
    on_day = select(Absence.user_id).where(Absence.starts_on <= day, Absence.ends_on >= day)
    return set(session.scalars(on_day))


def absences(session: ScopedSession, since: dt.date) -> pd.DataFrame:
    """Those that last until a day or longer -> id, user_id, name, starts_on, ends_on; the next first."""
    query = select(Absence.id, Absence.user_id, User.name, Absence.starts_on, Absence.ends_on)
    query = query.join(User, User.id == Absence.user_id).where(Absence.ends_on >= since)
    return frame(session, query.order_by(Absence.starts_on, Absence.id))


__all__ = ["AbsenceDetails", "absences", "add_absence", "away", "remove_absence"]
