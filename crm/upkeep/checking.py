"""Does all hold that must? Reads everything, changes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, select

from crm import migrations
from crm.database import engine
from crm.office.documents import stands
from crm.office.models import Attachment
from crm.upkeep.history import broken_histories
from crm.upkeep.invariants import INVARIANTS, references


@dataclass(frozen=True, slots=True)
class Finding:
    table: str
    row: int | None
    says: str

    def __str__(self) -> str:
        return f"{self.table} {self.row}: {self.says}" if self.row is not None else f"{self.table}: {self.says}"


def check() -> Iterator[Finding]:
    """The file itself, the schema, references, sums and intervals, the log, attached files -> what is wrong, as it is found."""
    if not migrations.is_current():
        yield Finding("alembic_version", None, "the schema is not that of this version: run `python -m crm setup`")
        return
    with engine().connect() as connection:
        yield from _of_the_file(connection)
        for says, table, query in [*references(), *((says, table, make()) for says, (table, make) in INVARIANTS.items())]:
            yield from (Finding(table, row, says) for (row,) in connection.execute(query))
        yield from (Finding(*found) for found in broken_histories(connection))
        yield from _of_documents(connection)


def _of_the_file(connection: Connection) -> Iterator[Finding]:
    if connection.dialect.name == "sqlite":
        told = connection.exec_driver_sql("PRAGMA integrity_check").scalars().all()
        yield from (Finding("database", None, line) for line in told if line != "ok")


def _of_documents(connection: Connection) -> Iterator[Finding]:
    table = Attachment.__table__.c
    query = select(table.id, table.sha256, table.size).where(table.deleted_at.is_(None)).order_by(table.id)
    for row in connection.execute(query):
        if not stands(row.sha256, row.size):
            yield Finding("attachment", row.id, "its file is missing or damaged")


__all__ = ["Finding", "check"]
