"""What one person has before him and what he did, whatever record it hangs on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Any

import pandas as pd
from sqlalchemy import or_, select

from crm.access import subjects
from crm.database import frame
from crm.office.models import Activity
from crm.office.queries.activities import BY_DAY
from crm.session import ScopedSession

MOST = 200


def agenda(session: ScopedSession, user_id: int, until: dt.date) -> pd.DataFrame:
    """Planned up to a day and not done, by him or on what he has; oldest first, within a day by the clock -> id, subject_type,
    subject_id, name (of the record), kind, topic, planned_on, starts_at, place, text, outcome, version."""
    planned = _columns().where(Activity.happened_on.is_(None), Activity.planned_on <= until)
    his = or_(Activity.author_id == user_id, *(_owned(user_id, name, kind) for name, kind in named_subjects().items()))
    return _named(session, frame(session, planned.where(his).order_by(*BY_DAY, Activity.id).limit(MOST)))


def done_on(session: ScopedSession, user_id: int, day: dt.date) -> pd.DataFrame:
    """What he did on a day, newest first -> columns of `agenda`."""
    done = _columns().where(Activity.author_id == user_id, Activity.happened_on == day)
    return _named(session, frame(session, done.order_by(Activity.id.desc()).limit(MOST)))


def named_subjects() -> dict[str, Any]:
    """The kinds of records that people meet by a name, by table name."""
    return {name: kind for name, kind in subjects().items() if called(kind) is not None}


def called(kind: Any) -> Any:
    """The column with the name by which people know a record; None where there is no such."""
    return getattr(kind, "name", None) or getattr(kind, "subject", None)


def _columns() -> Any:
    what = (Activity.kind, Activity.topic, Activity.planned_on, Activity.starts_at, Activity.place, Activity.text)
    return select(Activity.id, Activity.subject_type, Activity.subject_id, *what, Activity.outcome, Activity.version)


def _owned(user_id: int, name: str, kind: Any) -> Any:
    return (Activity.subject_type == name) & Activity.subject_id.in_(select(kind.id).where(kind.owner_id == user_id))


def _named(session: ScopedSession, found: pd.DataFrame) -> pd.DataFrame:
    pairs = list(zip(found["subject_type"].tolist(), found["subject_id"].tolist(), strict=True))
    names = {
        (name, one): text
        for name, kind, ids in those_of(pairs)
        for one, text in session.execute(select(kind.id, called(kind)).where(kind.id.in_(ids)))
    }
    told = [names.get(pair) for pair in pairs]
    found.insert(3, "name", pd.Series(told, index=found.index, dtype="object"))
    return found[found["name"].notna()].reset_index(drop=True) if None in told else found


def those_of(pairs: Sequence[tuple[str, int]]) -> Iterator[tuple[str, Any, list[int]]]:
    """Table names and ids -> of each kind that has a name: its table name, its class, the ids."""
    ids: dict[str, dict[int, None]] = {}
    for name, one in pairs:
        ids.setdefault(name, {})[one] = None
    known = named_subjects() if ids else {}
    yield from ((name, known[name], list(each)) for name, each in ids.items() if name in known)
