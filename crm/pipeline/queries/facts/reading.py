"""Very many rows, or their days, quickly out of the database."""

from __future__ import annotations

from typing import Any

import pandas as pd
from sqlalchemy import BigInteger, Boolean, Date, Float, String, select, type_coerce
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from crm.database import MONEY_SCALE, Instant, Money, frame
from crm.session import ScopedSession


def plain(columns: dict[str, Any]) -> Any:
    """Very many rows: days and money as the database keeps them, to be read at once by `read` and not one by one."""
    return select(*as_stored(columns))


def as_stored(columns: dict[str, Any]) -> list[Any]:
    """The columns of `plain`."""
    stored: dict[Any, Any] = {Money: BigInteger, Date: String, Instant: String}
    kinds: dict[str, Any] = {name: stored.get(type(column.type), column.type) for name, column in columns.items()}
    return [type_coerce(column, kinds[name]).label(name) for name, column in columns.items()]


def read(session: ScopedSession, query: Any, columns: dict[str, Any]) -> pd.DataFrame:
    found = frame(session, query)
    for name, column in columns.items():
        if isinstance(column.type, Money):
            found[name] = found[name].astype("float64") / MONEY_SCALE
        elif isinstance(column.type, Date | Instant):
            found[name] = pd.to_datetime(found[name], utc=isinstance(column.type, Instant), format="ISO8601")
    return found


def dated(found: pd.DataFrame, *names: str) -> pd.DataFrame:
    return found.assign(**{name: pd.to_datetime(found[name]) for name in names})


class days_between(FunctionElement[float]):  # noqa: N801 - written like a function of SQL
    """Days, with their part, from the first day or moment to the second."""

    name = "days_between"
    type = Float()
    inherit_cache = True


@compiles(days_between, "sqlite")
def _in_sqlite(element: Any, compiler: Any, **options: Any) -> str:
    first, second = (compiler.process(clause, **options) for clause in element.clauses)
    return f"(julianday({second}) - julianday({first}))"


@compiles(days_between)
def _in_postgresql(element: Any, compiler: Any, **options: Any) -> str:
    first, second = (compiler.process(clause, **options) for clause in element.clauses)
    return f"(EXTRACT(EPOCH FROM CAST({second} AS timestamp) - CAST({first} AS timestamp)) / 86400.0)"


class month_of(FunctionElement[str]):  # noqa: N801 - written like a function of SQL
    """The month of a day as "2026-06"."""

    name = "month_of"
    type = String()
    inherit_cache = True


@compiles(month_of, "sqlite")
def _month_in_sqlite(element: Any, compiler: Any, **options: Any) -> str:
    (day,) = element.clauses
    return f"substr({compiler.process(day, **options)}, 1, 7)"


@compiles(month_of)
def _month_in_postgresql(element: Any, compiler: Any, **options: Any) -> str:
    (day,) = element.clauses
    return f"to_char({compiler.process(day, **options)}, 'YYYY-MM')"


class mostly(FunctionElement[bool]):  # noqa: N801 - written like a function of SQL
    """A condition that most rows meet. SQLite takes a span of days for a few rows and reads all of it, whoever is asked for."""

    name = "mostly"
    type = Boolean()
    inherit_cache = True


@compiles(mostly, "sqlite")
def _likely_in_sqlite(element: Any, compiler: Any, **options: Any) -> str:
    (condition,) = element.clauses
    return f"likelihood({compiler.process(condition, **options)}, 0.9)"


@compiles(mostly)
def _as_it_is(element: Any, compiler: Any, **options: Any) -> str:
    (condition,) = element.clauses
    return f"({compiler.process(condition, **options)})"
