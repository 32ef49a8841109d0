"""What was reached of each target, and how far it should have come by now."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
from dateutil.relativedelta import relativedelta

from crm.access import SYSTEM, Actor, Reach
from crm.analytics.attainment import pace
from crm.office.queries import today
from crm.session import ScopedSession, acting_as
from crm.targets.models import Measure, PeriodKind, SubjectKind
from crm.targets.periods import first_day
from crm.targets.queries.actuals import GOODS, Month, Whose, actuals, units_of
from crm.targets.queries.calendar import Days, count_days
from crm.targets.queries.coming import Came
from crm.targets.queries.plans import TargetFilter, targets
from crm.targets.queries.subjects import Subject, Subjects
from crm.targets.queries.value import kept_day, worth_of_people

Rows = list[Any]
"""Targets: of each the fields of its row, and `Index`."""
Reached = dict[Any, tuple[float, int]]
"""By that: what was reached (missing where it is not known), and of how many rows."""


def attainment(session: ScopedSession, where: TargetFilter, came: Came | None = None) -> pd.DataFrame:
    """A row for each target -> the columns of `targets`, and actual (up to today; missing where a mean or change of value is not
    known), rows, whole (all rows behind it are mine to see), state (future, running, over), days, elapsed (working days), share
    (actual / base), pace (what the base asks for by now), ahead (actual - pace), gap (what is missing to the base, at least 0).

    Of units beyond my reach whose target I know, only the totals are told: `whole` is False, and no rows lead there. `came` is
    given by who asks for the days as well."""
    held = came or Came(today(session))
    found = targets(session, where, held.subjects)
    asked = found[["measure", "subject_kind", "subject_id", "team_id"]].itertuples(index=False, name=None)
    whole = [sees_whole(session.actor, *one) for one in asked]
    found = found.assign(whole=pd.Series(whole, index=found.index, dtype="bool"))
    rows = list(found.itertuples())
    told: Reached = {}
    for sight, part in by_reach(session, rows):
        told |= _reached(sight, part, held, days=came is not None)
    return _judged(session, found, rows, told, held)


def sees_whole(actor: Actor, measure: str, kind: str, subject_id: int, team_id: int) -> bool:
    """Is all that counts for the subject within the actor's reach? Whom one handed over one sees no more, though he was worth
    something before."""
    reach = actor.grant("targets").see
    if reach is Reach.EVERYTHING:
        return True
    mine = kind == SubjectKind.PERSON and subject_id == actor.user_id and measure != Measure.VALUE_CHANGE
    return mine or (reach is Reach.TEAM and team_id in actor.team_ids)


def by_reach(session: ScopedSession, asked: Rows) -> Iterator[tuple[ScopedSession, Rows]]:
    """The targets that the session answers itself, and those whose totals the product tells."""
    if whole := [one for one in asked if one.whole]:
        yield session, whole
    if others := [one for one in asked if not one.whole]:
        actor = session.actor
        with acting_as(replace(SYSTEM, user_id=actor.user_id, name=actor.name), session) as everything:
            yield everything, others


def of_one_count(session: ScopedSession, asked: Rows, came: Came) -> Iterator[tuple[str, Whose, Rows]]:
    """Targets that one statement answers -> measure, what it asks for, the targets."""
    boards = came.boards(session, {one.plan_id for one in asked})
    groups: dict[tuple[str, int, bool], Rows] = {}
    for one in asked:
        groups.setdefault((one.measure, boards[one.plan_id], one.subject_kind in GOODS), []).append(one)
    for (measure, board_id, goods), part in sorted(groups.items(), key=lambda group: group[0]):
        subjects = {(one.subject_kind, one.subject_id) for one in part}
        yield measure, Whose(board_id, goods, subjects.pop() if len(subjects) == 1 else None), part


def _reached(session: ScopedSession, asked: Rows, came: Came, days: bool) -> Reached:
    """`days`: by the days that are read anyway."""
    day = came.day
    found: Reached = {}
    for measure, whose, part in of_one_count(session, [one for one in asked if one.starts_on <= day], came):
        if measure == Measure.VALUE_CHANGE:
            found |= _worth(session, part, came)
            continue
        since, end = min(one.starts_on for one in part), max(one.ends_on for one in part)
        starts = months(since, min(end, day))
        if days and end >= day:
            held = came.by_month(session, measure, whose, starts[0])
        else:
            held = actuals(came.subjects(session), measure, starts, min(end, day), whose)
        found |= _of_targets(part, held, starts, mean=measure == Measure.SATISFACTION)
    return found


def months(since: dt.date, until: dt.date) -> list[dt.date]:
    """First days of the months from day to day."""
    first = first_day(PeriodKind.MONTH, since)
    count = (until.year - first.year) * 12 + until.month - first.month + 1
    return [first + relativedelta(months=place) for place in range(count)]


def _of_targets(part: Rows, held: list[Month], starts: list[dt.date], mean: bool) -> Reached:
    """Months of subjects -> what was reached of each target."""
    place = {start: number for number, start in enumerate(starts)}
    empty = np.zeros((len(starts) + 1, 2))
    sums: dict[tuple[str, int], Any] = {}
    for kind, one, start, value, rows in held:
        sums.setdefault((kind, one), empty.copy())[place[start] + 1] = value, rows
    sums = {key: np.cumsum(each, axis=0) for key, each in sums.items()}
    told = []
    for target in part:
        each = sums.get((target.subject_kind, target.subject_id), empty)
        last = place.get(first_day(PeriodKind.MONTH, target.ends_on), len(starts) - 1)
        told.append(each[last + 1] - each[place[target.starts_on]])
    values = np.array(told)
    means = (
        np.divide(values[:, 0], values[:, 1], out=np.full(len(part), np.nan), where=values[:, 1] > 0) if mean else values[:, 0]
    )
    lines = zip(part, np.round(means, 4).tolist(), values[:, 1].astype("int64").tolist(), strict=True)
    return {target.Index: (actual, rows) for target, actual, rows in lines}


def _worth(session: ScopedSession, part: Rows, came: Came) -> Reached:
    """The change of worth: of each person the worth on the last day less that before the first."""
    subjects = came.subjects(session)
    alone = all(one.subject_kind == SubjectKind.PERSON for one in part)
    people = sorted({one.subject_id for one in part}) if alone else None

    @cache
    def kept(board_id: int, at: dt.date) -> dt.date | None:
        return kept_day(session, board_id, at)

    spans: dict[Any, tuple[int, dt.date, dt.date]] = {}
    for one in part:
        board_id = subjects.board_of(subjects.unit_of(one.subject_kind, one.subject_id)) or 0
        before, after = kept(board_id, one.starts_on - dt.timedelta(1)), kept(board_id, min(one.ends_on, came.day))
        if before is not None and after is not None and after >= one.starts_on:
            spans[one.Index] = board_id, before, after
    worth = _worths(session, subjects, set(spans.values()), people)
    found = {}
    for one in part:
        board_id, *days = spans.get(one.Index, (0,))
        key = (one.subject_kind, one.subject_id)
        first, last = (worth[board_id, at].get(key, 0.0) for at in days) if days else (np.nan, np.nan)
        found[one.Index] = round(last - first, 4), 0
    return found


def _worths(
    session: ScopedSession, subjects: Subjects, spans: set[tuple[int, dt.date, dt.date]], people: list[int] | None
) -> dict[tuple[int, dt.date], dict[Subject, float]]:
    """Of boards and days -> by board and day what the customers of each subject were worth."""
    days: dict[int, set[dt.date]] = {}
    for board_id, *both in spans:
        days.setdefault(board_id, set()).update(both)
    told: dict[tuple[int, dt.date], dict[Subject, float]] = {}
    for board_id, asked in days.items():
        for day, found in worth_of_people(session, board_id, asked, people).items():
            held = told[board_id, day] = {}
            for person, value in found.items():
                for key in units_of(subjects, person, None, board_id):
                    held[key] = held.get(key, 0.0) + value
    return told


def _judged(session: ScopedSession, found: pd.DataFrame, rows: Rows, told: Reached, came: Came) -> pd.DataFrame:
    lines: list[tuple[Any, ...]] = []
    if rows:
        works = came.works(session, min(one.starts_on for one in rows), max(one.ends_on for one in rows))
        lines = [_judge(one, told.get(one.Index, (np.nan, 0)), works, came.day) for one in rows]
    columns = list(zip(*lines, strict=True)) or [()] * len(_JUDGED)
    series = zip(_JUDGED.items(), columns, strict=True)
    return found.assign(**{name: pd.Series(values, index=found.index, dtype=kind) for (name, kind), values in series})


def _judge(one: Any, reached: tuple[float, int], works: Days, day: dt.date) -> tuple[Any, ...]:
    """One target -> `_JUDGED`."""
    (actual, rows), base, begun = reached, float(one.base), one.starts_on <= day
    if actual != actual and begun and one.measure not in (Measure.SATISFACTION, Measure.VALUE_CHANGE):
        actual = 0.0
    state = "future" if not begun else "over" if one.ends_on < day else "running"
    days = count_days(works, one.starts_on, one.ends_on)
    elapsed = count_days(works, one.starts_on, min(one.ends_on, day))
    asked = np.nan if not begun else base if one.measure == Measure.SATISFACTION else pace(base, elapsed, days)
    missing = base - (0.0 if actual != actual else actual)
    return actual, rows, state, days, elapsed, actual / base if base else np.nan, asked, actual - asked, max(missing, 0.0)


_JUDGED = {"actual": "float64", "rows": "int64", "state": "str", "days": "int64", "elapsed": "int64"}
_JUDGED |= dict.fromkeys(("share", "pace", "ahead", "gap"), "float64")

__all__ = ["Reached", "Rows", "attainment", "by_reach", "months", "of_one_count", "sees_whole"]
