"""The units and the accounts of the demo company."""

from __future__ import annotations

from dataclasses import dataclass

from crm.access import Role
from crm.database import now
from crm.demo.names import Names
from crm.session import ScopedSession
from crm.staff.attempts import hash_password
from crm.staff.commands import UnitDetails, add_unit
from crm.staff.models import Credential, Membership, UnitKind, User, UserState

PASSWORD = "evergreen-demo"
"""Of every demo account; shown on the sign-in page while the setting "demo" is on."""

GROUP, MUSIC, MACHINERY, SERVICES = "Evergreen Group 常青集团", "Music Retail", "Machinery", "Services"
ONLINE, EAST, WEST, RENEWALS, DESK = "Online Sales", "East Sales", "West Sales", "Renewals", "Service Desk"
FIELD, PARTS = "Field Service", "Parts and Returns"

_Place = tuple[str, UnitKind, str | None, str]

_UNITS: tuple[_Place, ...] = (
    (GROUP, UnitKind.GROUP, None, "CNY"),
    (MUSIC, UnitKind.BOARD, GROUP, "USD"),
    (ONLINE, UnitKind.DEPARTMENT, MUSIC, "USD"),
    (MACHINERY, UnitKind.BOARD, GROUP, "CNY"),
    (EAST, UnitKind.DEPARTMENT, MACHINERY, "CNY"),
    (WEST, UnitKind.DEPARTMENT, MACHINERY, "CNY"),
    (SERVICES, UnitKind.BOARD, GROUP, "CNY"),
    (RENEWALS, UnitKind.DEPARTMENT, SERVICES, "CNY"),
    (DESK, UnitKind.DEPARTMENT, SERVICES, "CNY"),
)
_SERVICE_UNITS: tuple[_Place, ...] = (
    (FIELD, UnitKind.DEPARTMENT, MACHINERY, "CNY"),
    (PARTS, UnitKind.DEPARTMENT, FIELD, "CNY"),
)


@dataclass(frozen=True, slots=True)
class Account:
    username: str
    role: Role
    unit: str
    manager: str | None = None


_FIRST = (
    Account("executive", Role.EXECUTIVE, GROUP),
    Account("admin", Role.ADMIN, GROUP, "executive"),
    Account("analyst", Role.ANALYST, GROUP, "executive"),
    Account("marketer", Role.MARKETER, GROUP, "executive"),
    Account("director", Role.DIRECTOR, MACHINERY, "executive"),
    Account("boardadmin", Role.BOARD_ADMIN, MACHINERY, "director"),
    Account("lead", Role.LEAD, EAST, "director"),
    Account("rep", Role.REP, EAST, "lead"),
    Account("rep2", Role.REP, EAST, "lead"),
    Account("rep3", Role.REP, EAST, "lead"),
    Account("lead2", Role.LEAD, WEST, "director"),
    Account("rep4", Role.REP, WEST, "lead2"),
    Account("rep5", Role.REP, WEST, "lead2"),
    Account("director2", Role.DIRECTOR, MUSIC, "executive"),
    Account("boardadmin2", Role.BOARD_ADMIN, MUSIC, "director2"),
    Account("analyst2", Role.ANALYST, MUSIC, "director2"),
    Account("lead3", Role.LEAD, ONLINE, "director2"),
    Account("rep6", Role.REP, ONLINE, "lead3"),
    Account("rep7", Role.REP, ONLINE, "lead3"),
    Account("rep8", Role.REP, ONLINE, "lead3"),
    Account("director3", Role.DIRECTOR, SERVICES, "executive"),
    Account("lead4", Role.LEAD, RENEWALS, "director3"),
    Account("rep9", Role.REP, RENEWALS, "lead4"),
    Account("rep10", Role.REP, RENEWALS, "lead4"),
    Account("agent", Role.AGENT, DESK, "director3"),
    Account("agent2", Role.AGENT, DESK, "director3"),
    Account("former", Role.REP, EAST, "lead"),
)
_SERVICE = (
    Account("lead5", Role.LEAD, DESK, "director3"),
    Account("agent3", Role.AGENT, DESK, "lead5"),
    Account("lead6", Role.LEAD, FIELD, "director"),
    Account("agent4", Role.AGENT, FIELD, "lead6"),
    Account("agent5", Role.AGENT, FIELD, "lead6"),
    Account("agent6", Role.AGENT, PARTS, "lead6"),
)
"""They come last, so that the names of all others stay."""
ACCOUNTS = _FIRST + _SERVICE
"""Who can sign in, all with PASSWORD. The first account of each role stands on the sign-in page; `former` has left."""

_FURTHER_UNITS = {"agent": SERVICES, "agent2": SERVICES, "agent3": SERVICES, "lead5": SERVICES}
_FURTHER_UNITS |= {"lead6": MACHINERY, "agent4": MACHINERY, "agent5": MACHINERY, "agent6": MACHINERY}
"""Whoever works at a service desk answers for all customers of its board."""


@dataclass(frozen=True, slots=True)
class Member:
    id: int
    name: str
    unit_id: int


@dataclass(frozen=True, slots=True)
class Company:
    units: dict[str, int]
    members: dict[str, Member]

    def of(self, *usernames: str) -> list[Member]:
        return [self.members[username] for username in usernames]


def hire(session: ScopedSession, names: Names) -> Company:
    """Everybody but those who work at the service desks alone."""
    return _hired(session, names, _UNITS, _FIRST, Company({}, {}))


def hire_service(session: ScopedSession, names: Names, company: Company) -> Company:
    """-> the company with the desks of the machinery board and the further agents."""
    return _hired(session, names, _SERVICE_UNITS, _SERVICE, company)


def _hired(
    session: ScopedSession, names: Names, places: tuple[_Place, ...], accounts: tuple[Account, ...], company: Company
) -> Company:
    units = dict(company.units)
    for name, kind, above, currency in places:
        details = UnitDetails(name=name, kind=kind, parent_id=units.get(above or ""), currency=currency)
        units[name] = add_unit(session, details).id
    users = {one.username: _user(one, name, units) for one, name in zip(accounts, _names_of_all(names, accounts), strict=True)}
    session.add_all(users.values())
    session.flush()
    hashed = hash_password(PASSWORD)
    session.add_all(Credential(user_id=user.id, password_hash=hashed, changed_at=now()) for user in users.values())
    further = {name: unit for name, unit in _FURTHER_UNITS.items() if name in users}
    session.add_all(Membership(user_id=users[name].id, unit_id=units[unit]) for name, unit in further.items())
    members = company.members | {name: Member(user.id, user.name, user.unit_id) for name, user in users.items()}
    for account in accounts:
        users[account.username].manager_id = members[account.manager].id if account.manager else None
    session.flush()
    return Company(units, members)


def _names_of_all(names: Names, accounts: tuple[Account, ...]) -> list[str]:
    """Western at the group and in the music board, Chinese elsewhere."""
    return [next(names.western if account.unit in (MUSIC, ONLINE, GROUP) else names.chinese) for account in accounts]


def _user(account: Account, name: str, units: dict[str, int]) -> User:
    return User(
        username=account.username,
        name=name,
        role=account.role,
        unit_id=units[account.unit],
        email=f"{account.username}@evergreen.example",
        state=UserState.LEFT if account.username == "former" else UserState.ACTIVE,
        is_demo=True,
    )
