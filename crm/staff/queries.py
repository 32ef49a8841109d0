"""What can be asked about people, units, sign-ins and the audit log."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pandas as pd
from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session, aliased

from crm.access import AREAS, GRANTS, SYSTEM, Grant, Reach, Role
from crm.audit import AuditEntry
from crm.database import Base, frame, now
from crm.session import ScopedSession, get, open_as
from crm.staff.models import AuthSession, Membership, OrgUnit, SignInEvent, SignInKind, User, UserState
from crm.staff.sign_in import units_above

PAGE = 50


@dataclass(frozen=True, slots=True)
class PeopleFilter:
    search: str = ""
    state: str | None = None
    role: str | None = None
    unit_id: int | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        found = _same((User.state, self.state), (User.role, self.role), (User.unit_id, self.unit_id))
        return found + _holding(self.search, User.name, User.username, User.email)


@dataclass(frozen=True, slots=True)
class EventFilter:
    user_id: int | None = None
    kind: str | None = None
    since: dt.date | None = None
    until: dt.date | None = None
    """The last day that counts; days are UTC days."""

    def conditions(self) -> list[ColumnElement[bool]]:
        found = _same((SignInEvent.user_id, self.user_id), (SignInEvent.kind, self.kind))
        return found + _between(SignInEvent.created_at, self.since, self.until)


@dataclass(frozen=True, slots=True)
class AuditFilter:
    actor_id: int | None = None
    record_type: str | None = None
    action: str | None = None
    search: str = ""
    since: dt.date | None = None
    until: dt.date | None = None
    """The last day that counts; days are UTC days."""

    def conditions(self) -> list[ColumnElement[bool]]:
        entry = AuditEntry
        found = _same((entry.actor_id, self.actor_id), (entry.record_type, self.record_type), (entry.action, self.action))
        return found + _holding(self.search, entry.record_title) + _between(entry.created_at, self.since, self.until)


EVERYBODY, ANY_EVENT, ANY_ENTRY = PeopleFilter(), EventFilter(), AuditFilter()


def _same(*pairs: tuple[Any, Any]) -> list[ColumnElement[bool]]:
    return [column == value for column, value in pairs if value is not None]


def _holding(search: str, *columns: Any) -> list[ColumnElement[bool]]:
    words = search.strip()
    return [or_(*(column.icontains(words, autoescape=True) for column in columns))] if words else []


def _between(column: Any, since: dt.date | None, until: dt.date | None) -> list[ColumnElement[bool]]:
    conditions = []
    if since:
        conditions.append(column >= dt.datetime.combine(since, dt.time(), dt.UTC))
    if until:
        conditions.append(column < dt.datetime.combine(until + dt.timedelta(days=1), dt.time(), dt.UTC))
    return conditions


# ----------------------------------------------------------------------------------------------------- people


def people(session: Session, wanted: PeopleFilter = EVERYBODY, page: int = 1, size: int = PAGE) -> pd.DataFrame:
    """-> id, name, username, role, state, unit, manager, email, phone, last_sign_in_at, version; by name, one page.

    `last_sign_in_at` is empty for people whose sign-ins the actor may not see.
    """
    manager, last = aliased(User), _last_sign_in()
    query = (
        select(
            User.id,
            User.name,
            User.username,
            User.role,
            User.state,
            OrgUnit.name.label("unit"),
            manager.name.label("manager"),
            User.email,
            User.phone,
            last.label("last_sign_in_at"),
            User.version,
        )
        .join(OrgUnit, OrgUnit.id == User.unit_id)
        .outerjoin(manager, manager.id == User.manager_id)
        .where(*wanted.conditions())
        .order_by(User.name, User.id)
        .limit(size)
        .offset((page - 1) * size)
    )
    return frame(session, query)


def people_count(session: Session, wanted: PeopleFilter = EVERYBODY) -> int:
    return session.scalar(select(func.count(User.id)).where(*wanted.conditions())) or 0


def person(session: ScopedSession, user_id: int) -> User:
    """One person, or NotFound."""
    return get(session, User, user_id)


def may_change_person(session: ScopedSession, user_id: int) -> bool:
    return person(session, user_id).changeable_by(session.actor, session)


def everybody(session: Session) -> pd.DataFrame:
    """All people, also frozen and left -> id, name; by name."""
    return frame(session, select(User.id, User.name).order_by(User.name))


def colleagues(session: Session, *, unit_ids: tuple[int, ...] | None = None) -> pd.DataFrame:
    """Who may own a customer -> id, name, unit, unit_id, role; active people, by name; `unit_ids` limits them."""
    query = (
        select(User.id, User.name, OrgUnit.name.label("unit"), User.unit_id, User.role)
        .join(OrgUnit, OrgUnit.id == User.unit_id)
        .where(User.state == UserState.ACTIVE, User.role != Role.ADMIN)
        .order_by(User.name)
    )
    return frame(session, query if unit_ids is None else query.where(User.unit_id.in_(unit_ids)))


def working_in(session: Session, unit_id: int) -> list[int]:
    """Ids of the active people of a unit and of all units below it, and of those who work for one of them besides their own."""
    parents = dict(session.execute(select(OrgUnit.id, OrgUnit.parent_id)).all())
    units = [unit for unit in parents if unit_id in (unit, *units_above(parents, unit))]
    further = select(Membership.user_id).where(Membership.unit_id.in_(units))
    query = select(User.id).where(User.state == UserState.ACTIVE, or_(User.unit_id.in_(units), User.id.in_(further)))
    return list(session.scalars(query.order_by(User.id)))


def leaders(session: Session) -> Callable[[tuple[Role, ...], int], int | None]:
    """-> (roles, unit) -> the active person with the first of these roles in the unit, else in the next one above it; or None."""
    parents = dict(session.execute(select(OrgUnit.id, OrgUnit.parent_id)).all())
    active = select(User.id, User.role, User.unit_id).where(User.state == UserState.ACTIVE).order_by(User.id.desc())
    by_place = {(row.role, row.unit_id): row.id for row in session.execute(active)}

    def leader(roles: tuple[Role, ...], unit_id: int) -> int | None:
        places = ((role.value, unit) for unit in (unit_id, *units_above(parents, unit_id)) for role in roles)
        return next((by_place[place] for place in places if place in by_place), None)

    return leader


def demo_accounts(session: Session) -> list[User]:
    """One active demo person of each role, in the order of the roles."""
    query = select(User).where(User.is_demo, User.state == UserState.ACTIVE).order_by(User.id.desc())
    by_role = {user.role: user for user in session.scalars(query)}
    return [by_role[role] for role in Role if role in by_role]


def not_signed_in(session: Session, *, days: int = 14, at: dt.datetime | None = None) -> pd.DataFrame:
    """Active people without a sign-in for `days` -> id, name, role, unit, last_sign_in_at, days; longest first.

    `days` counts from the account's creation for those who never came.
    """
    at = at or now()
    last = _last_sign_in()
    since = func.coalesce(last, User.created_at)
    query = (
        select(User.id, User.name, User.role, OrgUnit.name.label("unit"), last.label("last_sign_in_at"), since.label("since"))
        .join(OrgUnit, OrgUnit.id == User.unit_id)
        .where(User.state == UserState.ACTIVE, since < at - dt.timedelta(days=days), *watched(session))
        .order_by(since, User.id)
    )
    data = frame(session, query)
    return data.assign(days=(pd.Timestamp(at) - data["since"]).dt.days).drop(columns="since")


def _last_sign_in() -> Any:
    signed_in = (SignInEvent.user_id == User.id) & (SignInEvent.kind == SignInKind.SIGNED_IN)
    return select(func.max(SignInEvent.created_at)).where(signed_in).correlate(User).scalar_subquery()


def watched(session: Any) -> list[ColumnElement[bool]]:
    """The condition on people whose sign-ins the actor sees: of others their absence would be a guess."""
    actor, reach = session.actor, session.actor.grant("staff").see
    if reach is Reach.EVERYTHING:
        return []
    near = [User.unit_id.in_(sorted(actor.team_ids))] if reach is Reach.TEAM else []
    return [or_(User.id == actor.user_id, *near)]


# ------------------------------------------------------------------------------------------------------ units


def unit(session: ScopedSession, unit_id: int) -> OrgUnit:
    return get(session, OrgUnit, unit_id)


def may_change_units(session: ScopedSession) -> bool:
    return session.actor.grant("staff").change is Reach.EVERYTHING


def units(session: Session) -> pd.DataFrame:
    """The tree from the top -> id, name, kind, parent_id, currency, path ("Group / Music"), depth, people, version."""
    count = select(func.count(User.id)).where(User.unit_id == OrgUnit.id, User.state == UserState.ACTIVE).correlate(OrgUnit)
    query = select(
        OrgUnit.id,
        OrgUnit.name,
        OrgUnit.kind,
        OrgUnit.parent_id,
        OrgUnit.currency,
        count.scalar_subquery().label("people"),
        OrgUnit.version,
    ).order_by(OrgUnit.name)
    rows = {row.id: row for row in session.execute(query)}
    ordered = _descend(rows, None, ())
    names = ["id", "name", "kind", "parent_id", "currency", "people", "version", "path", "depth"]
    return pd.DataFrame([(*rows[unit_id], " / ".join(path), len(path) - 1) for unit_id, path in ordered], columns=names)


def _descend(rows: dict[int, Any], parent_id: int | None, path: tuple[str, ...]) -> list[tuple[int, tuple[str, ...]]]:
    found = []
    for unit_id, row in rows.items():
        if row.parent_id == parent_id:
            here = (*path, row.name)
            found += [(unit_id, here), *_descend(rows, unit_id, here)]
    return found


def memberships(session: Session, *, user_id: int) -> pd.DataFrame:
    """The further units of a person -> id, unit_id, unit."""
    query = select(Membership.id, Membership.unit_id, OrgUnit.name.label("unit")).join(OrgUnit, OrgUnit.id == Membership.unit_id)
    return frame(session, query.where(Membership.user_id == user_id).order_by(OrgUnit.name))


def grants() -> pd.DataFrame:
    """The policy itself -> area, role, see, change (nothing, own, team, everything), may (sorted list); area by area."""
    rows = [(area, role.value, GRANTS[role].get(area, Grant())) for area in AREAS for role in GRANTS]
    told = [(area, role, grant.see.name.lower(), grant.change.name.lower(), sorted(grant.may)) for area, role, grant in rows]
    return pd.DataFrame(told, columns=["area", "role", "see", "change", "may"])


# --------------------------------------------------------------------------------------------- sign-in events


def sign_in_events(session: Session, wanted: EventFilter = ANY_EVENT, page: int = 1, size: int = PAGE) -> pd.DataFrame:
    """-> id, created_at, kind, username, name, origin; newest first, one page."""
    query = (
        select(SignInEvent.id, SignInEvent.created_at, SignInEvent.kind, SignInEvent.username, User.name, SignInEvent.origin)
        .outerjoin(User, User.id == SignInEvent.user_id)
        .where(*wanted.conditions())
        .order_by(SignInEvent.id.desc())
    )
    return frame(session, query.limit(size).offset((page - 1) * size))


def sign_in_events_count(session: Session, wanted: EventFilter = ANY_EVENT) -> int:
    return session.scalar(select(func.count(SignInEvent.id)).where(*wanted.conditions())) or 0


def my_browser_sessions(session: ScopedSession, *, current: int) -> pd.DataFrame:
    """The actor's own open browser sessions -> id, created_at, expires_at, this_one; newest first."""
    open_ones = AuthSession.revoked_at.is_(None) & (AuthSession.expires_at > now())
    query = select(AuthSession.id, AuthSession.created_at, AuthSession.expires_at)
    mine = query.where(AuthSession.user_id == session.actor.user_id, open_ones).order_by(AuthSession.id.desc())
    with open_as(SYSTEM) as system:
        data = frame(system, mine)
    return data.assign(this_one=data["id"] == current)


