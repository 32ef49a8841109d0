"""The policy: as it holds, as it held, and what changed."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd
from sqlalchemy import func, select

from crm.database import frame
from crm.session import ScopedSession, get
from crm.staff.models import User
from crm.targets.models import PolicyVersion
from crm.targets.policy import DEFAULTS, Rules


def policy_versions(session: ScopedSession) -> pd.DataFrame:
    """Newest first -> id, number, name, starts_on, at, by, reason."""
    one = PolicyVersion
    number = func.row_number().over(order_by=one.id).label("number")
    query = select(one.id, number, one.name, one.starts_on, one.at, User.name.label("by"), one.reason)
    return frame(session, query.select_from(one).outerjoin(User, User.id == one.by_id).order_by(one.id.desc()))


def policy_version(session: ScopedSession, version_id: int) -> dict[str, Any]:
    """-> id, name, text, rules (a Rules), starts_on, at, by, reason."""
    found = get(session, PolicyVersion, version_id)
    author = session.get(User, found.by_id)
    told = {name: getattr(found, name) for name in ("id", "name", "text", "starts_on", "at", "reason")}
    return told | {"rules": read_rules(found.rules), "by": author.name if author else None}


def policy_on(session: ScopedSession, day: dt.date) -> int | None:
    """The id of the version that holds on a day."""
    held = select(PolicyVersion.id).where(PolicyVersion.starts_on <= day)
    return session.scalar(held.order_by(PolicyVersion.starts_on.desc(), PolicyVersion.id.desc()).limit(1))


class Held:
    """Which rules held when; before the first version those that come with the product."""

    def __init__(self, session: ScopedSession) -> None:
        query = select(PolicyVersion.starts_on, PolicyVersion.rules).order_by(PolicyVersion.starts_on, PolicyVersion.id)
        self._versions = [(starts_on, read_rules(rules)) for starts_on, rules in session.execute(query)]

    def on(self, day: dt.date) -> Rules:
        return next((rules for starts_on, rules in reversed(self._versions) if starts_on <= day), DEFAULTS)


def rules_on(session: ScopedSession, day: dt.date) -> Rules:
    return Held(session).on(day)


def read_rules(stored: dict[str, Any]) -> Rules:
    """Of a version; a rule that came later has the value that comes with the product."""
    return Rules.model_validate({name: value for name, value in stored.items() if name in Rules.model_fields})


__all__ = ["Held", "policy_on", "policy_version", "policy_versions", "read_rules", "rules_on"]
