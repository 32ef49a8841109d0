"""What came day by day, read once: for what was reached, and for the days ahead, which are drawn from those behind us."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import select

from crm.access import Actor
from crm.pipeline.models import Opportunity
from crm.pipeline.queries.facts.reading import days_between
from crm.session import ScopedSession
from crm.targets.models import Measure, TargetPlan
from crm.targets.queries.actuals import Month, Whose, daily
from crm.targets.queries.calendar import Days, working_days
from crm.targets.queries.open_deals import OpenDeals
from crm.targets.queries.subjects import Subjects

HISTORY = 250
"""Working days behind us that the days ahead are drawn from: about a year."""
_BEHIND = dt.timedelta(HISTORY * 7 // 4)


@dataclass
class Came:
    """Of one question; `day` is today."""

    day: dt.date
    held: dict[tuple[Actor, str, Whose], tuple[dt.date, pd.DataFrame]] = field(default_factory=dict)
    """By who asks."""
    opened: dict[tuple[Actor, Whose], OpenDeals] = field(default_factory=dict)
    known: dict[ScopedSession, Subjects] = field(default_factory=dict)
    planned: dict[int, int] = field(default_factory=dict)
    worked: tuple[dt.date, dt.date, Days] | None = None

    def subjects(self, session: ScopedSession) -> Subjects:
        """Asked for in this session; units and people, whom everybody sees, are read once."""
        if session not in self.known:
            held = next(iter(self.known.values()), None)
            self.known[session] = replace(held, session=session) if held else Subjects.of(session)
        return self.known[session]

    def boards(self, session: ScopedSession, plans: set[int]) -> dict[int, int]:
        """Plan id -> its board, of plans whose targets the actor sees."""
        if missing := sorted(plans - set(self.planned)):
            query = select(TargetPlan.id, TargetPlan.board_id).where(TargetPlan.id.in_(missing))
            self.planned |= {row[0]: row[1] for row in session.execute(query)}
        return self.planned

    def works(self, session: ScopedSession, since: dt.date, until: dt.date) -> Days:
        """The same as `working_days`."""
        if self.worked is None or since < self.worked[0] or until > self.worked[1]:
            first, last = (self.worked[0], self.worked[1]) if self.worked else (self.day - _BEHIND, self.day)
            first, last = min(first, since), max(last, until)
            self.worked = first, last, working_days(session, first, last)
        days = self.worked[2]
        begin, end = np.searchsorted(days, np.datetime64(since, "D")), np.searchsorted(days, np.datetime64(until, "D"), "right")
        return days[begin:end]

    def known_from(self, session: ScopedSession) -> dt.date:
        """The first of the days behind us."""
        works = self.works(session, self.day - _BEHIND, self.day)[-HISTORY:]
        return works[0].item() if len(works) else self.day

    def since(self, session: ScopedSession, measure: str, whose: Whose, since: dt.date) -> pd.DataFrame:
        """From a day up to today -> columns of `daily`, with the age of won deals; day is a time stamp."""
        key = (session.actor, measure, whose)
        if key not in self.held and whose.only is not None:
            self._of_board(key)
        first, found = self.held.get(key, (None, pd.DataFrame()))
        if first is None or first > since:
            by = {"age": days_between(Opportunity.created_on, Opportunity.closed_on)} if measure == Measure.WON else {}
            found = daily(self.subjects(session), measure, since, self.day, whose, by=by)
            self.held[key] = since, found
            return found
        return found[found["day"] >= pd.Timestamp(since)] if first < since else found

    def _of_board(self, key: tuple[Actor, str, Whose]) -> None:
        """The days of a subject, where those of all were read."""
        actor, measure, whose = key
        first, found = self.held.get((actor, measure, replace(whose, only=None)), (None, pd.DataFrame()))
        if first is not None and whose.only is not None:
            kind, subject_id = whose.only
            self.held[key] = first, found[(found["subject_id"] == subject_id) & (found["subject_kind"] == kind)]

    def deals(self, session: ScopedSession, whose: Whose, end: dt.date) -> OpenDeals:
        """Open deals of the board of `whose`, decided up to a day."""
        key = (session.actor, replace(whose, only=None))
        if key not in self.opened or self.opened[key].end < end:
            self.opened[key] = OpenDeals(self.subjects(session), key[1], self.day, end)
        return self.opened[key]

    def by_month(self, session: ScopedSession, measure: str, whose: Whose, since: dt.date) -> list[Month]:
        """The same as `actuals` up to today."""
        found = self.since(session, measure, whose, min(since, self.known_from(session)))
        days = found["day"].to_numpy().astype("datetime64[D]")
        inside = days >= np.datetime64(since, "D")
        kinds, ids = found["subject_kind"].to_numpy(dtype="object"), found["subject_id"].to_numpy()
        values, rows = found["value"].fillna(0.0).to_numpy(), found["rows"].to_numpy()
        months = days.astype("datetime64[M]")
        sums: dict[tuple[str, int, dt.date], list[Any]] = {}
        told = (each[inside].tolist() for each in (kinds, ids, months, values, rows))
        for kind, one, month, value, count in zip(*told, strict=True):
            held = sums.setdefault((kind, one, month), [0.0, 0])
            held[0] += value
            held[1] += count
        return [(*key, *held) for key, held in sums.items()]


__all__ = ["HISTORY", "Came"]
