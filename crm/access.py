"""Who may see and change what: roles, the one table of grants, and the bases that tell each table its scope.

The rules are SQL conditions. `crm.session` adds them to every statement, so that nobody has to remember them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import Any, ClassVar

from sqlalchemy import ColumnElement, ForeignKey, Select, String, exists, false, or_, select, true
from sqlalchemy.inspection import inspect
from sqlalchemy.orm import Mapped, Session, mapped_column
from sqlalchemy.sql.util import ClauseAdapter

from crm.database import Base
from crm.errors import Refused


class Role(StrEnum):
    EXECUTIVE = "executive"
    DIRECTOR = "director"
    LEAD = "lead"
    REP = "rep"
    BOARD_ADMIN = "board_admin"
    AGENT = "agent"
    MARKETER = "marketer"
    ANALYST = "analyst"
    ADMIN = "admin"
    SYSTEM = "system"
    """Set-up, sign-in and jobs; never given to a person."""


class Reach(IntEnum):
    NOTHING = 0
    OWN = 1
    TEAM = 2
    """Own unit and those below it."""
    EVERYTHING = 3


@dataclass(frozen=True, slots=True)
class Grant:
    see: Reach = Reach.NOTHING
    change: Reach = Reach.NOTHING
    may: frozenset[str] = frozenset()


def _grant(see: Reach, change: Reach = Reach.NOTHING, *may: str) -> Grant:
    return Grant(see, change, frozenset(may))


_NOTHING, _OWN, _TEAM, _ALL = Reach.NOTHING, Reach.OWN, Reach.TEAM, Reach.EVERYTHING

GRANTS: dict[Role, dict[str, Grant]] = {
    Role.EXECUTIVE: {
        "staff": _grant(_ALL, _NOTHING, "audit"),
        "office": _grant(_ALL, _ALL, "settings", "announce"),
        "catalogue": _grant(_ALL),
        "customers": _grant(_ALL, _ALL, "assign", "assign across boards", "share", "merge", "delete", "export", "import"),
        "insight": _grant(_ALL, _ALL, "publish", "group"),
        "marketing": _grant(_ALL, _ALL, "assign", "recycle", "import", "export"),
        "pipeline": _grant(_ALL, _ALL, "approve", "assign", "import", "export"),
        "contracts": _grant(_ALL, _ALL, "export"),
        "support": _grant(_ALL, _ALL, "assign", "merge", "import", "export", "publish", "policies"),
        "targets": _grant(_ALL, _ALL, "approve", "import", "export"),
    },
    Role.DIRECTOR: {
        "staff": _grant(_TEAM, _NOTHING, "audit"),
        "office": _grant(_TEAM, _TEAM, "announce"),
        "catalogue": _grant(_ALL),
        "customers": _grant(_TEAM, _TEAM, "assign", "share", "merge", "delete", "export", "import"),
        "insight": _grant(_TEAM, _TEAM, "publish", "group"),
        "marketing": _grant(_TEAM, _TEAM, "assign", "recycle", "import", "export"),
        "pipeline": _grant(_TEAM, _TEAM, "approve", "assign", "import", "export"),
        "contracts": _grant(_TEAM, _TEAM, "export"),
        "support": _grant(_TEAM, _TEAM, "assign", "merge", "import", "export", "publish", "policies"),
        "targets": _grant(_TEAM, _TEAM, "approve", "import", "export"),
    },
    Role.LEAD: {
        "staff": _grant(_TEAM),
        "office": _grant(_TEAM, _TEAM, "announce"),
        "catalogue": _grant(_ALL),
        "customers": _grant(_TEAM, _TEAM, "assign", "share", "merge", "delete", "export", "import"),
        "insight": _grant(_TEAM, _TEAM, "group"),
        "marketing": _grant(_TEAM, _TEAM, "assign", "recycle", "import", "export"),
        "pipeline": _grant(_TEAM, _TEAM, "approve", "assign", "import", "export"),
        "contracts": _grant(_TEAM, _TEAM, "export"),
        "support": _grant(_TEAM, _TEAM, "assign", "merge", "import", "export", "publish"),
        "targets": _grant(_TEAM, _TEAM, "import", "export"),
    },
    Role.REP: {
        "staff": _grant(_OWN),
        "office": _grant(_OWN, _OWN),
        "catalogue": _grant(_ALL),
        "customers": _grant(_OWN, _OWN, "share", "export", "import"),
        "insight": _grant(_OWN, _OWN, "group"),
        "marketing": _grant(_OWN, _OWN, "claim"),
        "pipeline": _grant(_OWN, _OWN, "export"),
        "contracts": _grant(_OWN, _OWN, "export"),
        "support": _grant(_OWN, _OWN, "export"),
        "targets": _grant(_OWN),
    },
    Role.BOARD_ADMIN: {
        "staff": _grant(_TEAM, _TEAM, "audit"),
        "office": _grant(_TEAM, _TEAM, "settings", "announce"),
        "catalogue": _grant(_ALL, _ALL, "import", "export"),
        "customers": _grant(_TEAM, _TEAM, "assign", "share", "merge", "delete", "export", "import"),
        "insight": _grant(_TEAM, _TEAM, "publish", "group"),
        "marketing": _grant(_TEAM, _TEAM, "assign", "recycle", "import", "export"),
        "pipeline": _grant(_TEAM, _TEAM, "approve", "assign", "import", "export"),
        "contracts": _grant(_TEAM, _TEAM, "export"),
        "support": _grant(_TEAM, _TEAM, "assign", "merge", "import", "export", "publish", "policies"),
        "targets": _grant(_TEAM, _TEAM, "approve", "import", "export"),
    },
    Role.AGENT: {
        "staff": _grant(_OWN),
        "office": _grant(_TEAM, _OWN),
        "catalogue": _grant(_ALL),
        "customers": _grant(_TEAM),
        "pipeline": _grant(_TEAM),
        "contracts": _grant(_TEAM),
        "support": _grant(_TEAM, _TEAM, "merge", "export"),
        "targets": _grant(_OWN),
    },
    Role.MARKETER: {
        "staff": _grant(_OWN),
        "office": _grant(_TEAM, _OWN),
        "catalogue": _grant(_ALL),
        "customers": _grant(_TEAM, _NOTHING, "assign", "assign across boards", "export"),
        "insight": _grant(_TEAM, _NOTHING, "group"),
        "marketing": _grant(_TEAM, _TEAM, "assign", "import", "export"),
        "pipeline": _grant(_TEAM, _NOTHING, "export"),
        "support": _grant(_TEAM, _NOTHING, "export"),
        "targets": _grant(_OWN),
    },
    Role.ANALYST: {
        "staff": _grant(_OWN),
        "office": _grant(_TEAM),
        "catalogue": _grant(_ALL, _NOTHING, "export"),
        "customers": _grant(_TEAM, _NOTHING, "export"),
        "insight": _grant(_TEAM, _NOTHING, "publish", "group"),
        "marketing": _grant(_TEAM, _NOTHING, "export"),
        "pipeline": _grant(_TEAM, _NOTHING, "export"),
        "contracts": _grant(_TEAM, _NOTHING, "export"),
        "support": _grant(_TEAM, _NOTHING, "export"),
        "targets": _grant(_TEAM, _NOTHING, "export"),
    },
    Role.ADMIN: {
        "staff": _grant(_ALL, _ALL, "audit", "settings"),
        "office": _grant(_NOTHING, _NOTHING, "settings"),
        "catalogue": _grant(_ALL, _ALL, "import", "export"),
        "customers": _grant(_NOTHING),
        "support": _grant(_NOTHING, _NOTHING, "policies"),
    },
}
"""The whole policy. Areas that a role does not name are closed to it."""

AREAS = ("staff", "office", "catalogue", "customers", "insight", "marketing", "pipeline", "contracts", "support", "targets")

_EVERYTHING = Grant(Reach.EVERYTHING, Reach.EVERYTHING, frozenset({"*"}))


@dataclass(frozen=True, slots=True)
class Actor:
    """Who asks: a signed-in person, an import, a job. Hashable, so that caches can be keyed by it."""

    user_id: int
    role: Role
    team_ids: frozenset[int] = field(default_factory=frozenset)
    """Units within reach TEAM: the own unit, further memberships, and all below them."""
    above_ids: frozenset[int] = field(default_factory=frozenset)
    """The units above the own one: what is shared with a unit is shared with all below it."""
    name: str = ""

    def grant(self, area: str) -> Grant:
        return _EVERYTHING if self.role is Role.SYSTEM else GRANTS[self.role].get(area, Grant())

    def may(self, action: str, area: str) -> bool:
        allowed = self.grant(area).may
        return action in allowed or "*" in allowed

    def must(self, action: str, area: str) -> None:
        if not self.may(action, area):
            raise Refused("Your role does not allow this: {action} ({area}).", action=action, area=area)


SYSTEM = Actor(0, Role.SYSTEM, name="system")


def area_of(table: type[Base]) -> str:
    """The package a table lives in: crm.customers.models -> customers."""
    return table.__module__.split(".")[1]


def _any(conditions: list[ColumnElement[bool]]) -> ColumnElement[bool]:
    return or_(*conditions) if conditions else false()


class Scoped:
    """A table that says who may see and change it. Every mapped class is one; a class that is not stops every session."""

    @classmethod
    def visible_to(cls, actor: Actor) -> ColumnElement[bool] | None:
        """The SQL condition on rows; None = all of them."""
        raise NotImplementedError(cls.__name__)

    def changeable_by(self, actor: Actor, session: Session) -> bool:
        """May this record be created, changed or deleted? Judged by its values before the change."""
        raise NotImplementedError(type(self).__name__)


def _reach(cls: type[Any], actor: Actor) -> Grant:
    return actor.grant(area_of(cls))


def was(record: Any, column: str) -> Any:
    """The stored value of a column, before the pending change."""
    history = inspect(record).attrs[column].history
    return history.deleted[0] if history.deleted else getattr(record, column)


class Owned(Scoped):
    """Has an owner and the owner's unit; may be shared with people or units."""

    owner_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"), active_history=True)
    """None = nobody's: it lies in a pool. Lists of one person need an index that begins with it; one of `team_id` alone would
    lead a planner astray."""
    team_id: Mapped[int] = mapped_column(ForeignKey("org_unit.id"), active_history=True)

    @classmethod
    def shared_ids(cls, actor: Actor, to_change: bool = False) -> Select[tuple[int]] | None:
        """Ids of the records shared with the actor, where the area knows sharing."""
        return None

    @classmethod
    def visible_to(cls, actor: Actor) -> ColumnElement[bool] | None:
        reach = _reach(cls, actor).see
        if reach is Reach.EVERYTHING:
            return None
        if reach is Reach.NOTHING:
            return false()
        table = inspect(cls).local_table
        conditions = [table.c.owner_id == actor.user_id]
        if reach is Reach.TEAM:
            conditions.append(table.c.team_id.in_(sorted(actor.team_ids)))
        if (shared := cls.shared_ids(actor)) is not None:
            conditions.append(table.c.id.in_(shared))
        return _any(conditions)

    def changeable_by(self, actor: Actor, session: Session) -> bool:
        reach = _reach(type(self), actor).change
        if reach is Reach.EVERYTHING:
            return True
        if reach is Reach.NOTHING:
            return False
        if was(self, "owner_id") == actor.user_id:
            return True
        if reach is Reach.TEAM and was(self, "team_id") in actor.team_ids:
            return True
        shared = self.shared_ids(actor, to_change=True)
        record_id = getattr(self, "id", None)
        return shared is not None and record_id is not None and record_id in set(session.connection().scalars(shared))


