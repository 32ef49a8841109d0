"""Files on any record: attached, named, described, taken away; and the sweep of what nobody uses."""

from __future__ import annotations

import datetime as dt

from pydantic import Field
from sqlalchemy import or_, select

from crm.database import now
from crm.editing import Input, change
from crm.errors import Invalid, Refused
from crm.office import documents
from crm.office.file_types import clean_name, ending_of, media_type
from crm.office.models import Attachment
from crm.office.queries import activity, attachment, subject_kind
from crm.session import WITH_DELETED, ScopedSession, get
from crm.settings import settings

KEPT = dt.timedelta(days=30)
"""For so long what was taken away can come back."""
MEGABYTE = 1024 * 1024


class AttachmentDetails(Input):
    name: str = Field(min_length=1, max_length=200, title="File name")
    note: str | None = Field(None, max_length=300)


def add_attachment(
    session: ScopedSession,
    subject_type: str,
    subject_id: int,
    name: str,
    content: bytes,
    note: str | None = None,
    activity_id: int | None = None,
) -> Attachment:
    """The bytes are on the disk before the row is: whatever happens, no row stands without its file. `activity_id`: the visit at
    which it was taken, of the same record."""
    subject = get(session, subject_kind(subject_type), subject_id)
    added = Attachment(subject_type=subject_type, subject_id=subject_id, author_id=session.actor.user_id, note=note)
    added.name, added.activity_id = clean_name(name), activity_id
    _check_activity(session, added)
    if not added.changeable_by(session.actor, session):
        raise Refused("You may not change this: {title}.", title=subject.title)
    if len(content) > settings().attachment_megabytes * MEGABYTE:
        raise Invalid(
            "{name} is too large: at most {most} MB. Nothing was saved.", name=added.name, most=settings().attachment_megabytes
        )
    added.media_type, added.size = media_type(added.name, content), len(content)
    added.sha256 = documents.store(content)
    _refuse_twice(session, added)
    session.add(added)
    session.flush()
    return added


def _check_activity(session: ScopedSession, added: Attachment) -> None:
    if added.activity_id is None:
        return
    visit = activity(session, added.activity_id)
    if (visit.subject_type, visit.subject_id) != (added.subject_type, added.subject_id):
        raise Invalid("This activity belongs to another record.", field="activity_id")


def _refuse_twice(session: ScopedSession, added: Attachment) -> None:
    here = (Attachment.subject_type == added.subject_type) & (Attachment.subject_id == added.subject_id)
    same = session.scalars(select(Attachment.name).where(here, Attachment.sha256 == added.sha256)).first()
    if same is not None:
        raise Invalid("{name} is here already, as {same}.", name=added.name, same=same)


def edit_attachment(session: ScopedSession, attachment_id: int, input: AttachmentDetails, version: int) -> Attachment:
    """A name without the ending of its file gets it."""
    found = attachment(session, attachment_id)
    ending, name = ending_of(found.name), clean_name(input.name)
    if ending_of(name) != ending:
        name = clean_name(f"{name}.{ending}")
    change(session, found, {"name": name, "note": input.note}, version)
    session.flush()
    return found


def remove_attachment(session: ScopedSession, attachment_id: int) -> None:
    attachment(session, attachment_id).deleted_at = now()
    session.flush()


def restore_attachment(session: ScopedSession, attachment_id: int) -> Attachment:
    """What was taken away comes back, as long as the sweep has not taken its file."""
    found = get(session, Attachment, attachment_id, with_deleted=True)
    get(session, subject_kind(found.subject_type), found.subject_id)
    if not documents.stands(found.sha256, found.size):
        raise Invalid("{name} was removed more than {days:day|days} ago: its file is gone.", name=found.name, days=KEPT.days)
    found.deleted_at = None
    session.flush()
    return found


def sweep_documents(session: ScopedSession) -> int:
    """-> how many files went that no row uses, nor one that was taken away lately. For the system alone: whoever does not see
    every row would take the files of the others."""
    session.actor.must("sweep", "office")
    held = select(Attachment.sha256).where(or_(Attachment.deleted_at.is_(None), Attachment.deleted_at > now() - KEPT))
    return documents.sweep(set(session.scalars(held, execution_options={WITH_DELETED: True})))
