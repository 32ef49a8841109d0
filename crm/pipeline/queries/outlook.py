"""What will be won by the end of a period, what moved it since it was told last, and how right it was told before."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import func, select

from crm.analytics import forecast
from crm.analytics.winning import FEWEST
from crm.database import frame
from crm.office.queries import setting, today
from crm.pipeline.filters import OpportunityFilter
from crm.pipeline.models import ForecastCategory, Opportunity, OpportunityState, Stage
from crm.pipeline.queries.facts import forecasts_told, misses, open_deals, stands, stood, won_between, won_by_day
from crm.pipeline.queries.listing import CHANCE
from crm.session import ScopedSession
from crm.staff.models import OrgUnit, User

SEED = 20
"""Fixed, so that a figure does not jump because somebody looked again."""
RUNS, PATH_RUNS, POINTS = 4000, 1000, 14
LEAST_MISSES = 30
"""Won deals whose misses are known; with fewer nothing is assumed to slip or to shrink."""
MODEL = "win_probability"
"""Setting under which the last fit of each board is told."""


@dataclass(frozen=True)
class Outlook:
    """The forecast of a period as it stands today, in the money of the board."""

    day: dt.date
    start: dt.date
    end: dt.date
    won: float
    p10: float
    p50: float
    p90: float
    weighted: float
    commit: float
    """Won, and what reps committed for the period."""
    best_case: float
    """And what they take for the best case."""
    open_amount: float
    """Of the open deals that are expected in the period, or were expected before."""
    open_deals: int
    undated: int
    """Open deals without an expected day: they count nowhere."""
    before: float
    """Won in the period of the same kind before."""
    compared: tuple[dt.date, dt.date]
    misses: int
    """Won deals whose misses went into it."""
    beats: float
    """The chance to win more than in the period before."""
    categories: dict[str, tuple[int, float]]
    """Of the open deals due in the period: forecast category -> deals, amount."""
    edges: list[float] = field(default_factory=list)
    counts: list[int] = field(default_factory=list)
    """Of the simulated totals."""
    path: pd.DataFrame = field(default_factory=pd.DataFrame, compare=False)
    """Won up to each day of the period so far, and what is to be expected up to its end: day, won, p10, p50, p90"""

    @property
    def coverage(self) -> float | None:
        """Open amount to what is still missing to the period before; None = it is reached, or there was none."""
        missing = self.before - self.won
        return self.open_amount / missing if missing > 0 else None


def outlook(
    session: ScopedSession, start: dt.date, end: dt.date, compared: tuple[dt.date, dt.date], where: OpportunityFilter
) -> Outlook:
    """The forecast of the deals that a filter finds (of a board, a unit, a person)."""
    day, held = today(session), open_deals(session, where)
    missed = _missed(session, where)
    won = won_between(session, start, end, where)
    told = forecast.simulate(held, min(day, end), end, opens=start, won=won, runs=RUNS, seed=SEED, **missed.drawn)
    due = held[_due(held["expected_close_on"], day, start, end)]
    grouped = due.groupby("forecast_category")["amount"].agg(["size", "sum"])
    categories = {str(name): (int(row["size"]), float(row["sum"])) for name, row in grouped.iterrows()}
    committed, best = (categories.get(one, (0, 0.0))[1] for one in (ForecastCategory.COMMIT, ForecastCategory.BEST_CASE))
    previous = won_between(session, *compared, where)
    counts, edges = np.histogram(told.simulated, bins=40) if np.ptp(told.simulated) > 0 else (np.zeros(0), np.zeros(0))
    return Outlook(
        day=day,
        start=start,
        end=end,
        won=won,
        p10=told.quantile(0.1),
        p50=told.quantile(0.5),
        p90=told.quantile(0.9),
        weighted=told.weighted,
        commit=won + committed,
        best_case=won + committed + best,
        open_amount=float(due["amount"].sum()),
        open_deals=len(due),
        undated=int(held["expected_close_on"].isna().sum()),
        before=previous,
        compared=compared,
        misses=missed.deals,
        beats=told.chance_of(previous),
        categories=categories,
        edges=edges.tolist(),
        counts=[int(one) for one in counts],
        path=_path(session, start, end, where, held, missed.drawn),
    )


def _due(days: pd.Series[Any], day: dt.date, start: dt.date, end: dt.date) -> pd.Series[bool]:
    """Expected in the period; once it has begun also what was expected before."""
    since = days >= pd.Timestamp(start)
    return (days <= pd.Timestamp(end)) & (since | (start <= day <= end)) & (day <= end)


@dataclass(frozen=True)
class _Missed:
    deals: int
    drawn: dict[str, Any]


def _missed(session: ScopedSession, where: OpportunityFilter) -> _Missed:
    found = misses(session, where)
    shifts, ratios = found["shift_days"].dropna(), found["ratio"].dropna()
    drawn = {}
    if len(shifts) >= LEAST_MISSES:
        drawn["shifts"] = shifts.to_numpy(dtype="float64")
    if len(ratios) >= LEAST_MISSES:
        drawn["ratios"] = ratios.to_numpy(dtype="float64")
    return _Missed(len(shifts), drawn)


def _path(
    session: ScopedSession, start: dt.date, end: dt.date, where: OpportunityFilter, held: pd.DataFrame, drawn: dict[str, Any]
) -> pd.DataFrame:
    day = today(session)
    until = min(day, end)
    by_day = won_by_day(session, start, until, where)
    so_far = by_day.assign(won=by_day["amount"].cumsum())[["day", "won"]]
    first = pd.DataFrame({"day": [pd.Timestamp(start) - pd.Timedelta(days=1)], "won": [0.0]})
    won = float(by_day["amount"].sum())
    now = pd.DataFrame({"day": [pd.Timestamp(until)], "won": [won]})
    seen = pd.concat([first, so_far, now] if day >= start else [first], ignore_index=True).drop_duplicates("day", keep="last")
    if day >= end:
        return seen.assign(p10=np.nan, p50=np.nan, p90=np.nan)
    ahead = pd.to_datetime(np.linspace(pd.Timestamp(max(day, start)).value, pd.Timestamp(end).value, POINTS)).normalize()
    days = [one.date() for one in pd.Index(ahead).unique()]
    expected = forecast.path(held, day, days, opens=start, won=won, runs=PATH_RUNS, seed=SEED, **drawn)
    return pd.concat([seen, expected], ignore_index=True)[["day", "won", "p10", "p50", "p90"]]


@dataclass(frozen=True)
class Changed:
    """Why the expected amount of a period is another than when it was told last."""

    since: dt.date
    opening: float
    closing: float
    fall: pd.DataFrame
    """columns of crm.analytics.forecast.waterfall"""
    changes: pd.DataFrame
    """opportunity_id, step, change, largest first"""


def what_changed(session: ScopedSession, since: dt.date, start: dt.date, end: dt.date, where: OpportunityFilter) -> Changed:
    before, after = stood(session, since, start, where), stands(session, min(start, since), where)
    begun = start <= today(session)
    changes = forecast.what_changed(before, after, start, end, begun)
    opening = forecast.expected(before, start, end, begun)
    ordered = changes.sort_values("change", key=abs, ascending=False, ignore_index=True)
    return Changed(since, opening, forecast.expected(after, start, end, begun), forecast.waterfall(changes, opening), ordered)


def changed_deals(session: ScopedSession, changed: dict[int, float]) -> pd.DataFrame:
    """Deals by id with what each changed -> id, name, stage, state, amount, expected_close_on, change; largest first."""
    query = select(
        Opportunity.id,
        Opportunity.name,
        Stage.code.label("stage"),
        Opportunity.state,
        Opportunity.amount,
        Opportunity.expected_close_on,
    ).join(Stage, Stage.id == Opportunity.stage_id)
    found = frame(session, query.where(Opportunity.id.in_(changed)))
    found["change"] = found["id"].map(changed)
    return found.sort_values("change", key=abs, ascending=False, ignore_index=True)


def accuracy(session: ScopedSession, board_ids: tuple[int, ...]) -> pd.DataFrame:
    """Of periods that are over, whole boards -> columns of crm.analytics.forecast.accuracy."""
    told, final = _told_and_final(session, board_ids)
    return forecast.accuracy(told, final)


def told_before(session: ScopedSession, board_ids: tuple[int, ...], start: dt.date) -> pd.DataFrame:
    """How the forecast of the period that begins on a day was told -> columns of `forecasts_told`."""
    told = forecasts_told(session, board_ids)
    return told[told["period_from"] == pd.Timestamp(start)].reset_index(drop=True)


def boards_that_sell(session: ScopedSession) -> list[int]:
    """Boards of which I see opportunities, most of them first."""
    query = select(Opportunity.board_id).group_by(Opportunity.board_id).order_by(func.count(Opportunity.id).desc())
    return list(session.scalars(query))


def sellers(session: ScopedSession, board_id: int) -> pd.DataFrame:
    """Who has opportunities of a board that I see -> owner_id, owner, team_id, team; by unit and name."""
    query = (
        select(Opportunity.owner_id, User.name.label("owner"), Opportunity.team_id, OrgUnit.name.label("team"))
        .join(User, User.id == Opportunity.owner_id)
        .join(OrgUnit, OrgUnit.id == Opportunity.team_id)
        .where(Opportunity.board_id == board_id)
        .distinct()
    )
    return frame(session, query.order_by(OrgUnit.name, User.name))


def _told_and_final(session: ScopedSession, board_ids: tuple[int, ...]) -> tuple[pd.DataFrame, pd.DataFrame]:
    told = forecasts_told(session, board_ids)
    over = told[told["period_to"] < pd.Timestamp(today(session))]
    periods: Any = over[["board_id", "period_from", "period_to"]].drop_duplicates().itertuples(index=False)
    rows = [
        (board, until, won_between(session, since.date(), until.date(), OpportunityFilter(board_id=(board,))))
        for board, since, until in periods
    ]
    final = pd.DataFrame(rows, columns=["board_id", "period_to", "won"])
    return over, final.astype({"board_id": over["board_id"].dtype, "period_to": over["period_to"].dtype})


def model_of(session: ScopedSession, board_id: int) -> dict[str, Any] | None:
    """What the last fit of a board found (see crm.pipeline.commands.scoring); None = it was never fitted."""
    return (setting(session, MODEL) or {}).get(str(board_id))


def chances(session: ScopedSession, where: OpportunityFilter, page: int = 1, size: int = 50, least: bool = False) -> pd.DataFrame:
    """Open deals by their chance to be won -> id, name, stage, amount, probability, by_model, reasons, expected_close_on."""
    query = select(
        Opportunity.id,
        Opportunity.name,
        Stage.code.label("stage"),
        Opportunity.amount,
        CHANCE.label("probability"),
        Opportunity.win_probability.is_not(None).label("by_model"),
        Opportunity.win_reasons.label("reasons"),
        Opportunity.expected_close_on,
    ).join(Stage, Stage.id == Opportunity.stage_id)
    order = (CHANCE if least else CHANCE.desc(), Opportunity.amount.desc(), Opportunity.id)
    query = query.where(Opportunity.state == OpportunityState.OPEN, *where.conditions(session))
    return frame(session, query.order_by(*order).limit(size).offset((page - 1) * size))


__all__ = [
    "FEWEST",
    "MODEL",
    "Changed",
    "Outlook",
    "accuracy",
    "boards_that_sell",
    "chances",
    "changed_deals",
    "model_of",
    "outlook",
    "sellers",
    "told_before",
    "what_changed",
]
