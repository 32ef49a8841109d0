"""Tags, and what carries them."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from pydantic import Field
from sqlalchemy import select

from crm.database import now
from crm.editing import Input, change
from crm.errors import Invalid, NotFound
from crm.office import totals
from crm.office.models import Tag, Tagging
from crm.office.queries import subject_kind
from crm.session import WITH_DELETED, ScopedSession, get


class TagColour(StrEnum):
    NEUTRAL = "neutral"
    GREEN = "green"
    ORANGE = "orange"
    VIOLET = "violet"
    BLUE = "blue"
    RED = "red"


class TagInput(Input):
    name: str = Field(min_length=1, max_length=40)
    colour: TagColour = TagColour.NEUTRAL


def add_tag(session: ScopedSession, input: TagInput) -> Tag:
    """A tag of this name that was removed comes back, and with it where it was."""
    found = _tag_named(session, input.name)
    if found is not None and found.deleted_at is None:
        raise Invalid("This tag exists already.", field="name")
    if found is None:
        found = Tag()
        session.add(found)
    found.name, found.colour, found.deleted_at = input.name, input.colour, None
    session.flush()
    return found


def edit_tag(session: ScopedSession, tag_id: int, input: TagInput, version: int) -> Tag:
    found, same = get(session, Tag, tag_id), _tag_named(session, input.name)
    if same is not None and same is not found:
        raise Invalid("This tag exists already.", field="name")
    change(session, found, input.model_dump(), version)
    session.flush()
    return found


def remove_tag(session: ScopedSession, tag_id: int) -> int:
    """-> how many records carried it; adding a tag of the same name brings it back to them."""
    found, carried = get(session, Tag, tag_id), totals.tag_uses(session).get(tag_id, 0)
    found.deleted_at = now()
    session.flush()
    return carried


def _tag_named(session: ScopedSession, name: str) -> Tag | None:
    """Case does not count; done in Python because SQLite lowers ASCII only."""
    every = session.scalars(select(Tag), execution_options={WITH_DELETED: True})
    return next((tag for tag in every if tag.name.casefold() == name.casefold()), None)


def tag(session: ScopedSession, subject_type: str, subject_ids: Sequence[int], tag_id: int) -> int:
    """Put a tag on many records -> how many did not carry it yet."""
    get(session, Tag, tag_id)
    kind = subject_kind(subject_type)
    # Kept in a list, so that the check of each tagging finds its record in the session.
    records = list(session.scalars(select(kind).where(kind.id.in_(subject_ids))))
    if len(records) < len(set(subject_ids)):
        raise NotFound()
    carried = {tagging.subject_id for tagging in _taggings(session, subject_type, subject_ids, tag_id)}
    about = {"subject_type": subject_type, "tag_id": tag_id, "author_id": session.actor.user_id}
    new = [Tagging(subject_id=record.id, **about) for record in records if record.id not in carried]
    session.add_all(new)
    session.flush()
    return len(new)


def tag_by_name(session: ScopedSession, subject_type: str, subject_ids: Sequence[int], name: str) -> int:
    """Put a tag on many records, made on the way when there is none of this name -> how many did not carry it yet."""
    wanted = TagInput(name=name)
    found = _tag_named(session, wanted.name)
    if found is None or found.deleted_at is not None:
        found = add_tag(session, wanted)
    return tag(session, subject_type, subject_ids, found.id)


def untag(session: ScopedSession, subject_type: str, subject_ids: Sequence[int], tag_id: int) -> int:
    """Take a tag off many records -> how many carried it."""
    carried = _taggings(session, subject_type, subject_ids, tag_id)
    for tagging in carried:
        session.delete(tagging)
    session.flush()
    return len(carried)


def _taggings(session: ScopedSession, subject_type: str, subject_ids: Sequence[int], tag_id: int) -> list[Tagging]:
    carried = select(Tagging).where(Tagging.tag_id == tag_id, Tagging.subject_type == subject_type)
    return list(session.scalars(carried.where(Tagging.subject_id.in_(subject_ids))))
