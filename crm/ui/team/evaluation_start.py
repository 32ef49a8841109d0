"""Start evaluations: one form, the same days and reviewers, several people or projects at once."""

from __future__ import annotations

import datetime as dt
from typing import Any

import streamlit as st

from crm.access import Reach
from crm.office.queries import today
from crm.targets import commands, queries
from crm.targets.commands import EvaluationInput
from crm.targets.models import EvaluationKind, PeriodKind
from crm.targets.periods import before, first_day, last_day
from crm.ui.desk import act, figures, load, me
from crm.ui.filtering import named
from crm.ui.form import checked
from crm.ui.show import empty
from crm.ui.table import records
from crm.words import label, say

KINDS = ("opportunity", "contract", "campaign")


def start_dialog() -> None:
    forms = {int(row.id): row for row in records(load(queries.forms))}
    if not forms:
        empty("First make a form under “Forms”: what is judged, and how much each criterion weighs.")
        return
    form_id = st.selectbox(
        label("form"), list(forms), key="start.form", format_func=lambda one: f"{forms[one].name} · {_kind(forms[one].kind)}"
    )
    form = forms[form_id]
    st.caption(" · ".join(f"{one['name']} {one['weight']} %" for one in form.criteria))
    subject, ids = _people() if form.kind == EvaluationKind.WORK else _projects()
    first, last = _days()
    reviewers = st.multiselect(
        label("reviewers", of="asked"),
        list(choices := named(load(queries.possible_reviewers))),
        key="start.reviewers",
        format_func=choices.__getitem__,
        placeholder=say("The manager of each person"),
        help=say("Who is asked for marks. Others who lead the person may give marks too; nobody judges himself."),
    )
    title = say("Start {count:evaluation|evaluations}", count=len(ids)) if ids else say("Start evaluations")
    if not st.button(title, type="primary", icon=":material/check:", key="start.go", disabled=not ids):
        return
    values = {"form_id": form_id, "starts_on": first, "ends_on": last, "reviewer_ids": reviewers}
    if (details := checked(EvaluationInput, values)) is not None:
        count = len(ids)
        act(commands.start_evaluations, details, subject, ids, done="{count:evaluation|evaluations} started.", count=count)


def _kind(kind: str) -> str:
    return label(kind, of="evaluation_kind")


def _people() -> tuple[str, list[int]]:
    rows = records(load(queries.appraised))
    alone = me().actor.grant("targets").change is not Reach.EVERYTHING
    names = {int(row.person_id): f"{row.person} · {row.unit}" for row in rows if not (alone and row.person_id == me().user_id)}
    chosen = st.multiselect(
        say("Whose work"), list(names), key="start.people", format_func=names.__getitem__, placeholder=say("Choose")
    )
    return "user_id", [int(one) for one in chosen]


def _projects() -> tuple[str, list[int]]:
    left, right = st.columns([1, 2], vertical_alignment="bottom")
    with left:
        kind = st.selectbox(say("Kind of project"), KINDS, key="start.kind", format_func=lambda one: label(one, of="project"))
    search = right.text_input(
        say("Search"), key="start.search", type="search", icon=":material/search:", placeholder=label("name")
    )
    found: dict[Any, str] = {
        int(row.id): f"{row.name} · {row.person or say('nobody')}"
        for row in records(load(queries.projects, kind=kind, search=search))
    }
    picked: dict[int, str] = st.session_state.setdefault(f"start.known.{kind}", {})
    picked |= found
    now = st.session_state.get(f"start.{kind}", [])
    options = [*found, *(one for one in now if one not in found)]
    chosen = st.multiselect(
        say("Which projects"), options, key=f"start.{kind}", format_func=picked.__getitem__, placeholder=say("Choose")
    )
    return f"{kind}_id", [int(one) for one in chosen]


def _days() -> tuple[dt.date, dt.date]:
    """At first the last quarter that is over."""
    start = before(PeriodKind.QUARTER, first_day(PeriodKind.QUARTER, figures(today)))
    left, right = st.columns(2)
    first = left.date_input(say("From"), start, key="start.first", format="YYYY-MM-DD")
    last = right.date_input(say("To"), last_day(PeriodKind.QUARTER, start), key="start.last", format="YYYY-MM-DD")
    return first, last


__all__ = ["start_dialog"]
