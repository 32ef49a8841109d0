"""What the published model says of one customer: computed on the spot from his own purchases."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
from sqlalchemy import func, select

from crm.analytics.clv.fitters import GammaGammaFitter
from crm.analytics.clv.fitters.base import BuyTillYouDie
from crm.analytics.clv.value import continuous_discount_rate, value_interval
from crm.customers.models import Customer, Order
from crm.customers.queries.derived import known_alive
from crm.customers.queries.orders import BOUGHT
from crm.database import frame
from crm.insight.queries.fitting import HISTORY, LEVEL, YEAR, scores
from crm.insight.queries.population import Population, customer_conditions
from crm.insight.queries.runs import WEEKS_A_MONTH, RunSettings, models_of, published_run, settings_of
from crm.session import ScopedSession, get, through_parent

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
    customer = get(session, Customer, customer_id)
    run = published_run(session, customer.board_id)
    if run is None:
        return None
    settings = settings_of(run)
    terms = terms_of(*models_of(run), settings)
    days, amounts = _purchases(session, customer_id, settings.since)
    day = max(day, run.cutoff_on, *days[-1:])
    repeat = round(float(np.mean(amounts[1:])), 4) if len(amounts) > 1 else 0.0
    outside = not _within(session, customer_id, settings.population(customer.board_id))
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
    last = get(session, Customer, customer_id).last_order_on
    rows: list[Any] = list(known_alive(session, [customer_id]).itertuples())
    for known in rows:
        if last is not None and known.seen_on == pd.Timestamp(last) and known.p_alive < 1:
            return float(known.p_alive)
    return None


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
    x, t_x, T = len(days) - 1, (days[-1] - days[0]).days / 7, (day - days[0]).days / 7
    base = pd.DataFrame({"frequency": [float(x)], "recency": [t_x], "T": [T], "monetary_value": [repeat_spend]})
    today: Any = scores(base, terms.model, terms.spend, terms.settings, day).iloc[0]
    path, silence, half_on = _alive_over_time(terms.model, days, day)
    known = bool(today["expected_spend"])
    return Forecast(
        p_alive=float(today["p_alive"]),
        path=path,
        silence=silence,
        half_on=half_on,
        ahead=_ahead(terms, base, float(today["expected_spend"])),
        none_in_a_year=float(terms.model.conditional_probability_of_n_purchases_up_to_time(0, YEAR, x, t_x, T)),
        next_from=_date(today["next_order_from"]),
        next_until=_date(today["next_order_until"]),
        lifetime_value=float(today["lifetime_value"]) if known else None,
        value_at_risk=float(today["value_at_risk"]) if known else None,
    )


def _date(moment: pd.Timestamp) -> dt.date | None:
    return None if pd.isna(moment) else moment.date()


def _ahead(terms: Terms, base: pd.DataFrame, spend: float) -> tuple[Ahead, ...]:
    """Without a spend model a value has no bounds; the bounds are those of the amounts, discounted as their mean is."""
    model, (x, t_x, T) = terms.model, (base[name] for name in HISTORY)
    weeks = np.array(HORIZONS) * WEEKS_A_MONTH
    means = model.predict(weeks, *(np.full(len(weeks), part.iloc[0]) for part in (x, t_x, T)))
    rate = continuous_discount_rate(terms.settings.annual_discount, YEAR)
    found = []
    for months, until, mean in zip(HORIZONS, weeks.tolist(), means.tolist(), strict=True):
        low, high = model.interval(until, x, t_x, T, level=LEVEL).iloc[0].tolist()
        discounted = float(model.expected_residual_transactions(rate, x, t_x, T, until).iloc[0])
        value = spend * terms.settings.margin * discounted if spend else None
        bounds: tuple[float | None, ...] = (None, None)
        if terms.spend is not None:
            margin = terms.settings.margin * (discounted / mean if mean else 1.0)
            bounds = tuple(value_interval(model, terms.spend, base, horizon=until, margin=margin, level=LEVEL).iloc[0].tolist())
        found.append(Ahead(months, mean, low, high, value, *bounds))
    return tuple(found)


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
    dated = tuple((days[0] + dt.timedelta(int(at)), float(value)) for at, value in zip(moments, alive, strict=True))
    first, last = len(before), len(before) + len(after)
    return dated[:first], dated[first:last], _half(days[-1], alive[last:])


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
