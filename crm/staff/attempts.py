"""Passwords, and what happens to somebody who tries them: counting, growing locks, events. Runs as SYSTEM."""

from __future__ import annotations

import datetime as dt
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import bcrypt
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from crm.access import SYSTEM
from crm.database import now
from crm.errors import CrmError, Invalid
from crm.session import open_as
from crm.staff.known import is_known
from crm.staff.models import Credential, SignInEvent, SignInKind, User, UserState

COST = 12
NOBODYS_HASH = "$2b$12$vG1O0zQ9eSN3F06py/nyjubApMDTTImZWs3lC61U4efo4Xn8ErpPO"
"""Of a random text that was thrown away, at the same cost: what is compared when there is nothing to compare with."""

FREE_FAILURES = 4
LOCK_MINUTES = (1, 5, 15, 60, 240)
"""The fifth wrong password locks for one minute, each further one for longer."""
FORGIVEN_AFTER = dt.timedelta(hours=24)
"""Failures older than this no longer count."""
MOST_FROM_ONE_PLACE = 60
PLACE_RESTS = dt.timedelta(minutes=15)
"""From one address so many failures within this time, whatever the names; then nobody unknown signs in from there."""


class SignInError(CrmError):
    """The same words whatever the reason: who tries names learns nothing."""

    def __init__(self, template: str = "The user name or the password is wrong.", /, **values: Any) -> None:
        super().__init__(template, **values)


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try at a name. It is counted before the password is looked at, so that many tries at once are all counted."""

    username: str
    user_id: int | None
    password_hash: str
    refused_until: dt.datetime | None = None
    """Locked already: refused whatever was typed."""
    locks_until: dt.datetime | None = None
    """Locked from now on, unless this password is right."""


def hash_password(password: str) -> str:
    return bcrypt.hashpw(password.encode(), bcrypt.gensalt(COST)).decode()


def matches(password: str, password_hash: str) -> bool:
    try:
        return bcrypt.checkpw(password.encode(), password_hash.encode())
    except ValueError:  # longer than bcrypt takes
        return False


def check(username: str, password: str, origin: str | None = None, mark: str | None = None) -> int:
    """-> the id of the person whose password this is; raises SignInError."""
    attempt = begin(username, origin, mark)
    return finish(attempt, matches(password, attempt.password_hash), origin)


def begin(username: str, origin: str | None = None, mark: str | None = None) -> Attempt:
    """Count a try at this name -> what to compare the password with. `mark`: what the browser kept from an earlier sign-in."""
    name = username.replace("\0", "").strip().lower()[:200]
    for _ in range(3):
        with suppress(Invalid):  # another try at the same name was counted at the same moment
            return _begin(name, origin, mark)
    raise SignInError()


def _begin(username: str, origin: str | None, mark: str | None) -> Attempt:
    with open_as(SYSTEM) as session:
        user, credential = _account(session, username)
        known = credential is not None and is_known(mark, credential)
        if not known and (rests := _rests_until(session, origin)):
            return Attempt(username, user.id if user else None, NOBODYS_HASH, refused_until=rests)
        if user is None or credential is None:
            return _begin_unknown(session, username, user)
        if credential.locked_until and credential.locked_until > now():
            if not (known and _may_pass(session, user)):
                return Attempt(username, user.id, NOBODYS_HASH, refused_until=credential.locked_until)
            note(session, SignInKind.LET_PAST, user, origin)
        if now() - credential.updated_at > FORGIVEN_AFTER:
            credential.failures = 0
        credential.failures += 1
        credential.locked_until = _lock(credential.failures, now())
        return Attempt(username, user.id, credential.password_hash, locks_until=credential.locked_until)


def finish(attempt: Attempt, right: bool, origin: str | None = None) -> int:
    """Write down how the try ended -> the id of the person; raises SignInError."""
    with open_as(SYSTEM) as session:
        user = session.get(User, attempt.user_id) if attempt.user_id else None
        kind = _outcome(attempt, right, user)
        note(session, kind, user, origin, attempt.username)
        if kind is SignInKind.SIGNED_IN and user is not None:
            credential = session.scalars(select(Credential).where(Credential.user_id == user.id)).one()
            credential.failures, credential.locked_until = 0, None
            return user.id
        if attempt.locks_until:
            note(session, SignInKind.LOCKED, user, origin, attempt.username)
    if until := attempt.refused_until or attempt.locks_until:
        raise SignInError("Too many wrong passwords. Try again in {count:minute|minutes}.", count=_minutes_until(until))
    raise SignInError()


def _account(session: Session, username: str) -> tuple[User | None, Credential | None]:
    query = select(User, Credential).outerjoin(Credential, Credential.user_id == User.id).where(User.username == username)
    found = session.execute(query).first()
    return (found[0], found[1]) if found else (None, None)


def _begin_unknown(session: Session, username: str, user: User | None) -> Attempt:
    """A name without an account locks like one with an account; its failures are counted in the events."""
    recent = (SignInEvent.kind == SignInKind.UNKNOWN_NAME) & (SignInEvent.created_at > now() - FORGIVEN_AFTER)
    query = select(func.count(SignInEvent.id), func.max(SignInEvent.created_at)).where(recent, SignInEvent.username == username)
    failures, last = session.execute(query).one()
    user_id = user.id if user else None
    locked = _lock(failures, last) if last else None
    if locked and locked > now():
        return Attempt(username, user_id, NOBODYS_HASH, refused_until=locked)
    return Attempt(username, user_id, NOBODYS_HASH, locks_until=_lock(failures + 1, now()))


def _may_pass(session: Session, user: User) -> bool:
    """The lock of the name holds for a known browser as well, after a few tries since the person was last here."""
    mine = (SignInEvent.user_id == user.id) & (SignInEvent.created_at > now() - FORGIVEN_AFTER)
    entered = select(func.max(SignInEvent.id)).where(mine, SignInEvent.kind == SignInKind.SIGNED_IN).scalar_subquery()
    since = mine & (SignInEvent.kind == SignInKind.LET_PAST) & (SignInEvent.id > func.coalesce(entered, 0))
    return session.scalars(select(func.count(SignInEvent.id)).where(since)).one() < FREE_FAILURES


def _rests_until(session: Session, origin: str | None) -> dt.datetime | None:
    """Where too many wrong passwords came from, for a while. Without an address (the same computer) it would be everybody."""
    address = (origin or "").split(" ")[0]
    if not any(sign in address for sign in ".:"):
        return None
    wrong = SignInEvent.kind.in_((SignInKind.WRONG_PASSWORD, SignInKind.UNKNOWN_NAME))
    here = wrong & (SignInEvent.created_at > now() - PLACE_RESTS)
    here &= (SignInEvent.origin == address) | SignInEvent.origin.startswith(f"{address} ", autoescape=True)
    last = select(SignInEvent.created_at).where(here).order_by(SignInEvent.id.desc()).offset(MOST_FROM_ONE_PLACE - 1).limit(1)
    oldest = session.scalars(last).first()
    return oldest + PLACE_RESTS if oldest else None


def _lock(failures: int, since: dt.datetime) -> dt.datetime | None:
    if failures <= FREE_FAILURES:
        return None
    return since + dt.timedelta(minutes=LOCK_MINUTES[min(failures - FREE_FAILURES, len(LOCK_MINUTES)) - 1])


def _outcome(attempt: Attempt, right: bool, user: User | None) -> SignInKind:
    if attempt.refused_until:
        return SignInKind.REFUSED
    if attempt.password_hash == NOBODYS_HASH:
        return SignInKind.UNKNOWN_NAME
    if not right:
        return SignInKind.WRONG_PASSWORD
    return SignInKind.SIGNED_IN if user and user.state == UserState.ACTIVE else SignInKind.REFUSED


def _minutes_until(moment: dt.datetime) -> int:
    return max(1, -int((now() - moment).total_seconds() // 60))


def note(session: Session, kind: SignInKind, user: User | None, origin: str | None = None, username: str = "") -> None:
    """Write a sign-in event."""
    name = user.username if user else username
    session.add(SignInEvent(kind=kind, user_id=user.id if user else None, username=name, origin=origin[:200] if origin else None))
