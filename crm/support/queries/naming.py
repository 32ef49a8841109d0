"""The names of what figures are told by."""

from __future__ import annotations

from typing import Any

import pandas as pd
from sqlalchemy import select

from crm.catalogue.models import Product
from crm.session import ScopedSession
from crm.staff.models import OrgUnit, User

_KINDS: dict[str, Any] = {"team": OrgUnit, "unit": OrgUnit, "owner": User, "product": Product}


def names_of(session: ScopedSession, by: str | None, keys: pd.Series[Any]) -> pd.Series[Any]:
    """Of units, people and products by their ids; missing for what has no name of its own; index of `keys`."""
    names: dict[int, str] = {}
    if by in _KINDS:
        kind = _KINDS[by]
        ids = [int(one) for one in keys.dropna().unique()]
        names = dict(session.execute(select(kind.id, kind.name).where(kind.id.in_(ids))).all())
    told = [names.get(int(one)) if names and pd.notna(one) else None for one in keys]
    return pd.Series(told, index=keys.index, dtype="object")