# -------------------------------------------------------------------------------------------------- audit log


def audit_log(session: Session, wanted: AuditFilter = ANY_ENTRY, page: int = 1, size: int = PAGE) -> pd.DataFrame:
    """What the actor may read of the log -> id, created_at, actor_name, action, area, record_type, record_id, record_title,
    subject_type, subject_id, before, after; newest first, one page."""
    query = select(
        AuditEntry.id,
        AuditEntry.created_at,
        AuditEntry.actor_name,
        AuditEntry.action,
        AuditEntry.area,
        AuditEntry.record_type,
        AuditEntry.record_id,
        AuditEntry.record_title,
        AuditEntry.subject_type,
        AuditEntry.subject_id,
        AuditEntry.before,
        AuditEntry.after,
    )
    newest_first = query.where(*wanted.conditions()).order_by(AuditEntry.id.desc())
    return frame(session, newest_first.limit(size).offset((page - 1) * size))


def audit_log_count(session: Session, wanted: AuditFilter = ANY_ENTRY) -> int:
    return session.scalar(select(func.count(AuditEntry.id)).where(*wanted.conditions())) or 0


def audited_types() -> list[str]:
    """The kinds of records that the log keeps, by table name."""
    kinds = [mapper.class_ for mapper in Base.registry.mappers if not issubclass(mapper.class_, AuditEntry)]
    return sorted(kind.__tablename__ for kind in kinds if not getattr(kind, "UNLOGGED", False))
