"""What is silent for too long goes to the public pool by itself; its owner is warned before; a dry run tells what would go."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import pandas as pd
from sqlalchemy import select

from crm.access import SYSTEM
from crm.customers.models import Customer
from crm.database import now
from crm.errors import Refused
from crm.marketing.commands.entries import take_out
from crm.marketing.commands.pools import put_in_pool
from crm.marketing.models import Lead, PoolEntry, PoolKind, PoolMove, PoolReason, PoolWarning
from crm.marketing.pooling import PoolRules
from crm.marketing.queries.settings import pool_rules
from crm.marketing.queries.silence import silent_ones
from crm.session import ScopedSession, acting_as, get
from crm.staff.models import User

COLUMNS = ["subject", "id", "name", "owner", "level", "reason", "since", "days", "due_on", "action"]

RECYCLE, WARN, WAIT = "recycle", "warn", "wait"
"""What becomes of a silent one: it goes, its owner is told, or he was told and still has time."""


def recycle(
    session: ScopedSession,
    board_id: int,
    day: dt.date,
    kept: set[int],
    ended: Mapping[int, dt.date] | None = None,
    *,
    dry_run: bool = False,
    rules: PoolRules | None = None,
) -> pd.DataFrame:
    """Recycle a board as of a day; run again for the same day it finds nothing more to do -> subject (customer, lead), id, name,
    owner, level, reason (silent, contract_ended), since, days (of silence), due_on, action (recycle, warn, wait).

    kept: customers with a running contract or an open deal, whom the areas above know; these never leave.
    ended: customer -> day on which his last contract ended. With `dry_run` nothing is written. Nothing goes without a warning
    given at least `warn_days` before; a customer or lead that is worked after it stays, and his warning is settled.
    rules: others than those of the board, for a dry run alone.
    """
    session.actor.must("recycle", "marketing")
    stored = pool_rules(session, board_id)
    if not (dry_run or stored.recycles):
        raise Refused("Recycling is switched off for this board.")
    rules = rules if dry_run and rules is not None else stored
    found = silent_ones(session, board_id, day, rules, ended or {})
    found = found[~((found["subject"] == "customer") & found["id"].isin(kept))].reset_index(drop=True)
    standing = _standing(session, board_id)
    planned = _planned(session, found, standing, rules, day)
    if not dry_run:
        _close_stale(session, board_id)
        _settle(session, planned, standing)
        for row in planned.to_dict("records"):
            if row["action"] == WARN:
                _warn(session, row, board_id, day)
            elif row["action"] == RECYCLE:
                _take_away(session, row, standing)
        session.flush()
    return planned[COLUMNS]


def _standing(session: ScopedSession, board_id: int) -> dict[tuple[str, int], PoolWarning]:
    open_ones = select(PoolWarning).where(PoolWarning.board_id == board_id, PoolWarning.settled_at.is_(None))
    return {_key(one): one for one in session.scalars(open_ones)}


def _key(warning: PoolWarning) -> tuple[str, int]:
    return ("lead", warning.lead_id) if warning.lead_id is not None else ("customer", warning.customer_id or 0)


def _planned(
    session: ScopedSession, found: pd.DataFrame, standing: dict[tuple[str, int], PoolWarning], rules: PoolRules, day: dt.date
) -> pd.DataFrame:
    names = dict(session.execute(select(User.id, User.name)).all())
    actions, dues = [], []
    for row in found.to_dict("records"):
        due, warned = row["due_on"], standing.get((row["subject"], row["id"]))
        if warned is not None and (warned.owner_id != row["owner_id"] or warned.warned_on < row["since"]):
            warned = None
        if warned is not None:
            actions.append(RECYCLE if day >= max(due, warned.due_on) else WAIT)
            dues.append(max(due, warned.due_on))
        elif rules.warn_days == 0:
            actions.append(RECYCLE if day >= due else WAIT)
            dues.append(due)
        else:
            actions.append(WARN)
            dues.append(max(due, day + dt.timedelta(rules.warn_days)))
    days = [(day - since).days for since in found["since"]]
    owners = found["owner_id"].map(names)
    due_on = pd.Series(dues, index=found.index, dtype="object")
    return found.assign(owner=owners, days=days, due_on=due_on, action=pd.Series(actions, index=found.index, dtype="object"))


def _settle(session: ScopedSession, planned: pd.DataFrame, standing: dict[tuple[str, int], PoolWarning]) -> None:
    """Warnings of what was worked since, changed hands, is kept, or is warned of anew."""
    rows = planned[planned["action"] == WAIT]
    waiting = set(zip(rows["subject"], rows["id"], strict=True))
    for key, warning in standing.items():
        if key not in waiting:
            warning.settled_at = now()
    session.flush()


def _warn(session: ScopedSession, row: dict[Any, Any], board_id: int, day: dt.date) -> None:
    told = {name: row[name] for name in ("name", "owner_id", "team_id", "reason", "due_on")}
    session.add(PoolWarning(**told, **{f"{row['subject']}_id": row["id"]}, board_id=board_id, warned_on=day))


def _take_away(session: ScopedSession, row: dict[Any, Any], standing: dict[tuple[str, int], PoolWarning]) -> None:
    subject = get(session, Lead, row["id"]) if row["subject"] == "lead" else get(session, Customer, row["id"])
    told = {"since": row["since"], "days": row["days"]}
    warned = standing.get((row["subject"], row["id"]))
    told["warned_on"] = warned.warned_on.isoformat() if warned is not None else "—"
    if row["reason"] == PoolReason.CONTRACT_ENDED:
        put_in_pool(
            session,
            subject,
            PoolKind.PUBLIC,
            PoolReason.CONTRACT_ENDED,
            PoolMove.RECYCLED,
            "The last contract of {name} ended; without another since {since} ({days} days). {owner} was warned on {warned_on}.",
            **told,
        )
        return
    put_in_pool(
        session,
        subject,
        PoolKind.PUBLIC,
        PoolReason.SILENT,
        PoolMove.RECYCLED,
        "Nothing happened with {name} since {since} ({days} days). {owner} was warned on {warned_on}.",
        **told,
    )


def _close_stale(session: ScopedSession, board_id: int) -> None:
    """Entries of customers and leads that were deleted, merged, or have an owner again; also those the actor does not see."""
    lying = select(PoolEntry.id).where(PoolEntry.board_id == board_id, PoolEntry.left_at.is_(None))
    customers = lying.where(
        PoolEntry.customer_id.is_not(None), PoolEntry.customer_id.not_in(select(Customer.id).where(Customer.owner_id.is_(None)))
    )
    nobodys = select(Lead.id).where(Lead.owner_id.is_(None))
    leads = lying.where(PoolEntry.pool == PoolKind.PUBLIC, PoolEntry.lead_id.is_not(None), PoolEntry.lead_id.not_in(nobodys))
    with acting_as(SYSTEM, session) as everything:
        stale = [*everything.scalars(customers), *everything.scalars(leads)]
    for entry_id in stale:
        entry = get(session, PoolEntry, entry_id)
        take_out(session, entry, PoolMove.CLOSED, "{name} has an owner already, or is no longer there.")
