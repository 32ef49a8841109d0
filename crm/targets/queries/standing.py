"""Where the quarter or the year of a board or a unit stands: its days are read once, and from them its own figures, those of its
parts and of the periods behind are made. The same sums and the same forecast as `attainment` and `forecasts` tell."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from dateutil.relativedelta import relativedelta
from sqlalchemy import func, select

from crm.access import Actor, Reach
from crm.analytics.attainment import Outlook, outlook, pace
from crm.analytics.errors import TooLittleData
from crm.office.queries import today
from crm.pipeline.models import Opportunity, OpportunityState
from crm.session import ScopedSession
from crm.targets.models import Measure, PeriodKind, SubjectKind
from crm.targets.periods import MONTHS as LENGTH
from crm.targets.periods import first_day, last_day
from crm.targets.queries.actuals import Whose, units_of
from crm.targets.queries.bases import Bases
from crm.targets.queries.brought import Brought
from crm.targets.queries.calendar import Days, count_days, working_days
from crm.targets.queries.forecasting import HISTORY, SEED, OpenDeals
from crm.targets.queries.plans import TargetFilter
from crm.targets.queries.subjects import Subject, Subjects

KINDS = (SubjectKind.PERSON.value, SubjectKind.TEAM.value, SubjectKind.BOARD.value)
MEASURES = (Measure.REVENUE, Measure.WON, Measure.RECEIPTS)
"""Money; the first of them that the period has a target for is looked at."""
QUARTERS, MONTHS, POINTS = 4, 12, 5
"""Quarters behind the running one, months with it, days ahead for which the forecast is told."""


@dataclass(frozen=True)
class Standing:
    day: dt.date
    period: str
    start: dt.date
    end: dt.date
    measure: str
    kind: str
    subject_id: int
    name: str
    base: float | None
    """None = no target for this period."""
    actual: float
    before: float
    """In as much of the period before."""
    pace: float | None
    p10: float | None
    p50: float | None
    p90: float | None
    chance: float | None
    open_amount: float
    """Of the open deals that are expected until the end, or were expected before."""
    parts: pd.DataFrame = field(compare=False)
    """subject_kind, subject_id, subject, base, actual, share, pace, gap, p10, p50, p90, open_amount; the largest gap first"""
    periods: pd.DataFrame = field(compare=False)
    """Of the parts -> subject_kind, subject_id, subject, period, starts_on, ends_on, base, actual, share, to_pace"""
    path: pd.DataFrame = field(compare=False)
    """day, actual (since the period began, empty ahead), p10, p50, p90 (empty behind)"""

    @property
    def share(self) -> float | None:
        return self.actual / self.base if self.base else None

    @property
    def missing(self) -> float | None:
        return max(self.base - self.actual, 0.0) if self.base is not None else None

    @property
    def coverage(self) -> float | None:
        """Open amount to what is missing; None = there is nothing to cover."""
        return self.open_amount / self.missing if self.missing else None


def standing(session: ScopedSession, board_id: int, period: str = PeriodKind.QUARTER) -> Standing | None:
    """Of the whole board, or of the unit that a person leads; None where he leads none in it."""
    subjects = Subjects.of(session)
    subject = led_by(session.actor, subjects, board_id)
    return _Reading(session, subjects, board_id, subject, PeriodKind(period)).told() if subject else None


def led_by(actor: Actor, subjects: Subjects, board_id: int) -> Subject | None:
    if actor.grant("targets").see is Reach.EVERYTHING or board_id in actor.team_ids:
        return SubjectKind.BOARD, board_id
    mine = [one for one in actor.team_ids if board_id in subjects.line(one)]
    return subjects.unit(min(mine, key=lambda one: (len(subjects.line(one)), one))) if mine else None


class _Reading:
    def __init__(self, session: ScopedSession, subjects: Subjects, board_id: int, subject: Subject, period: PeriodKind) -> None:
        self.session, self.subjects, self.whose, self.subject = session, subjects, Whose(board_id), subject
        self.period, self.day = period, today(session)
        self.start = first_day(period, self.day)
        self.end = last_day(period, self.start)
        self.quarter = first_day(PeriodKind.QUARTER, self.day)
        self.earliest = min(self.start, self.quarter) - relativedelta(months=3 * QUARTERS)
        self.since = min(self.earliest, self.day - dt.timedelta(HISTORY * 7 // 4))
        self.works = working_days(session, self.since, self.end)
        self.behind: Days = self.works[self.works <= np.datetime64(self.day, "D")][-HISTORY:]
        where = TargetFilter(approved=True, board_id=board_id, measure=tuple(MEASURES), subject_kind=KINDS, starts_to=self.end)
        self.bases = Bases(subjects, where.model_copy(update={"starts_from": first_day(PeriodKind.YEAR, self.earliest)}))
        self.measure, self.parts, self.held = self._measured()

    def _measured(self) -> tuple[str, list[Subject], Brought]:
        """What the period has a target for; else the first that anything came of."""
        aimed = [one for one in MEASURES if self.bases.of(one, self.subject, self.period, self.start) is not None]
        for measure in aimed[:1] or MEASURES:
            parts, held = self._by_part(measure)
            if not held.empty:
                return measure, parts, held
        measure = (aimed or MEASURES)[0]
        return measure, *self._by_part(measure)

    def _by_part(self, measure: str) -> tuple[list[Subject], Brought]:
        """The units right below, of which anything is known; where they are not several, their people."""
        subject_id = self.subject[1]
        units = [self.subjects.unit(one) for one, row in self.subjects.units.items() if row[2] == subject_id]
        below = self.subjects.below(subject_id)
        people: list[Subject] = [(SubjectKind.PERSON, one) for one, (_, unit) in self.subjects.people.items() if unit in below]
        for asked in (units, people) if len(units) > 1 else (people,):
            held = Brought(self.subjects, measure, self.whose, self.subject, asked, (self.since, self.day))
            known = [one for one in asked if self._known(measure, held, one)]
            if asked is people or len(known) > 1:
                break
        return known, held

    def _known(self, measure: str, held: Brought, one: Subject) -> bool:
        aimed = self.bases.of(measure, one, self.period, self.start) is not None
        return aimed or bool(held.came(one, self.earliest, self.day))

    def told(self) -> Standing:
        parts = self.parts
        ends = self._ends([self.subject, *parts])
        told = ends[self.end].get(self.subject)
        base = self._base(self.subject)
        opened = self._open()
        kind, subject_id = self.subject
        back = relativedelta(months=LENGTH[self.period])
        return Standing(
            day=self.day,
            period=self.period.value,
            start=self.start,
            end=self.end,
            measure=str(self.measure),
            kind=str(kind),
            subject_id=subject_id,
            name=self.subjects.name(kind, subject_id) or "",
            base=base,
            actual=self._came(self.subject, self.start, self.day),
            before=self._came(self.subject, self.start - back, self.day - back),
            pace=self._pace(base, self.start, self.end),
            **{name: told.quantile(share) if told else None for name, share in _QUANTILES.items()},
            chance=told.chance_of(base) if told and base is not None else None,
            open_amount=opened.get(self.subject, 0.0),
            parts=self._of_parts(parts, ends[self.end], opened),
            periods=self._periods(parts),
            path=self._path(ends),
        )

    def _base(self, one: Subject) -> float | None:
        return self.bases.of(self.measure, one, self.period, self.start)

    def _came(self, one: Subject, since: dt.date, until: dt.date) -> float:
        return self.held.came(one, since, until)

    def _pace(self, base: float | None, since: dt.date, until: dt.date) -> float | None:
        if base is None:
            return None
        elapsed = count_days(self.works, since, min(until, self.day))
        return pace(base, elapsed, count_days(self.works, since, until))

    # ------------------------------------------------------------------------------------------- what lies ahead

    def _ends(self, asked: list[Subject]) -> dict[dt.date, dict[Subject, Outlook]]:
        """By day ahead; the last one is the end of the period, told of all, the others of the whole alone."""
        ahead = self.works[self.works > np.datetime64(self.day, "D")]
        places = np.unique(np.linspace(0, max(len(ahead) - 1, 0), POINTS).astype(int))[:-1]
        days = [ahead[place].item() for place in places if len(ahead)]
        return {day: self._outlooks(asked[:1], day) for day in days} | {self.end: self._outlooks(asked, self.end)}

    @cached_property
    def _deals(self) -> OpenDeals | None:
        return OpenDeals(self.subjects, self.whose, self.day, self.end) if self.measure == Measure.WON else None

    def _outlooks(self, asked: list[Subject], end: dt.date) -> dict[Subject, Outlook]:
        remaining = count_days(self.works, self.day + dt.timedelta(1), end)
        found = {}
        for one in asked:
            line = self.held.line(one, self.behind, (end - self.day).days)
            known = self._deals.simulated((str(one[0]), one[1]), end) if self._deals else None
            try:
                found[one] = outlook(self._came(one, self.start, self.day), line, remaining, known=known, seed=SEED)
            except TooLittleData:
                continue
        return found

    def _open(self) -> dict[Subject, float]:
        """The open deals that are expected until the end, for all whom they count for."""
        columns = (Opportunity.owner_id.label("person"), Opportunity.team_id.label("team"))
        query: Any = select(*columns, func.sum(Opportunity.amount).label("value"))
        query = query.where(Opportunity.state == OpportunityState.OPEN, Opportunity.board_id == self.whose.board_id)
        query = query.where(Opportunity.expected_close_on <= self.end).group_by(*columns)
        told: dict[Subject, float] = {}
        for person, team, value in self.session.execute(query):
            counted = units_of(self.subjects, person, team, self.whose.board_id)
            told |= {one: told.get(one, 0.0) + float(value or 0) for one in counted}
        return told

    # ----------------------------------------------------------------------------------------------------- frames

    def _of_parts(self, parts: list[Subject], ends: dict[Subject, Outlook], opened: dict[Subject, float]) -> pd.DataFrame:
        rows = []
        for one in parts:
            base, actual = self._base(one), self._came(one, self.start, self.day)
            told = ends.get(one)
            quantiles = [told.quantile(share) if told else np.nan for share in _QUANTILES.values()]
            about = (str(one[0]), one[1], self.subjects.name(*one), _number(base), actual)
            rows.append((*about, _number(self._pace(base, self.start, self.end)), *quantiles, opened.get(one, 0.0)))
        names = ["subject_kind", "subject_id", "subject", "base", "actual", "pace", *_QUANTILES, "open_amount"]
        told_ = pd.DataFrame(rows, columns=names)
        share = told_["actual"] / told_["base"].where(told_["base"] != 0)
        gap = (told_["base"] - told_["p50"].fillna(told_["actual"])).clip(lower=0.0)
        found = told_.assign(share=share.astype("float64"), gap=gap.astype("float64"))
        return found.sort_values(["gap", "actual"], ascending=[False, False], ignore_index=True)

    def _periods(self, parts: list[Subject]) -> pd.DataFrame:
        first = first_day(PeriodKind.MONTH, self.day)
        months = [first - relativedelta(months=back) for back in reversed(range(MONTHS))]
        known = [self.bases.of(self.measure, one, PeriodKind.MONTH, start) for one in parts for start in months]
        monthly = not parts or any(one is not None for one in known)
        quarters = [self.quarter - relativedelta(months=3 * back) for back in reversed(range(QUARTERS + 1))]
        period, starts = (PeriodKind.MONTH, months) if monthly else (PeriodKind.QUARTER, quarters)
        rows = []
        for one in parts:
            for start in starts:
                base, until = self.bases.of(self.measure, one, period, start), last_day(period, start)
                asked = self._pace(base, start, until)
                about = (str(one[0]), one[1], self.subjects.name(*one), str(period), start, until)
                rows.append((*about, _number(base), self._came(one, start, until), _number(asked)))
        names = ["subject_kind", "subject_id", "subject", "period", "starts_on", "ends_on", "base", "actual", "asked"]
        found = pd.DataFrame(rows, columns=names).astype({"base": "float64", "asked": "float64"})
        shares = {name: found["actual"] / found[of].where(found[of] != 0) for name, of in _SHARES.items()}
        return found.assign(**shares).drop(columns="asked")

    def _path(self, ends: dict[dt.date, dict[Subject, Outlook]]) -> pd.DataFrame:
        days = pd.date_range(self.start, self.day)
        seen = pd.DataFrame({"day": days, "actual": self.held.by_day(self.subject, self.start, self.day).cumsum()})
        now = float(seen["actual"].iloc[-1])
        told = [(pd.Timestamp(day), found[self.subject]) for day, found in ends.items() if self.subject in found]
        if not told or self.day == self.end:
            return seen.assign(p10=np.nan, p50=np.nan, p90=np.nan)
        ahead: list[tuple[Any, ...]] = [(pd.Timestamp(self.day), now, now, now)]
        ahead += [(day, *(one.quantile(share) for share in _QUANTILES.values())) for day, one in told]
        return pd.concat([seen, pd.DataFrame(ahead, columns=["day", *_QUANTILES])], ignore_index=True)


_QUANTILES = {"p10": 0.1, "p50": 0.5, "p90": 0.9}
_SHARES = {"share": "base", "to_pace": "asked"}


def _number(value: float | None) -> float:
    return np.nan if value is None else float(value)


__all__ = ["MEASURES", "Standing", "led_by", "standing"]
