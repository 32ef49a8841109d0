"""What one does with an activity, wherever it is listed: done, done with a result, put off, corrected, deleted."""

from __future__ import annotations

import datetime as dt
from typing import Any

import streamlit as st

from crm.marketing.commands import finish_lead_activity, work_lead
from crm.office import commands as office
from crm.office.commands import ActivityDetails, ActivityResult, LoggedActivity
from crm.office.models import Activity
from crm.office.queries import activity, today
from crm.session import ScopedSession
from crm.ui.compare import compare, save
from crm.ui.desk import act, figures, find, me
from crm.ui.dialog import open_dialog
from crm.ui.form import form
from crm.words import say
from crm.words.formats import date_short

LATER = {1: "Tomorrow", 3: "In three days", 7: "In a week", 30: "In a month"}
DONE, TOMORROW = "Alt+D", "Alt+T"
RESULT = 0
"""Among the days of the menu: not later, but done, with more to say."""


def planned_controls(activity_id: int, version: int, key: str, *, short: bool = False, quick: bool = False) -> None:
    """Done with one click; from a menu another day, or a form for the result. Nothing for those who may not. `short`: the signs
    alone; `quick`: the first of a list, done and put off to tomorrow by the keyboard too."""
    if not me().actor.grant("office").change:
        return
    day, saving = figures(today), f"{key}.saving.{activity_id}"
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", width="content"):
        options: dict[str, Any] = {"type": "tertiary", "help": say("Done") if short else None, "icon": ":material/check:"}
        done = "" if short else say("Done")
        if st.button(done, key=f"{key}.done.{activity_id}", shortcut=DONE if quick else None, **options):
            finish(activity_id, ActivityResult(happened_on=day), version, saving)
        if quick and st.button(
            "", icon=":material/east:", key=f"{key}.tomorrow", shortcut=TOMORROW, help=say("Tomorrow"), type="tertiary"
        ):
            postpone(activity_id, day + dt.timedelta(1), saving)
        chosen = st.menu_button(
            "",
            [*LATER, RESULT],
            format_func=lambda one: say("Done, with result") if one == RESULT else later_day(one, day),
            key=f"{key}.later.{activity_id}",
            icon=":material/event_upcoming:",
            type="tertiary",
            help=say("Put off, or done with its result"),
        )
    if chosen == RESULT:
        _open(say("How did it come out?"), result_dialog, activity_id)
    elif chosen:
        postpone(activity_id, day + dt.timedelta(chosen), saving)
    compare(saving)


def later_word(days: int) -> str:
    """One of LATER."""
    return say(LATER[days])


def later_day(days: int, day: dt.date) -> str:
    """One of LATER, with its date."""
    return f"{later_word(days)} · {date_short(day + dt.timedelta(days))}"


def postpone(activity_id: int, to: dt.date, key: str) -> None:
    """To another day; where somebody was quicker, `compare(key)` shows both."""
    if (found := find(activity, activity_id)) is not None:
        details = ActivityDetails(**_values(found) | {"planned_on": to})
        _save(office.edit_activity, activity_id, details, found.version, key, done="Put off.")


def finish(activity_id: int, result: ActivityResult, version: int, key: str) -> None:
    """Done, with its result; where somebody was quicker, `compare(key)` shows both."""
    _save(_finished, activity_id, result, version, key, done="Done.")


def _finished(session: ScopedSession, activity_id: int, result: ActivityResult, version: int) -> Activity:
    """What is done with a lead makes it a worked one."""
    of_lead = activity(session, activity_id).subject_type == "lead"
    return (finish_lead_activity if of_lead else office.finish_activity)(session, activity_id, result, version)


def logged(session: ScopedSession, subject: str, subject_id: int, details: LoggedActivity) -> Activity:
    """As `finish`, of something that had not been planned."""
    if subject == "lead":
        return work_lead(session, subject_id, details)
    return office.log_activity(session, subject, subject_id, details)


def edit_button(activity_id: int, key: str) -> None:
    if st.button("", icon=":material/edit:", key=f"{key}.edit.{activity_id}", type="tertiary", help=say("Edit")):
        _open(say("Edit the activity"), edit_dialog, activity_id)


def result_dialog(found: Activity) -> None:
    """`found` is the activity as it was when the dialog opened."""
    saving = f"activity.finish.{found.id}"
    result = form(ActivityResult, {"happened_on": figures(today)}, key=f"activity.result.{found.id}")
    if result is not None:
        finish(found.id, result, found.version, saving)
    compare(saving)


def edit_dialog(found: Activity) -> None:
    """`found` is the activity as it was when the dialog opened."""
    saving = f"activity.edit.{found.id}"
    details = form(ActivityDetails, _values(found), key=f"activity.form.{found.id}")
    if details is not None:
        _save(office.edit_activity, found.id, details, found.version, saving, done="Saved.")
    compare(saving)
    if st.button(say("Delete this activity"), key=f"activity.delete.{found.id}", type="tertiary", icon=":material/delete:"):
        act(office.remove_activity, found.id, done="Activity deleted.")


def _open(title: str, body: Any, activity_id: int) -> None:
    if (found := find(activity, activity_id)) is not None:
        open_dialog(title, body, found, width="small")


def _save(command: Any, activity_id: int, details: Any, version: int, key: str, *, done: str) -> None:
    save(command, activity_id, details, version=version, now=lambda: _version(activity_id), key=key, done=done)


def _version(activity_id: int) -> int:
    found = find(activity, activity_id)
    return found.version if found else 0


def _values(found: Activity) -> dict[str, Any]:
    return {name: getattr(found, name) for name in ActivityDetails.model_fields}
