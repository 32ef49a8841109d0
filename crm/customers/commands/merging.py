"""Two records of one customer become one; what moved is kept, so that it can be undone."""

from __future__ import annotations

import datetime as dt
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any

from sqlalchemy import UniqueConstraint, func, select

from crm.access import SYSTEM, Attached, PartOf
from crm.audit import plain
from crm.bulk import hold
from crm.customers.commands.base import refresh_summaries
from crm.customers.commands.details import contact_words
from crm.customers.models import Customer, CustomerShare, Merge, Order, Relation, Stage
from crm.database import Base, Record, now
from crm.errors import Invalid
from crm.office.queries import today
from crm.session import WITH_DELETED, ScopedSession, acting_as, get

STAYS = {"customer.merged_into_id", "merge.customer_id", "merge.merged_id"}
"""Columns that name a customer and keep naming the merged record."""

FIELDS = (
    "name",
    "level",
    "credit_grade",
    "source",
    "region",
    "industry",
    "phone",
    "email",
    "website",
    "address",
    "product_field",
    "preferences",
    "remark",
)

RESTORED = (*FIELDS, "custom", "stage", "converted_on")
"""What a merge may change of the kept record, and undoing sets back."""


def merge_preview(session: ScopedSession, keep_id: int, merge_id: int) -> dict[str, Any]:
    """What a merge would do -> fields: [{field, kept, merged, result}], moves: {table: rows}."""
    kept, merged = get(session, Customer, keep_id), get(session, Customer, merge_id)
    fields = []
    for name in FIELDS:
        ours, theirs = plain(getattr(kept, name)), plain(getattr(merged, name))
        if ours != theirs:
            fields.append({"field": name, "kept": ours, "merged": theirs, "result": ours or theirs})
    counts: dict[str, int] = {}
    with _everything(session) as everything:
        for kind, column in moves():
            count = everything.scalar(select(func.count()).select_from(kind).where(*_belongs(kind, column, merge_id))) or 0
            counts[_name(kind)] = counts.get(_name(kind), 0) + count
    return {"fields": fields, "moves": {table: count for table, count in counts.items() if count}}


def moves() -> list[tuple[type[Record], str]]:
    """What follows the kept record, of all areas, and the column that says whose it is: every record with a key to customer but
    STAYS, and what is attached to one. Facts stay: they tell what was, and scores are made anew."""
    kinds = {mapper.local_table: mapper.class_ for mapper in Base.registry.mappers}
    found: list[tuple[type[Record], str]] = []
    for table in Base.metadata.sorted_tables:
        kind = kinds[table]
        if not issubclass(kind, Record):
            continue
        named = [column for column in table.columns if any(key.column is Customer.__table__.c.id for key in column.foreign_keys)]
        found += [(kind, column.name) for column in named if f"{table.name}.{column.name}" not in STAYS]
        found += [(kind, "subject_id")] if issubclass(kind, Attached) else []
    return found


def _name(kind: type[Record]) -> str:
    return kind.__table__.name  # type: ignore[attr-defined,no-any-return]


def _belongs(kind: Any, column: str, customer_id: int) -> list[Any]:
    conditions = [getattr(kind, column) == customer_id]
    return [*conditions, kind.subject_type == "customer"] if column == "subject_id" else conditions


def _everything(session: ScopedSession) -> AbstractContextManager[ScopedSession]:
    """Deals, contracts and receipts follow their customer also where they are another person's, and in the name of who merges."""
    return acting_as(replace(SYSTEM, user_id=session.actor.user_id, name=session.actor.name), session)


