"""Activities on any record: planned, done, and what comes next."""

from __future__ import annotations

import datetime as dt
from typing import Any

from pydantic import Field, ValidationInfo, field_validator

from crm.database import now
from crm.editing import Input, change
from crm.errors import Invalid
from crm.office.models import Activity, ActivityKind, Outcome
from crm.office.queries import activity, subject_kind, today
from crm.session import ScopedSession, get

_LONG: dict[str, Any] = {"long": True}


class PlannedActivity(Input):
    kind: ActivityKind = ActivityKind.CALL
    topic: str | None = Field(None, max_length=300, description="What is to be done.")
    planned_on: dt.date
    pinned: bool = Field(False, description="Stands on top of the record.")


class ActivityResult(Input):
    """How a planned activity came out, and what comes next; what comes next becomes a planned activity of its own."""

    happened_on: dt.date
    text: str | None = Field(None, title="What happened?", max_length=20_000, json_schema_extra=_LONG)
    outcome: Outcome | None = None
    minutes: int | None = Field(None, ge=1, le=1440)
    next_action: str | None = Field(None, max_length=300, description="What comes next.")
    next_on: dt.date | None = None
    next_kind: ActivityKind = ActivityKind.TASK


class LoggedActivity(ActivityResult):
    """Something that was done and had not been planned: it says what happened, or at least how it came out."""

    kind: ActivityKind = ActivityKind.OTHER
    topic: str | None = Field(None, max_length=300)
    pinned: bool = Field(False, description="Stands on top of the record.")

    @field_validator("outcome")
    @classmethod
    def _says_something(cls, outcome: str | None, info: ValidationInfo) -> str | None:
        if outcome is None and not info.data.get("text"):
            raise ValueError("fill this in, or say what happened")
        return outcome


class ActivityDetails(Input):
    """An activity as it is corrected: without a day on which it happened it is planned."""

    kind: ActivityKind = ActivityKind.OTHER
    topic: str | None = Field(None, max_length=300)
    planned_on: dt.date | None = None
    happened_on: dt.date | None = Field(None, description="Empty = not done yet.")
    text: str | None = Field(None, title="What happened?", max_length=20_000, json_schema_extra=_LONG)
    outcome: Outcome | None = None
    minutes: int | None = Field(None, ge=1, le=1440)
    pinned: bool = Field(False, description="Stands on top of the record.")


_NEXT = {"next_action", "next_on", "next_kind"}


def plan_activity(session: ScopedSession, subject_type: str, subject_id: int, input: PlannedActivity) -> Activity:
    return _added(session, subject_type, subject_id, input.model_dump())


def log_activity(session: ScopedSession, subject_type: str, subject_id: int, input: LoggedActivity) -> Activity:
    """-> what was done; what comes next stands among the planned ones."""
    _check_result(session, input)
    done = _added(session, subject_type, subject_id, input.model_dump(exclude=_NEXT))
    _plan_next(session, done, input)
    return done


def finish_activity(session: ScopedSession, activity_id: int, input: ActivityResult, version: int) -> Activity:
    """A planned one is done; refused where it was done already."""
    _check_result(session, input)
    found = activity(session, activity_id)
    if found.happened_on is not None:
        raise Invalid("This activity is done already.")
    change(session, found, input.model_dump(exclude=_NEXT), version)
    found.author_id = session.actor.user_id
    session.flush()
    _plan_next(session, found, input)
    return found


def edit_activity(session: ScopedSession, activity_id: int, input: ActivityDetails, version: int) -> Activity:
    """Corrected, put off to another day, or opened again by taking away the day on which it happened."""
    if input.happened_on is None and input.planned_on is None:
        raise Invalid("Say for which day it is planned, or when it happened.", field="planned_on")
    _check_day(session, input.happened_on)
    found = activity(session, activity_id)
    change(session, found, input.model_dump(), version)
    session.flush()
    return found


def remove_activity(session: ScopedSession, activity_id: int) -> None:
    activity(session, activity_id).deleted_at = now()
    session.flush()


def _added(session: ScopedSession, subject_type: str, subject_id: int, values: dict[str, Any]) -> Activity:
    get(session, subject_kind(subject_type), subject_id)
    added = Activity(subject_type=subject_type, subject_id=subject_id, author_id=session.actor.user_id, **values)
    session.add(added)
    session.flush()
    return added


def _plan_next(session: ScopedSession, done: Activity, input: ActivityResult) -> None:
    if input.next_on is not None:
        planned = {"kind": input.next_kind, "topic": input.next_action, "planned_on": input.next_on, "previous_id": done.id}
        _added(session, done.subject_type, done.subject_id, planned)


def _check_result(session: ScopedSession, input: ActivityResult) -> None:
    if input.next_action and not input.next_on:
        raise Invalid("Say by when the next step is due.", field="next_on")
    _check_day(session, input.happened_on)


def _check_day(session: ScopedSession, happened_on: dt.date | None) -> None:
    # One day of grace: somewhere east of the server it is tomorrow already.
    if happened_on is not None and happened_on > today(session) + dt.timedelta(days=1):
        raise Invalid("What was done cannot lie in the future; plan it for that day.", field="happened_on")
