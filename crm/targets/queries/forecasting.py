"""How running targets will end: p10, p50, p90 and the chance of each level."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from crm.analytics.attainment import Floats, Outlook, mean_outlook, outlook, share_unknown
from crm.analytics.errors import TooLittleData
from crm.office.queries import today
from crm.session import ScopedSession
from crm.targets.models import Measure
from crm.targets.queries.actuals import Whose
from crm.targets.queries.attainment import Rows, attainment, by_reach, of_one_count
from crm.targets.queries.calendar import Days, count_days
from crm.targets.queries.coming import HISTORY, Came
from crm.targets.queries.open_deals import SEED, OpenDeals
from crm.targets.queries.plans import TargetFilter
from crm.targets.queries.subjects import Subject

FORECAST = ["p10", "p50", "p90", "chance_base", "chance_stretch", "chance_challenge", "open_deals", "known_days"]
LEVELS = ("base", "stretch", "challenge")
_UNKNOWN = [np.nan] * len(FORECAST)


def forecasts(session: ScopedSession, reached: pd.DataFrame, came: Came | None = None) -> pd.DataFrame:
    """The frame of `attainment` -> its columns, and p10, p50, p90 of the end of the period, chance_base, chance_stretch,
    chance_challenge (missing where there is no such level), open_deals, known_days (working days drawn from).

    Periods that are over end as they are. Missing for those ahead, for changes of value, and where too few days are known.
    `came`: the days, where they were read already."""
    rows = list(reached.itertuples())
    told = {one.Index: _ended(one) for one in rows if one.state == "over"}
    running = [one for one in rows if one.state == "running" and one.measure != Measure.VALUE_CHANGE]
    told |= _foretold(session, running, came or Came(today(session))) if running else {}
    values = np.array([told.get(one.Index, _UNKNOWN) for one in rows], dtype="float64").reshape(-1, len(FORECAST))
    return reached.assign(**dict(zip(FORECAST, values.T, strict=True)))


def _ended(one: Any) -> list[float]:
    actual = float(one.actual)
    met = _chances(one, lambda level: np.nan if actual != actual else float(actual >= level - 1e-9))
    return [actual, actual, actual, *met, np.nan, np.nan]


def _foretold(session: ScopedSession, running: Rows, came: Came) -> dict[Any, list[float]]:
    found: dict[Any, list[float]] = {}
    for sight, part in by_reach(session, running):
        for measure, whose, same in of_one_count(sight, part, came):
            found |= _ends(sight, measure, whose, same, came)
    return found


def expected(session: ScopedSession, where: TargetFilter) -> pd.DataFrame:
    """The columns of `attainment` and of `forecasts`."""
    came = Came(today(session))
    return forecasts(session, attainment(session, where, came), came)


def bands(session: ScopedSession, reached: pd.DataFrame, days: list[dt.date], came: Came) -> pd.DataFrame:
    """One running target, a row of `attainment` -> day, p10, p50, p90 of what will be there by the end of each of the days ahead;
    empty where nothing can be told."""
    one: Any = next(reached.itertuples())
    told = _foretold(session, [one._replace(Index=day, ends_on=day) for day in days], came) if days else {}
    known = [(day, *told[day][:3]) for day in days if day in told]
    return pd.DataFrame(known, columns=["day", "p10", "p50", "p90"])


def _ends(session: ScopedSession, measure: str, whose: Whose, part: Rows, came: Came) -> dict[Any, list[float]]:
    day, last = came.day, max(one.ends_on for one in part)
    works = came.works(session, day - dt.timedelta(HISTORY * 7 // 4), last)
    past = _Past(session, measure, whose, came, works)
    deals = came.deals(session, whose, last) if measure == Measure.WON else None
    found = {}
    for one in part:
        subject = (str(one.subject_kind), int(one.subject_id))
        line = past.line(subject, (one.ends_on - day).days)
        remaining = count_days(works, day + dt.timedelta(1), one.ends_on)
        told = _outlook(measure, one, line, remaining, deals.simulated(subject, one.ends_on) if deals else None)
        if told is not None:
            found[one.Index] = _figures(told, one, deals.count(subject) if deals else np.nan, len(line))
    return found


class _Past:
    """What each working day behind us brought, by subject. Of won deals only the share that stands for those nobody knows yet,
    see crm.analytics.attainment.share_unknown."""

    def __init__(self, session: ScopedSession, measure: str, whose: Whose, came: Came, works: Days) -> None:
        self.behind: Days = works[works <= np.datetime64(came.day, "D")][-HISTORY:]
        held = came.since(session, measure, whose, self.behind[0].item() if len(self.behind) else came.day)
        everything = {whose.only: np.arange(len(held))}
        self.rows: dict[Any, Any] = everything if whose.only else held.groupby(["subject_kind", "subject_id"]).indices
        self.days = held["day"].to_numpy(dtype="datetime64[D]")
        self.brought = held[["value", "rows"]].to_numpy(dtype="float64")
        self.ages = held["age"].to_numpy(dtype="float64") if measure == Measure.WON else None

    def line(self, subject: Subject, left: int) -> Floats:
        """Columns value, rows."""
        mine = self.rows.get(subject, np.zeros(0, dtype="int64"))
        brought = self.brought[mine]
        if self.ages is not None:
            brought = brought * share_unknown(self.ages[mine], left)[:, None]
        return laid_out(self.days[mine], brought, self.behind)


def laid_out(days: Days, brought: Floats, behind: Days) -> Floats:
    """Days, and what came on them in columns -> each working day with what came on it or since the one before; from the first on
    which anything came."""
    line = np.zeros((len(behind), brought.shape[1]))
    if not len(days) or not len(behind):
        return line
    place = np.minimum(np.searchsorted(behind, days), len(behind) - 1)
    np.add.at(line, place, brought)
    return line[int(place.min()) :]


def _outlook(measure: str, one: Any, line: Any, remaining: int, known: Any) -> Outlook | None:
    try:
        if measure == Measure.SATISFACTION:
            count = int(one.rows)
            total = float(one.actual) * count if count else 0.0
            return mean_outlook(total, count, line[:, 0], line[:, 1], remaining, seed=SEED)
        return outlook(float(one.actual), line[:, 0], remaining, known=known, seed=SEED)
    except TooLittleData:
        return None


def _figures(told: Outlook, one: Any, deals: float, days: int) -> list[float]:
    return [*told.quantiles((0.1, 0.5, 0.9)), *_chances(one, told.chance_of), deals, days]


def _chances(one: Any, chance_of: Callable[[float], float]) -> list[float]:
    levels = [getattr(one, name) for name in LEVELS]
    return [np.nan if level is None or level != level else chance_of(float(level)) for level in levels]


__all__ = ["FORECAST", "HISTORY", "SEED", "OpenDeals", "bands", "expected", "forecasts", "laid_out"]
