"""What is done with ticked leads, and with the one that is open: dialogs for both."""

from __future__ import annotations

from typing import Any

import streamlit as st

from crm.contracts.commands import release_to_pool
from crm.marketing import commands, queries
from crm.marketing.commands import Invalidation, LeadAssignment, Release
from crm.marketing.filters import LeadFilter
from crm.marketing.pooling import AssignmentWay
from crm.office.queries import today
from crm.session import ScopedSession
from crm.staff.queries import units
from crm.ui.desk import act, figures, in_scope, load, me
from crm.ui.dialog import open_dialog
from crm.ui.form import form
from crm.ui.marketing.nurturing import nurture_dialog
from crm.ui.table import records
from crm.words import label, say

MOST = 10_000


def lead_actions(ids: list[int], where: LeadFilter, total: int) -> None:
    """With the ticked rows, or with all that the filter finds."""
    with st.container(horizontal=True, vertical_alignment="center", key="leads.actions"):
        st.markdown(say("**{count}** chosen", count=len(ids)), width="content")
        if MOST >= total > len(ids) and st.toggle(say("all {count} found", count=total), key="leads.everything"):
            ids = in_scope(queries.lead_ids, where)
        dialogs = [
            ("nurture", ":material/spa:", nurture_many),
            ("release", ":material/water:", release_dialog),
            ("invalid", ":material/block:", invalid_dialog),
        ]
        dialogs += [("delete", ":material/delete:", delete_dialog)]
        if me().actor.may("assign", "marketing"):
            dialogs.insert(0, ("assign", ":material/swap_horiz:", assign_dialog))
        for name, icon, body in dialogs:
            if st.button(_TITLES[name](), icon=icon, key=f"leads.{name}"):
                open_dialog(say("{what}: {count:lead|leads}", what=_TITLES[name](), count=len(ids)), body, ids, width="small")


_TITLES: dict[str, Any] = {
    "assign": lambda: say("Assign"),
    "nurture": lambda: say("Start a plan"),
    "release": lambda: say("Release to the pool"),
    "invalid": lambda: say("Leads nowhere"),
    "delete": lambda: say("Delete"),
}


def assign_dialog(ids: list[int]) -> None:
    """To a person, or to those whose turn it is."""
    way = st.segmented_control(
        say("How to give out"),
        [one.value for one in AssignmentWay],
        default=AssignmentWay.BY_HAND,
        required=True,
        format_func=lambda code: label(code, of="assignment"),
        key="leads.assign_way",
    )
    by_hand = way == AssignmentWay.BY_HAND
    st.caption(
        say("Frozen, left and absent people are passed over.") if not by_hand else say("Who is away today is not offered.")
    )
    choices = {"owner_id": able(), "unit_id": {row.id: row.path for row in records(load(units))}}
    only = ["owner_id", "reason"] if by_hand else ["unit_id", "reason"]
    to = form(LeadAssignment, {"way": way}, key=f"leads.assign_form.{way}", only=only, choices=choices, columns=1, save="Assign")
    if to:
        act(commands.assign_leads, ids, to, done="Assigned.")


def able() -> dict[int, str]:
    """Who can be given something today, of all my boards."""
    day, found = figures(today), dict[int, str]()
    for board in me().boards:
        found |= figures(queries.takers, unit_id=board.id, day=day)
    return found


def nurture_many(ids: list[int]) -> None:
    """All of one board: a plan is a board's own."""
    boards = in_scope(queries.boards_of_leads, ids)
    if len(boards) == 1:
        nurture_dialog(ids, boards[0])
    else:
        st.info(say("These leads belong to several boards, and plans to one: choose leads of one board."))


def release_dialog(ids: list[int]) -> None:
    st.caption(say("Everybody of the board sees them in the pool and can claim them."))
    remark = _remark("leads.release_remark")
    if st.button(say("Release to the pool"), type="primary", key="leads.release_yes", disabled=not remark):
        act(release_to_pool, Release(lead_ids=tuple(ids), remark=remark), done="Released. Whoever claims first has it.")


def _remark(key: str) -> str:
    return st.text_area(
        say("Why?"), key=key, height=80, max_chars=300, placeholder=say("One sentence for the next person")
    ).strip()


def invalid_dialog(ids: list[int]) -> None:
    st.caption(say("With a day it comes back then; without one it goes to the invalid pool."))
    input = form(Invalidation, key="leads.invalid_form", columns=1, save="Close it")
    if input:
        act(_invalidate, ids, input, done="Closed.")


def _invalidate(session: ScopedSession, ids: list[int], input: Invalidation) -> None:
    for lead_id in ids:
        commands.invalidate_lead(session, lead_id, input)


def delete_dialog(ids: list[int]) -> None:
    st.markdown(
        say("Better close a lead that leads nowhere: then its source is still counted. Delete only what was entered by mistake.")
    )
    if st.button(say("Delete"), type="primary", key="leads.delete_yes"):
        act(_delete, ids, done="Deleted.")


def _delete(session: ScopedSession, ids: list[int]) -> None:
    for lead_id in ids:
        commands.remove_lead(session, lead_id)
