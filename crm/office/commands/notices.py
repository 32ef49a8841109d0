"""Messages, announcements, and what a person does with what he is told."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from pydantic import Field
from sqlalchemy import select

from crm.access import SYSTEM
from crm.database import now
from crm.editing import Input, change
from crm.errors import Invalid, Refused
from crm.office.models import Announcement, Notice, NoticeCategory, NoticeTopic
from crm.office.queries import subject_kind, today
from crm.session import ScopedSession, acting_as, get
from crm.staff.models import OrgUnit, User, UserState
from crm.staff.queries import working_in

MOST = 200
"""People to whom one message goes at most; what is for more is an announcement."""


class MessageInput(Input):
    to: list[int] = Field(min_length=1, max_length=MOST, title="To")
    text: str = Field(min_length=1, max_length=4000, json_schema_extra={"long": True})
    subject_type: str | None = None
    subject_id: int | None = None


class AnnouncementInput(Input):
    name: str = Field(min_length=1, max_length=200, title="Title")
    text: str = Field(min_length=1, max_length=20_000, json_schema_extra={"long": True})
    team_id: int = Field(title="For", description="The unit, and all below it.")
    from_on: dt.date | None = Field(None, description="Empty = today.")
    until_on: dt.date | None = Field(None, description="The last day. Empty = it stays.")


def send_message(session: ScopedSession, input: MessageInput) -> list[Notice]:
    """To each of the colleagues; about a record that the sender sees. Whoever may not see it reads its name in the message, and
    is refused where he opens it."""
    about = None
    if input.subject_type and input.subject_id:
        about = get(session, subject_kind(input.subject_type), input.subject_id).title[:200]
    active = select(User.id).where(User.id.in_(input.to), User.state == UserState.ACTIVE)
    known = set(session.scalars(active)) - {session.actor.user_id}
    if len(known) < len(set(input.to)):
        raise Invalid("Choose colleagues who work here, other than yourself.", field="to")
    sent = [
        Notice(
            user_id=user_id,
            category=NoticeCategory.MESSAGE,
            topic=NoticeTopic.MESSAGE,
            subject_type=input.subject_type if about else None,
            subject_id=input.subject_id if about else None,
            about=about,
            text=input.text,
            due_on=today(session),
            by_id=session.actor.user_id,
        )
        for user_id in sorted(known)
    ]
    session.add_all(sent)
    session.flush()
    return sent


def announce(session: ScopedSession, input: AnnouncementInput) -> Announcement:
    """Shown to everybody of the unit and below it who is active, each with a mark of his own that he read it."""
    session.actor.must("announce", "office")
    begins = input.from_on or today(session)
    if input.until_on is not None and input.until_on < begins:
        raise Invalid("The last day lies before the first.", field="until_on")
    get(session, OrgUnit, input.team_id)
    values = input.model_dump() | {"from_on": begins}
    added = Announcement(**values, by_id=session.actor.user_id)
    session.add(added)
    session.flush()
    with acting_as(SYSTEM, session) as everybody:
        everybody.add_all(_told(added, user_id) for user_id in working_in(everybody, input.team_id))
        everybody.flush()
    return added


def _told(announcement: Announcement, user_id: int) -> Notice:
    return Notice(
        user_id=user_id,
        category=NoticeCategory.ANNOUNCEMENT,
        topic=NoticeTopic.ANNOUNCEMENT,
        announcement_id=announcement.id,
        about=announcement.name,
        text=announcement.text,
        due_on=announcement.from_on,
        by_id=announcement.by_id,
        key=f"{NoticeTopic.ANNOUNCEMENT}:{announcement.id}",
    )


def withdraw_announcement(session: ScopedSession, announcement_id: int) -> None:
    """It and what was told of it are gone; who read it before has read it."""
    found = get(session, Announcement, announcement_id)
    found.deleted_at = now()
    session.flush()
    with acting_as(SYSTEM, session) as everybody:
        for notice in everybody.scalars(select(Notice).where(Notice.announcement_id == announcement_id)):
            notice.deleted_at = now()
        everybody.flush()


def edit_announcement(session: ScopedSession, announcement_id: int, input: AnnouncementInput, version: int) -> Announcement:
    """Its words and last day; who it is for stays."""
    found = get(session, Announcement, announcement_id)
    if input.team_id != found.team_id:
        raise Invalid("Whom it is for stays. Withdraw it, and announce it anew.", field="team_id")
    change(session, found, {"name": input.name, "text": input.text, "until_on": input.until_on}, version)
    session.flush()
    with acting_as(SYSTEM, session) as everybody:
        for notice in everybody.scalars(select(Notice).where(Notice.announcement_id == announcement_id)):
            notice.about, notice.text = input.name, input.text
        everybody.flush()
    return found


def mark_read(session: ScopedSession, notice_ids: Iterable[int]) -> int:
    """-> how many were new."""
    fresh = [one for one in _mine(session, notice_ids) if one.read_at is None]
    for one in fresh:
        one.read_at = now()
    session.flush()
    return len(fresh)


def put_away(session: ScopedSession, notice_ids: Iterable[int]) -> int:
    """Read and done with. -> how many were open."""
    still = [one for one in _mine(session, notice_ids) if one.done_at is None]
    for one in still:
        one.done_at = now()
        one.read_at = one.read_at or one.done_at
    session.flush()
    return len(still)


def put_back(session: ScopedSession, notice_ids: Iterable[int]) -> int:
    """Undo of `put_away`."""
    away = [one for one in _mine(session, notice_ids) if one.done_at is not None]
    for one in away:
        one.done_at = None
    session.flush()
    return len(away)


def put_off(session: ScopedSession, notice_ids: Iterable[int], until: dt.date) -> int:
    """Not shown before a day."""
    if until <= today(session):
        raise Invalid("Choose a day after today.", field="until")
    found = _mine(session, notice_ids)
    for one in found:
        one.later_on = until
    session.flush()
    return len(found)


def _mine(session: ScopedSession, notice_ids: Iterable[int]) -> list[Notice]:
    found = list(session.scalars(select(Notice).where(Notice.id.in_(list(notice_ids)))))
    if any(one.user_id != session.actor.user_id for one in found):
        raise Refused("What is told to a colleague is his.")
    return found
