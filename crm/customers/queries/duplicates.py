"""Records that may be one customer: the same phone, the same name, or nearly."""

from __future__ import annotations

from difflib import SequenceMatcher
from itertools import combinations
from typing import Any

import pandas as pd
from sqlalchemy import func, select

from crm.customers.models import Customer
from crm.database import frame
from crm.session import WITH_DELETED, ScopedSession
from crm.staff.models import User

COLUMNS = ["id", "other_id", "name", "other", "because", "similarity"]
_BLOCK = 40
"""A start of a name shared by more customers than this says nothing."""


def duplicates(session: ScopedSession, limit: int = 200) -> pd.DataFrame:
    """Pairs within a board that I may see, surest first -> id, other_id, name, other, because, similarity.

    because: phone, name, similar.
    """
    found = [*_same(session, "phone_key", "phone", limit), *_same(session, "name_key", "name", limit), *_similar(session, limit)]
    pairs = pd.DataFrame(found, columns=COLUMNS)
    return pairs.drop_duplicates(["id", "other_id"]).head(limit).reset_index(drop=True)


def _same(session: ScopedSession, column: str, because: str, limit: int) -> list[tuple[Any, ...]]:
    key: Any = getattr(Customer, column)
    shared = select(Customer.board_id, key).where(key.is_not(None), key != "").group_by(Customer.board_id, key)
    shared = shared.having(func.count() > 1).limit(limit)
    keys = {value for _, value in session.execute(shared)}
    rows = session.execute(
        select(Customer.id, Customer.board_id, key, Customer.name).where(key.in_(keys)).order_by(Customer.id)
    ).all()
    return [
        (a.id, b.id, a.name, b.name, because, 100.0)
        for a, b in combinations(rows, 2)
        if a.board_id == b.board_id and getattr(a, column) == getattr(b, column)
    ]


def _similar(session: ScopedSession, limit: int) -> list[tuple[Any, ...]]:
    """Names that begin alike and differ in a letter or two."""
    start = func.substr(Customer.name_key, 1, 4)
    blocks = select(Customer.board_id, start).where(func.length(Customer.name_key) >= 5).group_by(Customer.board_id, start)
    blocks = blocks.having(func.count().between(2, _BLOCK)).limit(20 * limit)
    wanted = {value for _, value in session.execute(blocks)}
    query = select(Customer.id, Customer.board_id, Customer.name, Customer.name_key, start.label("start"))
    people = frame(session, query.where(start.in_(wanted)).order_by(Customer.id))
    found = []
    for _, block in people.groupby(["board_id", "start"]):
        for a, b in combinations(block.to_dict("records"), 2):
            ratio = SequenceMatcher(None, a["name_key"], b["name_key"]).ratio()
            if ratio >= 0.88 and a["name_key"] != b["name_key"]:
                found.append((a["id"], b["id"], a["name"], b["name"], "similar", round(ratio * 100, 1)))
    return sorted(found, key=lambda pair: -pair[5])[:limit]


def deleted(session: ScopedSession, limit: int = 200) -> pd.DataFrame:
    """Customers that were deleted and can be restored, latest first -> id, code, name, owner, order_count, deleted_at, merged."""
    query = (
        select(Customer.id, Customer.code, Customer.name, User.name.label("owner"), Customer.order_count, Customer.deleted_at)
        .outerjoin(User, User.id == Customer.owner_id)
        .where(Customer.deleted_at.is_not(None), Customer.merged_into_id.is_(None))
        .order_by(Customer.deleted_at.desc())
    )
    return frame(session, query.limit(limit).execution_options(**{WITH_DELETED: True}))
