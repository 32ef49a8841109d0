"""Activities between two days, of a person or of many, with the names of their records; and visits with what proves them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import pandas as pd
from sqlalchemy import func, or_, select
from sqlalchemy.orm import aliased

from crm.database import frame
from crm.office.models import Activity, ActivityKind, Attachment
from crm.office.queries.agenda import called, named_subjects, those_of
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
    done: Any = Activity.happened_on.between(since, until)
    planned: Any = Activity.happened_on.is_(None) & Activity.planned_on.between(since, until)
    if people is not None:
        his = Activity.author_id.in_(people)
        done, planned = done & his, planned & or_(his, *(_owned(people, *one) for one in named_subjects().items()))
    found = pd.concat([_asked(session, done, kinds), _asked(session, planned, kinds)], ignore_index=True)
    return _in_order(_known(session, found))


def calendar_entry(session: ScopedSession, activity_id: int) -> pd.DataFrame:
    """One of them, whatever its day -> a row of `calendar_entries`, or none."""
    return _known(session, frame(session, _columns().where(Activity.id == activity_id)))


def visit_entries(session: ScopedSession, since: dt.date, until: dt.date, people: People = None) -> pd.DataFrame:
    """Visits as `calendar_entries`, with photos (how many), next_on (the day of the step that follows; empty = none)."""
    found = calendar_entries(session, since, until, people, [ActivityKind.VISIT])
    ids = found["id"].tolist()
    photos: Any = select(Attachment.activity_id, func.count(Attachment.id)).where(Attachment.activity_id.in_(ids))
    steps: Any = select(_next.previous_id, func.min(_next.planned_on)).where(_next.previous_id.in_(ids))
    counted = dict(session.execute(photos.group_by(Attachment.activity_id)).all()) if ids else {}
    following = dict(session.execute(steps.group_by(_next.previous_id)).all()) if ids else {}
    return found.assign(
        photos=pd.Series([counted.get(one, 0) for one in ids], index=found.index, dtype="int64"),
        next_on=pd.Series([following.get(one) for one in ids], index=found.index, dtype="object"),
    )


def _columns() -> Any:
    one = Activity
    about = (one.id, one.subject_type, one.subject_id, one.kind, one.topic, one.planned_on, one.starts_at, one.place)
    came = (one.happened_on, one.minutes, one.outcome, one.text, one.checked_in_at, one.latitude, one.longitude, one.accuracy)
    query = select(*about, *came, one.version, one.author_id, User.name.label("author"))
    return query.join(User, User.id == one.author_id, isouter=True)


def _asked(session: ScopedSession, where: Any, kinds: Sequence[str]) -> pd.DataFrame:
    query = _columns().where(where)
    query = query.where(Activity.kind.in_(kinds)) if kinds else query
    return frame(session, query.order_by(Activity.planned_on, Activity.id).limit(MOST))


def _owned(people: Sequence[int], name: str, kind: Any) -> Any:
    return (Activity.subject_type == name) & Activity.subject_id.in_(select(kind.id).where(kind.owner_id.in_(people)))


def _known(session: ScopedSession, found: pd.DataFrame) -> pd.DataFrame:
    """With the name of the record, who, and the day; without those whose record is gone."""
    held = _records(session, found)
    rows = [row | held[pair] for row in found.to_dict("records") if (pair := (row["subject_type"], row["subject_id"])) in held]
    for row in rows:
        planned = pd.isna(row["happened_on"])
        row["day"] = row["planned_on"] if planned else row["happened_on"]
        author, owner, owner_id = row.pop("author"), row.pop("owner"), row.pop("owner_id")
        his = owner_id is not None and planned and pd.isna(row["checked_in_at"])
        row["who_id"], row["who"] = (owner_id, owner) if his else (row["author_id"], author)
    columns = [one for one in found.columns if one != "author"] + ["name", "who_id", "who", "day"]
    return pd.DataFrame(rows, columns=columns)


def _records(session: ScopedSession, found: pd.DataFrame) -> dict[tuple[str, int], dict[str, Any]]:
    """(type, id) -> name, owner_id, owner of the records that stand."""
    held: dict[tuple[str, int], dict[str, Any]] = {}
    pairs = list(zip(found["subject_type"].tolist(), found["subject_id"].tolist(), strict=True))
    for name, kind, ids in those_of(pairs):
        query = select(kind.id, called(kind), kind.owner_id, User.name).join(User, User.id == kind.owner_id, isouter=True)
        for one, title, owner_id, owner in session.execute(query.where(kind.id.in_(ids))):
            held[name, one] = {"name": title, "owner_id": owner_id, "owner": owner}
    return held


def _in_order(found: pd.DataFrame) -> pd.DataFrame:
    rows = zip(found["day"], found["starts_at"], found["id"], strict=True)
    keys = [(day, str(at) if isinstance(at, dt.time) else "", one) for day, at, one in rows]
    return found.iloc[sorted(range(len(keys)), key=keys.__getitem__)].reset_index(drop=True)
