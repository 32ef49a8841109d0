"""What was reached of each target: the chosen one in figures, all of them in rows, and the way of the chosen one."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from crm.access import Reach
from crm.staff.sign_in import SignedIn
from crm.targets import queries
from crm.targets.models import Measure, SubjectKind
from crm.targets.queries import TargetFilter
from crm.targets.queries.attainment import sees_whole
from crm.ui.address import number
from crm.ui.desk import go, load
from crm.ui.show import empty
from crm.ui.table import records
from crm.ui.targets.chosen import chosen_target
from crm.ui.targets.controls import ALL, Asked, asked
from crm.ui.targets.every import every_target
from crm.ui.targets.headline import headline
from crm.ui.targets.rows import rows_asked, rows_behind
from crm.words import say

ORDER = {SubjectKind.BOARD: 0, SubjectKind.TEAM: 1, SubjectKind.PERSON: 2, SubjectKind.CATEGORY: 3, SubjectKind.PRODUCT: 4}

MEASURES = {one.value: place for place, one in enumerate(Measure)}


def attainment(person: SignedIn) -> None:
    of = asked(person, "attainment", every=True)
    if of is None:
        no_plan(person)
        return
    found = _ordered(load(queries.expected, where=_asked_for(of)))
    if found.empty:
        empty("Nobody whom you see has a target of this in {period}. Choose another period above.", period=of.span)
        return
    one = _chosen(of, found)
    headline(of, one)
    if rows_asked():
        rows_behind(of, one)
        return
    every_target(of, found, int(one.id))
    chosen_target(of, one)


def no_plan(person: SignedIn) -> None:
    """What to do first, and why."""
    may = bool(person.actor.grant("targets").change)
    if not may:
        empty(
            "No target is set for you yet. Once your director enters a plan, you see here how far you are."
            " You also see whether the pace is right."
        )
        return
    empty(
        "There is no plan with targets yet. Begin with one: then each target shows here what is reached,"
        " the pace, and how it will end."
    )
    if st.button(say("Make a plan"), type="primary", icon=":material/flag:", key="attainment.plans"):
        go("targets", show="plans")


def _asked_for(of: Asked) -> TargetFilter:
    """Of all measures those of one subject."""
    if of.measure != ALL:
        return of.where
    known = load(queries.targets, where=of.where)
    actor = of.person.actor
    cells = known[["measure", "subject_kind", "subject_id", "team_id"]].itertuples(index=False)
    own = _own(of.person, known.assign(whole=[sees_whole(actor, *one) for one in cells])) if len(known) else None
    subject = {"subject_kind": (own.subject_kind,), "subject_id": (int(own.subject_id),)} if own else {}
    return of.where.model_copy(update=subject)


def _ordered(found: pd.DataFrame) -> pd.DataFrame:
    """Boards, teams, people; the largest first. Of one subject by measure."""
    ordered = found.assign(_kind=found["subject_kind"].map(ORDER), _measure=found["measure"].map(MEASURES))
    ordered = ordered.sort_values(["_kind", "_measure", "base"], ascending=[True, True, False], ignore_index=True)
    return ordered.drop(columns=["_kind", "_measure"])


def _chosen(of: Asked, found: pd.DataFrame) -> Any:
    rows = {row.id: row for row in records(found)}
    return rows.get(number("pick", 0)) or _own(of.person, found)


def _own(person: SignedIn, found: pd.DataFrame) -> Any:
    """What a person answers for: a rep for himself, a lead for the largest unit that he sees whole."""
    rows = records(found)
    reach = person.actor.grant("targets").see
    mine = [row for row in rows if row.subject_kind == SubjectKind.PERSON and row.subject_id == person.user_id]
    led = [row for row in rows if row.whole and row.subject_kind != SubjectKind.PERSON]
    return next(iter((mine or led) if reach is Reach.OWN else (led or mine)), rows[0])


__all__ = ["attainment", "no_plan"]
