"""Activities planned and done, attached files, tags, custom fields, saved views, settings, and the log of imports and exports."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from crm.access import Actor, Attached, Configured, Personal, Reach, Shared, subjects, was
from crm.database import Code, Fact, Name, Record


class ActivityKind(StrEnum):
    CALL = "call"
    VISIT = "visit"
    MEETING = "meeting"
    EMAIL = "email"
    MESSAGE = "message"
    NOTE = "note"
    TASK = "task"
    SERVICE = "service"
    INSPECTION = "inspection"
    RENEWAL = "renewal"
    OTHER = "other"


class Outcome(StrEnum):
    REACHED = "reached"
    NOT_REACHED = "not_reached"
    INTERESTED = "interested"
    ORDERED = "ordered"
    REFUSED = "refused"
    POSTPONED = "postponed"
    OTHER = "other"


class Activity(Record, Attached):
    """What is to be done with a customer, or was done: planned until the day it happened. What comes next is an activity of its
    own that names the one it follows. The author is who planned it and, once it is done, who did it."""

    __tablename__ = "activity"
    __table_args__ = (
        Index("ix_activity_subject", "subject_type", "subject_id", "happened_on"),
        Index("ix_activity_author_happened", "author_id", "happened_on", "deleted_at", "subject_type", "subject_id"),
        Index("ix_activity_planned", "happened_on", "planned_on"),
    )

    kind: Mapped[str] = mapped_column(Code, default=ActivityKind.OTHER)
    topic: Mapped[str | None] = mapped_column(String(300))
    """What is planned, or what it was about."""
    planned_on: Mapped[dt.date | None]
    starts_at: Mapped[dt.time | None]
    """At which time of that day, by the clocks of the firm; None = some time."""
    place: Mapped[str | None] = mapped_column(Name)
    happened_on: Mapped[dt.date | None] = mapped_column(active_history=True)
    """None = not done yet."""
    text: Mapped[str | None] = mapped_column(Text)
    """What happened, and what came of it."""
    outcome: Mapped[str | None] = mapped_column(Code)
    minutes: Mapped[int | None]
    pinned: Mapped[bool] = mapped_column(default=False)
    """Important: stands on top of the record."""
    previous_id: Mapped[int | None] = mapped_column(ForeignKey("activity.id"), index=True)
    """The activity it follows."""
    checked_in_at: Mapped[dt.datetime | None]
    """When the author stood there; written once, with where that was, as far as the device told."""
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    accuracy: Mapped[float | None]
    """Metres around that point."""

    @property
    def title(self) -> str:
        return (self.topic or self.text or self.kind)[:60]

    def changeable_by(self, actor: Actor, session: Session) -> bool:
        """What is still planned is also for whoever may change the record: a lead plans it, the owner does it."""
        if super().changeable_by(actor, session):
            return True
        if self.id is None or was(self, "happened_on") is not None or actor.grant("office").change is Reach.NOTHING:
            return False
        with session.no_autoflush:
            subject = session.get(subjects()[self.subject_type], self.subject_id)
        return subject is not None and bool(subject.changeable_by(actor, session))


class Attachment(Record, Attached):
    """A file that hangs on a record: for whoever may change that record to add and to take away, for whoever sees it to read.
    Its bytes lie in the folder of documents under their hash."""

    __tablename__ = "attachment"
    __table_args__ = (Index("ix_attachment_subject", "subject_type", "subject_id"),)

    name: Mapped[str] = mapped_column(Name)
    media_type: Mapped[str] = mapped_column(String(100))
    """As its bytes tell, never as the browser says."""
    size: Mapped[int]
    """Bytes."""
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    note: Mapped[str | None] = mapped_column(String(300))
    activity_id: Mapped[int | None] = mapped_column(ForeignKey("activity.id"), index=True)
    """The visit at which it was taken."""

    @property
    def title(self) -> str:
        return self.name

    def changeable_by(self, actor: Actor, session: Session) -> bool:
        if actor.grant("office").change is Reach.NOTHING:
            return False
        with session.no_autoflush:
            subject = session.get(subjects()[was(self, "subject_type")], was(self, "subject_id"))
        return subject is not None and bool(subject.changeable_by(actor, session))


class Tag(Record, Shared):
    """A word a team agrees on; anybody who may write activities may add one."""

    __tablename__ = "tag"
    __table_args__ = (
        UniqueConstraint("name"),
        {"info": {"says": {("uq_tag_name", ("name",)): "This tag exists already."}}},
    )

    name: Mapped[str] = mapped_column(Code)
    colour: Mapped[str] = mapped_column(Code, default="neutral")

    @property
    def title(self) -> str:
        return self.name

    def changeable_by(self, actor: Actor, session: Session) -> bool:
        return bool(actor.grant("office").change) or actor.may("settings", "office")


class Tagging(Record, Attached):
    __tablename__ = "tagging"
    __table_args__ = (
        UniqueConstraint("tag_id", "subject_type", "subject_id"),
        Index("ix_tagging_subject", "subject_type", "subject_id"),
    )
    DISPOSABLE = True

    tag_id: Mapped[int] = mapped_column(ForeignKey("tag.id"), index=True)
    tag: Mapped[Tag] = relationship()

    @property
    def title(self) -> str:
        return self.tag.name if self.tag else str(self.tag_id)


class FieldKind(StrEnum):
    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    CHOICE = "choice"


class CustomField(Record, Configured):
    """A field that an administrator adds without code; values live in the record's `custom` column under `key`."""

    __tablename__ = "custom_field"
    __table_args__ = (
        UniqueConstraint("subject_type", "key"),
        {
            "info": {
                "says": {("uq_custom_field_subject_type_key", ("subject_type", "key")): "There is already a field with this key."}
            }
        },
    )

    subject_type: Mapped[str] = mapped_column(Code, default="customer")
    key: Mapped[str] = mapped_column(Code)
    label: Mapped[str] = mapped_column(Name)
    label_zh: Mapped[str | None] = mapped_column(Name)
    kind: Mapped[str] = mapped_column(Code)
    choices: Mapped[list[Any]] = mapped_column(default=list)
    required: Mapped[bool] = mapped_column(default=False)
    in_list: Mapped[bool] = mapped_column(default=False)
    position: Mapped[int] = mapped_column(default=0)

    @property
    def title(self) -> str:
        return self.label


