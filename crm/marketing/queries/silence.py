"""Who has been silent for how long: what recycling looks at."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import pandas as pd
from sqlalchemy import func, or_, select

from crm.customers.models import Customer, Ownership
from crm.database import frame
from crm.marketing.models import Lead, LeadState, PoolReason
from crm.marketing.pooling import PoolRules
from crm.office.models import Activity
from crm.session import ScopedSession

COLUMNS = ["subject", "id", "name", "owner_id", "team_id", "level", "reason", "since", "due_on"]


def silent_ones(
    session: ScopedSession, board_id: int, day: dt.date, rules: PoolRules, ended: Mapping[int, dt.date]
) -> pd.DataFrame:
    """Customers and leads with an owner that are due for the pool by a day or within the time of the warning; a customer once,
    by the earlier of his reasons -> subject (customer, lead), id, name, owner_id, team_id, level, reason, since, due_on.

    `since`: the last activity done, order, or begin of the present ownership; for a contract the day it ended, or the begin of
    the present ownership. `ended`: customer -> day on which his last contract ended.
    """
    parts = [_silent_customers(session, board_id, day, rules), _without_contract(session, board_id, day, rules, ended)]
    customers = pd.concat(parts, ignore_index=True).sort_values(["due_on", "id"], kind="stable").drop_duplicates("id")
    found = pd.concat([customers, _silent_leads(session, board_id, day, rules)], ignore_index=True)
    return found.sort_values(["due_on", "subject", "id"], kind="stable", ignore_index=True)[COLUMNS]


def _silent_customers(session: ScopedSession, board_id: int, day: dt.date, rules: PoolRules) -> pd.DataFrame:
    last, held = _last_activity("customer"), _held_since()
    query = (
        select(
            *(Customer.id, Customer.name, Customer.owner_id, Customer.team_id, Customer.level),
            *(Customer.last_order_on, Customer.created_at, last.c.happened_on, held.c.started_at),
        )
        .outerjoin(last, last.c.subject_id == Customer.id)
        .outerjoin(held, held.c.customer_id == Customer.id)
        .where(Customer.board_id == board_id, Customer.owner_id.is_not(None))
    )
    quiet = []
    for level, days in rules.silences.items():
        until = day - dt.timedelta(days - rules.warn_days)
        dated = (Customer.last_order_on, last.c.happened_on)
        timed = (Customer.created_at, held.c.started_at)
        of_level = Customer.level == level if level else or_(Customer.level.is_(None), Customer.level == "")
        silent = [or_(column.is_(None), column <= until) for column in dated]
        silent += [or_(column.is_(None), column < _end(until)) for column in timed]
        quiet.append(of_level & silent[0] & silent[1] & silent[2] & silent[3])
    found = frame(session, query.where(or_(*quiet))) if quiet else pd.DataFrame(columns=list(query.selected_columns.keys()))
    since = _latest(found, "last_order_on", "happened_on", "created_at", "started_at")
    days_of = [rules.silence(level if isinstance(level, str) and level else None) for level in found["level"]]
    due = [start + dt.timedelta(days) for start, days in zip(since, days_of, strict=True)]
    return _told(found, "customer", PoolReason.SILENT, since, due)


def _without_contract(
    session: ScopedSession, board_id: int, day: dt.date, rules: PoolRules, ended: Mapping[int, dt.date]
) -> pd.DataFrame:
    until = day - dt.timedelta(rules.contract_end_days - rules.warn_days)
    ids = [one for one, on in ended.items() if on <= until] if rules.contract_end_days else []
    held = _held_since()
    query = select(
        *(Customer.id, Customer.name, Customer.owner_id, Customer.team_id, Customer.level, held.c.started_at)
    ).outerjoin(held, held.c.customer_id == Customer.id)
    query = query.where(Customer.board_id == board_id, Customer.owner_id.is_not(None))
    starts = range(0, len(ids), 5_000) if ids else [0]
    parts = [frame(session, query.where(Customer.id.in_(ids[start : start + 5_000]))) for start in starts]
    found = pd.concat(parts, ignore_index=True)
    found["ended_on"] = found["id"].map(dict(ended))
    since = _latest(found, "ended_on", "started_at")
    due = [start + dt.timedelta(rules.contract_end_days) for start in since]
    told = _told(found, "customer", PoolReason.CONTRACT_ENDED, since, due)
    return told[[one <= day + dt.timedelta(rules.warn_days) for one in due]]


def _silent_leads(session: ScopedSession, board_id: int, day: dt.date, rules: PoolRules) -> pd.DataFrame:
    last = _last_activity("lead")
    until = day - dt.timedelta(rules.silence_leads - rules.warn_days)
    timed: tuple[Any, ...] = (Lead.created_at, Lead.assigned_at)
    query = (
        select(Lead.id, Lead.name, Lead.owner_id, Lead.team_id, Lead.created_at, Lead.assigned_at, last.c.happened_on)
        .outerjoin(last, last.c.subject_id == Lead.id)
        .where(Lead.board_id == board_id, Lead.owner_id.is_not(None))
        .where(Lead.state.in_((LeadState.ASSIGNED, LeadState.WORKED)))
        .where(or_(last.c.happened_on.is_(None), last.c.happened_on <= until))
        .where(*(or_(column.is_(None), column < _end(until)) for column in timed))
    )
    found = frame(session, query if rules.silence_leads else query.where(Lead.id == 0))
    since = _latest(found, "happened_on", "created_at", "assigned_at")
    due = [start + dt.timedelta(rules.silence_leads) for start in since]
    return _told(found.assign(level=None), "lead", PoolReason.SILENT, since, due)


def _last_activity(subject_type: str) -> Any:
    done = Activity.happened_on.is_not(None) & (Activity.subject_type == subject_type)
    last = func.max(Activity.happened_on).label("happened_on")
    return select(Activity.subject_id, last).where(done).group_by(Activity.subject_id).subquery()


def _held_since() -> Any:
    started = func.max(Ownership.started_at).label("started_at")
    return select(Ownership.customer_id, started).where(Ownership.ended_at.is_(None)).group_by(Ownership.customer_id).subquery()


def _end(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day + dt.timedelta(1), dt.time(), dt.UTC)


def _latest(found: pd.DataFrame, *names: str) -> list[dt.date]:
    rows = found[list(names)].itertuples(index=False)
    return [max(_day(value) for value in row if not pd.isna(value)) for row in rows]


def _day(value: Any) -> dt.date:
    return value.date() if isinstance(value, dt.datetime) else value


def _told(found: pd.DataFrame, subject: str, reason: PoolReason, since: list[dt.date], due: list[dt.date]) -> pd.DataFrame:
    columns = {"subject": subject, "reason": reason.value}
    dates = {
        "since": pd.Series(since, index=found.index, dtype="object"),
        "due_on": pd.Series(due, index=found.index, dtype="object"),
    }
    return found.assign(**columns, **dates)[COLUMNS]
