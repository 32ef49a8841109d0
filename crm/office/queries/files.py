"""Files that came in and went out."""

from __future__ import annotations

from typing import Any

import pandas as pd
from sqlalchemy import Select, func, select

from crm.database import frame
from crm.office.models import ExportEvent, ImportJob
from crm.session import ScopedSession
from crm.staff.models import User

PAGE_SIZE = 20
"""Rows of one page of the logs."""

Rows = Select[*tuple[Any, ...]]


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
