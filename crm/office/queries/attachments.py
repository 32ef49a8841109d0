"""The files of a record."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
from sqlalchemy import select

from crm.access import Reach
from crm.database import frame
from crm.errors import Invalid
from crm.office import documents
from crm.office.models import Attachment
from crm.office.queries.activities import subject_kind
from crm.session import ScopedSession, get
from crm.staff.models import User


def attachment(session: ScopedSession, attachment_id: int) -> Attachment:
    """Hidden with its record, also where that was deleted."""
    found = get(session, Attachment, attachment_id)
    get(session, subject_kind(found.subject_type), found.subject_id)
    return found


def attachments_of(session: ScopedSession, subject_type: str, subject_ids: Sequence[int]) -> pd.DataFrame:
    """The files of one record or of several that are read as one, newest first; at most 500 -> id, subject_id, name, media_type,
    size (bytes), sha256, note, activity_id, author_id, author, created_at, version, stands (are its bytes on the disk,
    unchanged?)."""
    one, kind = Attachment, subject_kind(subject_type)
    known = select(
        one.id,
        one.subject_id,
        one.name,
        one.media_type,
        one.size,
        one.sha256,
        one.note,
        one.activity_id,
        one.author_id,
        User.name.label("author"),
        one.created_at,
        one.version,
    ).join(User, User.id == one.author_id, isouter=True)
    standing = one.subject_id.in_(select(kind.id).where(kind.id.in_(subject_ids)))
    found = frame(session, known.where(one.subject_type == subject_type, standing).order_by(one.id.desc()).limit(500))
    stand = [documents.stands(sha256, size) for sha256, size in zip(found["sha256"], found["size"], strict=True)]
    return found.assign(stands=pd.Series(stand, index=found.index, dtype="bool"))


def may_attach(session: ScopedSession, subject_type: str, subject_id: int) -> bool:
    """Whoever may change a record may attach to it."""
    if session.actor.grant("office").change is Reach.NOTHING:
        return False
    subject = get(session, subject_kind(subject_type), subject_id)
    return bool(subject.changeable_by(session.actor, session))


def content_of(session: ScopedSession, attachment_id: int) -> bytes:
    """The bytes as they were attached: others are not given out."""
    found = attachment(session, attachment_id)
    try:
        return documents.content(found.sha256)
    except documents.LostError as error:
        raise Invalid(
            "The file {name} is missing from the folder of documents, or it was changed there. Attach it again, or have it "
            "restored from a backup.",
            name=found.name,
        ) from error
