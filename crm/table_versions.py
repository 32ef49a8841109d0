"""Which tables an answer was read from, and whether one of them has changed since.

Every transaction that writes leaves a new number at each table it wrote, in the same commit. So an answer stays true as long as
the numbers of the tables it was read from stand; this holds for several processes, and for transactions that end late.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from typing import Any

from sqlalchemy import BigInteger, Column, Connection, Engine, MetaData, String, Table, event, select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

VERSIONS = Table(
    "table_version", MetaData(), Column("name", String(63), primary_key=True), Column("version", BigInteger, nullable=False)
)
"""Not among the tables of the models: no record, and nothing that a copy of the data needs."""
_WRITES = re.compile(r'\b(?:INTO|UPDATE|DELETE FROM|TRUNCATE|COPY)\s+(?:ONLY\s+)?"?(\w+)', re.IGNORECASE)
_WORD = re.compile(r"\w+")
_WRITTEN = "tables_written"
_all_versions = select(VERSIONS.c.name, VERSIONS.c.version)
_reads: ContextVar[set[str] | None] = ContextVar("reads", default=None)


@contextmanager
def reading() -> Iterator[set[str]]:
    """The names of all tables that are read in the block, by any statement."""
    names: set[str] = set()
    token = _reads.set(names)
    try:
        yield names
    finally:
        _reads.reset(token)


def versions(connection: Connection) -> dict[str, int]:
    """Table -> a number that is another one after every change of its rows, and was never there before. A table without one was
    never written."""
    return {row.name: row.version for row in connection.execute(_all_versions)}


def wrote(connection: Connection, *tables: str) -> None:
    """For what reaches the driver past SQLAlchemy, or to make kept answers void: these tables are others from the commit on."""
    connection.info.setdefault(_WRITTEN, set()).update(tables)


def watch(engine: Engine, known: Mapping[str, Any]) -> None:
    """Note what is read and written through this engine, of the tables that are `known` by name."""

    # A name counts wherever it stands in a statement: an answer may seem to hang on one table too many, never on one too few.
    @lru_cache(maxsize=10_000)
    def named(statement: str) -> tuple[frozenset[str], frozenset[str]]:
        return frozenset(known.keys() & _WORD.findall(statement)), frozenset(known.keys() & _WRITES.findall(statement))

    def note(connection: Connection, _cursor: Any, statement: str, _values: Any, context: Any, _many: bool) -> None:
        compiled = getattr(context, "compiled", None)
        tables, written = named(compiled.string if compiled is not None else statement)
        if written:
            wrote(connection, *written)
        if (reads := _reads.get()) is not None:
            reads.update(tables)

    def stamp(connection: Connection) -> None:
        if written := connection.info.pop(_WRITTEN, set()) & known.keys():
            _stamp(connection, sorted(written))

    def forget(connection: Connection) -> None:
        if not connection.invalidated:
            connection.info.pop(_WRITTEN, None)

    event.listen(engine, "before_cursor_execute", note)
    event.listen(engine, "commit", stamp)
    event.listen(engine, "rollback", forget)


def _stamp(connection: Connection, names: list[str]) -> None:
    """Sorted, so that no two commits wait for each other."""
    into = postgresql_insert if connection.dialect.name == "postgresql" else sqlite_insert
    found = into(VERSIONS).values([{"name": name, "version": secrets.randbits(62)} for name in names])
    connection.execute(found.on_conflict_do_update(index_elements=["name"], set_={"version": found.excluded.version}))
