"""From active to dormant to lost and back, month by month: by the kept scores, or by the days without a purchase."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
from dateutil.relativedelta import relativedelta
from sqlalchemy import Select, and_, case, select
from sqlalchemy.orm import aliased

from crm.customers.models import Customer, ScoreSnapshot
from crm.database import frame
from crm.insight.queries.churn import newest_scores
from crm.insight.queries.population import Population, customer_conditions, purchases
from crm.office.queries import thresholds
from crm.session import ScopedSession, through_parent

STEPS = ("dormant", "lost", "back")
MONTHS = 12
FEWEST_MONTHS = 3
EVENTS = ["customer_id", "day", "step", "worth"]


def events(session: ScopedSession, population: Population, end: dt.date) -> pd.DataFrame:
    """What happened in the twelve months up to the one of `end` -> customer_id, day, step (dormant, lost: he became so; back: he
    bought again after either), worth, source ("scores" or "orders", the same in all rows), in order of the days.

    By scores: the last kept ones of each month against those before; worth is the lifetime value before. By orders, where fewer
    than four months have scores: by the firm's days of silence; worth is the revenue of the year up to the last purchase."""
    first = first_month(end)
    days = _month_days(session, population, first - relativedelta(months=1), end)
    if len(days) > FEWEST_MONTHS:
        return _by_scores(session, population, days).assign(source="scores")
    limits = thresholds(session)
    bought = purchases(session, population.model_copy(update={"since": None, "until": end}))
    found = by_orders(bought, end, limits.active_days, limits.dormant_days)
    return found[found["day"] >= pd.Timestamp(first)].reset_index(drop=True).assign(source="orders")


def first_month(end: dt.date) -> dt.date:
    first: dt.date = end.replace(day=1) - relativedelta(months=MONTHS - 1)
    return first


def by_month(found: pd.DataFrame, end: dt.date) -> pd.DataFrame:
    """The frame of `events` -> period (first of the month, without gaps), dormant, lost, back (times it happened), worth (of the
    lost ones). By scores from the first month that something is known of."""
    months = pd.date_range(first_month(end), end, freq="MS").rename("period")
    period = found["day"].dt.to_period("M").dt.to_timestamp()
    counts = found.groupby([period, "step"]).size().unstack(fill_value=0) if len(found) else pd.DataFrame(index=months)
    table = counts.reindex(index=months, columns=list(STEPS), fill_value=0).fillna(0).astype("int64")
    lost = found["step"] == "lost"
    worth = found.loc[lost, "worth"].groupby(period[lost]).sum().reindex(months, fill_value=0.0)
    covered = period.min() if len(found) and found["source"].iloc[0] == "scores" else months[0]
    return table.assign(worth=worth)[covered:].rename_axis(columns=None).reset_index()


def by_orders(bought: pd.DataFrame, end: dt.date, active_days: int, dormant_days: int) -> pd.DataFrame:
    """customer_id, date, amount (one row per customer and day, sorted by both, up to `end`) -> the columns of `events` by days of
    silence: dormant on the day after `active_days` without a purchase, lost after `dormant_days`."""
    day = bought["date"].to_numpy().astype("datetime64[D]").astype(np.int64)
    customer = bought["customer_id"].to_numpy()
    last_day = int(np.datetime64(end, "D").astype(np.int64))
    following = np.full(len(day), last_day + dormant_days + 1)  # of the newest purchase: the next one has not come
    same = customer[1:] == customer[:-1]
    following[:-1][same] = day[1:][same]
    silent, gone = day + active_days + 1, day + dormant_days + 1
    year = _revenue_of_the_year(customer, day, bought["amount"].to_numpy())
    parts = [
        ("dormant", silent, (following >= silent) & (silent <= last_day)),
        ("lost", gone, (following >= gone) & (gone <= last_day)),
        ("back", following, (following >= silent) & (following <= last_day)),
    ]
    found = [
        pd.DataFrame({"customer_id": customer[at], "day": days[at].astype("datetime64[D]"), "step": step, "worth": year[at]})
        for step, days, at in parts
    ]
    return pd.concat(found).astype({"day": "datetime64[s]"}).sort_values(["day", "customer_id"]).reset_index(drop=True)


def _revenue_of_the_year(customer: Any, day: Any, amount: Any) -> Any:
    """-> for each row what the customer bought in the 365 days up to its day."""
    width = np.int64(2**20)  # more days than any calendar here has
    place = customer.astype(np.int64) * width + day
    since = np.searchsorted(place, place - 364)
    spent = np.concatenate([[0.0], np.cumsum(amount)])
    return spent[1:] - spent[since]


def _month_days(session: ScopedSession, population: Population, first: dt.date, end: dt.date) -> list[dt.date]:
    """The last day of each month on which scores of the board were kept, oldest first."""
    found, until = [], end
    while until >= first:
        day = newest_scores(session, population.board_id, until)
        if day is None or day < first:
            break
        found.append(day)
        until = day.replace(day=1) - dt.timedelta(1)
    return found[::-1]


def _by_scores(session: ScopedSession, population: Population, days: list[dt.date]) -> pd.DataFrame:
    """A customer without scores on the earlier day has not moved: he is new."""
    found = frame(session, _changes(session, population, days))
    earlier, now = (found[column].map(FURTHER) for column in ("earlier", "life_cycle"))
    moved = found.assign(step=found["life_cycle"].where(now > earlier, "back"), day=pd.to_datetime(found["as_of"]))
    known = moved[earlier.notna() & now.notna()].astype({"day": "datetime64[s]"})
    return known.sort_values(["day", "customer_id"])[EVENTS].reset_index(drop=True)


FURTHER = {"active": 0, "dormant": 1, "lost": 2}
"""A potential customer has not bought: he can neither stop nor come back."""


def _changes(session: ScopedSession, population: Population, days: list[dt.date]) -> Select[Any]:
    """-> customer_id, as_of, earlier, life_cycle, worth (lifetime value on the earlier day), of those whose state is another."""
    before, after = aliased(ScoreSnapshot), aliased(ScoreSnapshot)
    following = case(dict(pairwise(days)), value=before.as_of)
    query: Any = (
        select(
            after.customer_id,
            after.as_of,
            before.life_cycle.label("earlier"),
            after.life_cycle,
            before.lifetime_value.label("worth"),
        )
        .select_from(before)
        .join(after, and_(after.customer_id == before.customer_id, after.as_of == following))
        .join(Customer, Customer.id == before.customer_id)
        .where(before.board_id == population.board_id, before.as_of.in_(days), before.life_cycle != after.life_cycle)
    )
    return through_parent(query.where(*customer_conditions(session, population)), ScoreSnapshot)
