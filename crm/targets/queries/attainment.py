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
from crm.session import ScopedSession, acting_as, get
from crm.targets.models import Measure, PeriodKind, SubjectKind, TargetPlan
from crm.targets.periods import first_day
from crm.targets.queries.actuals import GOODS, Whose, actuals, credited
from crm.targets.queries.calendar import count_days, working_days
from crm.targets.queries.coming import Came
from crm.targets.queries.plans import TargetFilter, targets
from crm.targets.queries.subjects import Subjects
from crm.targets.queries.value import kept_day, worth_of_people


def attainment(session: ScopedSession, where: TargetFilter, came: Came | None = None) -> pd.DataFrame:
    """A row for each target -> the columns of `targets`, and actual (up to today; missing where a mean or change of value is not
    known), rows, whole (all rows behind it are mine to see), state (future, running, over), days, elapsed (working days), share
    (actual / base), pace (what the base asks for by now), ahead (actual - pace), gap (what is missing to the base, at least 0).

    Of units beyond my reach whose target I know, only the totals are told: `whole` is False, and no rows lead there. `came` is
    given by who asks for the days as well."""
    found = targets(session, where)
    whole = [
        sees_whole(session.actor, *one)
        for one in found[["measure", "subject_kind", "subject_id", "team_id"]].itertuples(index=False)
    ]
    found = found.assign(whole=pd.Series(whole, index=found.index, dtype="bool"))
    day = today(session)
    parts = [reached for asked, part in by_reach(session, found) for reached in _reached(asked, part, day, came)]
    told = (
        found.join(pd.concat(parts)) if parts else found.assign(actual=pd.Series(dtype="float64"), rows=pd.Series(dtype="int64"))
    )
    return _judged(session, told, day)


def sees_whole(actor: Actor, measure: str, kind: str, subject_id: int, team_id: int) -> bool:
    """Is all that counts for the subject within the actor's reach? Whom one handed over one sees no more, though he was worth
    something before."""
    reach = actor.grant("targets").see
    if reach is Reach.EVERYTHING:
        return True
    mine = kind == SubjectKind.PERSON and subject_id == actor.user_id and measure != Measure.VALUE_CHANGE
    return mine or (reach is Reach.TEAM and team_id in actor.team_ids)


def by_reach(session: ScopedSession, found: pd.DataFrame) -> Iterator[tuple[ScopedSession, pd.DataFrame]]:
    """The targets that the session answers itself, and those whose totals the product tells."""
    if found["whole"].any():
        yield session, found[found["whole"]]
    if not found["whole"].all():
        actor = session.actor
        with acting_as(replace(SYSTEM, user_id=actor.user_id, name=actor.name), session) as everything:
            yield everything, found[~found["whole"]]


def of_one_count(session: ScopedSession, found: pd.DataFrame) -> Iterator[tuple[str, Whose, pd.DataFrame]]:
    """Targets that one statement answers -> measure, what it asks for, the targets."""
    boards = {plan_id: get(session, TargetPlan, int(plan_id)).board_id for plan_id in found["plan_id"].unique()}
    keys = [found["measure"], found["plan_id"].map(boards), found["subject_kind"].isin(GOODS)]
    groups: Any = found.groupby(keys)
    for (measure, board_id, goods), part in groups:
        subjects = part[["subject_kind", "subject_id"]].drop_duplicates()
        only = (str(subjects.iat[0, 0]), int(subjects.iat[0, 1])) if len(subjects) == 1 else None
        yield str(measure), Whose(int(board_id), bool(goods), only), part


def _reached(session: ScopedSession, found: pd.DataFrame, day: dt.date, came: Came | None) -> Iterator[pd.DataFrame]:
    begun = found[found["starts_on"] <= day]
    for measure, whose, part in of_one_count(session, begun):
        if measure == Measure.VALUE_CHANGE:
            yield _worth(session, part, day)
            continue
        starts = months(part["starts_on"].min(), min(part["ends_on"].max(), day))
        until = min(part["ends_on"].max(), day)
        if came is not None and part["ends_on"].max() >= day:
            held = came.by_month(session, measure, whose, starts[0])
        else:
            held = actuals(session, measure, starts, until, whose)
        yield _of_targets(part, held, starts, mean=measure == Measure.SATISFACTION)


def months(since: dt.date, until: dt.date) -> list[dt.date]:
    """First days of the months from day to day."""
    first = first_day(PeriodKind.MONTH, since)
    count = (until.year - first.year) * 12 + until.month - first.month + 1
    return [first + relativedelta(months=place) for place in range(count)]


