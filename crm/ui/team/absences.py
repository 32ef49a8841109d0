"""Who is away, when and why: entered by each for himself, and for his people by who leads."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd
import streamlit as st

from crm.access import Reach
from crm.staff.absences import AbsenceDetails, absence, absences, add_absence, edit_absence, remove_absence
from crm.staff.models import AbsenceKind
from crm.staff.queries import colleagues
from crm.targets.queries import firm_day
from crm.ui.desk import act, figures, find, load, me
from crm.ui.dialog import open_dialog
from crm.ui.filtering import units_in_reach
from crm.ui.form import form
from crm.ui.show import empty, heading
from crm.ui.table import records, table
from crm.ui.team.discipline_asked import Asked
from crm.ui.versions import edit_form
from crm.words import label, say

COLUMNS = ["name", "absence", "starts_on", "ends_on", "days", "note"]


def team_absences(of: Asked) -> None:
    """Those of the period of the people in my reach."""
    people = _people()
    if of.person_id is not None:
        people = {one: name for one, name in people.items() if one == of.person_id}
    rows = load(absences, since=of.since, until=of.until, user_ids=tuple(people))
    with st.container(horizontal=True, vertical_alignment="center", key="absences.head"):
        with st.container(width="stretch"):
            heading("{count:absence|absences} in these days", count=len(rows))
        _add_button(people, "absences.add")
    _listed(rows, people, "absences")


def my_absences() -> None:
    """On the page of my account: today's and those to come."""
    person = me()
    mine = {person.user_id: person.name}
    rows = load(absences, since=figures(firm_day), user_ids=tuple(mine))
    with st.container(horizontal=True, vertical_alignment="center", key="my_absences.head"):
        with st.container(width="stretch"):
            st.subheader(say("When I am away"), anchor=False)
        _add_button(mine, "my_absences.add")
    _listed(rows, mine, "my_absences")


def _people() -> dict[Any, str]:
    """Whose absences I may enter."""
    person = me()
    reach = person.actor.grant("staff").see
    if reach is Reach.OWN:
        return {person.user_id: person.name}
    rows = load(colleagues) if reach is Reach.EVERYTHING else load(colleagues, unit_ids=tuple(units_in_reach("staff")))
    return dict(zip(rows["id"].tolist(), rows["name"].tolist(), strict=True)) | {person.user_id: person.name}


def _add_button(people: dict[Any, str], key: str) -> None:
    if st.button(say("Enter an absence"), icon=":material/event_busy:", key=key):
        open_dialog(say("Enter an absence"), add_dialog, people, width="medium")


def _listed(rows: pd.DataFrame, people: dict[Any, str], key: str) -> None:
    if rows.empty:
        if len(people) > 1:
            empty(
                "Nobody is away. Enter leave, travel or sickness, so that nobody is asked for days on which he was not to come."
            )
        else:
            empty("You are not away. Enter leave, travel or sickness, so that nobody expects you on these days.")
        return
    shown = rows.assign(absence=rows["kind"], days=[(one.ends_on - one.starts_on).days + 1 for one in records(rows)])
    columns = COLUMNS if len(people) > 1 else COLUMNS[1:]
    chosen = table(shown, key=key, columns=columns, height="auto" if len(rows) < 14 else 500, once=True)
    if chosen.opened is not None:
        open_dialog(say("Change the absence"), edit_dialog, people, chosen.opened, width="medium")


def add_dialog(people: dict[Any, str]) -> None:
    day: dt.date = figures(firm_day)
    start = {"user_id": me().user_id, "kind": "leave", "starts_on": day, "ends_on": day}
    details = form(AbsenceDetails, start, key="absence.new", choices=_choices(people), save="Enter")
    if details is not None:
        act(add_absence, details, done="Entered.")


def _choices(people: dict[Any, str]) -> dict[str, dict[Any, str]]:
    return {"user_id": people, "kind": {kind.value: label(kind, of="absence") for kind in AbsenceKind}}


def edit_dialog(people: dict[Any, str], absence_id: int) -> None:
    found = find(absence, absence_id)
    if found is None:
        return
    edit_form(
        AbsenceDetails,
        found,
        edit_absence,
        key=f"absence.{absence_id}",
        done="Saved.",
        choices=_choices({found.user_id: people.get(found.user_id, "–")}),
    )
    if st.button(say("Remove"), icon=":material/delete:", type="tertiary", key=f"absence.{absence_id}.remove"):
        act(remove_absence, absence_id, done="Removed.")


__all__ = ["add_dialog", "edit_dialog", "my_absences", "team_absences"]
