"""What was reached of each target: the chosen one in figures, all of them in rows, and the way of the chosen one."""

from __future__ import annotations

import streamlit as st

from crm.staff.sign_in import SignedIn
from crm.targets import queries
from crm.targets.queries import TargetFilter
from crm.targets.queries.attainment import sees_whole
from crm.ui.address import number
from crm.ui.desk import figures, go, load
from crm.ui.show import empty
from crm.ui.table import records
from crm.ui.targets.chosen import chosen_target
from crm.ui.targets.controls import ALL, Asked, asked
from crm.ui.targets.every import every_target
from crm.ui.targets.headline import headline
from crm.ui.targets.rows import rows_asked, rows_behind
from crm.words import say


def attainment(person: SignedIn) -> None:
    of = asked(person, "attainment", every=True)
    if of is None:
        no_plan(person)
        return
    told = figures(queries.attained, where=_asked_for(of), pick=number("pick", 0))
    found = told.found
    if found.empty:
        empty("Nobody whom you see has a target of this in {period}. Choose another period above.", period=of.span)
        return
    one = next(row for row in records(found) if row.id == told.chosen)
    headline(of, one)
    if rows_asked():
        rows_behind(of, one)
        return
    every_target(of, found, int(one.id))
    chosen_target(of, one, told.way)


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
    own = queries.own_of(actor, known.assign(whole=[sees_whole(actor, *one) for one in cells]))
    subject = {"subject_kind": tuple(own["subject_kind"]), "subject_id": tuple(own["subject_id"].astype(int).tolist())}
    return of.where.model_copy(update=subject)


__all__ = ["attainment", "no_plan"]
