"""What a subject shall reach in a period, however the targets were set: its own, of its smaller periods, or of its parts."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import BigInteger, select, type_coerce

from crm.database import MONEY_SCALE
from crm.targets.models import PeriodKind, SubjectKind, Target, TargetPlan
from crm.targets.periods import within
from crm.targets.queries.plans import CELL, TargetFilter
from crm.targets.queries.subjects import UNITS, Subject, Subjects

_SMALLER = {PeriodKind.YEAR: PeriodKind.QUARTER, PeriodKind.QUARTER: PeriodKind.MONTH}
Cell = tuple[str, str, int, str, dt.date]


class Bases:
    """Of targets of measures that add up."""

    def __init__(self, subjects: Subjects, where: TargetFilter) -> None:
        query: Any = select(*(getattr(Target, name) for name in CELL), type_coerce(Target.base, BigInteger))
        query = query.join(TargetPlan, TargetPlan.id == Target.plan_id).where(*where.conditions())
        self.subjects = subjects
        self.entered: dict[Cell, float] = {tuple(cell): base / MONEY_SCALE for *cell, base in subjects.session.execute(query)}
        self.aimed = {cell[:3] for cell in self.entered}
        self.measures = {cell[0] for cell in self.entered}
        self.made: dict[Cell, float | None] = {}

    def of(self, measure: str, subject: Subject, period: str, start: dt.date) -> float | None:
        """None = no target."""
        if str(measure) not in self.measures:
            return None
        key = (str(measure), str(subject[0]), subject[1], str(period), start)
        if key not in self.made:
            own = self._own(measure, subject, period, start)
            self.made[key] = self._of_parts(measure, subject, period, start) if own is None else own
        return self.made[key]

    def _own(self, measure: str, subject: Subject, period: str, start: dt.date) -> float | None:
        """What was set for it; else the sum of its quarters or months, where each of them has a target."""
        if (str(measure), str(subject[0]), subject[1]) not in self.aimed:
            return None
        found = self.entered.get((str(measure), str(subject[0]), subject[1], str(period), start))
        grain = _SMALLER.get(PeriodKind(period))
        if found is not None or grain is None:
            return found
        told = [self._own(measure, subject, grain, day) for day in within(grain, period, start)]
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
