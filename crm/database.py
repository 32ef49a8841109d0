"""Engine, base classes and portable types; `frame()` is the one bridge to pandas."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from decimal import ROUND_HALF_EVEN, Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

import pandas as pd
from sqlalchemy import JSON, BigInteger, DateTime, Dialect, Engine, Integer, MetaData, Select, String, create_engine, event
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, declared_attr, mapped_column
from sqlalchemy.types import TypeDecorator

from crm import table_versions
from crm.settings import settings

MONEY_SCALE = 10_000
"""Money is stored as an integer of ten-thousandths: exact in sums on every database."""

DERIVED: dict[str, Any] = {"derived": True}
"""Column info: computed from other rows, refreshed in bulk; not audited, does not move the version."""


PATIENT, IMPATIENT = 60_000, 50
"""Milliseconds for which a statement on SQLite waits while somebody else writes."""
_CONNECTIONS = 24
"""To a file, that stay open: each keeps what it read of it, which a new one reads again."""
_STATEMENTS = 2000
"""That are kept ready: the pages of all roles ask more of them than the few hundred that would be kept otherwise."""
_ANSWERS = 10
"""Seconds within which a server has to answer a new connection."""


class Money(TypeDecorator[Decimal]):
    """Decimal in Python, integer ten-thousandths in the database."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> int | None:
        if value is None:
            return None
        return int((Decimal(value) * MONEY_SCALE).to_integral_value(rounding=ROUND_HALF_EVEN))

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:
        return None if value is None else Decimal(int(value)) / MONEY_SCALE


