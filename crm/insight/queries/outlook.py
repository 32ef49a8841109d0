"""What the published model says of one customer: computed on the spot from his own purchases."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
from sqlalchemy import func, select

from crm.analytics.clv.fitters import GammaGammaFitter
from crm.analytics.clv.fitters.base import BuyTillYouDie
from crm.analytics.clv.fitters.prospect import Prospect
from crm.analytics.clv.value import continuous_discount_rate, value_quantiles
from crm.customers.models import Customer, Order
from crm.customers.queries.derived import known_of
from crm.customers.queries.orders import BOUGHT
from crm.database import frame
from crm.errors import NotFound
from crm.insight.queries.fitting import FARTHEST, LEVEL, SHARES, YEAR
from crm.insight.queries.population import Population, customer_conditions
from crm.insight.queries.runs import WEEKS_A_MONTH, RunSettings, models_of, published_run, settings_of
from crm.session import ScopedSession, through_parent

Floats = npt.NDArray[np.float64]

HORIZONS = (12, 24, 36)
"""Months."""
DAYS_BACK = 3 * 365
"""The oldest day of the path."""
STEPS, AHEAD_STEPS = 120, 30

Path = tuple[tuple[dt.date, float], ...]


class Ahead(NamedTuple):
    """Some months from today on; between low and high with 80 %. Values are discounted margin, None without a spend model."""

    months: int
    orders: float
    orders_low: float
    orders_high: float
    value: float | None
    value_low: float | None
    value_high: float | None


@dataclass(frozen=True)
class Forecast:
    """One customer as of a day."""

    p_alive: float
    path: Path
    """P(alive) on the days up to today: full again with every purchase (his model's idea of it), falling between."""
    silence: Path
    """The same from today on, if he does not order."""
    half_on: dt.date | None
    """The day of his silence on which P(alive) falls below a half; may be past. None = not within ten years."""
    ahead: tuple[Ahead, ...]
    none_in_a_year: float
    """Chance of no order within twelve months."""
    next_from: dt.date | None
    next_until: dt.date | None
    """With 80 % between the two, given that he orders again."""
    lifetime_value: float | None
    value_at_risk: float | None


@dataclass(frozen=True)
class Newcomer:
    """What a customer of this board brings after his first order, on average."""

    orders: float
    value: float | None
    """Twelve months of each."""


@dataclass(frozen=True)
class Outlook:
    """The model, how it came to be, and its figures of a customer (of any newcomer, while he has not bought)."""

    model: str
    kind: str
    cutoff_on: dt.date
    customers: int
    horizon_months: int
    margin: float
    annual_discount: float
    day: dt.date
    purchase_days: tuple[dt.date, ...]
    outside: bool
    """The model was fitted to a part of the board to which he does not belong."""
    forecast: Forecast | None
    newcomer: Newcomer

    def __deepcopy__(self, _: Any) -> Outlook:
        """Frozen through and through: whoever keeps answers need not copy the path point by point."""
        return self


def outlook(session: ScopedSession, customer_id: int, day: dt.date) -> Outlook | None:
    """What the newest model of his board says of a customer on a day, or on that of the newest purchase where it lies later (the
    demo's day stands still, real files do not); None while the board has no model."""
    board_id = _told(session, customer_id, Customer.board_id)
    run = published_run(session, board_id)
    if run is None:
        return None
    settings = settings_of(run)
    terms = terms_of(*models_of(run), settings)
    days, amounts = _purchases(session, customer_id, settings.since)
    day = max(day, run.cutoff_on, *days[-1:])
    repeat = round(float(np.mean(amounts[1:])), 4) if len(amounts) > 1 else 0.0
    outside = not _within(session, customer_id, settings.population(board_id))
    return Outlook(
        model=run.model,
        kind=run.kind,
        cutoff_on=run.cutoff_on,
        customers=run.customers,
        horizon_months=settings.horizon_months,
        margin=settings.margin,
        annual_discount=settings.annual_discount,
        day=day,
        purchase_days=days,
        outside=outside,
        forecast=forecast(terms, days, repeat, day) if days and not outside else None,
        newcomer=_newcomer(terms),
    )


def _told(session: ScopedSession, customer_id: int, column: Any) -> Any:
    """One value of a customer; NotFound where he is hidden."""
    row = session.execute(select(column).where(Customer.id == customer_id)).first()
    if row is None:
        raise NotFound()
    return row[0]


def _within(session: ScopedSession, customer_id: int, population: Population) -> bool:
    conditions = customer_conditions(session, population)
    return not conditions or session.scalar(select(Customer.id).where(Customer.id == customer_id, *conditions)) is not None


def _purchases(session: ScopedSession, customer_id: int, since: dt.date | None) -> tuple[tuple[dt.date, ...], list[float]]:
    """His purchase days, oldest first, and what each brought."""
    query: Any = select(Order.ordered_on, func.sum(Order.amount)).join(Customer, Customer.id == Order.customer_id)
    query = query.where(Order.customer_id == customer_id, BOUGHT)
    query = query.where(Order.ordered_on >= since) if since else query
    rows = session.execute(through_parent(query.group_by(Order.ordered_on).order_by(Order.ordered_on), Order)).all()
    return tuple(row[0] for row in rows), [float(row[1]) for row in rows]


def chance_of_state(session: ScopedSession, customer_id: int) -> float | None:
    """The stored P(alive) that made his life cycle; None where his silence made it (see crm.customers.queries.derived)."""
    last = _told(session, customer_id, Customer.last_order_on)
    known = known_of(session, customer_id)
    return known.p_alive if known is not None and known.seen_on == last and known.p_alive < 1 else None


def purchase_rows(session: ScopedSession, customer_id: int, until: dt.date) -> pd.DataFrame:
    """The orders behind the figures of a customer, oldest first -> ordered_on, number, kind, amount."""
    query: Any = select(Order.ordered_on, Order.number, Order.kind, Order.amount)
    query = query.join(Customer, Customer.id == Order.customer_id)
    query = query.where(Order.customer_id == customer_id, BOUGHT, Order.ordered_on <= until)
    return frame(session, through_parent(query.order_by(Order.ordered_on, Order.id), Order))


@dataclass(frozen=True)
class Terms:
    """A model and what makes a value of it; equal when the numbers are, so that an answer serves until one of them changes."""

    numbers: tuple[object, ...]
    model: BuyTillYouDie = field(compare=False)
    spend: GammaGammaFitter | None = field(compare=False)
    settings: RunSettings = field(compare=False)


def terms_of(model: BuyTillYouDie, spend: GammaGammaFitter | None, settings: RunSettings) -> Terms:
    numbers = (type(model).__name__, *model.params_, *(spend.params_ if spend else ()))
    return Terms((*numbers, settings.margin, settings.annual_discount, settings.horizon_months), model, spend, settings)


@lru_cache(maxsize=2000)
def forecast(terms: Terms, days: tuple[dt.date, ...], repeat_spend: float, day: dt.date) -> Forecast:
    """Purchase days (oldest first, at least one) and mean spend of the repeat ones -> the forecast as of `day`.

    The figures of today are those that the job stores (crm.insight.queries.fitting.scores)."""
    repeats, age = len(days) - 1, (day - days[0]).days / 7
    customer = terms.model.prospect(repeats, (days[-1] - days[0]).days / 7, age)
    path, silence, half_on = _alive_over_time(terms.model, days, day)
    spend = _spend(terms.spend, repeats, repeat_spend)
    horizons = np.array([*HORIZONS, terms.settings.horizon_months]) * WEEKS_A_MONTH
    orders = customer.discounted(continuous_discount_rate(terms.settings.annual_discount, YEAR), horizons)
    known, margin = bool(spend), terms.settings.margin
    lifetime = margin * spend * float(orders[-1])
    if_alive = float(orders[-1]) / customer.alive * spend * margin if customer.alive else 0.0
    soon, late = (_date(day, weeks) for weeks in customer.next_purchase(SHARES, FARTHEST / 7).tolist())
    return Forecast(
        p_alive=customer.alive,
        path=path,
        silence=silence,
        half_on=half_on,
        ahead=_ahead(terms, customer, (repeats, repeat_spend), spend, horizons[:-1], orders[:-1]),
        none_in_a_year=float(customer.chances(np.zeros(1), np.array([YEAR]))[0, 0]),
        next_from=soon,
        next_until=late,
        lifetime_value=lifetime if known else None,
        value_at_risk=if_alive - lifetime if known else None,
    )


def _spend(model: GammaGammaFitter | None, repeats: int, repeat_spend: float) -> float:
    """Of a purchase day: without a spend model a customer's own mean, 0 where he has not bought again."""
    return float(model.conditional_expected_average_profit(repeats, repeat_spend)) if model else max(repeat_spend, 0.0)


def _date(day: dt.date, weeks: float) -> dt.date | None:
    return None if math.isnan(weeks) else day + dt.timedelta(math.ceil(min(weeks * 7, FARTHEST)))


def _ahead(
    terms: Terms, customer: Prospect, bought: tuple[int, float], spend: float, weeks: Floats, discounted: Floats
) -> tuple[Ahead, ...]:
    """Without a spend model a value has no bounds; the bounds are those of the amounts, discounted as their mean is."""
    means = customer.expected(weeks)
    bounds: list[Any] = [(None, None)] * len(weeks)
    if terms.spend is not None:
        factors = np.divide(discounted, means, out=np.ones(len(means)), where=means != 0)
        of_spend = value_quantiles(customer, terms.spend, *bought, weeks, LEVEL)
        bounds = (terms.settings.margin * factors[:, None] * of_spend).tolist()
    values = (spend * terms.settings.margin * discounted).tolist() if spend else [None] * len(weeks)
    rows = zip(HORIZONS, means.tolist(), customer.quantiles(weeks, SHARES).tolist(), values, bounds, strict=True)
    return tuple(Ahead(months, mean, low, high, value, *amounts) for months, mean, (low, high), value, amounts in rows)


def _alive_over_time(model: BuyTillYouDie, days: tuple[dt.date, ...], day: dt.date) -> tuple[Path, Path, dt.date | None]:
    """-> path, silence and half_on of the Forecast, asked of the model at once: days are counted from the first purchase."""
    bought, now = np.array([(one - days[0]).days for one in days]), (day - days[0]).days
    start = max(0, now - DAYS_BACK)
    seen = bought[bought > start]
    grid = np.unique(np.linspace(start, now, STEPS).round())
    count = np.concatenate([bought.searchsorted(grid, "right"), bought.searchsorted(seen), bought.searchsorted(seen, "right")])
    before = np.concatenate([grid, seen, seen])
    order = np.lexsort((count, before))
    after = np.linspace(now, now + min(max((now - start) / 3, 91), 365), AHEAD_STEPS).round()
    silent = bought[-1] + np.arange(0, 3653, 7)
    moments = np.concatenate([before[order], after, silent])
    count = np.concatenate([count[order], np.full(len(after) + len(silent), len(days))])
    alive = np.asarray(model.conditional_probability_alive(count - 1, bought[count - 1] / 7, moments / 7))
    first, last = len(before), len(before) + len(after)
    drawn = zip(moments[:last].tolist(), alive[:last].tolist(), strict=True)
    dated = tuple((days[0] + dt.timedelta(at), value) for at, value in drawn)
    return dated[:first], dated[first:], _half(days[-1], alive[last:])


def _half(last: dt.date, weekly: Floats) -> dt.date | None:
    """The day between two weeks on which P(alive) falls below a half."""
    below = np.flatnonzero(weekly < 0.5)
    if not len(below) or below[0] == 0:
        return last if len(below) else None
    at = below[0]
    return last + dt.timedelta(int(np.ceil(7 * (at - 1 + (weekly[at - 1] - 0.5) / (weekly[at - 1] - weekly[at])))))


@lru_cache(maxsize=100)
def _newcomer(terms: Terms) -> Newcomer:
    orders = float(terms.model.expected_number_of_purchases_up_to_time(YEAR))
    if terms.spend is None:
        return Newcomer(orders, None)
    rate = continuous_discount_rate(terms.settings.annual_discount, YEAR)
    discounted = float(terms.model.expected_residual_transactions(rate, horizon=YEAR))
    spend = float(terms.spend.conditional_expected_average_profit(0.0, 0.0))
    return Newcomer(orders, terms.settings.margin * spend * discounted)


__all__ = [
    "HORIZONS",
    "LEVEL",
    "Ahead",
    "Forecast",
    "Newcomer",
    "Outlook",
    "chance_of_state",
    "forecast",
    "outlook",
    "purchase_rows",
    "terms_of",
]
