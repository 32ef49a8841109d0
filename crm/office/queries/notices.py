"""The information centre: what a person is told, how much of it is new, what is announced, and the rules of reminders."""

from __future__ import annotations

import datetime as dt
from functools import cache
from typing import Any

import pandas as pd
from sqlalchemy import ColumnElement, Integer, Select, cast, func, or_, select
from sqlalchemy.orm import aliased

from crm.database import frame
from crm.office.models import Announcement, Notice, NoticeCategory, NoticeTopic
from crm.office.queries.settings import setting, today
from crm.office.reminding import DEFAULTS, KEY, ReminderRule
from crm.session import ScopedSession, get
from crm.staff.models import OrgUnit, User

SIZE = 50

_Sender, _Over = aliased(User), aliased(User)


def notices(
    session: ScopedSession, category: str | None = None, *, done: bool = False, page: int = 1, size: int = SIZE
) -> pd.DataFrame:
    """What I am told and have not put away (or have), new ones first, then by the day they are due -> id, category, topic,
    subject_type, subject_id, about, text, values, due_on, by_id, by, over (whose matter it is, passed up to me), announcement_id,
    read_at, created_at."""
    query = _notices().where(*_shown(session, category, done))
    return frame(session, query.limit(size).offset((page - 1) * size))


@cache
def _notices() -> Select[*tuple[Any, ...]]:
    return (
        select(
            Notice.id,
            Notice.category,
            Notice.topic,
            Notice.subject_type,
            Notice.subject_id,
            Notice.about,
            Notice.text,
            Notice.values,
            Notice.due_on,
            Notice.by_id,
            _Sender.name.label("by"),
            _Over.name.label("over"),
            Notice.announcement_id,
            Notice.read_at,
            Notice.created_at,
        )
        .outerjoin(_Sender, _Sender.id == Notice.by_id)
        .outerjoin(_Over, _Over.id == Notice.over_id)
        .order_by(Notice.read_at.is_not(None), Notice.due_on.desc(), Notice.id.desc())
    )


def notice_counts(session: ScopedSession) -> pd.DataFrame:
    """Of what I have not put away, by category -> category (each of them), notices, unread."""
    unread = func.sum(cast(Notice.read_at.is_(None), Integer))
    query = select(Notice.category, func.count(Notice.id), unread).where(*_shown(session, None, False))
    found = {category: counts for category, *counts in session.execute(query.group_by(Notice.category))}
    rows = [(one.value, *found.get(one.value, (0, 0))) for one in NoticeCategory]
    return pd.DataFrame(rows, columns=["category", "notices", "unread"])


def notice_total(session: ScopedSession, category: str | None = None, *, done: bool = False) -> int:
    """How many rows `notices` has on all of its pages."""
    return session.scalar(select(func.count(Notice.id)).where(*_shown(session, category, done))) or 0


def open_notices(session: ScopedSession, category: str | None = None, *, read: bool) -> list[int]:
    """Ids of what I have not put away, and have read or not."""
    known = Notice.read_at.is_not(None) if read else Notice.read_at.is_(None)
    return list(session.scalars(select(Notice.id).where(*_shown(session, category, False), known)))


def unread(session: ScopedSession) -> int:
    """How much is new to me: the figure beside the bell."""
    fresh = select(func.count(Notice.id)).where(*_shown(session, None, False), Notice.read_at.is_(None))
    return session.scalar(fresh) or 0


def sent_messages(session: ScopedSession, page: int = 1, size: int = SIZE) -> pd.DataFrame:
    """What I wrote to colleagues, newest first -> id, to, about, subject_type, subject_id, text, due_on (the day it was
    written), read_at."""
    query = select(
        Notice.id,
        User.name.label("to"),
        Notice.about,
        Notice.subject_type,
        Notice.subject_id,
        Notice.text,
        Notice.due_on,
        Notice.read_at,
    ).join(User, User.id == Notice.user_id)
    mine = query.where(Notice.by_id == session.actor.user_id, Notice.category == NoticeCategory.MESSAGE)
    return frame(session, mine.order_by(Notice.id.desc()).limit(size).offset((page - 1) * size))


def announcements(session: ScopedSession, day: dt.date, *, past: bool = False) -> pd.DataFrame:
    """Those in force on a day that concern my unit (or those that are over), newest first -> id, name, text, unit, team_id,
    from_on, until_on, by, version."""
    query = (
        select(
            Announcement.id,
            Announcement.name,
            Announcement.text,
            OrgUnit.name.label("unit"),
            Announcement.team_id,
            Announcement.from_on,
            Announcement.until_on,
            User.name.label("by"),
            Announcement.version,
        )
        .join(OrgUnit, OrgUnit.id == Announcement.team_id)
        .outerjoin(User, User.id == Announcement.by_id)
        .order_by(Announcement.from_on.desc(), Announcement.id.desc())
    )
    over = Announcement.until_on.is_not(None) & (Announcement.until_on < day)
    return frame(session, query.where(over if past else ~over | Announcement.until_on.is_(None), Announcement.from_on <= day))


def announcement(session: ScopedSession, announcement_id: int) -> Announcement:
    return get(session, Announcement, announcement_id)


def reminder_rules(session: ScopedSession) -> dict[NoticeTopic, ReminderRule]:
    """The firm's, and where it said nothing those that come with the product."""
    stored: dict[str, Any] = setting(session, KEY) or {}
    return {topic: ReminderRule.model_validate(stored[topic]) if topic in stored else rule for topic, rule in DEFAULTS.items()}


def _shown(session: ScopedSession, category: str | None, done: bool) -> list[ColumnElement[bool]]:
    day = today(session)
    found: list[ColumnElement[bool]] = [Notice.user_id == session.actor.user_id]
    if done:
        found.append(Notice.done_at.is_not(None))
    else:
        begun = or_(Notice.category != NoticeCategory.ANNOUNCEMENT, Notice.due_on <= day)
        found += [Notice.done_at.is_(None), begun, or_(Notice.later_on.is_(None), Notice.later_on <= day)]
    return [*found, Notice.category == category] if category else found
