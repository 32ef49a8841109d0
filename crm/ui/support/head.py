"""The head of a case: how it stands, whose it is, and the next right step."""

from __future__ import annotations

import streamlit as st

from crm.support.queries import most_urgent
from crm.ui.desk import go
from crm.ui.dialog import open_dialog
from crm.ui.support import moves
from crm.ui.support.conversation import answer_dialog
from crm.ui.support.editing import edit_dialog
from crm.ui.support.going import next_button
from crm.ui.support.opened import Opened
from crm.ui.support.solving import solve_dialog
from crm.ui.support.states import left_badge, priority_badge, state_badge
from crm.ui.table import records
from crm.ui.tags import tags
from crm.ui.text import literal
from crm.words import label, say


def head(opened: Opened) -> None:
    case, ties = opened.case, opened.ties
    with st.container(horizontal=True, vertical_alignment="center", key="case.head"):
        state_badge(case.state)
        priority_badge(case.priority)
        st.badge(_kind(opened), color="gray", help=label("kind"))
        for row in records(most_urgent(opened.clocks)) if len(opened.clocks) else []:
            left_badge(row)
        _customer(opened)
        whose = ties["owner"] or say("{team}: nobody yet", team=ties["team"] or "–")
        st.caption(f"{literal(case.number)} · {literal(whose)}", width="content")
        tags("service_case", case.id)
        st.space("stretch")
        with st.container(horizontal=True, vertical_alignment="center", width="content", gap="small"):
            next_button(case.id)
            _actions(opened)
    _merged_away(opened)


def _customer(opened: Opened) -> None:
    customer_id, name = opened.case.customer_id, opened.ties["customer"]
    if customer_id is not None and name:
        hint = say("Open this customer")
        if st.button(literal(name), icon=":material/groups:", key="case.customer", type="tertiary", help=hint):
            go("customer", customer=customer_id)


def _kind(opened: Opened) -> str:
    case = opened.case
    kind = label(case.kind, of="kind")
    return f"{kind} · {label(case.complaint_class, of='complaint_class')}" if case.complaint_class else kind


def _actions(opened: Opened) -> None:
    """The next right step stands out; the rest is beside it and in the menu."""
    if not opened.may:
        return
    case, step = opened.case, opened.next_step
    if step == "take" and st.button(say("Take"), type="primary", icon=":material/back_hand:", key="case.take"):
        moves.take(case.id)
    if step == "answer" and st.button(say("Reply"), type="primary", icon=":material/reply:", key="case.answer", shortcut="Alt+A"):
        open_dialog(say("Reply"), answer_dialog, opened)
    if step in ("answer", "solve") and st.button(
        say("Solve"),
        type="primary" if step == "solve" else "secondary",
        icon=":material/task_alt:",
        key="case.solve",
        shortcut="Alt+S",
    ):
        open_dialog(say("Solve {number}", number=case.number), solve_dialog, case.id, width="medium")
    if step == "close" and st.button(say("Close"), type="primary", icon=":material/lock:", key="case.close"):
        moves.close(case.id)
    if st.button("", icon=":material/edit:", key="case.edit", help=say("Edit")):
        open_dialog(say("Edit {name}", name=case.number), edit_dialog, case)
    moves.menu(opened)


def _merged_away(opened: Opened) -> None:
    case, ties = opened.case, opened.ties
    if case.merged_into_id is None:
        return
    with st.container(horizontal=True, vertical_alignment="center", key="case.merged_away"):
        st.markdown(f":material/merge: {say('Part of another case: what was said on it is read there.')}", width="content")
        if ties["merged_into"] and st.button(literal(ties["merged_into"]), key="case.kept", type="tertiary"):
            go("case", case=case.merged_into_id)
