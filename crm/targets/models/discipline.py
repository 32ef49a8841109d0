"""The policy that people are held to, version by version."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column

from crm.access import Configured
from crm.database import Fact, Name


class PolicyVersion(Fact, Configured):
    """The text and its rules as they hold from a day on, until a later version does; read by everybody, never changed."""

    __tablename__ = "policy_version"

    name: Mapped[str] = mapped_column(Name)
    text: Mapped[str] = mapped_column(Text)
    """Markdown."""
    rules: Mapped[dict[str, Any]]
    """Of crm.targets.policy.Rules."""
    starts_on: Mapped[dt.date]
    at: Mapped[dt.datetime]
    by_id: Mapped[int]
    """Who approved it."""
    reason: Mapped[str] = mapped_column(String(300))

    @property
    def title(self) -> str:
        return self.name
