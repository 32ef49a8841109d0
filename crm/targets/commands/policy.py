"""Write the policy down, and write it anew: what was stays readable."""

from __future__ import annotations

import datetime as dt

from pydantic import Field
from sqlalchemy import select

from crm.errors import Invalid, Stale
from crm.office.queries import moment
from crm.session import ScopedSession
from crm.staff.models import User
from crm.targets.commands.plans import Called, Reason
from crm.targets.models import PolicyVersion
from crm.targets.policy import Rules


class PolicyInput(Rules):
    name: Called = Field(title="Title")
    text: str = Field(min_length=1, max_length=50_000, json_schema_extra={"long": True})
    starts_on: dt.date = Field(title="In force from")
    reason: Reason


def set_policy(session: ScopedSession, input: PolicyInput, newest: int | None = None) -> PolicyVersion:
    """A new version, approved by who writes it. `newest`: the id of the version that was read; has another one come since, it is
    Stale. Days before it are judged by what held then."""
    session.actor.must("settings", "office")
    before = session.scalars(select(PolicyVersion).order_by(PolicyVersion.id.desc()).limit(1)).first()
    rules = input.model_dump(mode="json", include=set(Rules.model_fields))
    if before is not None:
        if newest not in (None, before.id):
            author = session.get(User, before.by_id)
            raise Stale({"text": input.text}, {"text": before.text}, author.name if author else None)
        if input.starts_on < before.starts_on:
            raise Invalid("It cannot hold before the version it replaces, from {day}.", field="starts_on", day=before.starts_on)
        if (before.name, before.text, before.rules) == (input.name, input.text, rules):
            raise Invalid("Nothing differs from the version before.", field="text")
    about = {"at": moment(session), "by_id": session.actor.user_id}
    added = PolicyVersion(**input.model_dump(include={"name", "text", "starts_on", "reason"}), rules=rules, **about)
    session.add(added)
    session.flush()
    return added
