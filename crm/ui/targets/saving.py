"""Saving a grid: only what was typed, all of it or nothing; what is refused is named and stays typed."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from crm.errors import Stale
from crm.session import ScopedSession
from crm.targets.commands import Because, CellsRefused, set_targets
from crm.targets.queries import PlanFacts, candidates
from crm.ui.desk import act, figures
from crm.ui.form import checked
from crm.ui.targets.typed import NotTaken, Typed
from crm.ui.targets.wording import in_words, period_name, refusal
from crm.words import label, say

REFUSED = -1
"""Of a save: nothing was written, the cells are named below."""


def save_bar(facts: PlanFacts, typed: Typed) -> str | None:
    """At the right of the title: how many cells wait, and the button; -> the reason, once it was pressed."""
    if not facts.may_change:
        return None
    count = len(typed.values)
    if not count:
        st.caption(say("Everything is saved."), width="content")
        return None
    reason = ""
    if not facts.is_draft:
        reason = st.text_input(
            label("reason"),
            key=f"plan.{facts.id}.reason",
            placeholder=say("Why does it change?"),
            label_visibility="collapsed",
            max_chars=300,
            width=240,
        )
    st.caption(say("{count:cell|cells} typed", count=count), width="content")
    pressed = st.button(say("Save"), type="primary", icon=":material/check:", key="plan.save")
    if st.button(say("Discard"), icon=":material/undo:", key="plan.discard"):
        typed.forget()
        st.rerun()
    return reason if pressed else None


def save(facts: PlanFacts, typed: Typed, reason: str) -> None:
    because = None if facts.is_draft else checked(Because, {"reason": reason})
    if because is None and not facts.is_draft:
        return
    cells = typed.cells()
    refused: list[NotTaken] = []

    def command(session: ScopedSession) -> int:
        try:
            return set_targets(session, facts.id, cells, because)
        except CellsRefused as error:
            refused.extend(
                NotTaken(tuple(cells[one.place].key), _level(one.field), one.template, one.values, one.overtaken)  # type: ignore[arg-type]
                for one in error.refusals
            )
            return REFUSED

    try:
        changed = act(in_words(command), rerun=False)
    except Stale:
        st.error(
            say("Somebody saved this plan at the same moment. Nothing of yours is lost: save again."), icon=":material/error:"
        )
        return
    typed.refused = tuple(refused)
    if changed is None or changed == REFUSED:
        return
    typed.forget()
    act(_nothing, done="{count:target|targets} saved.", count=changed)


def _nothing(session: ScopedSession) -> None:
    """Only to tell what was saved, on the page drawn anew."""


def _level(field: str) -> str:
    return field if field in ("base", "stretch", "challenge") else "base"


def show_refused(facts: PlanFacts, typed: Typed) -> None:
    """Which cells could not be saved, and why: by name and month."""
    waiting = {key for key, _ in typed.values}
    typed.refused = tuple(one for one in typed.refused if one.key in waiting)
    if not typed.refused:
        return
    names = {one.subject: one.name for one in figures(candidates, plan_id=facts.id)}
    rows = [_row(one, names, typed) for one in typed.refused]
    with st.container(border=True, key="plan.refused"):
        told = say("Nothing is saved yet: {count:cell needs|cells need} another value. What you typed is kept.", count=len(rows))
        st.markdown(f":red[:material/error:] {told}")
        st.dataframe(
            pd.DataFrame(rows), hide_index=True, width="stretch", height="content", row_height=30, key="plan.refused.rows"
        )
        if any(one.overtaken for one in typed.refused):
            st.caption(say("Somebody else saved some of these cells meanwhile."))
            with st.container(horizontal=True):
                if st.button(say("Keep mine"), key="plan.refused.mine", help=say("Then save again.")):
                    typed.read_again()
                    st.rerun()
                if st.button(say("Take theirs"), key="plan.refused.theirs"):
                    _take_theirs(typed)
                    st.rerun()


def _row(one: NotTaken, names: dict[Any, str], typed: Typed) -> dict[str, Any]:
    measure, kind, who, period, day = one.key
    value = typed.values.get((one.key, one.level))
    return {
        label("subject", of="target"): names.get((kind, who), ""),
        label("measure"): label(measure, of="measure"),
        label("period"): period_name(period, day, with_year=True),
        label("level", of="target"): label(one.level, of="target"),
        say("Typed"): value,
        say("Why not"): refusal(one.template, one.values),
    }


def _take_theirs(typed: Typed) -> None:
    gone = {one.key for one in typed.refused if one.overtaken}
    typed.values = {place: value for place, value in typed.values.items() if place[0] not in gone}
    typed.read_again()
    typed.read = {measure: held for measure, held in typed.read.items() if any(key[0] == measure for key, _ in typed.values)}
    typed.start_anew()


__all__ = ["save", "save_bar", "show_refused"]
