"""What a person is to know: workflow, alerts, messages of colleagues, announcements. One place for all of it."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, ForeignKey, Index, String, Text, UniqueConstraint, false
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from crm.access import Actor, Personal, Reach, Role, Scoped, was
from crm.database import Code, Name, Record


class NoticeCategory(StrEnum):
    WORKFLOW = "workflow"
    """Something waits for a decision or an answer of this person."""
    ALERT = "alert"
    """A day comes near or has passed."""
    MESSAGE = "message"
    ANNOUNCEMENT = "announcement"


class NoticeTopic(StrEnum):
    """What a notice is about; its sentence is put together where it is read, in the language of the reader."""

    ACTIVITY_DUE = "activity_due"
    BIRTHDAY = "birthday"
    CUSTOMER_SILENT = "customer_silent"
    SERVICE_ENDS = "service_ends"
    RECEIPT_DUE = "receipt_due"
    CONTRACT_ENDS = "contract_ends"
    SECOND_FOLLOW_UP = "second_follow_up"
    CLOSE_DAY_PASSED = "close_day_passed"
    CASE_ESCALATED = "case_escalated"
    TARGET_BEHIND = "target_behind"
    PERSON_SILENT = "person_silent"
    MESSAGE = "message"
    ANNOUNCEMENT = "announcement"


class Announcement(Record, Scoped):
    """Said by somebody who leads to everybody of a unit and below it."""

    __tablename__ = "announcement"
    __table_args__ = (Index("ix_announcement_from", "from_on", "team_id"),)

    name: Mapped[str] = mapped_column(Name)
    text: Mapped[str] = mapped_column(Text)
    team_id: Mapped[int] = mapped_column(ForeignKey("org_unit.id"))
    from_on: Mapped[dt.date]
    until_on: Mapped[dt.date | None]
    """The last day on which it is shown; None = it stays."""
    by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))

    @property
    def title(self) -> str:
        return self.name

    @classmethod
    def visible_to(cls, actor: Actor) -> ColumnElement[bool] | None:
        """Everybody of the unit and below it, whatever his role; those above it too."""
        if actor.role is Role.SYSTEM or actor.grant("office").see is Reach.EVERYTHING:
            return None
        mine = sorted(actor.team_ids | actor.above_ids)
        return cls.__table__.c.team_id.in_(mine) if mine else false()

    def changeable_by(self, actor: Actor, session: Session) -> bool:
        if not actor.may("announce", "office"):
            return False
        units = {was(self, "team_id"), self.team_id}
        return actor.grant("office").change is Reach.EVERYTHING or units <= actor.team_ids


class Notice(Record, Personal):
    """One thing that one person is to know. Only he reads it, and who sent it."""

    __tablename__ = "notice"
    __table_args__ = (
        UniqueConstraint("user_id", "key"),
        Index("ix_notice_open", "user_id", "done_at", "due_on"),
        Index("ix_notice_topic", "topic", "done_at"),
    )
    UNLOGGED = True

    category: Mapped[str] = mapped_column(Code)
    topic: Mapped[str] = mapped_column(Code)
    subject_type: Mapped[str | None] = mapped_column(Code)
    subject_id: Mapped[int | None]
    """Where it leads."""
    about: Mapped[str | None] = mapped_column(Name)
    """The name of that record as it was then."""
    text: Mapped[str | None] = mapped_column(Text)
    """What a colleague wrote."""
    values: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """What its sentence is filled with."""
    due_on: Mapped[dt.date | None]
    by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"), index=True)
    """Who sent it; None = it came by itself."""
    over_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    """Whose matter it is, where it was passed up to whoever leads him."""
    announcement_id: Mapped[int | None] = mapped_column(ForeignKey("announcement.id"), index=True)
    key: Mapped[str | None] = mapped_column(String(120))
    """The same matter is told to the same person once."""
    read_at: Mapped[dt.datetime | None]
    done_at: Mapped[dt.datetime | None]
    """Put away by the reader, or by itself when the matter was settled."""
    later_on: Mapped[dt.date | None]
    """Put off: not shown before this day."""

    announcement: Mapped[Announcement | None] = relationship()

    @property
    def title(self) -> str:
        return self.about or (self.text or self.topic)[:60]

    @classmethod
    def visible_to(cls, actor: Actor) -> ColumnElement[bool] | None:
        if actor.role is Role.SYSTEM:
            return None
        table = cls.__table__.c
        return (table.user_id == actor.user_id) | (table.by_id == actor.user_id)

    def changeable_by(self, actor: Actor, session: Session) -> bool:
        if actor.role is Role.SYSTEM or was(self, "user_id") == self.user_id == actor.user_id:
            return True
        return self.id is None and self.by_id == actor.user_id and self.category == NoticeCategory.MESSAGE
