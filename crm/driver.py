"""Rows of one table to the driver, past SQLAlchemy's records: only for `crm.bulk`, which asks first who may write them."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from itertools import repeat
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import (
    JSON,
    Column,
    ColumnElement,
    Connection,
    Date,
    Integer,
    MetaData,
    Select,
    Table,
    Text,
    UniqueConstraint,
    Update,
    case,
    cast,
    delete,
    exists,
    false,
    func,
    literal,
    or_,
    select,
    true,
    update,
)
from sqlalchemy import insert as insert_into
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.exc import DBAPIError

from crm import table_versions
from crm.database import Instant, Money, now

_PART = 20_000
"""Rows per driver call: bounds the memory."""
_FEW = 200
"""Rows that are changed one by one."""
_MANY = 50_000
"""Rows for which it pays to build indexes anew."""
_EVERY = 997
"""One row in so many is looked at, to guess how many differ."""
_NOTHING: Mapping[str, Any] = MappingProxyType({})


def insert(
    connection: Connection,
    table: Table,
    rows: pd.DataFrame,
    constants: dict[str, Any],
    written: Callable[[int], None] | None,
) -> None:
    _fill(connection, table, rows, constants, written)
    if connection.dialect.name == "postgresql":
        sequence = f"""pg_get_serial_sequence('"{table.name}"', 'id')"""
        connection.exec_driver_sql(f'SELECT setval({sequence}, greatest((SELECT max(id) FROM "{table.name}"), 1))')


def _fill(
    connection: Connection,
    table: Table,
    rows: pd.DataFrame,
    constants: Mapping[str, Any] = _NOTHING,
    written: Callable[[int], None] | None = None,
) -> None:
    names = [*rows.columns, *constants]
    columns = ", ".join(f'"{name}"' for name in names)
    for start in range(0, len(rows), _PART):
        part = rows.iloc[start : start + _PART]
        fixed = [repeat(_one(value, connection), len(part)) for value in constants.values()]
        values = zip(*(_stored(part[name], table.c[name].type, connection) for name in rows.columns), *fixed, strict=True)
        if connection.dialect.name == "postgresql":
            _copy(connection, table.name, f'COPY "{table.name}" ({columns}) FROM STDIN', values)
        else:
            marks = ", ".join("?" * len(names))
            connection.exec_driver_sql(f'INSERT INTO "{table.name}" ({columns}) VALUES ({marks})', list(values))
        if written:
            written(start + len(part))


def change(connection: Connection, table: Table, rows: pd.DataFrame, stamped: bool = True) -> None:
    if rows.empty:
        return
    mark = "%s" if connection.dialect.name == "postgresql" else "?"
    names = [name for name in rows.columns if name != "id"]
    sets = [f'"{name}" = {mark}' for name in names] + ([f"updated_at = {mark}", "version = version + 1"] if stamped else [])
    statement = f'UPDATE "{table.name}" SET {", ".join(sets)} WHERE id = {mark}'
    values: list[Iterable[Any]] = [_stored(rows[name], table.c[name].type, connection) for name in names]
    stamp: list[Iterable[Any]] = [repeat(_one(now(), connection), len(rows))] if stamped else []
    connection.exec_driver_sql(statement, list(zip(*values, *stamp, rows["id"].tolist(), strict=True)))


def refresh(connection: Connection, table: Table, rows: pd.DataFrame) -> None:
    """Set the other columns of the rows by `id`; many are compared in the database, which writes those that differ."""
    if len(rows) < _FEW:
        return change(connection, table, rows, stamped=False)
    with _staged(connection, table, list(rows.columns), rows, "id") as staged:
        names = [name for name in rows.columns if name != "id"]
        differing = _from(table, staged, names).where(table.c.id == staged.c.id)
        with _unindexed(connection, table, len(rows) * _share_differing(connection, table, staged, names)):
            connection.execute(differing)
    return None


def _share_differing(connection: Connection, table: Table, staged: Table, names: list[str]) -> float:
    """Of every so many-th row."""
    looked_at = select(func.count(), func.count(case((_differs(table, staged, names), 1))))
    row = connection.execute(looked_at.where(table.c.id == staged.c.id, staged.c.id % _EVERY == 0)).one()
    return row[1] / max(row[0], 1)


def _from(table: Table, staged: Table, names: list[str]) -> Update:
    """UPDATE ... FROM of the rows in which any of the columns differs."""
    return update(table).values({name: staged.c[name] for name in names}).where(_differs(table, staged, names))


def _differs(table: Table, staged: Table, names: list[str]) -> ColumnElement[bool]:
    return or_(*(_comparable(table.c[name]).is_distinct_from(_comparable(staged.c[name])) for name in names))


def _comparable(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """PostgreSQL compares no JSON, but its text."""
    return cast(column, Text) if isinstance(column.type, JSON) else column


def replace(
    connection: Connection,
    table: Table,
    rows: pd.DataFrame | Select[Any],
    key: str,
    within: ColumnElement[bool],
    constants: Mapping[str, Any],
) -> int:
    """Make the rows `within` exactly these, told apart by `key` -> how many were added, changed or removed."""
    names = list(rows.columns) if isinstance(rows, pd.DataFrame) else list(rows.selected_columns.keys())
    fixed = {name: literal(value, table.c[name].type) for name, value in constants.items()}
    if isinstance(rows, Select) and not connection.scalar(select(exists().where(within))):
        return _copied(connection, table, [*names, *constants], rows.add_columns(*fixed.values()))
    with (
        _staged(connection, table, names, rows, key) as staged,
        _unindexed(connection, table, len(rows) if isinstance(rows, pd.DataFrame) else 0),
    ):
        return _replaced(connection, table, staged, key, within, fixed)


def _replaced(
    connection: Connection, table: Table, staged: Table, key: str, within: ColumnElement[bool], fixed: Mapping[str, Any]
) -> int:
    names = [column.name for column in staged.columns]
    gone = delete(table).where(within, table.c[key].not_in(select(staged.c[key])))
    written = connection.execute(gone).rowcount
    unique = next(each for each in table.constraints if isinstance(each, UniqueConstraint) and key in each.columns)
    into = postgresql_insert if connection.dialect.name == "postgresql" else sqlite_insert
    # SQLite needs a WHERE, else it takes ON CONFLICT for a join.
    statement = into(table).from_select([*names, *fixed], select(staged, *fixed.values()).where(true()).order_by(staged.c[key]))
    new = {name: statement.excluded[name] for name in names if name not in unique.columns}
    differs = or_(false(), *(table.c[name].is_distinct_from(value) for name, value in new.items()))
    found = statement.on_conflict_do_update(index_elements=list(unique.columns), set_=new, where=differs) if new else statement
    return written + connection.execute(found, execution_options={"preserve_rowcount": True}).rowcount


@contextmanager
def _unindexed(connection: Connection, table: Table, written: float) -> Iterator[None]:
    """While most rows of a large table are written anew, SQLite does without its indexes: built at the end, they cost a tenth.

    All within the transaction; elsewhere people would have to wait for their reading."""
    many = written > _MANY and connection.dialect.name == "sqlite"
    most = many and 2 * written > (connection.scalar(select(func.max(table.c.id))) or 0)
    indexes = sorted(table.indexes, key=lambda index: str(index.name)) if most else []
    for index in indexes:
        index.drop(connection)
    yield
    for index in indexes:
        index.create(connection)


def _copied(connection: Connection, table: Table, names: list[str], rows: Select[Any]) -> int:
    """Rows of a SELECT into the table -> how many."""
    statement = insert_into(table).from_select(names, rows)
    return connection.execute(statement, execution_options={"preserve_rowcount": True}).rowcount


@contextmanager
def _staged(
    connection: Connection, table: Table, names: list[str], rows: pd.DataFrame | Select[Any], key: str
) -> Iterator[Table]:
    """The rows in a temporary table of the same types, keyed."""
    columns = [Column(name, table.c[name].type, primary_key=name == key, autoincrement=False) for name in names]
    staged = Table(f"staged_{table.name}", MetaData(), *columns, prefixes=["TEMPORARY"])
    if connection.dialect.name == "sqlite":  # which leaves it behind where an error came before anything was written
        connection.exec_driver_sql(f'DROP TABLE IF EXISTS temp."{staged.name}"')
    staged.create(connection)
    if isinstance(rows, Select):
        connection.execute(insert_into(staged).from_select(names, rows))
    else:
        _fill(connection, staged, rows.sort_values(key))
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f'ANALYZE "{staged.name}"')
    yield staged
    staged.drop(connection)  # after an error the end of the transaction drops it


def _copy(connection: Connection, table: str, statement: str, rows: Iterable[Iterable[Any]]) -> None:
    table_versions.wrote(connection, table)
    cursor: Any = connection.connection.cursor()
    try:
        with cursor.copy(statement) as copy:
            for row in rows:
                copy.write_row(row)
    except connection.dialect.loaded_dbapi.Error as error:
        raise DBAPIError.instance(statement, None, error, connection.dialect.loaded_dbapi.Error) from error


def _one(value: Any, connection: Connection) -> Any:
    """A value as the driver wants it: SQLite keeps days and moments as SQLAlchemy writes them, all with microseconds."""
    sqlite = connection.dialect.name == "sqlite"
    if isinstance(value, dt.datetime):
        naive = value.astimezone(dt.UTC).replace(tzinfo=None) if value.tzinfo else value
        return naive.isoformat(" ", "microseconds") if sqlite else naive
    return value.isoformat() if sqlite and isinstance(value, dt.date) else value


def _stored(values: pd.Series[Any], kind: Any, connection: Connection) -> list[Any]:
    """One column as the driver wants it: plain Python values, None for missing."""
    if pd.api.types.is_datetime64_any_dtype(values):
        naive = values.dt.tz_convert("UTC").dt.tz_localize(None) if getattr(values.dt, "tz", None) else values
        unit = "D" if isinstance(kind, Date) else "us"
        codes, distinct = pd.factorize(naive.to_numpy())
        texts = [text.replace("T", " ") for text in np.datetime_as_string(distinct.astype(f"datetime64[{unit}]")).tolist()]
        found: list[Any] = np.array([*texts, None], dtype=object)[codes].tolist()  # what is missing has the code -1: the last
        return found
    if isinstance(values.dtype, np.dtype) and values.dtype.kind in "iubf" and not values.hasnans:
        whole = values.dtype.kind == "f" and isinstance(kind, Integer | Money)
        return (values.round().astype("int64") if whole else values).tolist()
    if pd.api.types.is_float_dtype(values) and isinstance(kind, Integer | Money):
        values = values.round().astype("Int64")  # whole numbers became floats beside a missing one
    plain_values = values.astype(object).where(values.notna(), None).tolist()
    if isinstance(kind, JSON):
        return [None if value is None else json.dumps(value, ensure_ascii=False) for value in plain_values]
    if isinstance(kind, Date | Instant):
        return [_one(value, connection) for value in plain_values]
    return plain_values


__all__ = ["change", "insert", "refresh", "replace"]
