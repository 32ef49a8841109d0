"""A row in every table for several owners in two boards, and what each person may see of it, worked out without SQL."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import JSON, Boolean, Connection, Date, Float, Integer, Numeric, String, Table, insert, select, update

from crm import tables
from crm.access import GRANTS, Attached, Grant, Owned, PartOf, Personal, Reach, Sealed, Shared, area_of, subjects
from crm.audit import AuditEntry
from crm.contracts.models import Contract, Receipt
from crm.customers.models import Customer, CustomerGroup, GroupMember, ModelRun, Order
from crm.database import Base, Instant, Money, Record, engine, now
from crm.marketing.models import Campaign, OfUnit
from crm.office.models import Announcement, Notice
from crm.pipeline.models import Opportunity
from crm.staff.models import Presence, SignInEvent
from crm.support.models import Case, FeedbackInvitation
from crm.targets.models import Evaluation, IncentiveStatement, TargetPlan
from tests.people import TODAY, UNITS, People, Person

KINDS: list[type[Any]] = sorted((mapper.class_ for mapper in Base.registry.mappers), key=lambda kind: kind.__name__)

HIRED = {"user", "org_unit", "credential", "membership"}
"""Filled with the people themselves."""

UNITS_IN_REACH = {
    "anna": {"Sales East"},
    "ben": {"Sales East"},
    "chen": {"Sales West"},
    "dana": {"Music", "Sales East", "Sales West", "Service"},
    "amir": {"Music", "Sales East", "Sales West", "Service"},
    "bao": {"Music", "Sales East", "Sales West", "Service"},
    "gia": {"Music", "Sales East", "Sales West", "Service"},
    "emil": {"Machinery Sales"},
    "mia": {name for name, _, _ in UNITS},
    "eve": {name for name, _, _ in UNITS},
    "ada": {name for name, _, _ in UNITS},
}
OF_SALES_EAST, OF_THE_GROUP = {"emil", "dana"}, {"dana"}
SHARED = {
    "anna": {"chen", *OF_SALES_EAST},
    **dict.fromkeys(["ben", "dana", "amir", "bao", "gia"], OF_SALES_EAST),
    **dict.fromkeys(["chen", "emil"], OF_THE_GROUP),
}
"""Whose customer is shared with whom: chen's with anna, emil's with Sales East and who sees that unit, dana's with the group."""


@dataclass
class World:
    people: People
    rows: dict[str, dict[int, dict[str, Any]]] = field(default_factory=dict)
    """table -> id -> row, as stored"""
    _visible: dict[tuple[str, type[Any]], frozenset[int]] = field(default_factory=dict)

    def may_see(self, person: Person, kind: type[Any], row: dict[str, Any]) -> bool:
        return row.get("deleted_at") is None and self._within(person, kind, row)

    def visible(self, person: Person, kind: type[Any]) -> frozenset[int]:
        asked = (person.username, kind)
        if asked not in self._visible:
            rows = self.rows[kind.__table__.name].values()
            self._visible[asked] = frozenset(row["id"] for row in rows if self.may_see(person, kind, row))
        return self._visible[asked]

    def hidden(self, person: Person, kind: type[Any]) -> frozenset[int]:
        return frozenset(self.rows[kind.__table__.name]) - self.visible(person, kind)

    def _within(self, person: Person, kind: type[Any], row: dict[str, Any]) -> bool:
        reach = GRANTS[person.actor.role][area_of(kind)].see if area_of(kind) in GRANTS[person.actor.role] else Reach.NOTHING
        if kind is AuditEntry:
            return self._reads_log(person, row)
        if issubclass(kind, Sealed):
            return False
        if issubclass(kind, Shared):
            return True
        if kind is Notice:
            return person.id in (row["user_id"], row["by_id"])
        if kind is Announcement:
            return reach is Reach.EVERYTHING or self._at_or_above(person, row["team_id"])
        if issubclass(kind, Personal):
            unit_id = self.rows["user"][row["user_id"]]["unit_id"]
            unit_too = kind in (SignInEvent, Presence) and reach is Reach.TEAM and self._near(person, unit_id)
            return reach is Reach.EVERYTHING or row["user_id"] == person.id or unit_too
        if kind is ModelRun:
            return reach is Reach.EVERYTHING or (reach is not Reach.NOTHING and self._at_or_above(person, row["board_id"]))
        if kind in (Evaluation, IncentiveStatement) and GRANTS[person.actor.role].get("targets", Grant()).change is Reach.NOTHING:
            return reach is not Reach.NOTHING and row["owner_id"] == person.id
        if kind in (CustomerGroup, Campaign, TargetPlan):
            below = reach is not Reach.NOTHING and self._at_or_above(person, row["team_id"])
            return below or self._owned(person, kind, row, reach)
        if kind is GroupMember:
            customer = self._within(person, Customer, self.rows["customer"][row["customer_id"]])
            return customer and self._within(person, *self.parent(kind, row))
        if issubclass(kind, OfUnit):
            return reach is Reach.EVERYTHING or (reach is not Reach.NOTHING and self._at_or_above(person, row["team_id"]))
        if kind in (Opportunity, Contract, Case) and reach is not Reach.NOTHING:
            customer = self._within(person, Customer, self.rows["customer"][row["customer_id"]])
            return customer or self._owned(person, kind, row, reach)
        if issubclass(kind, Owned):
            return self._owned(person, kind, row, reach)
        if kind in (Receipt, FeedbackInvitation) and reach is Reach.NOTHING:
            return False
        if issubclass(kind, PartOf):
            of_the_board = kind is Order and reach is Reach.TEAM and self._near(person, row["board_id"])
            return of_the_board or self._within(person, *self.parent(kind, row))
        assert issubclass(kind, Attached), f"{kind.__name__} has a base that this test does not know"
        subject = subjects()[row["subject_type"]]
        return self._within(person, subject, self.rows[row["subject_type"]][row["subject_id"]])

    def _at_or_above(self, person: Person, unit_id: int) -> bool:
        return self._near(person, unit_id) or unit_id in person.actor.above_ids

    def _owned(self, person: Person, kind: type[Any], row: dict[str, Any], reach: Reach) -> bool:
        if reach in (Reach.EVERYTHING, Reach.NOTHING):
            return reach is Reach.EVERYTHING
        owner = next(other.username for other in self.people if other.id == row["owner_id"])
        return (
            row["owner_id"] == person.id
            or (reach is Reach.TEAM and self._near(person, row["team_id"]))
            or (kind is Customer and owner in SHARED.get(person.username, ()))
        )

    def _near(self, person: Person, unit_id: int | None) -> bool:
        return unit_id in {self.people.units[name] for name in UNITS_IN_REACH[person.username]}

    def _reads_log(self, person: Person, row: dict[str, Any]) -> bool:
        grants = GRANTS[person.actor.role]
        if row["actor_id"] == person.id:
            return True
        everything = row["area"] in grants and grants[row["area"]].see is Reach.EVERYTHING
        return "audit" in grants["staff"].may and (everything or self._near(person, row["team_id"]))

    def parent(self, kind: type[Any], row: dict[str, Any]) -> tuple[type[Any], dict[str, Any]]:
        parent = kind.__mapper__.relationships[kind.PARENT].mapper.class_
        (link,) = kind.__mapper__.relationships[kind.PARENT].local_columns
        return parent, self.rows[parent.__table__.name][row[link.name]]


