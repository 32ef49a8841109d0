"""Activities: what is planned, what was done, what is important."""

from __future__ import annotations

import datetime as dt
from functools import cache
from typing import Any

import pandas as pd
from sqlalchemy import Select, and_, or_, select

from crm.access import subjects
from crm.database import frame
from crm.errors import Invalid
from crm.office.models import Activity
from crm.session import WITH_DELETED, ScopedSession, get, through_parent
from crm.staff.models import User

MOST = 500
"""Activities of one record that are shown."""
Rows = Select[*tuple[Any, ...]]

BY_DAY = (Activity.planned_on, Activity.starts_at.is_not(None), Activity.starts_at)
"""Those without a time before those with one, as a calendar shows them."""

NEWEST_FIRST = (Activity.happened_on.is_(None).desc(), Activity.happened_on.desc(), *BY_DAY, Activity.id.desc())
"""Planned ones on top by the day they are due, below them what was done."""


@cache
def _activities() -> Rows:
    return select(
        Activity.id,
        Activity.subject_type,
        Activity.subject_id,
        Activity.kind,
        Activity.topic,
        Activity.planned_on,
        Activity.starts_at,
        Activity.place,
        Activity.happened_on,
        Activity.text,
        Activity.outcome,
        Activity.minutes,
        Activity.pinned,
        Activity.previous_id,
        Activity.checked_in_at,
        Activity.latitude,
        Activity.longitude,
        Activity.accuracy,
        Activity.author_id,
        User.name.label("author"),
        Activity.created_at,
        Activity.version,
    ).join(User, and_(User.id == Activity.author_id, User.deleted_at.is_(None)), isouter=True)


def _about(subject_type: str, subject_id: int) -> Rows:
    kind: Any = subjects().get(subject_type)
    return _on(kind, subject_type).where(Activity.subject_id == subject_id)


@cache
def _on(kind: Any, subject_type: str) -> Rows:
    about = _activities().where(Activity.subject_type == subject_type)
    return seen_with(about, Activity, kind).order_by(*NEWEST_FIRST).limit(MOST)


def seen_with(statement: Rows, attached: Any, kind: Any) -> Rows:
    """The statement, of what is attached to records of one kind alone: seen with these, also while they are in the trash.

    Without this, the limit of what is attached asks for the records of all kinds. Deleted rows of its other classes the statement
    has to leave out itself."""
    if kind is None:
        return statement
    matched = statement.join(kind, kind.id == attached.subject_id).where(attached.deleted_at.is_(None))
    return through_parent(matched, attached).execution_options(**{WITH_DELETED: True})


def activity(session: ScopedSession, activity_id: int) -> Activity:
    return get(session, Activity, activity_id)


def activities_of(session: ScopedSession, subject_type: str, subject_id: int) -> pd.DataFrame:
    """Activities on one record, planned ones first by their day, then those done, newest first; at most 500 -> id, subject_type,
    subject_id, kind, topic, planned_on, starts_at, place, happened_on, text, outcome, minutes, pinned, previous_id,
    checked_in_at, latitude, longitude, accuracy (metres), author_id, author, created_at, version."""
    return frame(session, _about(subject_type, subject_id))


def pinned(session: ScopedSession, subject_type: str, subject_id: int) -> pd.DataFrame:
    """The important ones on one record -> columns and order of `activities_of`."""
    return frame(session, _about(subject_type, subject_id).where(Activity.pinned))


def activities_by(session: ScopedSession, since: dt.date, until: dt.date, author_id: int | None = None) -> pd.DataFrame:
    """What an employee did, or everybody I see, from day to day, newest first -> columns of `activities_of`."""
    done = _activities().where(Activity.happened_on >= since, Activity.happened_on <= until)
    if author_id is not None:
        done = done.where(Activity.author_id == author_id)
    return frame(session, done.order_by(Activity.happened_on.desc(), Activity.id.desc()).limit(1000))


def due_activities(session: ScopedSession, until: dt.date, owner_id: int | None = None) -> pd.DataFrame:
    """Planned up to a day and not done, longest overdue first; of the records `owner_id` owns now -> as `activities_of`."""
    due = _activities().where(Activity.happened_on.is_(None), Activity.planned_on <= until)
    if owner_id is not None:
        due = due.where(or_(*(_owned_by(owner_id, name, kind) for name, kind in subjects().items())))
    return frame(session, due.order_by(*BY_DAY, Activity.id).limit(500))


def subject_kind(subject_type: str) -> type[Any]:
    """The class whose records activities, tags and custom fields of this type belong to."""
    kinds = subjects()
    if subject_type not in kinds:
        raise Invalid("Nothing can be attached to {what}.", what=subject_type)
    return kinds[subject_type]


def _owned_by(owner_id: int, name: str, kind: Any) -> Any:
    return (Activity.subject_type == name) & Activity.subject_id.in_(select(kind.id).where(kind.owner_id == owner_id))
