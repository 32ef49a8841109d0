"""What each day brought to a subject and to its parts: read once, asked for any span."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from sqlalchemy import and_, case

from crm.analytics.attainment import share_unknown
from crm.pipeline.models import Opportunity
from crm.pipeline.queries.facts.reading import days_between
from crm.targets.models import Measure, SubjectKind
from crm.targets.queries.actuals import Whose, counting_for, daily
from crm.targets.queries.calendar import Days
from crm.targets.queries.counting import count_of
from crm.targets.queries.forecasting import laid_out
from crm.targets.queries.subjects import Subject, Subjects


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
        found = daily(subjects.session, measure, *span, replace(whose, only=whole), by=by)
        self.found = found.assign(day=pd.to_datetime(found["day"])).sort_values("day", ignore_index=True)
        self.rows: dict[Subject, pd.DataFrame] = {}
        self.sums: dict[Subject, tuple[Any, Any]] = {}

    @property
    def empty(self) -> bool:
        return self.found.empty

    def of(self, one: Subject) -> pd.DataFrame:
        """By day, oldest first."""
        if one == self.whole:
            return self.found
        if one not in self.rows:
            self.rows[one] = self.found[self.found["part"] == self.places[one]]
        return self.rows[one]

    def came(self, one: Subject, since: dt.date, until: dt.date) -> float:
        if one not in self.sums:
            mine = self.of(one)
            self.sums[one] = mine["day"].to_numpy("datetime64[D]"), np.append(0.0, mine["value"].to_numpy().cumsum())
        days, sums = self.sums[one]
        last = np.searchsorted(days, np.datetime64(until, "D"), "right")
        return round(float(sums[last] - sums[np.searchsorted(days, np.datetime64(since, "D"))]), 4)

    def line(self, one: Subject, behind: Days, left: int) -> npt.NDArray[np.float64]:
        """What each working day behind us brought; of won deals the share that stands for those nobody knows yet, where `left`
        days remain (crm.analytics.attainment.share_unknown)."""
        mine = self.of(one)
        mine = mine[mine["day"] >= pd.Timestamp(behind[0])] if len(behind) else mine.head(0)
        if self.measure == Measure.WON and len(mine):
            mine = mine.assign(value=mine["value"] * share_unknown(mine["age"], left))
        found: npt.NDArray[np.float64] = laid_out(mine if len(mine) else None, behind)[:, 0]
        return found


def _part(subjects: Subjects, measure: str, parts: Sequence[Subject], board_id: int) -> Any:
    """The place of the part that a row counts for; NULL where it is none's."""
    told = count_of(measure)
    people = {subject_id: place for place, (kind, subject_id) in enumerate(parts) if kind == SubjectKind.PERSON}
    if len(people) == len(parts):
        return case(people, value=told.person, else_=None)
    named = [(and_(*counting_for(subjects, told, kind, one, board_id)), place) for place, (kind, one) in enumerate(parts)]
    return case(*named, else_=None)


__all__ = ["Brought"]
