"""What is done with many cases at once."""

from __future__ import annotations

import streamlit as st

from crm.staff.queries import colleagues
from crm.support import commands, queries
from crm.support.commands import CaseAssignment
from crm.support.filters import CaseFilter
from crm.ui.desk import act, in_scope, load, me
from crm.ui.dialog import open_dialog
from crm.ui.filtering import named
from crm.ui.form import form
from crm.ui.support.moves import merge_dialog, problem_dialog
from crm.ui.tags import tag_dialog
from crm.words import say

MOST = 10_000
"""As many at once can be changed."""
AT_ONCE = 20
"""As many can be merged."""


def actions(ids: list[int], where: CaseFilter, total: int) -> None:
    """The ticked cases, or all that the filter finds."""
    actor = me().actor
    works, assigns = actor.grant("support").change, actor.may("assign", "support")
    with st.container(horizontal=True, vertical_alignment="center", key="list.actions"):
        st.markdown(say("**{count}** chosen", count=len(ids)), width="content")
        if len(ids) < total <= MOST and st.toggle(say("all {count} found", count=total), key="list.everything"):
            ids = in_scope(queries.case_ids, where)
        if assigns and st.button(say("Assign"), icon=":material/swap_horiz:", key="list.assign"):
            open_dialog(say("Assign {count:case|cases}", count=len(ids)), assign_dialog, ids, width="small")
        if (
            actor.may("merge", "support")
            and 1 < len(ids) <= AT_ONCE
            and st.button(say("Merge"), icon=":material/merge:", key="list.merge")
        ):
            open_dialog(say("Merge {count:case|cases}", count=len(ids)), merge_dialog, ids, width="medium")
        if works and st.button(say("Known problem"), icon=":material/link:", key="list.problem"):
            open_dialog(say("The problem behind {count:case|cases}", count=len(ids)), problem_dialog, ids, width="small")
        if actor.grant("office").change and st.button(say("Tag"), icon=":material/sell:", key="list.tag"):
            open_dialog(say("Tag {count:case|cases}", count=len(ids)), tag_dialog, "service_case", ids, width="small")
        if assigns and st.button(say("Delete"), icon=":material/delete:", key="list.delete"):
            open_dialog(say("Delete {count:case|cases}", count=len(ids)), delete_dialog, ids, width="small")


def assign_dialog(ids: list[int]) -> None:
    to = form(CaseAssignment, key="list.assign_form", choices={"owner_id": named(load(colleagues))}, columns=1, save="Assign")
    if to:
        act(commands.assign, ids, to, done="Assigned. The new agent may read the customers.")


def delete_dialog(ids: list[int]) -> None:
    st.markdown(say("They leave the queue, the list and every figure. Their customers stay."))
    if st.button(say("Delete"), type="primary", key="list.delete_yes"):
        act(commands.delete_cases, ids, done="Deleted.")
