"""Into the pools with what the contracts and deals of anybody forbid: whoever gives a customer away may not see them all."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

import pandas as pd
from sqlalchemy import select

from crm.access import SYSTEM
from crm.contracts.queries.keeping import Keeps, contracts_ended, why_kept
from crm.marketing.commands import PoolRules, Release, discard_customers, recycle, release
from crm.marketing.commands.recycling import COLUMNS
from crm.marketing.queries import pool_rules, silent_ones
from crm.session import ScopedSession, acting_as
from crm.staff.models import User

KEEP = "keep"
"""What becomes of a silent one besides the actions of `recycle`: he stays."""


def release_to_pool(session: ScopedSession, what: Release) -> int:
    """Into the public pool -> how many; refused for a customer with a running contract or an open deal."""
    return release(session, what, _kept(session) if what.customer_ids else {})


def discard_to_pool(session: ScopedSession, ids: Collection[int], remark: str) -> int:
    """Into the invalid pool -> how many; refused as `release_to_pool`."""
    return discard_customers(session, ids, remark, _kept(session))


def recycle_board(session: ScopedSession, board_id: int, day: dt.date) -> pd.DataFrame:
    """Warn and recycle by the rules of the board -> columns of `recycle`."""
    return recycle(session, board_id, day, set(_kept(session)), _ended(session, day))


def recycling_plan(session: ScopedSession, board_id: int, day: dt.date, rules: PoolRules | None = None) -> pd.DataFrame:
    """What `recycle_board` would do on a day, or would do with other rules; nothing is written -> columns of `recycle`, because
    (what keeps the customers whose action is "keep")."""
    kept, ended = _kept(session), _ended(session, day)
    planned = recycle(session, board_id, day, set(kept), ended, dry_run=True, rules=rules).assign(because=None)
    silent = silent_ones(session, board_id, day, rules or pool_rules(session, board_id), ended)
    stay = silent[(silent["subject"] == "customer") & silent["id"].isin(kept)]
    names = dict(session.execute(select(User.id, User.name)).all())
    told = stay.assign(owner=stay["owner_id"].map(names), action=KEEP, because=stay["id"].map(kept))
    told["days"] = [(day - since).days for since in stay["since"]]
    parts = [part.astype(object) for part in (planned, told) if len(part)]
    return pd.concat(parts, ignore_index=True)[[*COLUMNS, "because"]] if parts else planned


def _kept(session: ScopedSession) -> dict[int, Keeps]:
    with acting_as(SYSTEM, session) as everything:
        return why_kept(everything)


def _ended(session: ScopedSession, day: dt.date) -> dict[int, dt.date]:
    with acting_as(SYSTEM, session) as everything:
        return contracts_ended(everything, day)
