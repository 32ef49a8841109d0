"""From one case straight to the next: the order of the queue as it was when one began."""

from __future__ import annotations

import streamlit as st

from crm.ui.desk import go
from crm.words import say

ROUND = "_round"


def begin(ids: list[int]) -> None:
    """Remember the order, and open the first."""
    st.session_state[ROUND] = ids
    go("case", case=ids[0])


def remember(ids: list[int]) -> None:
    """The order in which the cases stood when one of them was opened."""
    st.session_state[ROUND] = ids


def next_button(case_id: int) -> None:
    """On the record: to the next case of the queue one came from; nothing where one came from elsewhere."""
    ids: list[int] = st.session_state.get(ROUND, [])
    if case_id not in ids:
        return
    place = ids.index(case_id)
    if place + 1 == len(ids):
        return
    told = say("Next, {place} of {count}", place=place + 2, count=len(ids))
    if st.button(told, icon=":material/skip_next:", key="case.next", type="tertiary", shortcut="Alt+J"):
        go("case", case=ids[place + 1])
