"""Activities on any record: planned, done, and what comes next."""

from __future__ import annotations

import datetime as dt
from typing import Any

from pydantic import Field, ValidationInfo, field_validator, model_validator
from sqlalchemy import select

from crm.database import now
from crm.editing import Input, change
from crm.errors import Invalid, Refused
from crm.office.models import Activity, ActivityKind, Outcome
from crm.office.queries import activity, moment, subject_kind, today
from crm.session import ScopedSession, get

_LONG: dict[str, Any] = {"long": True}


class PlannedActivity(Input):
    kind: ActivityKind = ActivityKind.CALL
    topic: str | None = Field(None, max_length=300, description="What is to be done.")
    planned_on: dt.date
    starts_at: dt.time | None = Field(None, description="Empty = some time of the day.")
    place: str | None = Field(None, title="Venue", max_length=200)
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
    starts_at: dt.time | None = Field(None, description="Empty = some time of the day.")
    place: str | None = Field(None, title="Venue", max_length=200)
    happened_on: dt.date | None = Field(None, description="Empty = not done yet.")
    text: str | None = Field(None, title="What happened?", max_length=20_000, json_schema_extra=_LONG)
    outcome: Outcome | None = None
    minutes: int | None = Field(None, ge=1, le=1440)
    pinned: bool = Field(False, description="Stands on top of the record.")


class CheckIn(Input):
    """Where the device says that one is; nothing where it does not say."""

    latitude: float | None = Field(None, ge=-90, le=90)
    longitude: float | None = Field(None, ge=-180, le=180)
    accuracy: float | None = Field(None, ge=0, description="Metres around that point.")

    @model_validator(mode="after")
    def _whole(self) -> CheckIn:
        if (self.latitude is None) != (self.longitude is None):
            raise ValueError("a place needs both its latitude and its longitude")
        return self


_NEXT = {"next_action", "next_on", "next_kind"}
_PROVEN = ("kind", "planned_on", "starts_at")
"""What a check-in proves, and nobody changes afterwards."""


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
    if found.checked_in_at is not None and any(getattr(found, name) != getattr(input, name) for name in _PROVEN):
        raise Invalid("Somebody checked in here: its kind, its day and its time stay as they were planned.", field="planned_on")
    change(session, found, input.model_dump(), version)
    session.flush()
    return found


def check_in(session: ScopedSession, activity_id: int, input: CheckIn) -> Activity:
    """I stand there now: by whoever planned the visit or has the record, once, and never corrected."""
    found = activity(session, activity_id)
    if found.kind != ActivityKind.VISIT or found.happened_on is not None:
        raise Invalid("One checks in at a visit that is planned and not done yet.")
    if found.checked_in_at is not None:
        raise Invalid("Somebody checked in here already.")
    if session.actor.user_id not in {found.author_id, get(session, subject_kind(found.subject_type), found.subject_id).owner_id}:
        raise Refused("You may not change this: {title}.", title=found.title)
    found.checked_in_at, found.author_id = moment(session), session.actor.user_id
    found.latitude, found.longitude, found.accuracy = input.latitude, input.longitude, input.accuracy
    session.flush()
    return found


def remove_activity(session: ScopedSession, activity_id: int) -> None:
    found = activity(session, activity_id)
    if found.checked_in_at is not None:
        raise Invalid("Somebody checked in here: the visit stays. Write down why nothing came of it.")
    found.deleted_at = now()
    session.flush()


def take_back(session: ScopedSession, activity_id: int) -> None:
    """Undo of `log_activity`: it is gone, and what was planned to come after it, as long as nobody has done that."""
    following = select(Activity).where(Activity.previous_id == activity_id, Activity.happened_on.is_(None))
    for one in list(session.scalars(following)):
        remove_activity(session, one.id)
    remove_activity(session, activity_id)


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
