"""Who is away, when and why: nothing new is given to people who are, unless they travel."""

from __future__ import annotations

import datetime as dt

import pandas as pd
from pydantic import Field
from sqlalchemy import select

from crm.database import frame, now
from crm.editing import Input, change
from crm.errors import Invalid
from crm.session import ScopedSession, get
from crm.staff.models import Absence, AbsenceKind, User


class AbsenceDetails(Input):
    user_id: int
    kind: AbsenceKind = AbsenceKind.LEAVE
    starts_on: dt.date
    ends_on: dt.date = Field(description="The last day away.")
    note: str | None = Field(None, max_length=300)


def add_absence(session: ScopedSession, details: AbsenceDetails) -> Absence:
    """By the person, or by who leads the unit."""
    get(session, User, details.user_id)
    added = Absence(**details.model_dump())
    session.add(added)
    _check(session, added)
    return added


def edit_absence(session: ScopedSession, absence_id: int, details: AbsenceDetails, version: int) -> Absence:
    found = get(session, Absence, absence_id)
    if details.user_id != found.user_id:
        raise Invalid("An absence stays with its person: remove it, and enter it for the other.", field="user_id")
    change(session, found, details.model_dump(), version)
    _check(session, found)
    return found


def remove_absence(session: ScopedSession, absence_id: int) -> None:
    get(session, Absence, absence_id).deleted_at = now()
    session.flush()


def _check(session: ScopedSession, entered: Absence) -> None:
    if entered.ends_on < entered.starts_on:
        raise Invalid("The last day lies before the first.", field="ends_on")
    session.flush()
    same = (Absence.user_id == entered.user_id, Absence.starts_on <= entered.ends_on, Absence.ends_on >= entered.starts_on)
    other = session.scalars(select(Absence).where(*same, Absence.id != entered.id).order_by(Absence.starts_on)).first()
    if other is not None:
        raise Invalid(
            "These days overlap with an absence from {first} to {last}. Change that one.",
            field="starts_on",
            first=other.starts_on,
            last=other.ends_on,
        )


def away(session: ScopedSession, day: dt.date) -> set[int]:
    """The ids of the people to whom nothing new is given on a day; who travels works."""
    on_day = (Absence.starts_on <= day, Absence.ends_on >= day, Absence.kind != AbsenceKind.TRAVEL)
    return set(session.scalars(select(Absence.user_id).where(*on_day)))


def absences(
    session: ScopedSession, since: dt.date, until: dt.date | None = None, user_ids: tuple[int, ...] | None = None
) -> pd.DataFrame:
    """Those of which a day lies in these (all from `since` on, without `until`), of these people or of all -> id, user_id, name,
    kind, starts_on, ends_on, note, version; the next first."""
    query = select(
        Absence.id,
        Absence.user_id,
        User.name,
        Absence.kind,
        Absence.starts_on,
        Absence.ends_on,
        Absence.note,
        Absence.version,
    ).join(User, User.id == Absence.user_id)
    query = query.where(Absence.ends_on >= since)
    query = query.where(Absence.starts_on <= until) if until is not None else query
    query = query.where(Absence.user_id.in_(user_ids)) if user_ids is not None else query
    return frame(session, query.order_by(Absence.starts_on, Absence.id))


def absence(session: ScopedSession, absence_id: int) -> Absence:
    return get(session, Absence, absence_id)


__all__ = ["AbsenceDetails", "absence", "absences", "add_absence", "away", "edit_absence", "remove_absence"]
