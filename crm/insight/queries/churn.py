"""Who stopped buying in a span of days, who was there at its start, why and to whom: all sums are made in SQL.

Three rules say who stopped. `silence`: silent for longer than the firm's limit for lost. `model`: P(alive) fell below a limit,
by the kept scores. `entered`: somebody wrote down that he is lost. A customer can only stop who was there at the start.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from pydantic import BaseModel, ConfigDict
from sqlalchemy import ColumnElement, Select, and_, case, cast, extract, false, func, literal, null, or_, select
from sqlalchemy.orm import aliased

from crm.analytics.proportions import wilson
from crm.customers.models import Customer, Loss, Order, ScoreSnapshot
from crm.customers.queries.orders import BOUGHT
from crm.database import frame
from crm.insight.queries.population import Population, customer_conditions
from crm.office.queries import thresholds
from crm.session import ScopedSession, through_parent
from crm.staff.models import User

Rule = Literal["silence", "model", "entered"]
Worth = Literal["lifetime_value", "value_at_risk", "revenue"]
DIMENSIONS = ("segment", "region", "industry", "class_id", "team_id", "owner_id", "cohort")
NOT_ASKED = "not_asked"
"""The reason and the direction of those for whom nobody has entered any."""
YEAR = dt.timedelta(365)


class Churn(BaseModel):
    """Who of the population stopped after `start` and up to `end`, and what it is worth."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    population: Population
    start: dt.date
    end: dt.date
    rule: Rule = "silence"
    limit: float = 0.5
    """P(alive) below which the model says that he stopped."""
    worth: Worth = "revenue"
    """revenue: of the year before the span; lifetime_value: as it stood at the start; value_at_risk: as it stands at the end."""

    @property
    def before(self) -> dt.date:
        """The start of the period of the same length before this one."""
        return self.start - (self.end - self.start)


@dataclass(frozen=True)
class _Asked:
    """The pieces that the questions below are put together from."""

    source: Select[Any]
    here: ColumnElement[bool]
    stopped: ColumnElement[bool]
    here_before: ColumnElement[bool]
    stopped_before: ColumnElement[bool]
    worth: ColumnElement[Any]
    worth_before: ColumnElement[Any]
    alive: ColumnElement[Any]
    segment: ColumnElement[Any]
    last: ColumnElement[Any]
    last_before: ColumnElement[Any]

    def select(self, *columns: Any) -> Select[Any]:
        return through_parent(self.source.with_only_columns(*columns, maintain_column_froms=True), Order)


def score_days(session: ScopedSession, churn: Churn) -> dict[str, dt.date | None]:
    """The newest kept scores of the board on each of the three days or before it -> before, start, end: a day or None.

    A day stands for one moment only: where two would be the same, the earlier one has none."""
    found: dict[str, dt.date | None] = {}
    later: dt.date | None = None
    for name in ("end", "start", "before"):
        day = newest_scores(session, churn.population.board_id, getattr(churn, name))
        found[name] = None if day is None or day == later else day
        later = day or later
    return found


def newest_scores(session: ScopedSession, board_id: int, until: dt.date) -> dt.date | None:
    """The newest day, up to this one, whose scores were kept of a customer that the actor sees."""
    # Not joined: SQLite would look through all customers first to find one day.
    his = select(Customer.id).where(Customer.id == ScoreSnapshot.customer_id).exists()
    query = select(ScoreSnapshot.as_of).where(ScoreSnapshot.board_id == board_id, ScoreSnapshot.as_of <= until, his)
    return session.scalar(through_parent(query.order_by(ScoreSnapshot.as_of.desc()).limit(1), ScoreSnapshot))


def headline(session: ScopedSession, churn: Churn) -> dict[str, Any]:
    """-> here, stopped, worth, known (stopped with an entered reason) and the same *_before of the period before; scored,
    expected, spread: of those here at the start with scores at the end, how many are gone by the sum of 1 - P(alive), and the
    standard deviation of that number; limit_days (of silence)."""
    asked = _asked(session, churn)
    known, known_before = _loss(asked.last, churn.end), _loss(asked.last_before, churn.start)
    gone = 1 - asked.alive
    counted = {
        "here": _count(asked.here),
        "stopped": _count(asked.stopped),
        "worth": _sum(asked.stopped, asked.worth),
        "known": _count(and_(asked.stopped, known.is_not(None))),
        "here_before": _count(asked.here_before),
        "stopped_before": _count(asked.stopped_before),
        "worth_before": _sum(asked.stopped_before, asked.worth_before),
        "known_before": _count(and_(asked.stopped_before, known_before.is_not(None))),
        "scored": _count(and_(asked.here, asked.alive.is_not(None))),
        "expected": _sum(asked.here, gone),
        "spread": _sum(asked.here, gone * asked.alive),
    }
    row = session.execute(asked.select(*counted.values())).one()
    figures: dict[str, Any] = {name: float(value or 0) for name, value in zip(counted, row, strict=True)}
    return figures | {"spread": figures["spread"] ** 0.5, "limit_days": thresholds(session).dormant_days}


