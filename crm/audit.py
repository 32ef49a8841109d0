"""Who changed what, when, before and after: one entry for every changed record, kept after the record is gone."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from enum import Enum
from typing import Any

from sqlalchemy import ColumnElement, Select, String, cast, false, func, or_, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.inspection import inspect
from sqlalchemy.orm import Mapped, Session, mapped_column
from sqlalchemy.sql.functions import FunctionElement

from crm.access import AREAS, Actor, Reach, Role, Scoped, area_of
from crm.database import Base, Fact

_SILENT = {"id", "version", "created_at", "updated_at"}


class AuditEntry(Fact, Scoped):
    """Written by the session; nobody changes it. `team_id` is the unit the record belonged to."""

    __tablename__ = "audit_entry"

    actor_id: Mapped[int] = mapped_column(index=True)
    actor_name: Mapped[str] = mapped_column(String(200))
    action: Mapped[str] = mapped_column(String(20))
    """create, change, delete, restore, bulk"""
    area: Mapped[str] = mapped_column(String(40), index=True)
    record_type: Mapped[str] = mapped_column(String(40))
    record_id: Mapped[int | None]
    record_title: Mapped[str] = mapped_column(String(200))
    subject_type: Mapped[str | None] = mapped_column(String(40))
    """The record it belongs to, where it is part of another (an order line of a customer)."""
    subject_id: Mapped[int | None] = mapped_column(index=True)
    team_id: Mapped[int | None] = mapped_column(index=True)
    before: Mapped[dict[str, Any]]
    after: Mapped[dict[str, Any]]

    @classmethod
    def visible_to(cls, actor: Actor) -> ColumnElement[bool] | None:
        if actor.role is Role.SYSTEM:
            return None
        table = cls.__table__.c
        conditions: list[ColumnElement[bool]] = [table.actor_id == actor.user_id]
        if actor.may("audit", "staff"):
            open_areas = [area for area in AREAS if actor.grant(area).see is Reach.EVERYTHING]
            conditions += [table.area.in_(open_areas), table.team_id.in_(sorted(actor.team_ids))]
        return or_(*conditions) if conditions else false()

    def changeable_by(self, actor: Actor, session: Session) -> bool:
        return False


class others_writing(FunctionElement[str]):  # noqa: N801 - written like a function of SQL
    """The transactions of others that write and have not ended, as text. SQLite has none: one ends before the next begins."""

    inherit_cache = True
    type = String()


@compiles(others_writing)
def _nobody(element: Any, compiler: Any, **_: Any) -> str:
    return "''"


@compiles(others_writing, "postgresql")
def _by_their_locks(element: Any, compiler: Any, **_: Any) -> str:
    return (
        "(SELECT coalesce(string_agg(',' || transactionid, '' ORDER BY pid), '') FROM pg_locks"
        " WHERE locktype = 'transactionid' AND granted AND mode = 'ExclusiveLock' AND pid <> pg_backend_pid())"
    )


def newest_change() -> Select[str]:
    """-> a text that is another one after every change of any record.

    The last number of the log alone would not do: on PostgreSQL an entry may be committed after one with a higher number. So
    whoever may have taken a number and has not ended yet is named beside it.
    """
    return select(cast(func.coalesce(func.max(AuditEntry.id), 0), String) + others_writing())


def plain(value: Any) -> Any:
    """A value as JSON can keep it."""
    if isinstance(value, dt.date | dt.datetime | dt.time):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    return value.value if isinstance(value, Enum) else value


def columns_of_table(kind: type[Base]) -> list[str]:
    """The columns that the log and the optimistic lock look at."""
    mapper = inspect(kind)
    return [key for key, attr in mapper.column_attrs.items() if key not in _SILENT and not attr.columns[0].info.get("derived")]


def difference(record: Base) -> tuple[dict[str, Any], dict[str, Any]]:
    """-> the changed columns before and after the pending change."""
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    attributes = inspect(record).attrs
    for key in columns_of_table(type(record)):
        history = attributes[key].history
        if history.has_changes():
            old = plain(history.deleted[0]) if history.deleted else None
            new = plain(history.added[0]) if history.added else None
            if old != new:
                before[key], after[key] = old, new
    return before, after


def snapshot(record: Base) -> dict[str, Any]:
    return {key: plain(getattr(record, key)) for key in columns_of_table(type(record)) if getattr(record, key) is not None}


def describe(record: Base) -> dict[str, Any]:
    """The part of an entry that names the record."""
    subject = _subject(record)
    return {
        "area": area_of(type(record)),
        "record_type": type(record).__tablename__,
        "record_title": record.title[:200],
        "subject_type": subject[0],
        "subject_id": subject[1],
        "team_id": _team(record),
    }


def _subject(record: Any) -> tuple[str | None, int | None]:
    if hasattr(record, "subject_type") and hasattr(record, "subject_id"):
        return record.subject_type, record.subject_id
    parent = _parent(record)
    if parent is None:
        return None, None
    above = _parent(parent)
    root = above if above is not None else parent
    return type(root).__table__.name, root.id


def _parent(record: Any) -> Any:
    return getattr(record, record.PARENT) if getattr(record, "PARENT", None) else None


def _team(record: Any) -> int | None:
    while record is not None:
        if getattr(record, "team_id", None) is not None:
            return int(record.team_id)
        record = _parent(record)
    return None
