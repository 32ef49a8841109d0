"""Who answers for a file that comes in from the command line."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import select

from crm.access import GRANTS, SYSTEM, Actor, Reach, Role
from crm.customers.imports.owners import person_named
from crm.errors import Invalid
from crm.session import ScopedSession, get, open_as
from crm.staff.models import OrgUnit, UnitKind, User, UserState
from crm.staff.sign_in import actor_for, units_above

RANKS = (Role.DIRECTOR, Role.BOARD_ADMIN, Role.LEAD, Role.REP)


def answering(as_username: str | None, owner: str | None) -> Actor:
    """The named person with his own rights; else the system in the name of the owner, or of the head of the first board."""
    with open_as(SYSTEM) as everything:
        if as_username:
            return actor_for(everything, get(everything, User, person_named(everything, as_username)))
        head = get(everything, User, person_named(everything, owner)) if owner else _head_of_first_board(everything)
        return replace(SYSTEM, user_id=head.id, name=head.name)


def _head_of_first_board(everything: ScopedSession) -> User:
    """The director, else the next in rank who keeps customers, of the first board that has such a person."""
    parents = {unit.id: unit.parent_id for unit in everything.scalars(select(OrgUnit))}
    boards = everything.scalars(select(OrgUnit.id).where(OrgUnit.kind == UnitKind.BOARD).order_by(OrgUnit.id)).all()
    active = select(User).where(User.state == UserState.ACTIVE, User.role.in_(RANKS)).order_by(User.id)
    able = [user for user in everything.scalars(active) if GRANTS[Role(user.role)]["customers"].change is not Reach.NOTHING]
    for board in boards:
        here = [user for user in able if board in (user.unit_id, *units_above(parents, user.unit_id))]
        if here:
            return min(here, key=lambda user: RANKS.index(Role(user.role)))
    raise Invalid("There is no board with a person who can own customers: add them first, or name one with --owner.")
