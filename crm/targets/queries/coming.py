"""What came day by day, read once: for what was reached, and for the days ahead, which are drawn from those behind us."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field, replace

import pandas as pd

from crm.access import Actor
from crm.pipeline.models import Opportunity
from crm.pipeline.queries.facts.reading import days_between
from crm.session import ScopedSession
from crm.targets.models import Measure, PeriodKind
from crm.targets.periods import first_day
from crm.targets.queries.actuals import Whose, daily
from crm.targets.queries.calendar import working_days
from crm.targets.queries.open_deals import OpenDeals

HISTORY = 250
"""Working days behind us that the days ahead are drawn from: about a year."""


def known_from(session: ScopedSession, day: dt.date) -> dt.date:
    """The first of those days."""
    works = working_days(session, day - dt.timedelta(HISTORY * 7 // 4), day)[-HISTORY:]
    return works[0].item() if len(works) else day


@dataclass
class Came:
    """Of one question; `day` is today."""

    day: dt.date
    held: dict[tuple[Actor, str, Whose], tuple[dt.date, pd.DataFrame]] = field(default_factory=dict)
    """By who asks."""
    opened: dict[tuple[Actor, Whose], OpenDeals] = field(default_factory=dict)

    def since(self, session: ScopedSession, measure: str, whose: Whose, since: dt.date) -> pd.DataFrame:
        """From a day up to today -> columns of `daily`, with the age of won deals; day is a time stamp."""
        key = (session.actor, measure, whose)
        if key not in self.held and whose.only is not None:
            self._of_board(key)
        first, found = self.held.get(key, (None, pd.DataFrame()))
        if first is None or first > since:
            by = {"age": days_between(Opportunity.created_on, Opportunity.closed_on)} if measure == Measure.WON else {}
            found = daily(session, measure, since, self.day, whose, by=by)
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
            self.opened[key] = OpenDeals(session, key[1], self.day, end)
        return self.opened[key]

    def by_month(self, session: ScopedSession, measure: str, whose: Whose, since: dt.date) -> pd.DataFrame:
        """The same as `actuals` up to today."""
        found = self.since(session, measure, whose, min(since, known_from(session, self.day)))
        found = found[found["day"] >= pd.Timestamp(since)]
        month = found["day"].to_numpy().astype("datetime64[M]")
        sums = found.assign(month=month).groupby(["subject_kind", "subject_id", "month"], as_index=False)[["value", "rows"]].sum()
        starts = [first_day(PeriodKind.MONTH, one.date()) for one in sums["month"]]
        return sums.assign(starts_on=pd.Series(starts, index=sums.index, dtype="object")).drop(columns="month")


__all__ = ["HISTORY", "Came", "known_from"]