def stopped_list(session: ScopedSession, churn: Churn, page: int = 1, size: int = 50) -> pd.DataFrame:
    """Those without an entered reason first, the most worth on top -> id, name, owner, last_order_on, worth, p_alive, reason,
    direction, competitor."""
    asked = _asked(session, churn)
    query = _named(asked, churn, Customer.id, asked.alive.label("p_alive")).where(asked.stopped)
    query = query.order_by(Loss.id.is_not(None), asked.worth.desc().nulls_last(), Customer.id)
    return frame(session, query.limit(size).offset((page - 1) * size))


def stopped_ids(session: ScopedSession, churn: Churn, name: str = "", value: Any = None) -> tuple[int, ...]:
    """Who stopped; with `name` (reason, direction, competitor, or one of DIMENSIONS) only those with this value."""
    asked = _asked(session, churn)
    query = asked.select(Customer.id).where(asked.stopped).order_by(Customer.id)
    if name in DIMENSIONS:
        column = _dimension(name, asked)
        query = query.where(column.is_(None) if value is None else column == value)
    elif name:
        query = query.outerjoin(Loss, Loss.id == _loss(asked.last, churn.end))
        query = query.where(Loss.id.is_(None) if value == NOT_ASKED else getattr(Loss, name) == value)
    return tuple(session.scalars(query))


def base_rows(session: ScopedSession, churn: Churn) -> pd.DataFrame:
    """Who was here at the start -> code, name, owner, last_order_on, stopped (yes, no), worth, reason, direction, competitor."""
    asked = _asked(session, churn)
    stopped = case((asked.stopped, literal("yes")), else_=literal("no")).label("stopped")
    return frame(session, _named(asked, churn, Customer.code, stopped).where(asked.here).order_by(Customer.id))


def _named(asked: _Asked, churn: Churn, *columns: Any) -> Select[Any]:
    what = Customer.name, User.name.label("owner"), asked.last.label("last_order_on"), asked.worth.label("worth")
    query = asked.select(*columns, *what, Loss.reason, Loss.direction, Loss.competitor)
    query = query.outerjoin(User, User.id == Customer.owner_id)
    return query.outerjoin(Loss, Loss.id == _loss(asked.last, churn.end))


def by_reason(session: ScopedSession, churn: Churn) -> pd.DataFrame:
    """-> reason (not_asked where nobody entered one), customers, worth; most customers first, not_asked last."""
    found = _by_loss(session, churn, func.coalesce(Loss.reason, literal(NOT_ASKED)).label("reason"))
    return _last(found, "reason")


def by_direction(session: ScopedSession, churn: Churn) -> pd.DataFrame:
    """-> direction (not_asked where nobody entered one), customers, worth; most customers first, not_asked last."""
    found = _by_loss(session, churn, func.coalesce(Loss.direction, literal(NOT_ASKED)).label("direction"))
    return _last(found, "direction")


def by_competitor(session: ScopedSession, churn: Churn) -> pd.DataFrame:
    """Those who went to a competitor -> competitor, customers, worth; most customers first."""
    return _by_loss(session, churn, Loss.competitor.label("competitor"), Loss.competitor.is_not(None)).head(20)


def composition(session: ScopedSession, churn: Churn, dimension: str, level: float = 0.95) -> pd.DataFrame:
    """Those here at the start by one property -> value, customers, stopped, worth, rate (share that stopped), low, high (Wilson's
    interval of it), share (of the base); the largest parts first, at most 30."""
    if dimension not in DIMENSIONS:
        raise ValueError(dimension)
    asked = _asked(session, churn)
    column = _dimension(dimension, asked).label("value")
    counts = func.count(Customer.id).label("customers"), _count(asked.stopped).label("stopped")
    query = asked.select(column, *counts, _sum(asked.stopped, asked.worth).label("worth")).where(asked.here).group_by(column)
    found = frame(session, query.order_by(func.count(Customer.id).desc()))
    low, high = wilson(found["stopped"].to_numpy(np.float64), found["customers"].to_numpy(np.float64), level)
    rated = found.assign(rate=found["stopped"] / found["customers"], low=low, high=high)
    return rated.assign(worth=found["worth"].astype("float64"), share=found["customers"] / found["customers"].sum()).head(30)


# ------------------------------------------------------------------------------------------------- the pieces


