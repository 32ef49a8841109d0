"""Reminders: what the areas find due is told once, put away when it is settled, and passed up when it stays."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from sqlalchemy import select

from crm.access import Role
from crm.database import now
from crm.office.commands.settings import put_setting
from crm.office.models import Notice, NoticeCategory, NoticeTopic, Setting
from crm.office.queries import reminder_rules
from crm.office.reminding import KEY, Reminder, ReminderRule
from crm.session import ScopedSession
from crm.staff.models import User, UserState
from crm.staff.queries import leaders

PASSED_TO = (Role.LEAD, Role.DIRECTOR, Role.EXECUTIVE)
"""Who hears of what stays undone: the first of these in the unit, else in the one above."""


def set_reminders(session: ScopedSession, rules: dict[NoticeTopic, ReminderRule]) -> Setting:
    """Rules for some topics; the others stay as they are."""
    stored = {topic.value: rule.model_dump(mode="json") for topic, rule in (reminder_rules(session) | rules).items()}
    return put_setting(session, KEY, stored)


def remind(session: ScopedSession, topic: NoticeTopic, found: Iterable[Reminder], day: dt.date) -> dict[str, int]:
    """All that is due in one topic as of a day, for everybody; run again it changes nothing -> told, passed_up, settled.

    What was told and is no longer due is put away by itself. A matter that the reader put away is not told again."""
    rule = reminder_rules(session)[topic]
    wanted = _wanted(session, topic, list(found) if rule.on else [], rule, day)
    standing = {(one.user_id, one.key): one for one in session.scalars(select(Notice).where(Notice.topic == topic))}
    new = [notice for key, notice in wanted.items() if key not in standing]
    session.add_all(new)
    settled = [one for key, one in standing.items() if key not in wanted and one.done_at is None]
    for one in settled:
        one.done_at = now()
    session.flush()
    passed_up = sum(one.over_id is not None for one in new)
    return {"told": len(new) - passed_up, "passed_up": passed_up, "settled": len(settled)}


def _wanted(
    session: ScopedSession, topic: NoticeTopic, due: list[Reminder], rule: ReminderRule, day: dt.date
) -> dict[tuple[int, str | None], Notice]:
    """What should be told now, by receiver and key; as new records that nothing holds yet."""
    units = dict(session.execute(select(User.id, User.unit_id).where(User.state == UserState.ACTIVE)).all())
    leader = leaders(session)
    notices = []
    for one in (one for one in due if one.user_id in units):
        notices.append(_notice(topic, one, one.user_id))
        late = rule.escalate is not None and one.due_on + dt.timedelta(rule.escalate) <= day
        above = leader(PASSED_TO, units[one.user_id]) if late else None
        if above not in (None, one.user_id):
            notices.append(_notice(topic, one, above, over_id=one.user_id))
    return {(notice.user_id, notice.key): notice for notice in notices}


def _notice(topic: NoticeTopic, of: Reminder, user_id: int, over_id: int | None = None) -> Notice:
    return Notice(
        user_id=user_id,
        category=NoticeCategory.ALERT,
        topic=topic,
        subject_type=of.subject_type,
        subject_id=of.subject_id,
        about=of.about[:200],
        values=of.values,
        due_on=of.due_on,
        over_id=over_id,
        key=of.key(topic),
    )
