"""The six figures that say whether all of this pays: cost of a new customer, what customers are worth, conversion, satisfaction,
churn, return on marketing; of a board, for any two periods side by side."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import Float, case, cast, func, select
from sqlalchemy.orm import aliased

from crm.analytics.proportions import wilson
from crm.analytics.ratios import mean_interval, ratio_interval
from crm.customers.models import Customer, LifeCycle, ScoreSnapshot
from crm.database import MONEY_SCALE
from crm.session import ScopedSession, through_parent
from crm.targets.queries.ledger_rows import Metric, ledger_rows
from crm.targets.queries.value import kept_day


@dataclass(frozen=True)
class Definition:
    """The sentence that explains the figure, and what stands above and below the line."""

    says: str
    numerator: str
    denominator: str
    better: int
    """1 = more is better, -1 = less."""
    aim: float
    """The change that the firm's own table promises, as a share of the earlier figure."""


DEFINITIONS: dict[Metric, Definition] = {
    Metric.CAC: Definition(
        "What a new customer cost: what campaigns and sales cost in the period, for each customer with a first order in it.",
        "cost_of_campaigns_and_sales",
        "new_customers",
        -1,
        -0.20,
    ),
    Metric.CLV: Definition(
        "What a customer is worth: the mean lifetime value of all scored customers, by the scores kept last in the period.",
        "lifetime_value",
        "scored_customers",
        1,
        0.30,
    ),
    Metric.CONVERSION: Definition(
        "How many chances were won: opportunities won among those decided in the period.", "won", "decided", 1, 0.15
    ),
    Metric.SATISFACTION: Definition(
        "How content customers are: the mean mark (1 to 5) of the answers given in the period.",
        "sum_of_marks",
        "answers",
        1,
        0.10,
    ),
    Metric.CHURN: Definition(
        "How many customers were lost: of those who were not lost before the period, the ones who were at its end.",
        "lost",
        "customers_before",
        -1,
        -0.05,
    ),
    Metric.MROI: Definition(
        "What marketing brought back: the amount won through campaigns less what they cost in the period, over that cost.",
        "won_through_campaigns_less_cost",
        "cost_of_campaigns",
        1,
        0.0,
    ),
}


@dataclass(frozen=True)
class Figure:
    """value = numerator / denominator; low and high at 95 % (missing where there are too few cases, and for money alone)."""

    value: float
    numerator: float
    denominator: float
    low: float = np.nan
    high: float = np.nan


def ledger(session: ScopedSession, board_id: int, since: dt.date, until: dt.date) -> pd.DataFrame:
    """-> metric, value, numerator, denominator, low, high; one row for each Metric. As far as the session sees."""
    rows = [(metric.value, figure(session, metric, board_id, since, until)) for metric in Metric]
    names = ["value", "numerator", "denominator", "low", "high"]
    told = [(metric, *(getattr(one, name) for name in names)) for metric, one in rows]
    return pd.DataFrame(told, columns=["metric", *names])


def before_and_after(
    session: ScopedSession, board_id: int, before: tuple[dt.date, dt.date], after: tuple[dt.date, dt.date]
) -> pd.DataFrame:
    """Two periods -> metric, before, before_low, before_high, after, after_low, after_high, change (share of before), better (did
    it move the right way), apart (the intervals do not touch), aim (share that the firm hopes for)."""
    one, two = (ledger(session, board_id, *span).set_index("metric") for span in (before, after))
    change = (two["value"] - one["value"]) / one["value"].abs().where(one["value"] != 0)
    signs = pd.Series({metric.value: DEFINITIONS[metric].better for metric in Metric})
    apart = (two["low"] > one["high"]) | (two["high"] < one["low"])
    told = pd.DataFrame({"before": one["value"], "before_low": one["low"], "before_high": one["high"]})
    told = told.assign(after=two["value"], after_low=two["low"], after_high=two["high"], change=change)
    told = told.assign(better=(two["value"] - one["value"]) * signs.reindex(one.index) > 0, apart=apart)
    told = told.assign(aim=[DEFINITIONS[Metric(metric)].aim for metric in told.index])
    return told.reset_index()


def figure(session: ScopedSession, metric: Metric, board_id: int, since: dt.date, until: dt.date) -> Figure:
    """One of them: the same as its rows, those of all customers added up in the database."""
    if metric == Metric.CLV:
        return _clv(session, board_id, since, until)
    if metric == Metric.CHURN:
        return _churn(session, board_id, since, until)
    rows = ledger_rows(session, metric, board_id, since, until)
    above, below = round(float(rows["value"].sum()), 4), round(float(rows["weight"].sum()), 4)
    return _figure(above, below, *_INTERVALS[metric](rows, above, below))


def _figure(above: float, below: float, low: float = np.nan, high: float = np.nan) -> Figure:
    return Figure(above / below if below else np.nan, above, below, low, high)


def _of_share(rows: pd.DataFrame, above: float, below: float) -> tuple[float, float]:
    low, high = wilson(above, below)
    return float(low), float(high)


_INTERVALS: dict[Metric, Callable[[pd.DataFrame, float, float], tuple[float, float]]] = {
    # The cost is known; how many came for it is a count, which would be another if it happened again.
    Metric.CAC: lambda rows, above, below: ratio_interval(above, below),
    Metric.CONVERSION: _of_share,
    Metric.SATISFACTION: lambda rows, above, below: mean_interval(above, float((rows["value"] ** 2).sum()), len(rows)),
    Metric.MROI: lambda rows, above, below: (np.nan, np.nan),
}


def _clv(session: ScopedSession, board_id: int, since: dt.date, until: dt.date) -> Figure:
    day = kept_day(session, board_id, until)
    if day is None or day < since:
        return _figure(0.0, 0.0)
    worth = cast(ScoreSnapshot.lifetime_value, Float) / float(MONEY_SCALE)
    query: Any = select(func.sum(worth), func.sum(worth * worth), func.count(ScoreSnapshot.id)).select_from(ScoreSnapshot)
    query = query.join(Customer, Customer.id == ScoreSnapshot.customer_id).where(ScoreSnapshot.board_id == board_id)
    query = query.where(ScoreSnapshot.as_of == day, ScoreSnapshot.lifetime_value.is_not(None))
    total, squares, count = session.execute(through_parent(query, ScoreSnapshot)).one()
    return _figure(round(float(total or 0), 4), count, *mean_interval(float(total or 0), float(squares or 0), count))


def _churn(session: ScopedSession, board_id: int, since: dt.date, until: dt.date) -> Figure:
    days = kept_day(session, board_id, since - dt.timedelta(1)), kept_day(session, board_id, until)
    if days[0] is None or days[1] is None or days[1] < since:
        return _figure(0.0, 0.0)
    before, after = aliased(ScoreSnapshot), aliased(ScoreSnapshot)
    lost = func.sum(case((after.life_cycle == LifeCycle.LOST, 1), else_=0))
    query: Any = select(lost, func.count(before.id)).select_from(before).join(Customer, Customer.id == before.customer_id)
    query = query.outerjoin(after, (after.customer_id == before.customer_id) & (after.as_of == days[1]))
    query = query.where(before.board_id == board_id, before.as_of == days[0])
    query = query.where(before.life_cycle.in_((LifeCycle.ACTIVE, LifeCycle.DORMANT)))
    above, below = session.execute(through_parent(query, ScoreSnapshot)).one()
    return _figure(float(above or 0), float(below), *(_of_share(pd.DataFrame(), above or 0, below)))
