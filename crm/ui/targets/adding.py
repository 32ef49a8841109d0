"""Lines of a grid: whom and what else a plan shall hold targets of."""

from __future__ import annotations

import streamlit as st

from crm.targets.measures import rule_of
from crm.targets.models import SubjectKind
from crm.targets.queries import Candidate, PlanFacts
from crm.targets.queries.subjects import UNITS
from crm.ui.catalogue.picking import hits, search_field
from crm.ui.targets.lines import in_grid, possible
from crm.ui.targets.typed import Typed
from crm.words import label, say

GROUPS = {"units": "Boards and teams", "people": "People", "categories": "Product categories"}
ICONS = {"units": ":material/account_tree:", "people": ":material/groups:", "other": ":material/content_copy:"}
KINDS = {"units": UNITS, "people": (SubjectKind.PERSON,), "categories": (SubjectKind.CATEGORY,)}


def offer_lines(facts: PlanFacts, typed: Typed, measure: str, period: str) -> None:
    """Of an empty grid: the usual choices as buttons."""
    everybody = possible(facts, measure)
    units = [one for one in everybody if one.kind in UNITS]
    people = [one for one in everybody if one.kind in (*UNITS, SubjectKind.PERSON)]
    other = [one for one in everybody if (one.kind, one.subject_id) in _elsewhere(facts, typed)]
    with st.container(horizontal=True, key="plan.offer"):
        _offer(say("{unit} with its units", unit=facts.unit_name), units, typed, "units")
        _offer(say("All units and people"), people, typed, "people")
        if other:
            _offer(say("As for the other measures"), other, typed, "other")
        add_lines(facts, typed, measure, period)


def _elsewhere(facts: PlanFacts, typed: Typed) -> set[tuple[str, int]]:
    return {(key[1], key[2]) for measure in facts.measures for key in typed.targets(measure)}


def _offer(text: str, lines: list[Candidate], typed: Typed, name: str) -> None:
    if st.button(text, icon=ICONS[name], key=f"plan.offer.{name}", disabled=not lines):
        _add(typed, lines)
        st.rerun()


def add_lines(facts: PlanFacts, typed: Typed, measure: str, period: str) -> None:
    with st.popover(say("Add lines"), icon=":material/playlist_add:", key="plan.add", on_change="rerun") as panel:
        if not panel.open:
            return
        there = {one.subject for one in in_grid(facts, typed, measure, period)}
        free = [one for one in possible(facts, measure) if one.subject not in there]
        picked: list[Candidate] = []
        for group, title in GROUPS.items():
            known = {one.subject: one for one in free if one.kind in KINDS[group]}
            if not known:
                continue
            chosen = st.multiselect(
                say(title),
                list(known),
                format_func=lambda subject, known=known: known[subject].name,  # type: ignore[misc]
                key=f"plan.add.{group}.{typed.turn}",
                placeholder=say("Choose"),
                width=420,
            )
            picked += [known[one] for one in chosen]
        if st.button(say("Add"), type="primary", icon=":material/add:", key="plan.add.yes", disabled=not picked):
            _add(typed, picked)
            st.rerun()
        if SubjectKind.PRODUCT in rule_of(measure).subjects:
            search_field("plan.add.product")
            hits("plan.add.product", lambda one, code, name: _product(typed, one))
        if not free:
            st.caption(say("All {kinds} stand in the grid already.", kinds=[label(one, of="subject_kind") for one in UNITS]))


def _add(typed: Typed, lines: list[Candidate]) -> None:
    typed.added |= {one.subject for one in lines}
    typed.start_anew()


def _product(typed: Typed, product_id: int) -> None:
    typed.added.add((SubjectKind.PRODUCT.value, product_id))
    typed.start_anew()


__all__ = ["add_lines", "offer_lines"]