def merge(session: ScopedSession, keep_id: int, merge_id: int, take: tuple[str, ...] = ()) -> Merge:
    """`merge_id` goes into `keep_id`: what is empty there is filled, fields in `take` come from the merged record."""
    session.actor.must("merge", "customers")
    if keep_id == merge_id:
        raise Invalid("Choose two different customers.")
    _hold(session)
    kept, merged = get(session, Customer, keep_id), get(session, Customer, merge_id)
    if kept.board_id != merged.board_id:
        raise Invalid("These customers belong to different boards and stay apart.")
    before = {name: plain(getattr(kept, name)) for name in RESTORED}
    for name in FIELDS:
        if name in take or getattr(kept, name) in (None, ""):
            setattr(kept, name, getattr(merged, name))
    kept.custom = {**merged.custom, **kept.custom}
    if merged.converted_on and (kept.converted_on is None or merged.converted_on < kept.converted_on):
        kept.stage, kept.converted_on = merged.stage, merged.converted_on
    with _everything(session) as everything:
        moved = {f"{_name(kind)}.{column}": _move(everything, kind, column, merge_id, keep_id) for kind, column in moves()}
    session.expire_all()
    changed = {name: value for name, value in before.items() if value != plain(getattr(kept, name))}
    merged.merged_into_id, merged.deleted_at = keep_id, now()
    record = Merge(customer_id=keep_id, merged_id=merge_id, moved=moved, kept_before=changed)
    session.add(record)
    _settle(session, kept)
    return record


def _hold(session: ScopedSession) -> None:
    """Of two who merge the same pair the other way round, the second finds it merged. Orders first, as whoever sells does."""
    hold(session, Order)
    hold(session, Customer)


def _move(everything: ScopedSession, kind: Any, column: str, from_id: int, to_id: int) -> list[int]:
    """-> ids that moved. What the other has already (the same tag, share, relation) stays behind."""
    ids = []
    theirs = everything.scalars(select(kind).where(*_belongs(kind, column, to_id)), execution_options={WITH_DELETED: True})
    taken = {twin for row in theirs for twin in _twins(row, column)}
    for row in list(everything.scalars(select(kind).where(*_belongs(kind, column, from_id)))):
        if _names_twice(row, column, to_id) or taken & set(_twins(row, column)):
            continue
        setattr(row, column, to_id)
        ids.append(row.id)
    everything.flush()
    return ids


def _names_twice(row: Any, column: str, to_id: int) -> bool:
    """A relation with itself, or a further customer on a deal that is his own."""
    if isinstance(row, Relation):
        return bool((row.other_id if column == "customer_id" else row.customer_id) == to_id)
    above = getattr(row, row.PARENT) if isinstance(row, PartOf) else None
    return getattr(above, "customer_id", None) == to_id


def _twins(row: Any, column: str) -> list[tuple[Any, ...]]:
    """What makes two rows the same for one customer, where only one may be."""
    if isinstance(row, CustomerShare):
        return [(row.user_id, row.unit_id)]
    unique = [one for one in row.__table__.constraints if isinstance(one, UniqueConstraint) and column in one.columns]
    return [tuple(getattr(row, other.name) for other in one.columns if other.name != column) for one in unique]


def _settle(session: ScopedSession, customer: Customer) -> None:
    customer.set_keys(contact_words(session, customer.id))
    session.flush()
    refresh_summaries(session, [customer.id], today(session))


def undo_merge(session: ScopedSession, merge_id: int) -> Customer:
    """The merged record comes back with all that had moved; -> the record that came back."""
    session.actor.must("merge", "customers")
    _hold(session)
    record = get(session, Merge, merge_id)
    if record.undone_at:
        raise Invalid("This merge was undone already.")
    kept = get(session, Customer, record.customer_id)
    merged = get(session, Customer, record.merged_id, with_deleted=True)
    merged.merged_into_id = merged.deleted_at = None
    session.flush()
    with _everything(session) as everything:
        for kind, column in moves():
            ids = record.moved.get(f"{_name(kind)}.{column}", [])
            for row in everything.scalars(select(kind).where(kind.id.in_(ids))):
                setattr(row, column, merged.id)
    session.expire_all()
    for name, value in record.kept_before.items():
        setattr(kept, name, dt.date.fromisoformat(value) if name == "converted_on" and value else value)
    record.undone_at = now()
    session.flush()
    _settle(session, kept)
    _settle(session, merged)
    if kept.first_order_on and kept.stage == Stage.POTENTIAL:
        kept.stage, kept.converted_on = Stage.TRANSACTING, kept.first_order_on
    return merged
