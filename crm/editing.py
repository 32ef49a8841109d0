"""What the commands of every area share: the form of an input, and the optimistic lock of an edit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict

from crm.audit import plain
from crm.database import Record
from crm.errors import Stale
from crm.session import ScopedSession, history_of


class Input(BaseModel):
    """Of a command: spaces around texts are dropped, enums become their codes, unknown fields are refused."""

    model_config = ConfigDict(str_strip_whitespace=True, use_enum_values=True, validate_default=True, extra="forbid", frozen=True)


def change(session: ScopedSession, record: Record, values: Mapping[str, Any], version: int) -> None:
    """Set the values, unless somebody saved the record since `version` was read: then Stale, with both versions."""
    new = {name: value for name, value in values.items() if getattr(record, name) != value}
    if new and record.version != version:
        entries = history_of(session, record)
        theirs = {name: plain(getattr(record, name)) for name in new}
        raise Stale({name: plain(value) for name, value in new.items()}, theirs, entries[0].actor_name if entries else None)
    for name, value in new.items():
        setattr(record, name, value)