def build(people: People) -> World:
    with engine().begin() as connection:
        filled = {person.username: _fill(connection, person, number) for number, person in enumerate(people)}
        _delete(connection, _fill(connection, people.anna, 90))
        for share in _shares(people, {name: ids["customer"] for name, ids in filled.items()}):
            connection.execute(insert(tables.customers.CustomerShare.__table__).values(**share))
        rows = {kind.__table__.name: _stored(connection, kind.__table__) for kind in KINDS}
    return World(people, rows)


def _shares(people: People, customers: dict[str, int]) -> list[dict[str, Any]]:
    return [
        {"customer_id": customers["chen"], "user_id": people.anna.id},
        {"customer_id": customers["emil"], "unit_id": people.units["Sales East"], "may_change": True},
        {"customer_id": customers["dana"], "unit_id": people.units["Group"]},
        {"customer_id": customers["ben"], "user_id": people.anna.id, "may_change": True, "deleted_at": now()},
    ]


def _stored(connection: Connection, table: Table) -> dict[int, dict[str, Any]]:
    return {row["id"]: dict(row) for row in connection.execute(select(table)).mappings()}


def _fill(connection: Connection, owner: Person, number: int, known: dict[str, int] | None = None) -> dict[str, int]:
    """One row in every table, tied to this owner and to each other -> table: id. `known`: rows that are there already."""
    ids = {"user": owner.id, "org_unit": owner.unit_id} | (known or {})
    for table in sorted(tables.metadata.sorted_tables, key=lambda table: "subject_type" in table.c):
        if table.name not in HIRED and table.name not in ids:
            values = {column.name: _value(column, table, ids, owner, number) for column in table.columns if _is_asked(column)}
            ids[table.name] = connection.execute(insert(table).values(**values)).inserted_primary_key[0]
    return ids


def _is_asked(column: Any) -> bool:
    if column.table.name == "customer_share" and column.name in ("user_id", "unit_id"):
        return False
    return not column.primary_key and column.default is None and (bool(column.foreign_keys) or not column.nullable)


def _value(column: Any, table: Table, ids: dict[str, int], owner: Person, number: int) -> Any:
    near = {"board_id": owner.board_id, "team_id": owner.unit_id, "actor_id": owner.id, "by_id": owner.id}
    near |= {"subject_type": "customer", "subject_id": ids.get("customer"), "area": "customers"}
    if column.name in near:
        return near[column.name]
    for key in column.foreign_keys:
        later = key.column.table is table or (column.nullable and key.column.table.name not in ids)
        return None if later else ids[key.column.table.name]
    return _of_type(column, f"{column.name} {number}", TODAY + dt.timedelta(number))


def _of_type(column: Any, word: str, day: dt.date) -> Any:
    samples = [
        (String, word),
        (Money, 1),
        (Instant, now()),
        (Date, day),
        (Boolean, False),
        (Integer, 1),
        (Float, 1.0),
        (Numeric, 1),
        (JSON, {}),
    ]
    return next(sample for kind, sample in samples if isinstance(column.type, kind))


def _delete(connection: Connection, ids: dict[str, int]) -> None:
    for kind in KINDS:
        name = kind.__table__.name
        if issubclass(kind, Record) and name not in HIRED:
            connection.execute(
                update(kind.__table__).where(kind.__table__.c.id == ids[name]).values(deleted_at=dt.datetime.now(dt.UTC))
            )
