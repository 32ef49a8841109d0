"""Who sits at a browser: browser sessions, tickets for the cookie, and the reach of a person. Runs as SYSTEM; no streamlit."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import secrets
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from crm.access import SYSTEM, Actor, Reach, Role
from crm.audit import newest_change
from crm.database import impatient, now
from crm.errors import Invalid, Outage
from crm.session import ScopedSession, open_as, versions
from crm.settings import settings
from crm.staff.attempts import note
from crm.staff.models import (
    AuthSession,
    Credential,
    Membership,
    OrgUnit,
    Preference,
    Presence,
    SignInKind,
    SignInTicket,
    UnitKind,
    User,
    UserState,
)

COOKIE = "crm_session"
TICKET_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Board:
    id: int
    name: str
    currency: str


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who sits at a browser, and what every page needs to know of him."""

    actor: Actor
    user_id: int
    name: str
    username: str
    role: Role
    unit_name: str
    boards: tuple[Board, ...]
    language: str | None
    must_change: bool
    data_version: str
    session_id: int
    versions: Mapping[str, int] = field(compare=False)
    """Of the tables, before anything was read for this run: see crm.table_versions."""
    seen_on: dt.date | None = None
    """The last day on which this browser was noted as used."""
    demo_today: dt.date | None = None


# ------------------------------------------------------------------------------------------- browser sessions


def open_browser_session(user_id: int) -> str:
    """-> the token that the browser keeps; the database knows only its hash."""
    token = secrets.token_urlsafe(32)
    ends = now() + dt.timedelta(days=settings().session_days)
    with open_as(SYSTEM) as session:
        session.add(AuthSession(token_hash=_hash(token), user_id=user_id, expires_at=ends))
    return token


def sign_out(token: str, origin: str | None = None) -> None:
    with open_as(SYSTEM) as session:
        found = session.scalars(select(AuthSession).where(AuthSession.token_hash == _hash(token), _open())).first()
        if found:
            found.revoked_at = now()
            note(session, SignInKind.SIGNED_OUT, session.get(User, found.user_id), origin)


def end_sessions(session: ScopedSession, user_id: int, keep: int | None = None) -> int:
    """End the browser sessions of a person, but `keep` -> how many. In the caller's SYSTEM session."""
    query = select(AuthSession).where(AuthSession.user_id == user_id, _open(), AuthSession.id != (keep or 0))
    ended = session.scalars(query).all()
    for one in ended:
        one.revoked_at = now()
    return len(ended)


def _open() -> ColumnElement[bool]:
    return AuthSession.revoked_at.is_(None) & (AuthSession.expires_at > now())


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def who(token: str) -> SignedIn | None:
    """Whose session this token opens; asked at every run. None = ended, expired, or the person is frozen or left."""
    return _who(AuthSession.token_hash, _hash(token))


def still(person: SignedIn) -> SignedIn | None:
    """The same browser session as it stands now, with the role of now; None as for `who`."""
    return _who(AuthSession.id, person.session_id)


def _who(named_by: InstrumentedAttribute[Any], value: str | int) -> SignedIn | None:
    with open_as(SYSTEM) as session:
        found = session.execute(_open_session(named_by), {"value": value, "moment": now()}).first()
        if found is None:
            return None
        return _signed_in(found, _units(session, found.user_id), versions(session))


@cache
def _open_session(named_by: InstrumentedAttribute[Any]) -> Select[Any]:
    """Built once: asking takes a third of the time of building the question anew."""
    newest = newest_change().scalar_subquery()
    language = (Preference.user_id == User.id) & (Preference.key == "language")
    return (
        select(AuthSession.id.label("session_id"), AuthSession.seen_on, User.id.label("user_id"), User.name, User.username)
        .add_columns(User.role, User.unit_id)
        .add_columns(Credential.must_change, Preference.value.label("language"), newest.label("data_version"))
        .join(User, User.id == AuthSession.user_id)
        .outerjoin(Credential, Credential.user_id == User.id)
        .outerjoin(Preference, language)
        .where(named_by == bindparam("value"), AuthSession.revoked_at.is_(None), AuthSession.expires_at > bindparam("moment"))
        .where(User.state == UserState.ACTIVE)
    )


def _signed_in(found: Any, units: list[Any], tables: Mapping[str, int]) -> SignedIn:
    actor = _actor(units, found.user_id, Role(found.role), found.unit_id, found.name)
    return SignedIn(
        actor=actor,
        user_id=found.user_id,
        name=found.name,
        username=found.username,
        role=actor.role,
        unit_name=next((unit.name for unit in units if unit.id == found.unit_id), ""),
        boards=_boards(units, actor),
        language=(found.language or {}).get("code"),
        must_change=bool(found.must_change),
        data_version=found.data_version,
        session_id=found.session_id,
        versions=tables,
        seen_on=found.seen_on,
    )


