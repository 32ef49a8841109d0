"""Planned activities that are due, as reminders."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import select

from crm.office.models import Activity, NoticeTopic
from crm.office.queries.agenda import called, named_subjects
from crm.office.reminding import Reminder
from crm.session import ScopedSession

TOPIC = NoticeTopic.ACTIVITY_DUE


def due_reminders(session: ScopedSession, day: dt.date, before: int) -> list[Reminder]:
    """Of whoever has the record; of its author where it is nobody's."""
    until = day + dt.timedelta(before)
    return [one for name, kind in named_subjects().items() for one in _of(session, name, kind, until)]


def _of(session: ScopedSession, name: str, kind: Any, until: dt.date) -> list[Reminder]:
    query = select(Activity.author_id, kind.owner_id, kind.id, called(kind), Activity.kind, Activity.topic, Activity.planned_on)
    query = query.join(kind, (Activity.subject_type == name) & (Activity.subject_id == kind.id))
    due = query.where(Activity.happened_on.is_(None), Activity.planned_on <= until).order_by(Activity.planned_on, Activity.id)
    return [
        Reminder(owner or author, name, subject_id, about, planned_on, {"kind": what, "topic": topic})
        for author, owner, subject_id, about, what, topic, planned_on in session.execute(due)
    ]
