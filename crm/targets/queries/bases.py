"""What a subject shall reach in a period, however the targets were set: its own, of its smaller periods, or of its parts."""

from __future__ import annotations

import datetime as dt

import pandas as pd

from crm.targets.models import PeriodKind, SubjectKind
from crm.targets.periods import within
from crm.targets.queries.subjects import UNITS, Subject, Subjects

_SMALLER = {PeriodKind.YEAR: PeriodKind.QUARTER, PeriodKind.QUARTER: PeriodKind.MONTH}
Cell = tuple[str, str, int, str, dt.date]


class Bases:
    """`found`: the columns of `targets`, of measures that add up."""

    def __init__(self, subjects: Subjects, found: pd.DataFrame) -> None:
        columns = found[["measure", "subject_kind", "subject_id", "period", "starts_on", "base"]]
        self.subjects = subjects
        self.measures = set(found["measure"])
        self.known: dict[Cell, float | None] = {
            (measure, kind, int(one), period, start): float(base)
            for measure, kind, one, period, start, base in columns.itertuples(index=False, name=None)
        }

    def of(self, measure: str, subject: Subject, period: str, start: dt.date) -> float | None:
        """None = no target."""
        if str(measure) not in self.measures:
            return None
        key = (str(measure), str(subject[0]), subject[1], str(period), start)
        if key not in self.known:
            self.known[key] = self._of_smaller(measure, subject, period, start)
            if self.known[key] is None:
                self.known[key] = self._of_parts(measure, subject, period, start)
        return self.known[key]

    def _of_smaller(self, measure: str, subject: Subject, period: str, start: dt.date) -> float | None:
        """Of the quarters of a year, the months of a quarter; only where each of them has one."""
        grain = _SMALLER.get(PeriodKind(period))
        if grain is None:
            return None
        told = [self.of(measure, subject, grain, day) for day in within(grain, period, start)]
        known = [one for one in told if one is not None]
        return sum(known) if len(known) == len(told) else None

    def _of_parts(self, measure: str, subject: Subject, period: str, start: dt.date) -> float | None:
        if subject[0] not in UNITS:
            return None
        units = [self.subjects.unit(one) for one, row in self.subjects.units.items() if row[2] == subject[1]]
        people: list[Subject] = [
            (SubjectKind.PERSON, one) for one, (_, unit) in self.subjects.people.items() if unit == subject[1]
        ]
        told = [base for one in [*units, *people] if (base := self.of(measure, one, period, start)) is not None]
        return sum(told) if told else None


__all__ = ["Bases"]
