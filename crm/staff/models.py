"""Units as a tree, people with a role and a state, and what sign-in needs."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, ForeignKey, Index, String, UniqueConstraint, or_, select
from sqlalchemy.inspection import inspect
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from crm.access import Actor, Personal, Reach, Role, Sealed, Shared, was
from crm.database import Code, Fact, Name, Record


class UnitKind(StrEnum):
    GROUP = "group"
    BOARD = "board"
    DEPARTMENT = "department"


class UserState(StrEnum):
    ACTIVE = "active"
    FROZEN = "frozen"
    LEFT = "left"


class OrgUnit(Record, Shared):
    """Group > board > department; a board is a business kept apart from the others."""

    __tablename__ = "org_unit"
    __table_args__ = (
        UniqueConstraint("parent_id", "name"),
        {"info": {"says": {("uq_org_unit_parent_id_name", ("parent_id", "name")): "There is already a unit of this name here."}}},
    )

    name: Mapped[str] = mapped_column(Name)
    kind: Mapped[str] = mapped_column(Code)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("org_unit.id"), index=True)
    currency: Mapped[str] = mapped_column(String(3), default="CNY")
    """What the board counts in."""

    @property
    def title(self) -> str:
        return self.name


class User(Record, Shared):
    """A person with an account. What sign-in needs is in Credential, for the system alone."""

    __tablename__ = "user"
    __table_args__ = (
        UniqueConstraint("username"),
        {"info": {"says": {("uq_user_username", ("username",)): "This user name is taken."}}},
    )

    username: Mapped[str] = mapped_column(Code)
    name: Mapped[str] = mapped_column(Name)
    email: Mapped[str | None] = mapped_column(Name)
    phone: Mapped[str | None] = mapped_column(Code)
    role: Mapped[str] = mapped_column(Code)
    state: Mapped[str] = mapped_column(Code, default=UserState.ACTIVE)
    unit_id: Mapped[int] = mapped_column(ForeignKey("org_unit.id"), index=True)
    manager_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    is_demo: Mapped[bool] = mapped_column(default=False)

    unit: Mapped[OrgUnit] = relationship()
    manager: Mapped[User | None] = relationship(remote_side="User.id")

    @property
    def title(self) -> str:
        return self.name

    @property
    def team_id(self) -> int:
        """The audit log keeps it: who administers the unit reads what happened to its people."""
        return self.unit_id

    def changeable_by(self, actor: Actor, session: Session) -> bool:
        reach = actor.grant("staff").change
        if reach is Reach.TEAM:
            units, roles = {was(self, "unit_id"), self.unit_id}, {was(self, "role"), self.role}
            return units <= actor.team_ids and roles.isdisjoint((Role.ADMIN, Role.EXECUTIVE))
        return reach is Reach.EVERYTHING


class Membership(Record, Shared):
    """A further unit that a person works for, with all below it: an analyst of two boards."""

    __tablename__ = "membership"
    __table_args__ = (UniqueConstraint("user_id", "unit_id"),)

    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("org_unit.id"))


class AbsenceKind(StrEnum):
    LEAVE = "leave"
    TRAVEL = "travel"
    """At work, but not at the desk: he is given new work all the same, and fewer sign-ins are asked of him."""
    SICKNESS = "sickness"
    TRAINING = "training"
    OTHER = "other"


class Absence(Record, Shared):
    """Days on which a person is away: nothing new is given to him then, unless he travels."""

    __tablename__ = "absence"
    __table_args__ = (Index("ix_absence_days", "starts_on", "ends_on"),)

    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    kind: Mapped[str] = mapped_column(Code, default=AbsenceKind.LEAVE)
    starts_on: Mapped[dt.date]
    ends_on: Mapped[dt.date]
    """The last day away."""
    note: Mapped[str | None] = mapped_column(String(300))

    user: Mapped[User] = relationship()

    def changeable_by(self, actor: Actor, session: Session) -> bool:
        """His own, and those of the people of the unit by who sees its people."""
        if actor.role is Role.SYSTEM or {was(self, "user_id"), self.user_id} == {actor.user_id}:
            return True
        with session.no_autoflush:
            person = session.get(User, self.user_id)
        reach = actor.grant("staff").see
        near = person is not None and reach is Reach.TEAM and person.unit_id in actor.team_ids
        return was(self, "user_id") == self.user_id and (near or reach is Reach.EVERYTHING)


class Preference(Record, Personal):
    """What a person chose: language, columns of a list."""

    __tablename__ = "preference"
    __table_args__ = (UniqueConstraint("user_id", "key"),)
    UNLOGGED = True

    key: Mapped[str] = mapped_column(Code)
    value: Mapped[dict[str, Any]]


class Credential(Record, Sealed):
    """The bcrypt hash, and the count of failures that locks the account. Whoever adds a person gives the first password."""

    __tablename__ = "credential"
    UNLOGGED = True

    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), unique=True)
    password_hash: Mapped[str] = mapped_column(String(100))
    changed_at: Mapped[dt.datetime]
    must_change: Mapped[bool] = mapped_column(default=False)
    failures: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[dt.datetime | None]

    def changeable_by(self, actor: Actor, session: Session) -> bool:
        if actor.role is Role.SYSTEM or inspect(self).persistent:
            return actor.role is Role.SYSTEM
        with session.no_autoflush:
            user = session.get(User, self.user_id)
        return user is not None and user.changeable_by(actor, session)


class AuthSession(Record, Sealed):
    """One browser that is signed in; looked up at every run, so that ending it acts at the next click."""

    __tablename__ = "auth_session"
    UNLOGGED = True

    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    expires_at: Mapped[dt.datetime]
    revoked_at: Mapped[dt.datetime | None]
    seen_on: Mapped[dt.date | None]
    """The last day on which it was used: see Presence."""


class SignInTicket(Record, Sealed):
    """Lets the browser fetch its cookie once, within seconds of the right password. The token is masked with the ticket."""

    __tablename__ = "sign_in_ticket"
    UNLOGGED = True
    DISPOSABLE = True

    ticket_hash: Mapped[str] = mapped_column(String(64), unique=True)
    token: Mapped[str] = mapped_column(String(64))
    expires_at: Mapped[dt.datetime]


class SignInKind(StrEnum):
    SIGNED_IN = "signed_in"
    WRONG_PASSWORD = "wrong_password"
    UNKNOWN_NAME = "unknown_name"
    LOCKED = "locked"
    """The wrong password that locked the account."""
    REFUSED = "refused"
    """An attempt on an account that is locked, frozen or left."""
    LET_PAST = "let_past"
    """An attempt on a locked account from a browser in which its person signed in before."""
    SIGNED_OUT = "signed_out"
    PASSWORD_CHANGED = "password_changed"
    PASSWORD_RESET = "password_reset"
    SESSIONS_ENDED = "sessions_ended"


class Watched(Personal):
    """Of a person; also for whoever sees the people of the unit."""

    @classmethod
    def visible_to(cls, actor: Actor) -> ColumnElement[bool] | None:
        own = super().visible_to(actor)
        if own is None or actor.grant("staff").see is not Reach.TEAM:
            return own
        people = select(User.__table__.c.id).where(User.__table__.c.unit_id.in_(sorted(actor.team_ids)))
        return or_(own, inspect(cls).local_table.c.user_id.in_(people))


class SignInEvent(Fact, Watched):
    """Every sign-in, failure, lock, sign-out and change of password. An unknown name is kept without a person."""

    __tablename__ = "sign_in_event"
    __table_args__ = (Index("ix_sign_in_event_kind_created", "kind", "created_at"),)
    UNLOGGED = True

    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"), index=True)  # type: ignore[assignment]
    kind: Mapped[str] = mapped_column(Code)
    username: Mapped[str] = mapped_column(Name)
    origin: Mapped[str | None] = mapped_column(Name)


class Presence(Fact, Watched):
    """A day of the firm on which a person used the product, whether he had to sign in for it or was still signed in."""

    __tablename__ = "presence"
    __table_args__ = (UniqueConstraint("user_id", "day"), Index("ix_presence_day", "day", "user_id"))
    UNLOGGED = True

    day: Mapped[dt.date]

    def changeable_by(self, actor: Actor, session: Session) -> bool:
        return actor.role is Role.SYSTEM
