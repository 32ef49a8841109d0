"""What one person has before him and what he did, whatever record it hangs on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from typing import Any

import pandas as pd
from sqlalchemy import Select, bindparam, or_, select

from crm.access import subjects
from crm.database import Base
from crm.office.models import Activity
from crm.office.queries.activities import BY_DAY
from crm.session import ScopedSession

MOST = 200


def agenda(session: ScopedSession, user_id: int, until: dt.date) -> pd.DataFrame:
    """Planned up to a day and not done, by him or on what he has; oldest first, within a day by the clock -> id, subject_type,
    subject_id, name (of the record), kind, topic, planned_on, starts_at, place, text, outcome, version."""
    return _named(session, _planned(len(Base.metadata.tables)), {"user": user_id, "day": until})


def done_on(session: ScopedSession, user_id: int, day: dt.date) -> pd.DataFrame:
    """What he did on a day, newest first -> columns of `agenda`."""
    return _named(session, _done(), {"user": user_id, "day": day})


def named_subjects() -> dict[str, Any]:
    """The kinds of records that people meet by a name, by table name."""
    return with_a_name(len(Base.metadata.tables))


@lru_cache(maxsize=8)
def with_a_name(known: int) -> dict[str, Any]:
    """`known` is the number of tables: one that is imported late is found as well."""
    return {name: kind for name, kind in subjects().items() if called(kind) is not None}


def called(kind: Any) -> Any:
    """The column with the name by which people know a record; None where there is no such."""
    return getattr(kind, "name", None) or getattr(kind, "subject", None)


def _columns() -> Any:
    what = (Activity.kind, Activity.topic, Activity.planned_on, Activity.starts_at, Activity.place, Activity.text)
    return select(Activity.id, Activity.subject_type, Activity.subject_id, *what, Activity.outcome, Activity.version)


@lru_cache(maxsize=8)
def _planned(known: int) -> Any:
    """Up to `day`, by `user` or on what he has; built once for the kinds of records of so many tables."""
    user: Any = bindparam("user")
    owned = [
        (Activity.subject_type == name) & Activity.subject_id.in_(select(kind.id).where(kind.owner_id == user))
        for name, kind in with_a_name(known).items()
    ]
    planned = _columns().where(Activity.happened_on.is_(None), Activity.planned_on <= bindparam("day"))
    return planned.where(or_(Activity.author_id == user, *owned)).order_by(*BY_DAY, Activity.id).limit(MOST)


@cache
def _done() -> Any:
    """By `user` on `day`."""
    done = _columns().where(Activity.author_id == bindparam("user"), Activity.happened_on == bindparam("day"))
    return done.order_by(Activity.id.desc()).limit(MOST)


def _named(session: ScopedSession, query: Select[Any], asked: dict[str, Any]) -> pd.DataFrame:
    rows = session.execute(query, asked).all()
    names = {
        (name, one): text
        for name, kind, ids in those_of([(row.subject_type, row.subject_id) for row in rows])
        for one, text in session.execute(_titles(kind), {"ids": ids})
    }
    told = [(names.get((row.subject_type, row.subject_id)), row) for row in rows]
    here = [(name, tuple(row)) for name, row in told if name is not None]
    found = pd.DataFrame.from_records([row for _, row in here], columns=list(query.selected_columns.keys()))
    found.insert(3, "name", pd.Series([name for name, _ in here], index=found.index, dtype="object"))
    return found


@cache
def _titles(kind: Any) -> Select[Any]:
    return select(kind.id, called(kind)).where(kind.id.in_(bindparam("ids", expanding=True)))


def those_of(pairs: Sequence[tuple[str, int]]) -> Iterator[tuple[str, Any, list[int]]]:
    """Table names and ids -> of each kind that has a name: its table name, its class, the ids."""
    ids: dict[str, dict[int, None]] = {}
    for name, one in pairs:
        ids.setdefault(name, {})[one] = None
    known = named_subjects() if ids else {}
    yield from ((name, known[name], list(each)) for name, each in ids.items() if name in known)
