"""What can be asked about notes, tags, custom fields, saved views, settings, and files that came in and went out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import pandas as pd
from sqlalchemy import Select, func, or_, select

from crm.access import subjects
from crm.database import frame
from crm.errors import Invalid
from crm.office.fields import CustomFieldSpec, checked_custom
from crm.office.models import CustomField, ExportEvent, ImportJob, Note, SavedMapping, SavedView, Setting, Tag, Tagging
from crm.office.thresholds import Thresholds
from crm.session import ScopedSession, get
from crm.staff.models import User

PAGE_SIZE = 20
"""Rows of one page of the import and export logs."""

# ------------------------------------------------------------------------------------------------------ settings


def setting(session: ScopedSession, key: str) -> dict[str, Any] | None:
    return session.scalar(select(Setting.value).where(Setting.key == key))


def today(session: ScopedSession) -> dt.date:
    """The day that everything is counted from: the demo's own, or the real one."""
    return demo_day(session) or dt.date.today()


def demo_day(session: ScopedSession) -> dt.date | None:
    """The day at which a demo company stands still; None = this is no demo."""
    demo = setting(session, "demo_today")
    return dt.date.fromisoformat(demo["day"]) if demo else None


def thresholds(session: ScopedSession) -> Thresholds:
    stored = setting(session, "thresholds") or {}
    return Thresholds.model_validate({name: value for name, value in stored.items() if name in Thresholds.model_fields})


# --------------------------------------------------------------------------------------------------------- notes


Rows = Select[*tuple[Any, ...]]


def _notes() -> Rows:
    return select(
        Note.id,
        Note.subject_type,
        Note.subject_id,
        Note.kind,
        Note.happened_on,
        Note.text,
        Note.pinned,
        Note.follow_up,
        Note.follow_up_on,
        Note.done_at,
        Note.author_id,
        User.name.label("author"),
        Note.created_at,
        Note.version,
    ).join(User, User.id == Note.author_id, isouter=True)


def _about(subject_type: str, subject_id: int) -> Rows:
    about = _notes().where(Note.subject_type == subject_type, Note.subject_id == subject_id)
    return about.order_by(Note.happened_on.desc(), Note.id.desc()).limit(500)


def note(session: ScopedSession, note_id: int) -> Note:
    return get(session, Note, note_id)


def notes_of(session: ScopedSession, subject_type: str, subject_id: int) -> pd.DataFrame:
    """Notes on one record, newest first, at most 500 -> id, subject_type, subject_id, kind, happened_on, text, pinned, follow_up,
    follow_up_on, done_at, author_id, author, created_at, version."""
    return frame(session, _about(subject_type, subject_id))


def pinned(session: ScopedSession, subject_type: str, subject_id: int) -> pd.DataFrame:
    """The important notes on one record, newest first -> columns of `notes_of`."""
    return frame(session, _about(subject_type, subject_id).where(Note.pinned))


def notes_by(session: ScopedSession, since: dt.date, until: dt.date, author_id: int | None = None) -> pd.DataFrame:
    """The service record of an employee, or of everybody I see, from day to day, newest first -> columns of `notes_of`."""
    written = _notes().where(Note.happened_on >= since, Note.happened_on <= until)
    if author_id is not None:
        written = written.where(Note.author_id == author_id)
    return frame(session, written.order_by(Note.happened_on.desc(), Note.id.desc()).limit(1000))


def due_follow_ups(session: ScopedSession, until: dt.date, owner_id: int | None = None) -> pd.DataFrame:
    """Open follow-ups due up to a day, longest overdue first; of the records `owner_id` owns now -> columns of `notes_of`."""
    due = _notes().where(Note.follow_up_on <= until, Note.done_at.is_(None))
    if owner_id is not None:
        due = due.where(or_(*(_owned_by(owner_id, name, kind) for name, kind in subjects().items())))
    return frame(session, due.order_by(Note.follow_up_on, Note.id).limit(500))


def subject_kind(subject_type: str) -> type[Any]:
    """The class whose records notes, tags and custom fields of this type belong to."""
    kinds = subjects()
    if subject_type not in kinds:
        raise Invalid("Nothing can be attached to {what}.", what=subject_type)
    return kinds[subject_type]


def _owned_by(owner_id: int, name: str, kind: Any) -> Any:
    return (Note.subject_type == name) & Note.subject_id.in_(select(kind.id).where(kind.owner_id == owner_id))


# ---------------------------------------------------------------------------------------------------------- tags


def tag(session: ScopedSession, tag_id: int) -> Tag:
    return get(session, Tag, tag_id)


