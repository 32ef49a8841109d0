"""A whole firm from one database to another: all or nothing, and compared before it is kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pandas as pd
from sqlalchemy import Column, Connection, String, Table, exists, func, select
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, OperationalError

from crm import driver, migrations
from crm.database import engine
from crm.errors import Invalid, Refused
from crm.tables import metadata
from crm.upkeep.rows import Tally, parts, tally

Told = Callable[[str, Tally], None]


def copy_database(source: str, target: str, told: Told = lambda table, tally: None) -> dict[str, Tally]:
    """Every row of `source` into the empty database `target` (URLs) -> how many of each table, with their checksum.

    The source may be in use: what is copied is its state at the beginning. Raises Invalid where one of them is no database of
    this product, or where the target could not keep a value; Refused where the target holds records. Nothing is written then."""
    if _place(source) == _place(target):
        raise Invalid("Source and target are the same database.")
    _require_current(source)
    _reached(target)
    migrations.upgrade(target)
    with _reading(source) as origin, engine(target).begin() as copy:
        _require_empty(copy)
        _require_room(origin, copy)
        found = {table.name: _copied(origin, copy, table, told) for table in metadata.sorted_tables}
        for table in metadata.sorted_tables:
            _link(origin, copy, table)
        for table in metadata.sorted_tables:
            if tally(copy, table) != found[table.name]:
                raise Invalid("{table} is not the same on both sides; nothing was kept.", table=table.name)
    return found


def _place(url: str) -> Any:
    try:
        return make_url(url)
    except ArgumentError as error:
        raise Invalid("{url} is no address of a database.", url=url) from error


def _reached(url: str) -> str | None:
    """The revision of the database at an address."""
    try:
        return migrations.current(url)
    except OperationalError as error:
        shown = _place(url).render_as_string(hide_password=True)
        raise Invalid("The database {url} does not answer: {reason}", url=shown, reason=str(error.orig)) from error


def _require_current(url: str) -> None:
    if _reached(url) != migrations.newest():
        shown = _place(url).render_as_string(hide_password=True)
        raise Invalid("The database {url} is not set up or not up to date: run `python -m crm setup` on it first.", url=shown)


@contextmanager
def _reading(url: str) -> Iterator[Connection]:
    """The state of one moment, however long the reading takes."""
    with engine(url).connect() as connection:
        if connection.dialect.name == "postgresql":
            connection.execution_options(isolation_level="REPEATABLE READ")
        else:
            connection.exec_driver_sql("BEGIN")
        yield connection


def _require_empty(copy: Connection) -> None:
    for table in metadata.sorted_tables:
        if copy.scalar(select(exists(select(table.c.id)))):
            raise Refused("The target holds records already ({table}); nothing was written.", table=table.name)


def _require_room(origin: Connection, copy: Connection) -> None:
    """SQLite keeps longer texts than a column says, and the sign of number 0; PostgreSQL neither."""
    if copy.dialect.name != "postgresql" or origin.dialect.name == "postgresql":
        return
    for table in metadata.sorted_tables:
        for column in table.columns:
            if isinstance(column.type, String):
                _require_fitting(origin, table, column)


def _require_fitting(origin: Connection, table: Table, column: Column[Any]) -> None:
    length = getattr(column.type, "length", None)
    misfit = func.instr(column, func.char(0)) > 0
    if length:
        misfit |= func.length(column) > length
    row = origin.scalar(select(table.c.id).where(misfit).limit(1))
    if row is not None:
        raise Invalid(
            "{table} {row}: {column} is longer than {length} or holds a sign that PostgreSQL cannot keep; nothing was written.",
            table=table.name,
            row=row,
            column=column.key,
            length=length or "∞",
        )


def _copied(origin: Connection, copy: Connection, table: Table, told: Told) -> Tally:
    found, names, later = Tally(), list(table.columns.keys()), _later(table)
    for part in parts(origin, table):
        found.add(part)
        rows = pd.DataFrame(part, columns=names, dtype=object)
        rows[later] = None
        driver.insert(copy, table, rows, {}, None)
    told(table.name, found)
    return found


def _later(table: Table) -> list[str]:
    """Columns that name rows of the same table, which may come after."""
    return [key.parent.key for key in table.foreign_keys if key.column.table is table]


def _link(origin: Connection, copy: Connection, table: Table) -> None:
    for name in _later(table):
        query = select(table.c.id, table.c[name]).where(table.c[name].is_not(None))
        driver.change(copy, table, pd.DataFrame(origin.execute(query).all(), columns=["id", name]), stamped=False)


__all__ = ["copy_database"]
