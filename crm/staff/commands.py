"""What can be done with people, units and passwords; the input of each command stands above it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import select

from crm.access import SYSTEM, Actor, Reach, Role
from crm.database import now
from crm.editing import change
from crm.errors import Invalid, Refused
from crm.session import WITH_DELETED, ScopedSession, get, open_as
from crm.staff.attempts import SignInError, begin, finish, hash_password, matches, note
from crm.staff.models import Credential, Membership, OrgUnit, Preference, SignInKind, UnitKind, User, UserState
from crm.staff.sign_in import end_sessions, units_above


class _Input(BaseModel):
    model_config = ConfigDict(str_strip_whitespace=True, extra="forbid", use_enum_values=True)


# ----------------------------------------------------------------------------------------------------- people


class PersonDetails(_Input):
    name: str = Field(min_length=1, max_length=200)
    role: Role
    unit_id: int
    manager_id: int | None = None
    email: str | None = Field(None, max_length=200)
    phone: str | None = Field(None, max_length=40)


class NewPerson(PersonDetails):
    username: str = Field(min_length=2, max_length=40, description="Small letters, digits, dot, dash or underscore.")
    password: str = Field(json_schema_extra={"secret": True}, description="For the first sign-in; it must be changed then.")


def add_person(session: ScopedSession, details: NewPerson) -> User:
    """A new account with its first password."""
    username = details.username.lower()
    if not username.replace(".", "").replace("-", "").replace("_", "").isalnum():
        raise Invalid("A user name has only letters, digits, dots, dashes and underscores.", field="username")
    require_password(details.password, username)
    _require_role_allowed(session, details.role)
    user = User(username=username, **details.model_dump(exclude={"username", "password"}))
    get(session, OrgUnit, details.unit_id)
    session.add(user)
    session.flush()
    _require_no_ring(session, user.id, details.manager_id)
    hashed = hash_password(details.password)
    session.add(Credential(user_id=user.id, password_hash=hashed, changed_at=now(), must_change=True))
    return user


def edit_person(session: ScopedSession, user_id: int, details: PersonDetails, version: int) -> User:
    user = get(session, User, user_id)
    if details.role != user.role:
        _require_role_allowed(session, details.role)
        _require_not_last_administrator(session, user)
    get(session, OrgUnit, details.unit_id)
    _require_no_ring(session, user.id, details.manager_id)
    change(session, user, details.model_dump(), version)
    return user


def freeze(session: ScopedSession, user_id: int) -> User:
    """The person is out at the next click, in every tab; nothing else changes."""
    return _end(session, user_id, UserState.FROZEN)


def unfreeze(session: ScopedSession, user_id: int) -> User:
    user = get(session, User, user_id)
    if user.state != UserState.FROZEN:
        raise Invalid("{name} is not frozen.", name=user.name)
    user.state = UserState.ACTIVE
    return user


def mark_as_left(session: ScopedSession, user_id: int) -> User:
    """Only the state. Handing over what the person owns is the work of the areas above, before this."""
    return _end(session, user_id, UserState.LEFT)


def _end(session: ScopedSession, user_id: int, state: UserState) -> User:
    user = get(session, User, user_id)
    if user.id == session.actor.user_id:
        raise Refused("You cannot close your own account.")
    _require_not_last_administrator(session, user)
    user.state = state
    return user


def roles_to_give(actor: Actor) -> list[Role]:
    """The roles that this person may give to others."""
    closed = {Role.SYSTEM} if actor.grant("staff").change is Reach.EVERYTHING else {Role.SYSTEM, Role.ADMIN, Role.EXECUTIVE}
    return [role for role in Role if role not in closed]


def _require_role_allowed(session: ScopedSession, role: str) -> None:
    if role not in roles_to_give(session.actor):
        raise Refused("Only an administrator may give this role.")


def _require_not_last_administrator(session: ScopedSession, user: User) -> None:
    others = select(User.id).where(User.role == Role.ADMIN, User.state == UserState.ACTIVE, User.id != user.id)
    if user.role == Role.ADMIN and session.scalars(others).first() is None:
        raise Refused("{name} is the last administrator. Name another one first.", name=user.name)


def _require_no_ring(session: ScopedSession, user_id: int, manager_id: int | None) -> None:
    if manager_id is None:
        return
    get(session, User, manager_id)
    managers = {row.id: row.manager_id for row in session.execute(select(User.id, User.manager_id))}
    if user_id in (manager_id, *units_above(managers, manager_id)):
        raise Invalid("Nobody can be above himself: choose another manager.", field="manager_id")


# -------------------------------------------------------------------------------------------------- passwords


class PasswordChange(_Input):
    model_config = ConfigDict(str_strip_whitespace=False)

    old_password: str = Field(json_schema_extra={"secret": True})
    new_password: str = Field(json_schema_extra={"secret": True}, description="10 characters or more. A short sentence is good.")
    new_password_again: str = Field(json_schema_extra={"secret": True})


class PasswordReset(_Input):
    model_config = ConfigDict(str_strip_whitespace=False)

    new_password: str = Field(json_schema_extra={"secret": True}, description="For the next sign-in; it must be changed then.")


def require_password(password: str, username: str) -> None:
    """10 to 72 bytes (bcrypt looks at no more), no blanks at the ends (the sign-in form drops them), not the user name."""
    if len(password.encode()) < 10:
        raise Invalid("A password has 10 characters or more.", field="new_password")
    if len(password.encode()) > 72:
        raise Invalid("A password has at most 72 characters (24 Chinese ones).", field="new_password")
    if password != password.strip():
        raise Invalid("A password does not begin or end with a blank.", field="new_password")
    if password.lower() == username.lower() or len(set(password)) < 4:
        raise Invalid("This password is too easy to guess.", field="new_password")


def change_own_password(session: ScopedSession, change: PasswordChange, session_id: int, origin: str | None = None) -> int:
    """Change it after checking the old one; all other browser sessions end -> how many."""
    if change.new_password != change.new_password_again:
        raise Invalid("The two new passwords differ.", field="new_password_again")
    if change.new_password == change.old_password:
        raise Invalid("The new password is the old one.", field="new_password")
    _require_old_password(get(session, User, session.actor.user_id).username, change.old_password, origin)
    with _as_system(session) as system:
        user = get(system, User, session.actor.user_id)
        _set_password(system, user, change.new_password, must_change=False)
        note(system, SignInKind.PASSWORD_CHANGED, user, origin)
        return end_sessions(system, user.id, keep=session_id)


def reset_password(session: ScopedSession, user_id: int, reset: PasswordReset, origin: str | None = None) -> None:
    """Give a person a new first password; a lock is lifted and all browser sessions of the person end."""
    user = get(session, User, user_id)
    if not user.changeable_by(session.actor, session):
        raise Refused("You may not change this: {title}.", title=user.title)
    with _as_system(session) as system:
        found = get(system, User, user_id)
        _set_password(system, found, reset.new_password, must_change=True)
        note(system, SignInKind.PASSWORD_RESET, found, origin)
        end_sessions(system, user_id)


def end_other_sessions(session: ScopedSession, session_id: int, origin: str | None = None) -> int:
    """Sign the actor out everywhere but here -> how many browser sessions ended."""
    with _as_system(session) as system:
        ended = end_sessions(system, session.actor.user_id, keep=session_id)
        note(system, SignInKind.SESSIONS_ENDED, get(system, User, session.actor.user_id), origin)
        return ended


def _require_old_password(username: str, password: str, origin: str | None) -> None:
    """Counted and locked like a sign-in: an open browser is no place to guess either."""
    attempt = begin(username)
    if attempt.refused_until or not matches(password, attempt.password_hash):
        with suppress(SignInError):
            finish(attempt, right=False, origin=origin)
        raise Invalid("The old password is wrong.", field="old_password")


def _set_password(system: ScopedSession, user: User, password: str, must_change: bool) -> None:
    require_password(password, user.username)
    credential = _credential(system, user.id)
    if credential is None:
        credential = Credential(user_id=user.id)
        system.add(credential)
    credential.password_hash, credential.changed_at, credential.must_change = hash_password(password), now(), must_change
    credential.failures, credential.locked_until = 0, None


def _credential(system: ScopedSession, user_id: int) -> Credential | None:
    with system.no_autoflush:
        return system.scalars(select(Credential).where(Credential.user_id == user_id)).first()


@contextmanager
def _as_system(session: ScopedSession) -> Iterator[ScopedSession]:
    """Passwords are sealed: a transaction of its own, except at set-up, where the caller is the system already."""
    if session.actor.role is Role.SYSTEM:
        yield session
    else:
        with open_as(SYSTEM) as system:
            yield system


# ------------------------------------------------------------------------------------------------------ units


class UnitDetails(_Input):
    name: str = Field(min_length=1, max_length=200)
    kind: UnitKind
    parent_id: int | None = None
    currency: str = Field("CNY", min_length=3, max_length=3, pattern="^[A-Z]{3}$", description="Three letters: CNY, EUR, USD.")


_ABOVE = {UnitKind.GROUP: (None,), UnitKind.BOARD: (UnitKind.GROUP,), UnitKind.DEPARTMENT: (UnitKind.BOARD, UnitKind.DEPARTMENT)}


def add_unit(session: ScopedSession, details: UnitDetails) -> OrgUnit:
    _require_place(session, details)
    unit = OrgUnit(**details.model_dump())
    session.add(unit)
    session.flush()
    return unit


def edit_unit(session: ScopedSession, unit_id: int, details: UnitDetails, version: int) -> OrgUnit:
    unit = get(session, OrgUnit, unit_id)
    _require_place(session, details, unit)
    change(session, unit, details.model_dump(), version)
    return unit


def _require_place(session: ScopedSession, details: UnitDetails, unit: OrgUnit | None = None) -> None:
    """Group > board > department; nothing stands below itself."""
    above = get(session, OrgUnit, details.parent_id) if details.parent_id else None
    if (above.kind if above else None) not in _ABOVE[UnitKind(details.kind)]:
        raise Invalid("The group is on top, boards stand below it, departments below a board or a department.", field="parent_id")
    if unit is None:
        return
    parents = {row.id: row.parent_id for row in session.execute(select(OrgUnit.id, OrgUnit.parent_id))}
    if unit.id in (details.parent_id, *units_above(parents, details.parent_id)):
        raise Invalid("A unit cannot stand below itself.", field="parent_id")
    below = session.scalars(select(OrgUnit.kind).where(OrgUnit.parent_id == unit.id)).all()
    if any(details.kind not in _ABOVE[UnitKind(kind)] for kind in below):
        raise Invalid("What stands below this unit does not fit below a unit of this kind.", field="kind")


def add_membership(session: ScopedSession, user_id: int, unit_id: int) -> Membership:
    """The person works for this unit too, with all below it."""
    user, unit = get(session, User, user_id), get(session, OrgUnit, unit_id)
    query = select(Membership).where(Membership.user_id == user.id, Membership.unit_id == unit.id)
    membership = session.scalars(query, execution_options={WITH_DELETED: True}).first()
    if membership is None:
        membership = Membership(user_id=user.id, unit_id=unit.id)
        session.add(membership)
    membership.deleted_at = None
    return membership


def remove_membership(session: ScopedSession, membership_id: int) -> None:
    get(session, Membership, membership_id).deleted_at = now()


# ------------------------------------------------------------------------------------------------ preferences


def set_preference(session: ScopedSession, key: str, value: dict[str, Any]) -> None:
    """Remember what the actor chose."""
    mine = select(Preference).where(Preference.user_id == session.actor.user_id, Preference.key == key)
    found = session.scalars(mine).first()
    if found is None:
        session.add(Preference(user_id=session.actor.user_id, key=key, value=value))
    elif found.value != value:
        found.value = value
