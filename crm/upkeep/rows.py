"""All rows of a table, as they are stored and in parts, with a sum that any difference changes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

import orjson
from sqlalchemy import BigInteger, Column, Connection, DateTime, Table, select, type_coerce

from crm.database import Instant, Money

PART = 20_000
"""Rows at once: bounds the memory."""
Row = tuple[Any, ...]


@dataclass(slots=True)
class Tally:
    """How many rows there are, and the sum of their hashes: the same in whatever order they come."""

    rows: int = 0
    checksum: int = 0

    def add(self, part: list[Row]) -> None:
        self.rows += len(part)
        self.checksum = (self.checksum + sum(map(_hash, part))) % 2**64


def parts(connection: Connection, table: Table) -> Iterator[list[Row]]:
    """By id; money in ten-thousandths, times without zone."""
    query = select(*(_as_stored(column) for column in table.columns)).order_by(table.c.id).limit(PART)
    place = list(table.columns.keys()).index("id")
    last = -1
    while part := [tuple(row) for row in connection.execute(query.where(table.c.id > last))]:
        yield part
        last = part[-1][place]


def tally(connection: Connection, table: Table) -> Tally:
    found = Tally()
    for part in parts(connection, table):
        found.add(part)
    return found


def _as_stored(column: Column[Any]) -> Any:
    if isinstance(column.type, Money):
        return type_coerce(column, BigInteger).label(column.key)
    return type_coerce(column, DateTime).label(column.key) if isinstance(column.type, Instant) else column


def _hash(row: Row) -> int:
    return int.from_bytes(blake2b(orjson.dumps(row, option=orjson.OPT_SORT_KEYS), digest_size=8).digest(), "big")


__all__ = ["PART", "Row", "Tally", "parts", "tally"]
