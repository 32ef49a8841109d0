"""The only door to the data: a session limited to what one actor may see and change.

Every statement gets the condition of each table; every flush is asked record by record; every change is logged.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from sqlalchemy import Select, event, insert, select
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as NoConnectionFree
from sqlalchemy.inspection import inspect
from sqlalchemy.orm import ORMExecuteState, Session, sessionmaker
from sqlalchemy.orm.exc import StaleDataError
from sqlalchemy.sql.dml import UpdateBase

from crm import audit, outage, table_versions
from crm.access import Actor, Attached, PartOf
from crm.audit import AuditEntry
from crm.database import Base, Fact, Record, engine, now
from crm.errors import CrmError, Invalid, NotFound, Refused, UnscopedStatement
from crm.scope import limits

WITH_DELETED = "with_deleted"
"""Execution option: logically deleted records are wanted too (trash, restore, the audit of a record)."""

_LIFTED = "scope_lifted_for"

T = TypeVar("T", bound=Base)
A = TypeVar("A")
Rows = TypeVar("Rows", bound=Select[Any])


class ScopedSession(Session):
    """A session that knows who asks."""

    @property
    def actor(self) -> Actor:
        actor: Actor = self.info["actor"]
        return actor

    def once(self, ask: Callable[[ScopedSession], A]) -> A:
        """What a question answers, asked once until this session writes something."""
        answers: dict[Callable[[ScopedSession], Any], Any] = self.info.setdefault("answers", {})
        if ask not in answers:
            answers[ask] = ask(self)
        answer: A = answers[ask]
        return answer


_sessions = sessionmaker(class_=ScopedSession, autoflush=True, expire_on_commit=False)


@contextmanager
def open_as(actor: Actor) -> Iterator[ScopedSession]:
    """A session in the scope of the actor; commits once at the end, rolls back on any error. Raises Outage where the database or
    the disk fails: then nothing was saved, unless it says so."""
    session, committing = _sessions(bind=engine(), info={"actor": actor}), False
    try:
        yield session
        session.flush()
        committing = True
        session.commit()
    except StaleDataError as error:
        raise Invalid("Somebody else changed this record at the same moment. Nothing was saved; open it again.") from error
    except IntegrityError as error:
        raise _told(error) from error
    except (DBAPIError, NoConnectionFree, OSError) as error:
        raise outage.told(error, committing=committing) from error
    finally:
        session.close()  # takes back what was not committed, also where an inner session has done so already


@contextmanager
def acting_as(actor: Actor, session: ScopedSession) -> Iterator[ScopedSession]:
    """A session in the scope of another actor within the transaction of this one, which ends it: what the product derives for all
    customers (SYSTEM) once somebody was allowed to start it."""
    session.flush()
    inner = _sessions(bind=session.connection(), info={"actor": actor})
    try:
        yield inner
        inner.flush()
    finally:
        inner.close()


def _told(error: IntegrityError) -> CrmError:
    """A broken constraint as a sentence a person can use."""
    text = str(error.orig)
    for mapper in Base.registry.mappers:
        for constraint, template in mapper.local_table.info.get("says", {}).items():  # type: ignore[attr-defined]
            columns = ", ".join(f"{mapper.local_table.name}.{column}" for column in constraint[1])  # type: ignore[attr-defined]
            if constraint[0] in text or f"UNIQUE constraint failed: {columns}" in text:
                return Invalid(template, field=constraint[1][-1])
    return Invalid("This cannot be saved: it would contradict another record ({detail}).", detail=text.splitlines()[0][:200])


# ---------------------------------------------------------------------------------------------------- reading


@event.listens_for(ScopedSession, "do_orm_execute")
def _limit(state: ORMExecuteState) -> None:
    if state.is_column_load:
        return
    options = state.execution_options
    actor: Actor = state.session.info["actor"]
    found = limits(
        state.statement,
        actor,
        with_deleted=bool(options.get(WITH_DELETED)),
        lifted=options.get(_LIFTED, frozenset()),
        relationship=state.is_relationship_load,
    )
    if isinstance(state.statement, UpdateBase):
        _only_derived(state, actor)
    state.statement = state.statement.options(*found)


def _only_derived(state: ORMExecuteState, actor: Actor) -> None:
    """A bulk statement passes no record through the checks, so it may touch nothing but derived columns."""
    statement: Any = state.statement
    if state.is_update:
        columns: Any = state.bind_mapper.local_table.c if state.bind_mapper else {}
        values = statement._values or {}
        if values and all(
            getattr(column, "name", column) in columns and columns[getattr(column, "name", column)].info.get("derived")
            for column in values
        ):
            return
    raise UnscopedStatement("Change records one by one through a command, or with bulk_write().")


def history_of(session: ScopedSession, record: Base) -> list[AuditEntry]:
    """The log of one record and of what is part of it, newest first: who sees the record reads its log."""
    name = type(record).__table__.name  # type: ignore[attr-defined]
    record_id = record.id  # type: ignore[attr-defined]
    of_record = (AuditEntry.record_type == name) & (AuditEntry.record_id == record_id)
    of_parts = (AuditEntry.subject_type == name) & (AuditEntry.subject_id == record_id)
    query = select(AuditEntry).where(of_record | of_parts).order_by(AuditEntry.id.desc()).limit(500)
    return list(session.scalars(query, execution_options={_LIFTED: frozenset({AuditEntry})}))


def get(session: ScopedSession, kind: type[T], record_id: int | None, *, with_deleted: bool = False) -> T:
    """One record, or NotFound: hidden and missing are the same answer."""
    mapper = inspect(kind)
    query = select(kind).where(mapper.primary_key[0] == record_id)
    found = session.scalars(query, execution_options={WITH_DELETED: with_deleted}).first() if record_id else None
    if found is None:
        raise NotFound()
    return found


def through_parent(statement: Rows, *kinds: type[PartOf] | type[Attached]) -> Rows:
    """The statement with each of `kinds` limited by its parent alone, which it must join, or, of what is attached, by the record
    that it must be matched with: a part of what one sees is seen.

    Without this, the limit of a part lists all parents that the actor sees, also where one of them is asked for.
    """
    return statement.execution_options(**{_LIFTED: frozenset(kinds)})


def data_version(session: ScopedSession) -> str:
    """Moves with every change of any record: the key that keeps cached frames honest."""
    found: str = session.scalars(audit.newest_change(), execution_options={_LIFTED: frozenset({AuditEntry})}).one()
    return found


def versions(session: ScopedSession) -> dict[str, int]:
    """Of the tables, by name: see crm.table_versions."""
    return table_versions.versions(session.connection())


def outdate(session: ScopedSession, *tables: str) -> None:
    """As if rows of these tables were written: what is kept of them is asked anew after the commit."""
    table_versions.wrote(session.connection(), *tables)


# ---------------------------------------------------------------------------------------------------- writing


@event.listens_for(ScopedSession, "before_flush")
def _ask(session: ScopedSession, context: Any, instances: Any) -> None:
    actor = session.actor
    session.info.pop("answers", None)
    rows: list[dict[str, Any]] = session.info.setdefault("log", [])
    for record in list(session.deleted):
        _refuse_unless(getattr(record, "DISPOSABLE", False) and record.changeable_by(actor, session), record)
        rows += _entry(record, "delete", audit.snapshot(record), {})
    for record in list(session.dirty):
        if not session.is_modified(record, include_collections=False):
            continue
        before, after = audit.difference(record)
        if isinstance(record, Fact) and not set(after) <= getattr(type(record), "CLOSES", set()):
            raise UnscopedStatement(f"{type(record).__name__} is a fact and never changes.")
        _refuse_unless(record.changeable_by(actor, session), record)
        if isinstance(record, Record):
            record.updated_at = now()
        if after:
            rows += _entry(record, _action(before, after), before, after)
    for record in list(session.new):
        _refuse_unless(record.changeable_by(actor, session), record)
        session.info.setdefault("new", []).append(record)


def _action(before: dict[str, Any], after: dict[str, Any]) -> str:
    if "deleted_at" in after:
        return "delete" if after["deleted_at"] else "restore"
    return "change"


def _refuse_unless(allowed: bool, record: Base) -> None:
    if not allowed:
        raise Refused("You may not change this: {title}.", title=record.title)


def _entry(record: Any, action: str, before: dict[str, Any], after: dict[str, Any]) -> list[dict[str, Any]]:
    if getattr(type(record), "UNLOGGED", False):
        return []
    return [{"action": action, "record_id": record.id, "before": before, "after": after, **audit.describe(record)}]


@event.listens_for(ScopedSession, "after_flush_postexec")
def _log(session: ScopedSession, context: Any) -> None:
    """Only now a new record has its number, and can be asked for its parent."""
    rows: list[dict[str, Any]] = session.info.pop("log", [])
    with session.no_autoflush:
        for record in session.info.pop("new", []):
            rows += _entry(record, "create", {}, audit.snapshot(record))
    write_log(session, rows)


def write_log(session: ScopedSession, rows: list[dict[str, Any]]) -> None:
    """Only for this module and `crm.bulk`."""
    if rows:
        actor = session.actor
        who = {"actor_id": actor.user_id, "actor_name": actor.name or actor.role.value, "created_at": now()}
        session.connection().execute(insert(AuditEntry.__table__), [row | who for row in rows])  # type: ignore[arg-type]