class PartOf(Scoped):
    """Lives inside another record: seen and changed with it. `PARENT` names the relationship to it."""

    PARENT: ClassVar[str]

    @classmethod
    def visible_to(cls, actor: Actor) -> ColumnElement[bool] | None:
        link, parent = cls.parent()
        condition = parent.visible_to(actor)
        if condition is None:
            return None
        table = inspect(parent).local_table
        return link.in_(select(table.c.id).where(condition))

    @classmethod
    def parent(cls) -> tuple[ColumnElement[Any], type[Scoped]]:
        """-> the column that names the parent, and the parent's class."""
        relation = inspect(cls).relationships[cls.PARENT]
        (link,) = relation.local_columns
        return link, relation.mapper.class_

    def changeable_by(self, actor: Actor, session: Session) -> bool:
        """Both the record it was part of and the one it comes to must be the actor's to change."""
        link, parent = self.parent()
        ids = {was(self, link.key or ""), getattr(self, link.key or "")} - {None}
        with session.no_autoflush:
            records = [session.get(parent, one) for one in ids] or [getattr(self, self.PARENT)]
        return all(record is not None and record.changeable_by(actor, session) for record in records)


class Attached(Scoped):
    """Hangs on any owned record by its table name and id (a note, a tag): seen with it, changed by its author or with it."""

    subject_type: Mapped[str] = mapped_column(String(40))
    subject_id: Mapped[int]
    author_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)

    @classmethod
    def visible_to(cls, actor: Actor) -> ColumnElement[bool] | None:
        table = inspect(cls).local_table
        conditions: list[ColumnElement[bool]] = []
        for name, subject in subjects().items():
            within = _stands_for(table.c.subject_id, subject, actor)
            conditions.append((table.c.subject_type == name) & within)
        return None if actor.role is Role.SYSTEM else _any(conditions)

    def changeable_by(self, actor: Actor, session: Session) -> bool:
        reach = _reach(type(self), actor).change
        if reach is Reach.NOTHING or (kind := subjects().get(was(self, "subject_type"))) is None:
            return False
        with session.no_autoflush:
            subject = session.get(kind, was(self, "subject_id"))
        if subject is None:
            return False
        mine = was(self, "author_id") == actor.user_id
        return mine or reach is Reach.EVERYTHING or (reach is Reach.TEAM and subject.changeable_by(actor, session))


