"""How running targets will end: p10, p50, p90 and the chance of each level."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pandas as pd

from crm.analytics import forecast
from crm.analytics.attainment import RUNS, Outlook, mean_outlook, outlook, share_unknown
from crm.analytics.errors import TooLittleData
from crm.office.queries import today
from crm.pipeline.filters import OpportunityFilter
from crm.pipeline.models import Opportunity, OpportunityState, Stage
from crm.pipeline.queries import misses
from crm.pipeline.queries.facts.reading import plain, read
from crm.pipeline.queries.listing import CHANCE
from crm.pipeline.queries.outlook import LEAST_MISSES
from crm.session import ScopedSession
from crm.targets.models import Measure
from crm.targets.queries.actuals import Whose, subjects_of
from crm.targets.queries.attainment import attainment, by_reach, of_one_count
from crm.targets.queries.calendar import Days, count_days, working_days
from crm.targets.queries.coming import HISTORY, Came
from crm.targets.queries.plans import TargetFilter
from crm.targets.queries.subjects import Subject, Subjects

SEED = 20
FORECAST = ["p10", "p50", "p90", "chance_base", "chance_stretch", "chance_challenge", "open_deals", "known_days"]
LEVELS = ("base", "stretch", "challenge")


def forecasts(session: ScopedSession, reached: pd.DataFrame, came: Came | None = None) -> pd.DataFrame:
    """The frame of `attainment` -> its columns, and p10, p50, p90 of the end of the period, chance_base, chance_stretch,
    chance_challenge (missing where there is no such level), open_deals, known_days (working days drawn from).

    Periods that are over end as they are. Missing for those ahead, for changes of value, and where too few days are known.
    `came`: the days, where they were read already."""
    told = reached.assign(**dict.fromkeys(FORECAST, np.nan))
    over = told["state"] == "over"
    for name in ("p10", "p50", "p90"):
        told[name] = told["actual"].where(over)
    for name in LEVELS:
        met = (told["actual"] >= told[name].astype("float64") - 1e-9).astype("float64")
        told[f"chance_{name}"] = met.where(over & told["actual"].notna() & told[name].notna())
    running = told[(told["state"] == "running") & (told["measure"] != Measure.VALUE_CHANGE)]
    if running.empty:
        return told
    came = came or Came(today(session))
    ends = [
        _ends(asked, measure, whose, same, came)
        for asked, part in by_reach(session, running)
        for measure, whose, same in of_one_count(asked, part)
    ]
    rows = {index: row for found in ends for index, row in found.items()}
    values = told[FORECAST].to_numpy(dtype="float64", copy=True)
    values[told.index.get_indexer(pd.Index(list(rows)))] = list(rows.values()) or np.empty((0, len(FORECAST)))
    return told.assign(**dict(zip(FORECAST, values.T, strict=True)))


def expected(session: ScopedSession, where: TargetFilter) -> pd.DataFrame:
    """The columns of `attainment` and of `forecasts`."""
    came = Came(today(session))
    return forecasts(session, attainment(session, where, came), came)


def bands(session: ScopedSession, reached: pd.DataFrame, days: list[dt.date], came: Came) -> pd.DataFrame:
    """One running target, a row of `attainment` -> day, p10, p50, p90 of what will be there by the end of each of the days ahead;
    empty where nothing can be told."""
    same = pd.concat([reached.head(1)] * len(days), ignore_index=True) if days else reached.head(0)
    told = forecasts(session, same.assign(ends_on=days), came)
    return told.assign(day=told["ends_on"])[["day", "p10", "p50", "p90"]].dropna(ignore_index=True)


def _ends(session: ScopedSession, measure: str, whose: Whose, part: pd.DataFrame, came: Came) -> dict[Any, list[float]]:
    day, last = came.day, part["ends_on"].max()
    works = working_days(session, day - dt.timedelta(HISTORY * 7 // 4), last)
    past = _Past(session, measure, whose, came, works)
    deals = OpenDeals(session, whose, day, last) if measure == Measure.WON else None
    found = {}
    asked: Any = part.itertuples()
    for one in asked:
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
        self.by_age = measure == Measure.WON
        held = came.since(session, measure, whose, self.behind[0].item() if len(self.behind) else came.day)
        self.held = dict(list(held.groupby(["subject_kind", "subject_id"])))

    def line(self, subject: Subject, left: int) -> np.ndarray[Any, Any]:
        mine = self.held.get(subject)
        if mine is not None and self.by_age:
            known = share_unknown(mine["age"], left)
            mine = mine.assign(value=mine["value"] * known, rows=mine["rows"] * known)
        return laid_out(mine, self.behind)


def laid_out(held: pd.DataFrame | None, behind: Days) -> np.ndarray[Any, Any]:
    """Each working day with what came on it or since the one before: value, rows; from the first on which anything came."""
    line = np.zeros((len(behind), 2))
    if held is None or not len(behind):
        return line
    place = np.searchsorted(behind, np.asarray(held["day"], dtype="datetime64[D]"))
    np.add.at(line, np.minimum(place, len(behind) - 1), held[["value", "rows"]].to_numpy(dtype="float64"))
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
    levels = [getattr(one, name) for name in LEVELS]
    chances = [np.nan if level is None or level != level else told.chance_of(float(level)) for level in levels]
    return [*(told.quantile(share) for share in (0.1, 0.5, 0.9)), *chances, deals, days]


class OpenDeals:
    """Open deals, decided by chance for each subject that they count for."""

    def __init__(self, session: ScopedSession, whose: Whose, day: dt.date, end: dt.date) -> None:
        self.day, self.end = day, end
        self.found = open_deals_credited(session, whose)
        self.places: dict[Subject, list[int]] = {}
        for place, subjects in enumerate(self.found["subjects"]):
            for subject in subjects:
                self.places.setdefault((str(subject[0]), subject[1]), []).append(place)
        missed = misses(session, OpportunityFilter(board_id=(whose.board_id,)))
        shifts, ratios = missed["shift_days"].dropna(), missed["ratio"].dropna()
        self.drawn: dict[str, Any] = {}
        if len(shifts) >= LEAST_MISSES:
            self.drawn["shifts"] = shifts.to_numpy(dtype="float64")
        if len(ratios) >= LEAST_MISSES:
            self.drawn["ratios"] = ratios.to_numpy(dtype="float64")

    def of(self, subject: Subject) -> pd.DataFrame:
        return self.found.iloc[self.places.get(subject, [])]

    def count(self, subject: Subject) -> float:
        return float(len(self.of(subject)))

    def simulated(self, subject: Subject, end: dt.date | None = None) -> Any:
        told = forecast.simulate(self.of(subject), self.day, end or self.end, runs=RUNS, seed=SEED, **self.drawn)
        return told.simulated


def open_deals_credited(session: ScopedSession, whose: Whose) -> pd.DataFrame:
    """Of a board -> opportunity_id, amount, probability, expected_close_on, person, team, board, product, subjects (for whom each
    counts)."""
    columns = {"opportunity_id": Opportunity.id, "amount": Opportunity.amount, "probability": CHANCE}
    columns |= {"expected_close_on": Opportunity.expected_close_on, "person": Opportunity.owner_id}
    columns |= {"team": Opportunity.team_id, "board": Opportunity.board_id, "product": Opportunity.product_id}
    query = plain(columns).select_from(Opportunity).join(Stage, Stage.id == Opportunity.stage_id)
    query = query.where(Opportunity.state == OpportunityState.OPEN, Opportunity.board_id == whose.board_id)
    found = read(session, query, columns)
    return found.assign(subjects=subjects_of(Subjects.of(session), found, whose.goods))


__all__ = [
    "FORECAST",
    "HISTORY",
    "SEED",
    "OpenDeals",
    "bands",
    "forecasts",
    "laid_out",
    "open_deals_credited",
]
