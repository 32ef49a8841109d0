"""What a person keeps under a name: a view of a list, a way to read a file."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from crm.database import now
from crm.errors import Invalid
from crm.office.models import SavedMapping, SavedView
from crm.session import WITH_DELETED, ScopedSession, get


def save_view(session: ScopedSession, page: str, name: str, state: dict[str, Any]) -> SavedView:
    """Keep a list of mine under a name; the same name again replaces it."""
    title = _named(name)
    mine = select(SavedView).where(SavedView.user_id == session.actor.user_id, SavedView.page == page, SavedView.name == title)
    found = session.scalar(mine, execution_options={WITH_DELETED: True})
    if found is None:
        found = SavedView(user_id=session.actor.user_id, page=page, name=title)
        session.add(found)
    found.state, found.deleted_at = state, None
    session.flush()
    return found


def remove_view(session: ScopedSession, view_id: int) -> None:
    get(session, SavedView, view_id).deleted_at = now()
    session.flush()


def save_mapping(session: ScopedSession, target: str, name: str, mapping: dict[str, Any]) -> SavedMapping:
    """Keep how a file is read under a name, for everybody; the same name again replaces it."""
    title = _named(name)
    known = select(SavedMapping).where(SavedMapping.target == target, SavedMapping.name == title)
    found = session.scalar(known, execution_options={WITH_DELETED: True})
    if found is None:
        found = SavedMapping(target=target, name=title)
        session.add(found)
    found.mapping, found.deleted_at = mapping, None
    session.flush()
    return found


def _named(name: str) -> str:
    title = name.strip()
    if not 0 < len(title) <= 200:
        raise Invalid("Give it a name of at most {most} characters.", field="name", most=200)
    return title
