"""The log without a hole: each change begins where the one before it ended, and the last one is what stands in the table."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, select

from crm.audit import AuditEntry, columns_of_table, plain
from crm.database import MONEY_SCALE, Base

_AT_ONCE = 2_000
"""Records whose rows are fetched together."""


def broken_histories(connection: Connection) -> Iterator[tuple[str, int, str]]:
    """-> table, id of the record, what is wrong."""
    for kind in sorted((mapper.class_ for mapper in Base.registry.mappers), key=lambda one: str(one.__tablename__)):
        if not getattr(kind, "UNLOGGED", False):
            yield from _of_kind(connection, kind)


def _of_kind(connection: Connection, kind: type[Any]) -> Iterator[tuple[str, int, str]]:
    entry, name = AuditEntry.__table__.c, str(kind.__tablename__)
    query = select(entry.record_id, entry.id, entry.action, entry.before, entry.after)
    query = query.where(entry.record_type == name, entry.record_id.is_not(None)).order_by(entry.record_id, entry.id)
    part: dict[int, dict[str, Any]] = {}
    for record_id, entries in groupby(connection.execution_options(yield_per=5_000).execute(query), lambda row: row.record_id):
        known, wrong = _followed(entries)
        if wrong:
            yield name, record_id, wrong
        else:
            part[record_id] = known
        if len(part) >= _AT_ONCE:
            yield from _compared(connection, kind, part)
            part = {}
    yield from _compared(connection, kind, part)


def _followed(entries: Any) -> tuple[dict[str, Any], str | None]:
    """-> what the log knows of the record in the end; what is wrong."""
    known: dict[str, Any] = {}
    for entry in entries:
        for column, value in entry.before.items():
            if entry.action == "change" and known.get(column, value) != value:
                return known, f"entry {entry.id} of the log begins with another {column} than the one before it left"
        if entry.action in ("create", "change"):
            known |= entry.after
    return known, None


def _compared(connection: Connection, kind: type[Any], part: dict[int, dict[str, Any]]) -> Iterator[tuple[str, int, str]]:
    if not part:
        return
    table, names = kind.__table__, columns_of_table(kind)
    rows = {row.id: row for row in connection.execute(select(table).where(table.c.id.in_(part)))}
    for record_id, known in part.items():
        row = rows.get(record_id)
        if row is None:
            if not getattr(kind, "DISPOSABLE", False):
                yield str(table.name), record_id, "is in the log and not in the table"
            continue
        for column in set(names) & known.keys():
            if _differs(getattr(row, column), known[column]):
                yield str(table.name), record_id, f"has another {column} than the log says"


def _differs(stands: Any, known: Any) -> bool:
    """The log keeps money as it was given; the table, to the ten-thousandth."""
    if isinstance(stands, Decimal) and known is not None:
        return abs(stands - Decimal(str(known))) * MONEY_SCALE > Decimal("0.5")
    return bool(plain(stands) != known)


__all__ = ["broken_histories"]
