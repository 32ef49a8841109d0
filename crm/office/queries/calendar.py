"""Activities between two days, of a person or of many, with the names of their records; and visits with what proves them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from functools import cache, lru_cache
from typing import Any

import pandas as pd
from sqlalchemy import Row, Select, bindparam, func, or_, select
from sqlalchemy.orm import aliased

from crm.database import Base
from crm.office.models import Activity, ActivityKind, Attachment
from crm.office.queries.agenda import called, those_of, with_a_name
from crm.session import ScopedSession
from crm.staff.models import User

MOST = 3000
_next = aliased(Activity)

People = Sequence[int] | None
"""None = everybody whose activities the actor sees."""


def calendar_entries(
    session: ScopedSession, since: dt.date, until: dt.date, people: People = None, kinds: Sequence[str] = ()
) -> pd.DataFrame:
    """What was done from day to day, and what is planned for these days and not done; by day, within it by the clock -> id,
    subject_type, subject_id, kind, topic, planned_on, starts_at, place, happened_on, minutes, outcome, text, checked_in_at,
    latitude, longitude, accuracy, version, author_id, name (of the record), who_id, who, day.

    `who`: who did it or stood there; of what is planned whoever has the record, else who planned it. What a person planned on
    somebody else's record is his as well."""
    rows = calendar_rows(session, since, until, people, kinds)
    return _framed(rows)


def calendar_rows(
    session: ScopedSession, since: dt.date, until: dt.date, people: People = None, kinds: Sequence[str] = ()
) -> list[dict[str, Any]]:
    """`calendar_entries` as plain values, None where there is nothing."""
    asked: dict[str, Any] = {"since": since, "until": until, "people": list(people or ())}
    his, known = people is not None, len(Base.metadata.tables)
    found = [row for query in (_done(his), _planned(his, known)) for row in _asked(session, query, asked, kinds)]
    return _in_order(_known(session, found))


def calendar_entry(session: ScopedSession, activity_id: int) -> pd.DataFrame:
    """One of them, whatever its day -> a row of `calendar_entries`, or none."""
    return _framed(_known(session, session.execute(_columns().where(Activity.id == activity_id)).all()))


def visit_entries(session: ScopedSession, since: dt.date, until: dt.date, people: People = None) -> pd.DataFrame:
    """Visits as `calendar_entries`, with photos (how many), next_on (the day of the step that follows; empty = none)."""
    found = calendar_entries(session, since, until, people, (ActivityKind.VISIT,))
    ids = found["id"].tolist()
    photos: Any = select(Attachment.activity_id, func.count(Attachment.id)).where(Attachment.activity_id.in_(ids))
    steps: Any = select(_next.previous_id, func.min(_next.planned_on)).where(_next.previous_id.in_(ids))
    counted = dict(session.execute(photos.group_by(Attachment.activity_id)).all()) if ids else {}
    following = dict(session.execute(steps.group_by(_next.previous_id)).all()) if ids else {}
    return found.assign(
        photos=pd.Series([counted.get(one, 0) for one in ids], index=found.index, dtype="int64"),
        next_on=pd.Series([following.get(one) for one in ids], index=found.index, dtype="object"),
    )


@cache
def _columns() -> Any:
    one = Activity
    about = (one.id, one.subject_type, one.subject_id, one.kind, one.topic, one.planned_on, one.starts_at, one.place)
    came = (one.happened_on, one.minutes, one.outcome, one.text, one.checked_in_at, one.latitude, one.longitude, one.accuracy)
    query = select(*about, *came, one.version, one.author_id, User.name.label("author"))
    return query.join(User, User.id == one.author_id, isouter=True)


def _asked(session: ScopedSession, query: Any, asked: dict[str, Any], kinds: Sequence[str]) -> Sequence[Row[Any]]:
    query = query.where(Activity.kind.in_(kinds)) if kinds else query
    return session.execute(query, asked).all()


_DAYS: Any = bindparam("since"), bindparam("until")
_PEOPLE: Any = bindparam("people", expanding=True)


@cache
def _done(his: bool) -> Any:
    """From `since` to `until`, of `people` or of everybody."""
    done = _columns().where(Activity.happened_on.between(*_DAYS)).order_by(Activity.planned_on, Activity.id).limit(MOST)
    return done.where(Activity.author_id.in_(_PEOPLE)) if his else done


@lru_cache(maxsize=8)
def _planned(his: bool, known: int) -> Any:
    """The same, not done yet; built once for the kinds of records of so many tables."""
    planned = _columns().where(Activity.happened_on.is_(None), Activity.planned_on.between(*_DAYS))
    planned = planned.order_by(Activity.planned_on, Activity.id).limit(MOST)
    owned = (_owned(name, kind) for name, kind in with_a_name(known).items())
    return planned.where(or_(Activity.author_id.in_(_PEOPLE), *owned)) if his else planned


def _owned(name: str, kind: Any) -> Any:
    return (Activity.subject_type == name) & Activity.subject_id.in_(select(kind.id).where(kind.owner_id.in_(_PEOPLE)))


def _known(session: ScopedSession, found: Sequence[Row[Any]]) -> list[dict[str, Any]]:
    """With the name of the record, who, and the day; without those whose record is gone."""
    held = _records(session, [(row.subject_type, row.subject_id) for row in found])
    rows = []
    for one in found:
        row = dict(one._mapping)
        record, author, planned = held.get((one.subject_type, one.subject_id)), row.pop("author"), one.happened_on is None
        if record is None:
            continue
        name, owner_id, owner = record
        his = owner_id is not None and planned and one.checked_in_at is None
        who_id, who = (owner_id, owner) if his else (one.author_id, author)
        rows.append(row | {"name": name, "who_id": who_id, "who": who, "day": one.planned_on if planned else one.happened_on})
    return rows


def _framed(rows: list[dict[str, Any]]) -> pd.DataFrame:
    columns = [*(one.key for one in _columns().selected_columns if one.key != "author"), "name", "who_id", "who", "day"]
    told = [tuple((row | {"checked_in_at": row["checked_in_at"] or pd.NaT}).values()) for row in rows]
    return pd.DataFrame.from_records(told, columns=columns)


def _records(
    session: ScopedSession, pairs: Sequence[tuple[str, int]]
) -> dict[tuple[str, int], tuple[str, int | None, str | None]]:
    """(type, id) -> name, owner's id, owner of the records that stand."""
    return {
        (name, one): (title, owner_id, owner)
        for name, kind, ids in those_of(pairs)
        for one, title, owner_id, owner in session.execute(_held(kind), {"ids": ids})
    }


@cache
def _held(kind: Any) -> Select[Any]:
    query = select(kind.id, called(kind), kind.owner_id, User.name).join(User, User.id == kind.owner_id, isouter=True)
    return query.where(kind.id.in_(bindparam("ids", expanding=True)))


def _in_order(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(rows, key=lambda row: (row["day"], str(row["starts_at"] or ""), row["id"]))