def _stands_for(link: ColumnElement[Any], kind: type[Any], actor: Actor) -> ColumnElement[bool]:
    """The condition on a column that holds the id of a record of a kind: the actor sees the record."""
    condition = kind.visible_to(actor)
    if condition is None:
        return true()
    table = inspect(kind).local_table
    if _reach(kind, actor).see is not Reach.TEAM:
        return link.in_(select(table.c.id).where(condition))
    # A list of all that a large unit has would take longer than to look up the records in question.
    other = table.alias()
    return exists().where(other.c.id == link, ClauseAdapter(other).traverse(condition))


def subjects() -> dict[str, type[Any]]:
    """Tables that notes and tags can hang on, by table name."""
    return {mapper.local_table.description: mapper.class_ for mapper in Base.registry.mappers if issubclass(mapper.class_, Owned)}


class Shared(Scoped):
    """Seen by everybody who is signed in; changed by those whose grant in the area reaches everything."""

    @classmethod
    def visible_to(cls, actor: Actor) -> ColumnElement[bool] | None:
        return None

    def changeable_by(self, actor: Actor, session: Session) -> bool:
        return _reach(type(self), actor).change is Reach.EVERYTHING


class Configured(Shared):
    """Settings of the product: seen by everybody, changed by those who may change settings of the area."""

    def changeable_by(self, actor: Actor, session: Session) -> bool:
        return actor.may("settings", "office")


class Personal(Scoped):
    """Belongs to one person: seen and changed by that person, seen by those who see all of the area."""

    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)

    @classmethod
    def visible_to(cls, actor: Actor) -> ColumnElement[bool] | None:
        if _reach(cls, actor).see is Reach.EVERYTHING:
            return None
        mine: ColumnElement[bool] = inspect(cls).local_table.c.user_id == actor.user_id
        return mine

    def changeable_by(self, actor: Actor, session: Session) -> bool:
        return actor.role is Role.SYSTEM or was(self, "user_id") == actor.user_id


class Sealed(Scoped):
    """Passwords, browser sessions, tickets: for the system alone."""

    @classmethod
    def visible_to(cls, actor: Actor) -> ColumnElement[bool] | None:
        return None if actor.role is Role.SYSTEM else false()

    def changeable_by(self, actor: Actor, session: Session) -> bool:
        return actor.role is Role.SYSTEM
