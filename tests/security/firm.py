"""A firm of two boards in which every text of every record carries a mark that tells which record it belongs to."""

from __future__ import annotations

import re
from functools import cached_property
from typing import Any

from sqlalchemy import Connection, String, Table, or_, select, update

from crm import tables
from crm.access import SYSTEM, Reach, Sealed, Shared
from crm.customers.models import Customer, CustomerShare
from crm.database import engine
from crm.session import open_as
from crm.support.commands import seed_policies
from tests import world
from tests.pages import tile_world
from tests.people import People, Person
from tests.world import KINDS, World

MARK = re.compile(rb"zq(\d+)x(\d+)qz")
MARKED = {
    "address",
    "answer",
    "chances",
    "code",
    "comment",
    "conclusion",
    "contact",
    "decision",
    "description",
    "email",
    "employer",
    "end_reason",
    "file_name",
    "lost_to",
    "name",
    "name_key",
    "need",
    "note",
    "number",
    "occupation",
    "offer",
    "place",
    "product_field",
    "record_title",
    "reference",
    "remark",
    "result",
    "search_text",
    "solution",
    "strengths",
    "subject",
    "task",
    "terms",
    "text",
    "threats",
    "topic",
    "weaknesses",
}
"""Columns in which people write what they like."""

SENSIBLE: dict[str, dict[str, Any]] = {
    "target": {"measure": "revenue", "subject_kind": "person", "period": "month"},
    "evaluation": {"kind": "work"},
    "article": {"language": "en"},
    "call": {"kind": "win_back", "arm": "call"},
    "invoice": {"kind": "invoice"},
    "holding": {"side": "ours"},
    "relation": {"kind": "partner"},
    "notice": {"category": "alert", "topic": "message"},
    "pool_entry": {"pool": "public"},
}
"""Codes, where a word of the generic rows would not do."""

LOOKED_AT = {kind.__table__.name: kind for kind in KINDS}
NUMBERS = {name: place for place, name in enumerate(sorted(LOOKED_AT))}
NAMES = sorted(LOOKED_AT)


class Firm(World):
    """Who may see what is worked out from the rows, as in the matrix of all tables; what is shared stands in the rows as well."""

    @cached_property
    def shared(self) -> set[tuple[int, str, int]]:
        found = set()
        for row in self.rows["customer_share"].values():
            for kind in ("user_id", "unit_id"):
                if row[kind] and not row["deleted_at"]:
                    found.add((row["customer_id"], kind, row[kind]))
        return found

    def _owned(self, person: Person, kind: type[Any], row: dict[str, Any], reach: Reach) -> bool:
        if reach in (Reach.EVERYTHING, Reach.NOTHING):
            return reach is Reach.EVERYTHING
        if row["owner_id"] == person.id or (reach is Reach.TEAM and self._near(person, row["team_id"])):
            return True
        units = person.actor.team_ids | person.actor.above_ids
        shared = {(row["id"], "user_id", person.id), *((row["id"], "unit_id", unit) for unit in units)}
        return kind is Customer and bool(shared & self.shared)

    def sees(self, person: Person, table: str, record_id: int) -> bool:
        row = self.rows[table].get(record_id)
        return row is None or self.may_see(person, LOOKED_AT[table], row)

    def foreign(self, person: Person, table: str) -> int | None:
        """A record that is not this person's to see: the one of Machinery where there is one."""
        hidden = sorted(self.hidden(person, LOOKED_AT[table]))
        alive = [one for one in hidden if not self.rows[table][one].get("deleted_at")]
        return alive[-1] if alive else None

    def own(self, person: Person, table: str) -> int | None:
        """A record of this person's, or else one that he sees."""
        rows, seen = self.rows[table], sorted(self.visible(person, LOOKED_AT[table]))
        mine = [
            one for one in seen if person.id in (rows[one].get("owner_id"), rows[one].get("user_id"), rows[one].get("author_id"))
        ]
        return next(iter(mine or seen), None)

    def leaks(self, person: Person, written: bytes | str) -> set[str]:
        """The records whose marks stand there and are not this person's to see."""
        text = written.encode() if isinstance(written, str) else written
        found = {(NAMES[int(number)], int(record_id)) for number, record_id in MARK.findall(text)}
        return {f"{table} {record_id}" for table, record_id in found if not self.sees(person, table, record_id)}


def mark(table: str, record_id: int) -> str:
    return f"zq{NUMBERS[table]}x{record_id}qz"


def build(people: People) -> tuple[Firm, dict[str, int]]:
    """-> the firm, and what the pages of one record are asked for"""
    records = tile_world.fill(people)
    with open_as(SYSTEM) as session:
        seed_policies(session)
    with engine().begin() as connection:
        for number, person in enumerate((people.anna, people.chen, people.emil), 40):
            world._fill(connection, person, number, _records_of(connection, person))
        share = {"customer_id": _records_of(connection, people.chen)["customer"], "user_id": people.anna.id}
        connection.execute(CustomerShare.__table__.insert().values(**share))
        for name, values in SENSIBLE.items():
            table = tables.metadata.tables[name]
            made = [table.c[column].like("% 4_") for column in values if isinstance(table.c[column].type, String)]
            connection.execute(update(table).where(or_(*made)).values(**values))
        for kind in KINDS:
            _mark(connection, kind)
        rows = {kind.__table__.name: world._stored(connection, kind.__table__) for kind in KINDS}
    return Firm(people, rows), records


def _records_of(connection: Connection, owner: Person) -> dict[str, int]:
    """Of each table one record that this owner has already, or that everybody shares."""
    found: dict[str, int] = {}
    for table in tables.metadata.sorted_tables:
        kind = LOOKED_AT[table.name]
        tied = [table.c[name] == value for name, value in _ties(table, found, owner)]
        if tied or issubclass(kind, Shared | Sealed):
            one = connection.scalar(select(table.c.id).where(*tied).order_by(table.c.id))
            found |= {table.name: one} if one else {}
    return found | {"user": owner.id, "org_unit": owner.unit_id}


def _ties(table: Table, found: dict[str, int], owner: Person) -> list[tuple[str, int]]:
    """What makes a row one of the owner's: the column that names him, else those of the records it is part of."""
    for name in ("owner_id", "user_id", "author_id"):
        if name in table.c:
            return [(name, owner.id)]
    parents = [(key.parent.name, found[key.column.table.name]) for key in table.foreign_keys if key.column.table.name in found]
    return [one for one in parents if not table.c[one[0]].nullable]


def _mark(connection: Connection, kind: type[Any]) -> None:
    if issubclass(kind, Shared | Sealed):
        return
    table = kind.__table__
    columns = [column for column in table.columns if column.name in MARKED and isinstance(column.type, String)]
    for record_id in list(connection.scalars(select(table.c.id))) if columns else []:
        values = {column.name: f"{mark(table.name, record_id)} {column.name}" for column in columns}
        connection.execute(update(table).where(table.c.id == record_id).values(**_fitting(values)))


def _fitting(values: dict[str, str]) -> dict[str, str]:
    """Keys and numbers hold no blanks, an e-mail address is one."""
    bare = {name: text.replace(" ", "") for name, text in values.items() if name in ("name_key", "search_text", "code", "number")}
    mail = {"email": f"{values['email'].split()[0]}@example.com"} if "email" in values else {}
    return values | bare | mail