def _asked(session: ScopedSession, churn: Churn) -> _Asked:
    days = score_days(session, churn)
    silence = dt.timedelta(thresholds(session).dormant_days)
    bought = _bought(churn, silence)
    c = bought.c
    scores = {name: aliased(ScoreSnapshot) for name, day in days.items() if day is not None}
    source = select(Customer.id).outerjoin(bought, c.customer_id == Customer.id)
    for name, score in scores.items():
        source = source.outerjoin(score, and_(score.customer_id == Customer.id, score.as_of == days[name]))
    source = source.where(Customer.board_id == churn.population.board_id, *customer_conditions(session, churn.population))
    now = _rule(churn, "start", "end", c, scores, silence)
    earlier = _rule(churn, "before", "start", c, scores, silence)
    at_end, at_start = scores.get("end"), scores.get("start")
    return _Asked(
        source,
        *now,
        *earlier,
        worth=_worth(churn, c.revenue, at_start, at_end),
        worth_before=_worth(churn, c.revenue_before, scores.get("before"), at_start),
        alive=_column(at_end, "p_alive"),
        segment=_column(at_start, "segment"),
        last=c.last_end,
        last_before=c.last_start,
    )


def _bought(churn: Churn, silence: dt.timedelta) -> Any:
    """One row per customer who bought: the last purchase up to each of the days, and the revenue of the year before."""
    day = Order.ordered_on
    ends = (("last_before", churn.before), ("last_start", churn.start), ("last_end", churn.end))
    last = {name: func.max(case((day <= until, day))).label(name) for name, until in ends}
    spent = {
        name: func.sum(case((and_(day > until - YEAR, day <= until), Order.amount))).label(name)
        for name, until in (("revenue", churn.start), ("revenue_before", churn.before))
    }
    query = select(Order.customer_id.label("customer_id"), *last.values(), *spent.values())
    query = query.where(BOUGHT, Order.board_id == churn.population.board_id)
    earliest = churn.before - max(silence, YEAR)
    return query.where(day > earliest, day <= churn.end).group_by(Order.customer_id).subquery()


def _rule(
    churn: Churn, first: str, then: str, bought: Any, scores: dict[str, Any], silence: dt.timedelta
) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """-> who was here on the first day, and who of them had stopped on the second."""
    if churn.rule == "model":
        if first not in scores or then not in scores:
            return false(), false()
        here = scores[first].p_alive >= churn.limit
        return here, and_(here, scores[then].p_alive < churn.limit)
    since, until = getattr(churn, first), getattr(churn, then)
    buying = bought[f"last_{first}"] > since - silence
    if churn.rule == "silence":
        return buying, and_(buying, bought[f"last_{then}"] <= until - silence)
    entered = select(Loss.id).where(Loss.customer_id == Customer.id, Loss.lost_on > since)
    entered = entered.where(Loss.standing(bought[f"last_{then}"], until))
    stopped = entered.correlate_except(Loss).exists()
    return or_(buying, stopped), stopped


def _worth(churn: Churn, revenue: Any, at_first: Any, at_then: Any) -> ColumnElement[Any]:
    if churn.worth == "revenue":
        return func.coalesce(revenue, 0)
    return _column(at_first if churn.worth == "lifetime_value" else at_then, churn.worth)


def _column(score: Any, name: str) -> ColumnElement[Any]:
    """Of kept scores; nothing where there are none from that time."""
    kept = getattr(ScoreSnapshot if score is None else score, name)
    column: ColumnElement[Any] = kept if score is not None else cast(null(), kept.type)
    return column


def _loss(last: Any, day: dt.date) -> ColumnElement[Any]:
    """The entered loss of the customer that stands on a day."""
    query = select(func.max(Loss.id)).where(Loss.customer_id == Customer.id, Loss.standing(last, day))
    return query.correlate_except(Loss).scalar_subquery()


def _dimension(name: str, asked: _Asked) -> ColumnElement[Any]:
    if name == "cohort":
        return extract("year", Customer.first_order_on)
    column: ColumnElement[Any] = asked.segment if name == "segment" else getattr(Customer, name)
    return column


def _by_loss(session: ScopedSession, churn: Churn, column: Any, *where: ColumnElement[bool]) -> pd.DataFrame:
    asked = _asked(session, churn)
    query = asked.select(column, func.count(Customer.id).label("customers"), func.sum(asked.worth).label("worth"))
    query = query.outerjoin(Loss, Loss.id == _loss(asked.last, churn.end)).where(asked.stopped, *where).group_by(column)
    found = frame(session, query.order_by(func.count(Customer.id).desc(), column))
    return found.assign(worth=found["worth"].astype("float64"))


def _last(found: pd.DataFrame, column: str) -> pd.DataFrame:
    return found.sort_values(column, key=lambda codes: codes == NOT_ASKED, kind="stable").reset_index(drop=True)


def _count(condition: ColumnElement[bool]) -> ColumnElement[Any]:
    return func.count(case((condition, 1)))


def _sum(condition: ColumnElement[bool], amount: ColumnElement[Any]) -> ColumnElement[Any]:
    return func.sum(case((condition, amount)))


def dimensions(days: dict[str, dt.date | None]) -> Sequence[str]:
    """What the base can be divided by: segments only as they were at the start, today's would know who stopped."""
    return DIMENSIONS if days["start"] else DIMENSIONS[1:]