def _of_targets(part: pd.DataFrame, held: pd.DataFrame, starts: list[dt.date], mean: bool) -> pd.DataFrame:
    """Months of subjects -> actual and rows of each target, by its index."""
    place = {start: number for number, start in enumerate(starts)}
    empty = np.zeros((len(starts) + 1, 2))
    sums: dict[tuple[str, int], Any] = {}
    for kind, one, start, value, rows in held[["subject_kind", "subject_id", "starts_on", "value", "rows"]].itertuples(
        index=False
    ):
        sums.setdefault((kind, one), empty.copy())[place[start] + 1] = value, rows
    sums = {key: np.cumsum(each, axis=0) for key, each in sums.items()}
    told = []
    for kind, one, start, end in part[["subject_kind", "subject_id", "starts_on", "ends_on"]].itertuples(index=False):
        each = sums.get((kind, one), empty)
        last = place.get(first_day(PeriodKind.MONTH, end), len(starts) - 1)
        told.append(each[last + 1] - each[place[start]])
    values = np.array(told)
    value = (
        np.divide(values[:, 0], values[:, 1], out=np.full(len(part), np.nan), where=values[:, 1] > 0) if mean else values[:, 0]
    )
    return pd.DataFrame({"actual": np.round(value, 4), "rows": values[:, 1].astype("int64")}, index=part.index)


def _worth(session: ScopedSession, part: pd.DataFrame, day: dt.date) -> pd.DataFrame:
    """The change of worth: of each person the worth on the last day less that before the first."""
    subjects = Subjects.of(session)
    held: dict[tuple[int, dt.date | None], dict[tuple[str, int], float]] = {}

    def worth(board_id: int, at: dt.date | None) -> dict[tuple[str, int], float]:
        if (board_id, at) not in held:
            people = worth_of_people(session, board_id, at).assign(team=None, board=board_id)
            told: Any = credited(subjects, people.astype({"value": "float64"}), []).itertuples()
            held[board_id, at] = {(row.subject_kind, row.subject_id): row.value for row in told}
        return held[board_id, at]

    @cache
    def kept(board_id: int, at: dt.date) -> dt.date | None:
        return kept_day(session, board_id, at)

    rows = []
    asked: Any = part.itertuples()
    for one in asked:
        board_id = subjects.board_of(subjects.unit_of(one.subject_kind, one.subject_id)) or 0
        days = kept(board_id, one.starts_on - dt.timedelta(1)), kept(board_id, min(one.ends_on, day))
        known = days[0] is not None and days[1] is not None and days[1] >= one.starts_on
        key = (one.subject_kind, int(one.subject_id))
        before, after = ((worth(board_id, at).get(key, 0.0) if known else np.nan) for at in days)
        rows.append(round(after - before, 4))
    return pd.DataFrame({"actual": rows, "rows": 0}, index=part.index)


def _judged(session: ScopedSession, told: pd.DataFrame, day: dt.date) -> pd.DataFrame:
    additive = told["measure"] != Measure.SATISFACTION
    begun = pd.Series([start <= day for start in told["starts_on"]], index=told.index, dtype="bool")
    over = pd.Series([end < day for end in told["ends_on"]], index=told.index, dtype="bool")
    state = np.select([~begun, over], ["future", "over"], default="running")
    unknown = told["measure"].isin([Measure.SATISFACTION, Measure.VALUE_CHANGE]) | ~begun
    actual = told["actual"].astype("float64").where(unknown, told["actual"].fillna(0.0))
    days = _days(session, told, day)
    base = told["base"].astype("float64")
    asked = [
        pace(one, elapsed, total) if sums else one
        for one, elapsed, total, sums in zip(base, days["elapsed"], days["days"], additive, strict=True)
    ]
    return told.assign(
        actual=actual,
        rows=told["rows"].fillna(0).astype("int64"),
        state=state,
        **days,
        share=(actual / base.where(base != 0)).astype("float64"),
        pace=pd.Series(asked, index=told.index, dtype="float64").where(begun),
        ahead=lambda rows: rows["actual"] - rows["pace"],
        gap=(base - actual.fillna(0.0)).clip(lower=0.0),
    )


def _days(session: ScopedSession, told: pd.DataFrame, day: dt.date) -> dict[str, Any]:
    if told.empty:
        return {"days": pd.Series(dtype="int64"), "elapsed": pd.Series(dtype="int64")}
    works = working_days(session, told["starts_on"].min(), told["ends_on"].max())
    spans = list(zip(told["starts_on"], told["ends_on"], strict=True))
    return {
        "days": [count_days(works, start, end) for start, end in spans],
        "elapsed": [count_days(works, start, min(end, day)) for start, end in spans],
    }


__all__ = ["attainment", "by_reach", "months", "of_one_count", "sees_whole"]
