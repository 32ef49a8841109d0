"""What each day brought to a subject and to its parts: read once, asked for any span."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
from sqlalchemy import and_, case

from crm.analytics.attainment import share_unknown
from crm.pipeline.models import Opportunity
from crm.pipeline.queries.facts.reading import days_between
from crm.targets.models import Measure, SubjectKind
from crm.targets.queries.actuals import Whose, counting_for, daily
from crm.targets.queries.calendar import Days
from crm.targets.queries.counting import count_of
from crm.targets.queries.subjects import Subject, Subjects

Rows = tuple[Days, npt.NDArray[np.float64], npt.NDArray[np.float64]]
"""Of each row its day, oldest first, what it brought, and of won deals the age in days."""


class Brought:
    """`parts` share nothing with each other: units side by side, or people. What is no part's counts for the whole alone."""

    def __init__(
        self,
        subjects: Subjects,
        measure: str,
        whose: Whose,
        whole: Subject,
        parts: Sequence[Subject],
        span: tuple[dt.date, dt.date],
    ) -> None:
        self.measure, self.whole, self.places = measure, whole, {one: place for place, one in enumerate(parts)}
        by = {"part": _part(subjects, measure, parts, whose.board_id)} if parts else {}
        by |= {"age": days_between(Opportunity.created_on, Opportunity.closed_on)} if measure == Measure.WON else {}
        found = daily(subjects, measure, *span, replace(whose, only=whole), by=by)
        days = np.array(found["day"], dtype="datetime64[D]")
        order = np.argsort(days, kind="stable")
        values, ages = (found[name].to_numpy("float64") if name in found else np.zeros(len(days)) for name in ("value", "age"))
        self.found = days[order], values[order], ages[order]
        self.part = found["part"].astype("float64").to_numpy()[order] if parts else np.zeros(0)
        self.rows: dict[Subject, Rows] = {}
        self.sums: dict[Subject, npt.NDArray[np.float64]] = {}

    @property
    def empty(self) -> bool:
        return not len(self.found[0])

    def of(self, one: Subject) -> Rows:
        if one == self.whole:
            return self.found
        if one not in self.rows:
            mine = self.part == self.places[one]
            self.rows[one] = self.found[0][mine], self.found[1][mine], self.found[2][mine]
        return self.rows[one]

    def came(self, one: Subject, since: dt.date, until: dt.date) -> float:
        days, values, _ = self.of(one)
        if one not in self.sums:
            self.sums[one] = np.append(0.0, values.cumsum())
        first, last = np.searchsorted(days, np.datetime64(since, "D")), np.searchsorted(days, np.datetime64(until, "D"), "right")
        return round(float(self.sums[one][last] - self.sums[one][first]), 4)

    def by_day(self, one: Subject, since: dt.date, until: dt.date) -> npt.NDArray[np.float64]:
        """Of every calendar day from the one to the other."""
        days, values, _ = self.of(one)
        first, after = np.datetime64(since, "D"), np.datetime64(until, "D") + 1
        inside = (days >= first) & (days < after)
        place = (days[inside] - first).astype("int64")
        return np.bincount(place, values[inside], int((after - first).astype("int64"))).astype("float64")

    def line(self, one: Subject, behind: Days, left: int) -> npt.NDArray[np.float64]:
        """What each working day behind us brought; of won deals the share that stands for those nobody knows yet, where `left`
        days remain (crm.analytics.attainment.share_unknown)."""
        days, values, ages = self.of(one)
        known = np.searchsorted(days, behind[0]) if len(behind) else len(days)
        days, values = days[known:], values[known:]
        if not len(days):
            return np.zeros(len(behind))
        if self.measure == Measure.WON:
            values = values * share_unknown(ages[known:], left)
        place = np.minimum(np.searchsorted(behind, days), len(behind) - 1)
        return np.bincount(place, values, len(behind)).astype("float64")[place[0] :]


def _part(subjects: Subjects, measure: str, parts: Sequence[Subject], board_id: int) -> Any:
    """The place of the part that a row counts for; NULL where it is none's."""
    told = count_of(measure)
    people = {subject_id: place for place, (kind, subject_id) in enumerate(parts) if kind == SubjectKind.PERSON}
    if len(people) == len(parts):
        return case(people, value=told.person, else_=None)
    below = [subjects.below(one) for _, one in parts]
    places = {unit: place for place, units in enumerate(below) for unit in units}
    theirs = {one: places[unit] for one, (_, unit) in subjects.people.items() if unit in places}
    if people or not theirs or board_id in places:
        named = [(and_(*counting_for(subjects, told, kind, one, board_id)), place) for place, (kind, one) in enumerate(parts)]
        return case(*named, else_=None)
    # Of units: whose a row is, is worked out once for all of them.
    nobodys = case(places, value=told.team, else_=None)
    return case(theirs, value=told.person, else_=case((told.person.is_(None), nobodys)))


__all__ = ["Brought"]
