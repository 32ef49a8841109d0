"""What stands in the whole group, hidden records too: asked as the system, because a code or a number may be taken by somebody
whose records the actor does not see. Nothing of a hidden record leaves the import but that it is there, and a masked name."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pandas as pd
from sqlalchemy import func, select

from crm.access import SYSTEM
from crm.customers.models import Customer, Order
from crm.database import frame
from crm.office.models import ImportJob
from crm.session import WITH_DELETED, open_as
from crm.staff.models import OrgUnit, User

_PART = 5_000
"""Values per IN list."""

_DELETED_TOO: dict[str, Any] = {WITH_DELETED: True}


def customers_by(column: str, values: Iterable[Any]) -> pd.DataFrame:
    """Customers with one of the values (of code, name_key or phone_key), deleted ones too
    -> id, key, board_id, board, name, deleted, merged_into_id."""
    key: Any = getattr(Customer, column)
    query = select(
        Customer.id,
        key.label("key"),
        Customer.board_id,
        OrgUnit.name.label("board"),
        Customer.name,
        Customer.deleted_at.is_not(None).label("deleted"),
        Customer.merged_into_id,
    ).join(OrgUnit, OrgUnit.id == Customer.board_id)
    return _ask(query, key, values)


def orders_by_number(numbers: Iterable[str]) -> pd.DataFrame:
    """-> id, number, board_id, customer_id, deleted."""
    deleted = Order.deleted_at.is_not(None).label("deleted")
    return _ask(select(Order.id, Order.number, Order.board_id, Order.customer_id, deleted), Order.number, numbers)


def last_customer_id() -> int:
    with open_as(SYSTEM) as everything:
        return everything.scalar(select(func.max(Customer.id)), execution_options=_DELETED_TOO) or 0


def earlier_imports(sha256: str) -> pd.DataFrame:
    """The same file, brought in before by anybody -> created_at, name, target; newest first."""
    query = select(ImportJob.created_at, User.name, ImportJob.target).join(User, User.id == ImportJob.user_id)
    with open_as(SYSTEM) as everything:
        return frame(everything, query.where(ImportJob.sha256 == sha256).order_by(ImportJob.id.desc()))


def _ask(query: Any, column: Any, values: Iterable[Any]) -> pd.DataFrame:
    wanted = pd.Series(list(values), dtype="object").dropna().unique().tolist()
    parts = [wanted[start : start + _PART] for start in range(0, len(wanted), _PART)] or [[]]
    with open_as(SYSTEM) as everything:
        found = [frame(everything, query.where(column.in_(part)).execution_options(**_DELETED_TOO)) for part in parts]
    return pd.concat(found, ignore_index=True)
