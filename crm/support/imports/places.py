"""The units, people, customers and problems that a log names: found by name, or added."""

from __future__ import annotations

import re

import pandas as pd
from sqlalchemy import select

from crm.access import Role
from crm.customers.imports.customer_writing import insert_customers, new_customers
from crm.customers.models import Customer, Kind
from crm.database import frame
from crm.session import WITH_DELETED, ScopedSession
from crm.staff.models import OrgUnit, UnitKind, User
from crm.support.imports.reading import Log
from crm.support.models import Problem


def units(session: ScopedSession, log: Log, board_id: int) -> dict[str, int]:
    """Name -> id: each group a department of the board."""
    query = select(OrgUnit).where(OrgUnit.parent_id == board_id)
    known = {unit.name: unit for unit in session.scalars(query)}
    named = pd.concat([log.events["team"], log.people["team"]]).unique()
    new = {name: OrgUnit(name=name, kind=UnitKind.DEPARTMENT, parent_id=board_id) for name in named if name not in known}
    session.add_all(new.values())
    session.flush()
    return {name: unit.id for name, unit in (known | new).items()}


def agents(session: ScopedSession, log: Log, teams: dict[str, int]) -> dict[str, int]:
    """Name -> id: agents of the department where they worked most. None of them can sign in before an administrator gives them
    a password."""
    here = list(teams.values())
    known = {user.name: user for user in session.scalars(select(User).where(User.unit_id.in_(here)))}
    taken = set(session.scalars(select(User.username), execution_options={WITH_DELETED: True}))
    new = {}
    for name, team in log.people[["owner", "team"]].itertuples(index=False):
        if name not in known:
            new[name] = User(username=_username(name, taken), name=name, role=Role.AGENT, unit_id=teams[team])
    session.add_all(new.values())
    session.flush()
    return {name: user.id for name, user in (known | new).items()}


def _username(name: str, taken: set[str]) -> str:
    plain = re.sub(r"[^a-z0-9]+", ".", name.lower()).strip(".")[:34] or "agent"
    found = next(one for one in (plain, *(f"{plain}.{number}" for number in range(2, 10_000))) if one not in taken)
    taken.add(found)
    return found


def customers(session: ScopedSession, log: Log, board_id: int, owner: User, job_id: int) -> dict[str, int]:
    """Name -> id: who called is a private customer of the person in whose name the log comes in."""
    found = frame(session, select(Customer.name, Customer.id).where(Customer.board_id == board_id))
    known: dict[str, int] = dict(zip(found["name"], found["id"], strict=True))
    names = log.cases["customer"].dropna().drop_duplicates()
    new = names[~names.isin(known)].reset_index(drop=True)
    if new.empty:
        return known
    places = {"owner_id": owner.id, "team_id": owner.unit_id, "board_id": board_id}
    rows = pd.DataFrame({"name": new, "kind": Kind.RETAIL.value}).assign(**places)
    ids = insert_customers(session, new_customers(rows, session), job_id)
    return known | dict(zip(new, ids.astype(int).tolist(), strict=True))


def problems(session: ScopedSession, log: Log) -> dict[str, int]:
    """Name -> id."""
    known = {one.name: one for one in session.scalars(select(Problem))}
    names = log.cases["problem"].dropna().unique()
    new = {name: Problem(name=name) for name in names if name not in known}
    session.add_all(new.values())
    session.flush()
    return {name: one.id for name, one in (known | new).items()}
