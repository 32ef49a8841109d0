"""Who gets the new customers of a file: the owner it names, else the person who imports."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd
from sqlalchemy import func, or_, select

from crm.access import Reach
from crm.customers.commands.details import board_of
from crm.customers.commands.ownership import able_owner
from crm.customers.imports.rows import Incoming
from crm.errors import CrmError, Invalid, Refused
from crm.session import ScopedSession
from crm.staff.models import User


@dataclass(frozen=True, slots=True)
class Place:
    """Where a new customer would belong."""

    owner_id: int
    team_id: int
    board_id: int
    board: str


def place_rows(incoming: Incoming) -> CrmError | None:
    """Adds owner_id, team_id, board_id to the rows; rows with an unknown or unable owner are refused.

    -> why rows that name no owner cannot become new customers, if they cannot: the actor has no board of his own.
    """
    named = incoming.column("owner")
    places: dict[Any, Place] = {}
    for name in named.dropna().unique():
        found = _placed(incoming.session, name)
        if isinstance(found, Place):
            places[name] = found
        else:
            incoming.reject(incoming.column("owner").eq(name).fillna(False), "owner", found.template, **found.values)
    own = _placed(incoming.session, None)
    _add(incoming, places, own)
    return own if isinstance(own, CrmError) else None


def _add(incoming: Incoming, places: dict[Any, Place], own: Place | CrmError) -> None:
    named = incoming.column("owner")
    for column in ("owner_id", "team_id", "board_id"):
        values = named.map({name: getattr(place, column) for name, place in places.items()}).astype("Int64")
        if isinstance(own, Place):
            values = values.mask(named.isna(), getattr(own, column))
        incoming.rows[column] = values


def _placed(session: ScopedSession, name: str | None) -> Place | CrmError:
    """The error is the reason why this person cannot own a new customer."""
    try:
        owner = able_owner(session, session.actor.user_id if name is None else person_named(session, name))
        _within_reach(session, owner)
        board = board_of(session, owner.unit_id)
    except CrmError as error:
        return error
    return Place(owner.id, owner.unit_id, board.id, board.name)


def person_named(session: ScopedSession, name: str) -> int:
    """User name or full name -> id; raises Invalid where nobody or more than one is called so."""
    called = or_(func.lower(User.username) == name.lower(), User.name == name)
    found = list(session.scalars(select(User.id).where(called)))
    if not found:
        raise Invalid("Nobody has the user name {value}.", value=name)
    if len(found) > 1:
        raise Invalid("More than one person is called {value}: give the user name.", value=name)
    return found[0]


def _within_reach(session: ScopedSession, owner: User) -> None:
    actor, reach = session.actor, session.actor.grant("customers").change
    mine = owner.id == actor.user_id or (reach is Reach.TEAM and owner.unit_id in actor.team_ids)
    if not mine and reach is not Reach.EVERYTHING:
        raise Refused("{name} works outside your reach: you cannot give customers to this person.", name=owner.name)


def require_place(incoming: Incoming, where: pd.Series[bool], why: CrmError | None) -> None:
    """Refuse those of the rows (new customers) that have no place to belong to."""
    placeless = where & incoming.rows["board_id"].isna()
    if why is not None:
        incoming.reject(placeless, "owner", why.template, **why.values)
