"""Notes on any record, and the follow-ups that come of them."""

from __future__ import annotations

import datetime as dt

from pydantic import Field

from crm.database import now
from crm.editing import Input, change
from crm.errors import Invalid
from crm.office.models import Note, NoteKind
from crm.office.queries import note, subject_kind, today
from crm.session import ScopedSession, get


class NoteInput(Input):
    kind: NoteKind = NoteKind.OTHER
    happened_on: dt.date
    text: str = Field(min_length=1, max_length=20_000, json_schema_extra={"long": True})
    pinned: bool = Field(False, description="Stands on top of the record.")
    follow_up: str | None = Field(None, max_length=300, description="What comes next.")
    follow_up_on: dt.date | None = None


def add_note(session: ScopedSession, subject_type: str, subject_id: int, input: NoteInput) -> Note:
    _check_note(session, input)
    get(session, subject_kind(subject_type), subject_id)
    about = {"subject_type": subject_type, "subject_id": subject_id, "author_id": session.actor.user_id}
    added = Note(**about, **input.model_dump())
    session.add(added)
    session.flush()
    return added


def edit_note(session: ScopedSession, note_id: int, input: NoteInput, version: int) -> Note:
    """A follow-up that is set anew is open again."""
    _check_note(session, input)
    found = note(session, note_id)
    again = (found.follow_up, found.follow_up_on) != (input.follow_up, input.follow_up_on)
    change(session, found, input.model_dump(), version)
    found.done_at = None if again else found.done_at
    session.flush()
    return found


def finish_follow_up(session: ScopedSession, note_id: int) -> Note:
    found = note(session, note_id)
    if found.follow_up_on is None or found.done_at is not None:
        raise Invalid("This note has no open follow-up.")
    found.done_at = now()
    session.flush()
    return found


def remove_note(session: ScopedSession, note_id: int) -> None:
    note(session, note_id).deleted_at = now()
    session.flush()


def _check_note(session: ScopedSession, input: NoteInput) -> None:
    if input.follow_up and not input.follow_up_on:
        raise Invalid("Say by when the follow-up is due.", field="follow_up_on")
    # One day of grace: somewhere east of the server it is tomorrow already.
    if input.happened_on > today(session) + dt.timedelta(days=1):
        raise Invalid("What a note tells of cannot lie in the future; use the follow-up for that.", field="happened_on")
