"""Wanted values against stored ones: which records change, and how."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import BigInteger, select, type_coerce

from crm.database import MONEY_SCALE, Money, frame
from crm.session import ScopedSession

_PART = 5_000

DIFFERENCES = ("row", "key", "field", "before", "after")


def stored(session: ScopedSession, kind: Any, ids: pd.Series[Any], columns: list[str]) -> pd.DataFrame:
    """The columns of the records, indexed by id; money in ten-thousandths, dates as datetime64."""
    table = kind.__table__
    chosen = [
        type_coerce(getattr(kind, name), BigInteger).label(name) if isinstance(table.c[name].type, Money) else getattr(kind, name)
        for name in columns
    ]
    wanted = ids.dropna().astype("int64").unique().tolist()
    starts = range(0, len(wanted), _PART) if wanted else [0]
    parts = [frame(session, select(kind.id, *chosen).where(kind.id.in_(wanted[start : start + _PART]))) for start in starts]
    return pd.concat(parts, ignore_index=True).set_index("id")


def compare(kind: Any, wanted: pd.DataFrame, now: pd.DataFrame, key: pd.Series[Any]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Rows of a file for records of `kind`, with their `id`, and the stored values by id -> what changes, and the differences.

    What changes: id and the columns that differ anywhere, full values. An empty cell changes nothing.
    """
    ids = wanted["id"].astype("int64")
    before = now.reindex(ids).set_axis(wanted.index)
    result, parts = pd.DataFrame({"id": ids}), []
    for name in (each for each in wanted.columns if each != "id"):
        new, old = plain_values(wanted[name]), plain_values(before[name])
        differs = np.array([given is not None and given != there for given, there in zip(new, old, strict=True)], dtype=bool)
        if differs.any():
            result[name] = pd.Series(np.where(differs, new, old), index=wanted.index)
            before_after = [_in_units(kind, name, values[differs]) for values in (old, new)]
            parts.append(difference(wanted.index[differs], key, name, *before_after))
    differences = joined_differences(parts)
    return result.loc[result.index.isin(differences["row"])], differences


def _in_units(kind: Any, name: str, values: Any) -> list[Any]:
    """Money as a person reads it."""
    if not isinstance(kind.__table__.c[name].type, Money):
        return list(values)
    return [None if value is None else Decimal(value) / MONEY_SCALE for value in values]


def difference(rows: pd.Index[Any], key: pd.Series[Any], name: str, before: Any, after: Any) -> pd.DataFrame:
    values = {"row": rows, "key": key.reindex(rows).to_numpy(), "field": name}
    return pd.DataFrame(
        values | {"before": pd.Series(before, dtype="object").array, "after": pd.Series(after, dtype="object").array}
    )


def joined_differences(parts: list[pd.DataFrame]) -> pd.DataFrame:
    if not parts:
        return pd.DataFrame({name: pd.Series(dtype="object") for name in DIFFERENCES})
    return pd.concat(parts, ignore_index=True).sort_values("row", kind="stable", ignore_index=True)


def plain_values(values: pd.Series[Any]) -> Any:
    """An array of plain Python values, None for a missing one: days as dates, so that file and record can be compared."""
    if pd.api.types.is_datetime64_any_dtype(values):
        values = values.astype("object").map(lambda day: None if pd.isna(day) else day.date())
    found = np.empty(len(values), dtype="object")
    found[:] = [None if _is_missing(value) else getattr(value, "item", lambda value=value: value)() for value in values]
    return found


def _is_missing(value: Any) -> bool:
    return not isinstance(value, dict | list) and bool(pd.isna(value))


__all__ = ["DIFFERENCES", "compare", "difference", "joined_differences", "plain_values", "stored"]