class SavedView(Record, Personal):
    """A named list: its filters, its columns, its order."""

    __tablename__ = "saved_view"
    __table_args__ = (
        UniqueConstraint("user_id", "page", "name"),
        {
            "info": {
                "says": {
                    ("uq_saved_view_user_id_page_name", ("user_id", "page", "name")): "You already have a view of this name."
                }
            }
        },
    )

    page: Mapped[str] = mapped_column(Code)
    name: Mapped[str] = mapped_column(Name)
    state: Mapped[dict[str, Any]]

    @property
    def title(self) -> str:
        return self.name


class Setting(Record, Configured):
    """One value that holds for the whole installation: demo mode, the demo's today, thresholds."""

    __tablename__ = "setting"
    __table_args__ = (UniqueConstraint("key"),)

    key: Mapped[str] = mapped_column(Code)
    value: Mapped[dict[str, Any]]

    @property
    def title(self) -> str:
        return self.key

    def changeable_by(self, actor: Actor, session: Session) -> bool:
        return actor.may(*granted(self.key))


def granted(key: str) -> tuple[str, str]:
    """-> the action and the area whose grant decides a setting."""
    return GRANTED.get(key.split(".")[0], ("settings", "office"))


GRANTED = {"rfm": ("publish", "insight"), "calls": ("publish", "insight"), "support": ("policies", "support")}
"""Settings that others than the administrators decide, by the key up to its dot: the action, and the area that grants it."""


class SavedMapping(Record, Shared):
    """A named way to read a file: which column goes to which field."""

    __tablename__ = "saved_mapping"
    __table_args__ = (
        UniqueConstraint("target", "name"),
        {"info": {"says": {("uq_saved_mapping_target_name", ("target", "name")): "There is already a mapping of this name."}}},
    )

    target: Mapped[str] = mapped_column(Code)
    name: Mapped[str] = mapped_column(Name)
    mapping: Mapped[dict[str, Any]]

    @property
    def title(self) -> str:
        return self.name

    def changeable_by(self, actor: Actor, session: Session) -> bool:
        return actor.may("import", "customers") or actor.may("import", "catalogue")


class ImportJob(Fact, Personal):
    """One file that came in: whole, or not at all. Rows carry its number."""

    __tablename__ = "import_job"

    target: Mapped[str] = mapped_column(Code)
    file_name: Mapped[str] = mapped_column(Name)
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    mapping: Mapped[dict[str, Any]]
    read: Mapped[int]
    added: Mapped[int]
    changed: Mapped[int]
    unchanged: Mapped[int]
    refused: Mapped[int]
    detail: Mapped[dict[str, Any]]

    @property
    def title(self) -> str:
        return self.file_name


class ExportEvent(Fact, Personal):
    """One file that went out: who, what, how many rows, under which filters."""

    __tablename__ = "export_event"

    what: Mapped[str] = mapped_column(Code)
    format: Mapped[str] = mapped_column(Code)
    rows: Mapped[int]
    filters: Mapped[dict[str, Any]]

    @property
    def title(self) -> str:
        return self.what