def mark_present(session_id: int, user_id: int, day: dt.date) -> bool:
    """The person was here on this day: once for a browser and a day, and never waited for. False = at the next click, then."""
    with suppress(Outage, Invalid), open_as(SYSTEM) as session, impatient(session):
        same = select(Presence.id).where(Presence.user_id == user_id, Presence.day == day)
        if session.scalars(same).first() is None:
            session.add(Presence(user_id=user_id, day=day))
        browser = session.get(AuthSession, session_id)
        if browser is not None:
            browser.seen_on = day
        session.flush()
        return True
    return False


# ------------------------------------------------------------------------------------------------------ reach


def actor_for(session: Session, user: User) -> Actor:
    """The person as an actor: the units within reach, and those above the own one."""
    return _actor(_units(session, user.id), user.id, Role(user.role), user.unit_id, user.name)


def _units(session: Session, user_id: int) -> list[Any]:
    """Every unit, and whether the person works for it besides the own one."""
    return list(session.execute(_every_unit(), {"user_id": user_id}).all())


@cache
def _every_unit() -> Select[*tuple[Any, ...]]:
    mine = (Membership.unit_id == OrgUnit.id) & (Membership.user_id == bindparam("user_id"))
    columns = (
        OrgUnit.id,
        OrgUnit.parent_id,
        OrgUnit.name,
        OrgUnit.kind,
        OrgUnit.currency,
        Membership.id.is_not(None).label("member"),
    )
    return select(*columns).outerjoin(Membership, mine).order_by(OrgUnit.id)


def _actor(units: list[Any], user_id: int, role: Role, unit_id: int, name: str) -> Actor:
    parents = {unit.id: unit.parent_id for unit in units}
    own = {unit_id, *(unit.id for unit in units if unit.member)}
    within = frozenset(unit for unit in parents if not own.isdisjoint({unit, *units_above(parents, unit)}))
    return Actor(user_id, role, within, frozenset(units_above(parents, unit_id)), name)


def units_above(parents: dict[int, int | None], unit_id: int | None) -> list[int]:
    """The chain from a unit (itself not included) to the top; stops at a ring."""
    above: list[int] = []
    current = parents.get(unit_id) if unit_id else None
    while current is not None and current not in above:
        above.append(current)
        current = parents.get(current)
    return above


def _boards(units: Iterable[Any], actor: Actor) -> tuple[Board, ...]:
    sees_all = actor.grant("customers").see is Reach.EVERYTHING
    near = actor.team_ids | actor.above_ids
    boards = (unit for unit in units if unit.kind == UnitKind.BOARD and (sees_all or unit.id in near))
    return tuple(Board(unit.id, unit.name, unit.currency) for unit in boards)


# ---------------------------------------------------------------------------------------------------- tickets


def issue_ticket(token: str) -> str:
    """A word that fetches the cookie once, within seconds; a copy of the database does not give the token away."""
    ticket = secrets.token_urlsafe(32)
    with open_as(SYSTEM) as session:
        for old in session.scalars(select(SignInTicket).where(SignInTicket.expires_at < now())):
            session.delete(old)
        ends = now() + dt.timedelta(seconds=TICKET_SECONDS)
        session.add(SignInTicket(ticket_hash=_hash(ticket), token=_masked(_bytes(token), ticket).hex(), expires_at=ends))
    return ticket


def redeem_ticket(ticket: str) -> str | None:
    """-> the token, the first time and in time; the delete decides between two who come at once."""
    try:
        with open_as(SYSTEM) as session:
            found = session.scalars(select(SignInTicket).where(SignInTicket.ticket_hash == _hash(ticket))).first()
            if found is None:
                return None
            session.delete(found)
            masked, fresh = bytes.fromhex(found.token), found.expires_at > now()
    except Invalid:
        return None
    return base64.urlsafe_b64encode(_masked(masked, ticket)).decode().rstrip("=") if fresh else None


def _bytes(token: str) -> bytes:
    return base64.urlsafe_b64decode(token + "=")


def _masked(token: bytes, ticket: str) -> bytes:
    mask = hashlib.sha256(b"mask" + ticket.encode()).digest()
    return bytes(left ^ right for left, right in zip(token, mask, strict=True))
