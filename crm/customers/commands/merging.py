"""Two records of one customer become one; what moved is kept, so that it can be undone."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import func, select

from crm.audit import plain
from crm.customers.commands.base import refresh_summaries
from crm.customers.commands.details import contact_words
from crm.customers.models import (
    Contact,
    CorporateProfile,
    Customer,
    CustomerCompetitor,
    CustomerInterest,
    CustomerShare,
    Holding,
    Loss,
    Merge,
    Order,
    Relation,
    RetailProfile,
    Stage,
)
from crm.database import Record, now
from crm.errors import Invalid
from crm.office.models import Activity, Tagging
from crm.office.queries import today
from crm.session import ScopedSession, get

MOVES: tuple[tuple[type[Record], str], ...] = (
    (Order, "customer_id"),
    (Contact, "customer_id"),
    (CustomerCompetitor, "customer_id"),
    (Holding, "customer_id"),
    (Loss, "customer_id"),
    (CustomerInterest, "customer_id"),
    (RetailProfile, "customer_id"),
    (CorporateProfile, "customer_id"),
    (CustomerShare, "customer_id"),
    (Relation, "customer_id"),
    (Relation, "other_id"),
    (Activity, "subject_id"),
    (Tagging, "subject_id"),
)
"""What follows the kept record, and the column that says whose it is."""

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
    moves: dict[str, int] = {}
    for kind, column in MOVES:
        count = session.scalar(select(func.count()).select_from(kind).where(*_belongs(kind, column, merge_id))) or 0
        table = _name(kind)
        moves[table] = moves.get(table, 0) + count
    return {"fields": fields, "moves": {table: count for table, count in moves.items() if count}}


def _name(kind: type[Record]) -> str:
    return kind.__table__.name  # type: ignore[attr-defined,no-any-return]


def _belongs(kind: Any, column: str, customer_id: int) -> list[Any]:
    conditions = [getattr(kind, column) == customer_id]
    return [*conditions, kind.subject_type == "customer"] if column == "subject_id" else conditions


def merge(session: ScopedSession, keep_id: int, merge_id: int, take: tuple[str, ...] = ()) -> Merge:
    """`merge_id` goes into `keep_id`: what is empty there is filled, fields in `take` come from the merged record."""
    session.actor.must("merge", "customers")
    if keep_id == merge_id:
        raise Invalid("Choose two different customers.")
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
    moved = {f"{_name(kind)}.{column}": _move(session, kind, column, merge_id, keep_id) for kind, column in MOVES}
    changed = {name: value for name, value in before.items() if value != plain(getattr(kept, name))}
    merged.merged_into_id, merged.deleted_at = keep_id, now()
    record = Merge(customer_id=keep_id, merged_id=merge_id, moved=moved, kept_before=changed)
    session.add(record)
    _settle(session, kept)
    return record


def _move(session: ScopedSession, kind: Any, column: str, from_id: int, to_id: int) -> list[int]:
    """-> ids that moved. What the other has already (the same tag, share, relation) stays behind."""
    ids = []
    taken = {_twin(row, column) for row in session.scalars(select(kind).where(*_belongs(kind, column, to_id)))}
    for row in list(session.scalars(select(kind).where(*_belongs(kind, column, from_id)))):
        other_end = getattr(row, "other_id" if column == "customer_id" else "customer_id", None) if kind is Relation else None
        if other_end == to_id or (_twin(row, column) is not None and _twin(row, column) in taken):
            continue
        setattr(row, column, to_id)
        ids.append(row.id)
    session.flush()
    return ids


def _twin(row: Any, column: str) -> Any:
    """What makes two rows the same for one customer, where only one may be."""
    if isinstance(row, Relation):
        return (row.kind, row.other_id if column == "customer_id" else row.customer_id)
    if isinstance(row, Tagging):
        return row.tag_id
    if isinstance(row, CustomerInterest):
        return row.product_id
    if isinstance(row, CustomerShare):
        return (row.user_id, row.unit_id)
    if isinstance(row, RetailProfile | CorporateProfile):
        return _name(type(row))
    return None


def _settle(session: ScopedSession, customer: Customer) -> None:
    customer.set_keys(contact_words(session, customer.id))
    session.flush()
    refresh_summaries(session, [customer.id], today(session))


def undo_merge(session: ScopedSession, merge_id: int) -> Customer:
    """The merged record comes back with all that had moved; -> the record that came back."""
    session.actor.must("merge", "customers")
    record = get(session, Merge, merge_id)
    if record.undone_at:
        raise Invalid("This merge was undone already.")
    kept = get(session, Customer, record.customer_id)
    merged = get(session, Customer, record.merged_id, with_deleted=True)
    merged.merged_into_id = merged.deleted_at = None
    session.flush()
    for kind, column in MOVES:
        ids = record.moved.get(f"{_name(kind)}.{column}", [])
        for row in session.scalars(select(kind).where(kind.id.in_(ids))):
            setattr(row, column, merged.id)
    for name, value in record.kept_before.items():
        setattr(kept, name, dt.date.fromisoformat(value) if name == "converted_on" and value else value)
    record.undone_at = now()
    session.flush()
    _settle(session, kept)
    _settle(session, merged)
    if kept.first_order_on and kept.stage == Stage.POTENTIAL:
        kept.stage, kept.converted_on = Stage.TRANSACTING, kept.first_order_on
    return merged
