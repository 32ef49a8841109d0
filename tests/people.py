"""The people of every test: two boards of one group, and somebody of each role who looks at them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from functools import lru_cache

import bcrypt
from sqlalchemy import select

from crm.access import SYSTEM, Actor, Role
from crm.session import ScopedSession, open_as
from crm.staff.models import Credential, Membership, OrgUnit, UnitKind, User
from crm.staff.sign_in import actor_for

TODAY = dt.date(2026, 6, 30)
PASSWORD = "correct horse battery"


@dataclass(frozen=True)
class Person:
    id: int
    actor: Actor
    username: str
    unit_id: int
    board_id: int
    """The board of the own unit; of somebody at the group: the first board."""


@dataclass(frozen=True)
class People:
    """anna, ben, ... each a Person; `units` holds the ids of the units by name."""

    anna: Person
    ben: Person
    chen: Person
    dana: Person
    amir: Person
    ada: Person
    emil: Person
    eve: Person
    bao: Person
    gia: Person
    mia: Person
    units: dict[str, int] = field(default_factory=dict)

    def __iter__(self):
        return (value for value in vars(self).values() if isinstance(value, Person))


UNITS = [
    ("Group", UnitKind.GROUP, None),
    ("Music", UnitKind.BOARD, "Group"),
    ("Sales East", UnitKind.DEPARTMENT, "Music"),
    ("Sales West", UnitKind.DEPARTMENT, "Music"),
    ("Service", UnitKind.DEPARTMENT, "Music"),
    ("Machinery", UnitKind.BOARD, "Group"),
    ("Machinery Sales", UnitKind.DEPARTMENT, "Machinery"),
]

STAFF = [
    ("ben", "Ben Okafor", Role.LEAD, "Sales East"),
    ("anna", "Anna Lindqvist", Role.REP, "Sales East"),
    ("chen", "Chen Wei", Role.REP, "Sales West"),
    ("dana", "Dana Novak", Role.DIRECTOR, "Music"),
    ("amir", "Amir Haddad", Role.ANALYST, "Music"),
    ("ada", "Ada Moreau", Role.ADMIN, "Group"),
    ("emil", "Emil Sandoval", Role.REP, "Machinery Sales"),
    ("eve", "Eve Tanaka", Role.EXECUTIVE, "Group"),
    ("bao", "Bao Nguyen", Role.BOARD_ADMIN, "Music"),
    ("gia", "Gia Rossi", Role.AGENT, "Service"),
    ("mia", "Mia Kowalski", Role.MARKETER, "Group"),
]

FURTHER_UNITS = {"gia": ["Music"]}


@lru_cache
def password_hash() -> str:
    return bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4)).decode()


def hire() -> None:
    """Fill an empty database with the units and the people."""
    with open_as(SYSTEM) as session:
        units: dict[str, int] = {}
        for name, kind, above in UNITS:
            unit = OrgUnit(name=name, kind=kind, parent_id=units.get(above or ""))
            session.add(unit)
            session.flush()
            units[name] = unit.id
        for username, name, role, unit_name in STAFF:
            user = User(username=username, name=name, role=role, unit_id=units[unit_name])
            session.add(user)
            session.flush()
            session.add(
                Credential(user_id=user.id, password_hash=password_hash(), changed_at=dt.datetime(2026, 1, 1, tzinfo=dt.UTC))
            )
            session.add_all(Membership(user_id=user.id, unit_id=units[further]) for further in FURTHER_UNITS.get(username, []))
        by_name = {user.username: user for user in session.scalars(select(User))}
        by_name["anna"].manager_id = by_name["ben"].id
        by_name["ben"].manager_id = by_name["dana"].id


def people_of(session: ScopedSession) -> People:
    units = {unit.name: unit for unit in session.scalars(select(OrgUnit))}
    first_board = units["Music"].id
    parents = {unit.id: unit.parent_id for unit in units.values()}
    boards = {unit.id for unit in units.values() if unit.kind == UnitKind.BOARD}
    found = {}
    for user in session.scalars(select(User)):
        board = next((unit for unit in [user.unit_id, *_above(user.unit_id, parents)] if unit in boards), first_board)
        found[user.username] = Person(user.id, actor_for(session, user), user.username, user.unit_id, board)
    return People(**found, units={name: unit.id for name, unit in units.items()})


def _above(unit: int, parents: dict[int, int | None]) -> list[int]:
    parent = parents[unit]
    return [] if parent is None else [parent, *_above(parent, parents)]