def tags(session: ScopedSession) -> pd.DataFrame:
    """Every tag by name, with the number of records I see that carry it -> id, name, colour, version, records."""
    uses = select(func.count(Tagging.id)).where(Tagging.tag_id == Tag.id).correlate(Tag).scalar_subquery()
    return frame(session, select(Tag.id, Tag.name, Tag.colour, Tag.version, uses.label("records")).order_by(Tag.name))


def tag_choices(session: ScopedSession) -> dict[int, str]:
    """Tag id -> name, for pickers: does not count."""
    return {row.id: row.name for row in session.execute(select(Tag.id, Tag.name).order_by(Tag.name))}


def tags_of(session: ScopedSession, subject_type: str, subject_ids: Sequence[int]) -> pd.DataFrame:
    """The tags of one or many records -> subject_id, tag_id, name, colour."""
    carried = select(Tagging.subject_id, Tagging.tag_id, Tag.name, Tag.colour).join(Tag, Tag.id == Tagging.tag_id)
    carried = carried.where(Tagging.subject_type == subject_type, Tagging.subject_id.in_(subject_ids))
    return frame(session, carried.order_by(Tagging.subject_id, Tag.name))


# ------------------------------------------------------------------------------------------------- custom fields


def custom_field(session: ScopedSession, field_id: int) -> CustomField:
    return get(session, CustomField, field_id)


def custom_fields(session: ScopedSession, subject_type: str) -> list[CustomFieldSpec]:
    """The fields of a table that an administrator added, in their order."""
    fields = select(CustomField).where(CustomField.subject_type == subject_type).order_by(CustomField.position, CustomField.id)
    return [_spec(field) for field in session.scalars(fields)]


def _spec(field: CustomField) -> CustomFieldSpec:
    return CustomFieldSpec(
        field.id,
        field.key,
        field.label,
        field.label_zh,
        field.kind,
        tuple(field.choices),
        field.required,
        field.in_list,
        field.position,
        field.version,
    )


# --------------------------------------------------------------------------------------- saved views and mappings


def views(session: ScopedSession, page: str) -> pd.DataFrame:
    """My saved views of a page -> id, name, state."""
    mine = select(SavedView.id, SavedView.name, SavedView.state).where(SavedView.user_id == session.actor.user_id)
    return frame(session, mine.where(SavedView.page == page).order_by(SavedView.name))


def mappings(session: ScopedSession, target: str) -> dict[str, dict[str, Any]]:
    """Name -> mapping, for one import target."""
    known = select(SavedMapping.name, SavedMapping.mapping).where(SavedMapping.target == target).order_by(SavedMapping.name)
    return {row.name: row.mapping for row in session.execute(known)}


# ---------------------------------------------------------------------------------------------- files in and out


def exports(session: ScopedSession, page: int = 1) -> pd.DataFrame:
    """Files that went out, newest first, a page at a time -> id, created_at, user, what, format, rows, filters."""
    event = ExportEvent
    known = select(event.id, event.created_at, User.name.label("user"), event.what, event.format, event.rows, event.filters)
    newest = known.join(User, User.id == event.user_id, isouter=True).order_by(event.id.desc())
    return frame(session, _page(newest, page))


def export_count(session: ScopedSession) -> int:
    return session.scalar(select(func.count(ExportEvent.id))) or 0


def imports(session: ScopedSession, page: int = 1) -> pd.DataFrame:
    """Files that came in, newest first, a page at a time -> id, created_at, user, target, file_name, read, added, changed,
    unchanged, refused."""
    job = ImportJob
    who = User.name.label("user")
    counts = (job.read, job.added, job.changed, job.unchanged, job.refused)
    known = select(job.id, job.created_at, who, job.target, job.file_name, *counts)
    newest = known.join(User, User.id == job.user_id, isouter=True).order_by(job.id.desc())
    return frame(session, _page(newest, page))


def import_count(session: ScopedSession) -> int:
    return session.scalar(select(func.count(ImportJob.id))) or 0


def _page(statement: Rows, page: int) -> Rows:
    return statement.limit(PAGE_SIZE).offset((page - 1) * PAGE_SIZE)


__all__ = [
    "PAGE_SIZE",
    "CustomFieldSpec",
    "Thresholds",
    "checked_custom",
    "custom_field",
    "custom_fields",
    "demo_day",
    "due_follow_ups",
    "export_count",
    "exports",
    "import_count",
    "imports",
    "mappings",
    "note",
    "notes_by",
    "notes_of",
    "pinned",
    "setting",
    "subject_kind",
    "tag",
    "tag_choices",
    "tags",
    "tags_of",
    "thresholds",
    "today",
    "views",
]
