"""The change of what customers are worth, by who has them: between the kept scores of two days."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from functools import cache
from typing import Any

import pandas as pd
from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import aliased

from crm.analytics import value_change
from crm.customers.models import Customer, LifeCycle, ScoreSnapshot
from crm.pipeline.queries.facts.reading import plain, read
from crm.session import ScopedSession, through_parent
from crm.targets.models import SubjectKind
from crm.targets.queries.subjects import Subjects

WORTH = ScoreSnapshot.lifetime_value
"""What a customer is expected to be worth: the discounted margin over the published horizon."""


def kept_day(session: ScopedSession, board_id: int, day: dt.date) -> dt.date | None:
    """The last day up to this one on which scores of the board were kept."""
    found: dt.date | None = session.scalar(_last_kept(), {"board": board_id, "day": day})
    return found


@cache
def _last_kept() -> Any:
    query = select(ScoreSnapshot.as_of).join(Customer, Customer.id == ScoreSnapshot.customer_id)
    query = query.where(ScoreSnapshot.board_id == bindparam("board"), ScoreSnapshot.as_of <= bindparam("day"))
    return through_parent(query.order_by(ScoreSnapshot.as_of.desc()).limit(1), ScoreSnapshot)


def value_changes(
    session: ScopedSession, board_id: int, since: dt.date, until: dt.date, people: list[int] | None = None
) -> pd.DataFrame:
    """Between the scores last kept before `since` and those last kept up to `until`, of all customers of a board that the session
    sees -> columns of crm.analytics.value_change.value_changes, and in attrs `before` and `after`, the two days.

    Empty where no scores were kept before. Whose a customer was is what the scores of the day say. `people`: customers whom none
    of them had on either day may be left out."""
    days = kept_day(session, board_id, since - dt.timedelta(1)), kept_day(session, board_id, until)
    empty = pd.DataFrame({"customer_id": [], "owner": [], "value": [], "lost": []})
    theirs = _had_by(board_id, [day for day in days if day], people) if people is not None else []
    before, after = (_kept(session, board_id, day, theirs) if all(days) and day else empty for day in days)
    told = value_change.value_changes(before, after)
    told.attrs.update(before=days[0], after=days[1])
    return told


def _had_by(board_id: int, days: list[dt.date], people: list[int]) -> list[Any]:
    one = aliased(ScoreSnapshot)
    had = select(one.customer_id).join(Customer, Customer.id == one.customer_id)
    return [ScoreSnapshot.customer_id.in_(had.where(one.board_id == board_id, one.as_of.in_(days), one.owner_id.in_(people)))]


def _kept(session: ScopedSession, board_id: int, day: dt.date, theirs: list[Any]) -> pd.DataFrame:
    lost = ScoreSnapshot.life_cycle == LifeCycle.LOST
    columns = {"customer_id": ScoreSnapshot.customer_id, "owner": ScoreSnapshot.owner_id, "value": WORTH, "lost": lost}
    query = plain(columns).select_from(ScoreSnapshot).join(Customer, Customer.id == ScoreSnapshot.customer_id)
    query = query.where(ScoreSnapshot.board_id == board_id, ScoreSnapshot.as_of == day, WORTH.is_not(None), *theirs)
    found = read(session, through_parent(query, ScoreSnapshot), columns)
    return found.assign(owner=found["owner"].astype("Int64"), lost=found["lost"].astype(bool))


def worth_of_people(
    session: ScopedSession, board_id: int, days: Collection[dt.date], people: list[int] | None = None
) -> dict[dt.date, dict[int, float]]:
    """What the customers of each person (or of these) were worth on days with kept scores -> by day, by person.

    The difference of two days is the sum of that person's `value_changes`."""
    owner, day = ScoreSnapshot.owner_id, ScoreSnapshot.as_of
    query: Any = select(day, owner, func.sum(WORTH)).group_by(day, owner)
    query = query.join(Customer, Customer.id == ScoreSnapshot.customer_id)
    query = query.where(ScoreSnapshot.board_id == board_id, day.in_(days), WORTH.is_not(None), owner.is_not(None))
    query = query.where(owner.in_(people)) if people is not None else query
    found: dict[dt.date, dict[int, float]] = {one: {} for one in days}
    for kept, person, value in session.execute(through_parent(query, ScoreSnapshot)):
        found[kept][person] = float(value)
    return found


def changes_of_subject(session: ScopedSession, kind: str, subject_id: int, since: dt.date, until: dt.date) -> pd.DataFrame:
    """The changes that count for a person, a unit or a board -> columns of `value_changes`."""
    subjects = Subjects.of(session)
    board_id = subjects.board_of(subjects.unit_of(kind, subject_id))
    boards = [board_id] if board_id is not None else [one for one in subjects.below(subject_id) if subjects.is_board(one)]
    found = [value_changes(session, one, since, until) for one in boards]
    told = pd.concat(found, ignore_index=True) if found else pd.DataFrame()
    told.attrs = dict(found[0].attrs) if found else {"before": None, "after": None}
    if kind == SubjectKind.PERSON:
        told = told[(told["owner"] == subject_id).fillna(False).astype(bool)]
        return told.reset_index(drop=True)
    units = subjects.below(subject_id)
    people = {one for one, (_, unit) in subjects.people.items() if unit in units}
    return told if kind == SubjectKind.BOARD else told[told["owner"].isin(people)].reset_index(drop=True)


def value_change_of(session: ScopedSession, kind: str, subject_id: int, since: dt.date, until: dt.date) -> float | None:
    """None where no scores were kept before the time or in it."""
    found = changes_of_subject(session, kind, subject_id, since, until)
    before, after = found.attrs.get("before"), found.attrs.get("after")
    if before is None or after is None or after < since:
        return None
    return float(found["change"].sum())