class Instant(TypeDecorator[dt.datetime]):
    """An aware UTC datetime in Python, stored without zone."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:
        return value.astimezone(dt.UTC).replace(tzinfo=None) if value is not None and value.tzinfo else value

    def process_result_value(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:
        return None if value is None else value.replace(tzinfo=dt.UTC)


def now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_N_label)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy's own name and form
        Decimal: Money,
        dt.datetime: Instant,
        dict[str, Any]: JSON,
        list[Any]: JSON,
    }

    @property
    def title(self) -> str:
        """How a person calls this record; kept in the audit log."""
        return f"{type(self).__name__} {getattr(self, 'id', '')}".strip()


class Record(Base):
    """A business record: numbered, timed, versioned, deleted logically."""

    __abstract__ = True

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    created_at: Mapped[dt.datetime] = mapped_column(default=now)
    updated_at: Mapped[dt.datetime] = mapped_column(default=now)
    version: Mapped[int] = mapped_column(default=1)
    deleted_at: Mapped[dt.datetime | None]

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:  # noqa: N805 - a class attribute
        return {"version_id_col": cls.version}


class Fact(Base):
    """An event that is written once and never changed or deleted."""

    __abstract__ = True

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    created_at: Mapped[dt.datetime] = mapped_column(default=now)


# Frames hold some dozens of rows: building, choosing and sorting them takes a third less time than with the strings of pyarrow.
pd.set_option("mode.string_storage", "python")

Code = String(40)
Name = String(200)


def engine(url: str | None = None) -> Engine:
    """One per database, kept: it holds the connections and the compiled statements."""
    return _engine(url or settings().url)


@lru_cache
def _engine(url: str) -> Engine:
    if not url.startswith("sqlite"):
        target = create_engine(url, pool_pre_ping=True, hide_parameters=True, connect_args={"connect_timeout": _ANSWERS})
        table_versions.watch(target, Base.metadata.tables)
        return target
    # The connection used last is taken first: it knows the statements, and holds the pages of the file.
    target = create_engine(
        url,
        hide_parameters=True,
        pool_size=_CONNECTIONS,
        pool_use_lifo=True,
        query_cache_size=_STATEMENTS,
        connect_args={"cached_statements": _STATEMENTS},
    )
    table_versions.watch(target, Base.metadata.tables)
    event.listen(target, "do_connect", _existing_only)
    event.listen(target, "connect", _configure_sqlite)
    event.listen(target, "checkout", _still_there)
    return target


def _existing_only(_dialect: Any, _record: Any, arguments: list[Any], options: dict[str, Any]) -> None:
    """A file that is not there is an error, not an empty database: only `migrations.upgrade` makes one."""
    if arguments[0] and arguments[0] != ":memory:":
        arguments[0], options["uri"] = f"{Path(arguments[0]).absolute().as_uri()}?mode=rw", True


def _still_there(_connection: Any, record: Any, _proxy: Any) -> None:
    """What is written to a file that was moved away or replaced would be lost: such a connection is not used again."""
    file, opened = record.info["file"]
    if opened != _identity(file):
        raise DisconnectionError("The file is not the one that was opened.")


def _identity(file: str) -> tuple[int, int] | None:
    try:
        found = Path(file).stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _configure_sqlite(connection: Any, record: Any) -> None:
    cursor = connection.cursor()
    file = cursor.execute("PRAGMA database_list").fetchone()[2]
    record.info["file"] = file, _identity(file)
    for pragma in (f"busy_timeout={PATIENT}", "journal_mode=WAL", "foreign_keys=ON", "synchronous=NORMAL", "cache_size=-32000"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


_COUNTED = 100_000
"""Rows of each index that SQLite looks at. From a few it guesses another number of rows for each index of one table and takes the
wrong one; so many take a second where all tables are large."""


def analyze() -> None:
    """Let the database count its rows again: after much has come in, plans made for an empty table are slow ones."""
    with engine().begin() as connection:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql(f"PRAGMA analysis_limit = {_COUNTED}")
        connection.exec_driver_sql("ANALYZE")


@contextmanager
def impatient(session: Session) -> Iterator[None]:
    """For what can be written as well a little later: refused after a moment, where somebody else writes just now."""
    connection = session.connection()
    if connection.dialect.name != "sqlite":
        yield
        return
    driver: Any = connection.connection.dbapi_connection
    driver.execute(f"PRAGMA busy_timeout={IMPATIENT}")
    try:
        yield
    finally:
        driver.execute(f"PRAGMA busy_timeout={PATIENT}")


def frame(session: Session, statement: Select[*tuple[Any, ...]]) -> pd.DataFrame:
    """Run a scoped statement -> DataFrame with its column names; money as float64 (exact below 2**53), times as UTC."""
    result = session.execute(statement)
    names = tuple(result.keys())
    types = [column["type"] for column in statement.column_descriptions]
    money = tuple(place for place, kind in enumerate(types) if isinstance(kind, Money))
    times = tuple(place for place, kind in enumerate(types) if isinstance(kind, Instant))
    # Plain tuples: pandas asks each row of SQLAlchemy for attributes that it has not.
    rows = [tuple(row) for row in result]
    if not rows:
        return _empty(names, money, times).copy(deep=False)
    if money:
        rows = [_in_floats(row, money) for row in rows]
    return _typed(pd.DataFrame.from_records(rows, columns=names, coerce_float=False), names, money, times)


def _in_floats(row: tuple[Any, ...], places: Sequence[int]) -> tuple[Any, ...]:
    values = list(row)
    for place in places:
        if values[place] is not None:
            values[place] = float(values[place])
    return tuple(values)


def _typed(data: pd.DataFrame, names: Sequence[str], money: Sequence[int], times: Sequence[int]) -> pd.DataFrame:
    """Only columns without any value are not yet what they have to be: setting one takes as long as reading the rows."""
    found = data.dtypes.tolist()
    for place in money:
        if found[place] != "float64":
            data[names[place]] = data[names[place]].astype("float64")
    for place in times:
        if not isinstance(found[place], pd.DatetimeTZDtype):
            data[names[place]] = pd.to_datetime(data[names[place]], utc=True).dt.as_unit("us")
    return data


@lru_cache(maxsize=2000)
def _empty(names: tuple[str, ...], money: tuple[int, ...], times: tuple[int, ...]) -> pd.DataFrame:
    return _typed(pd.DataFrame.from_records([], columns=names), names, money, times)
