"""The queue, or its effect: the effect is for those who see more than their own customers, who are left out by lot among them."""

from __future__ import annotations

import streamlit as st

from crm.access import Reach
from crm.staff.sign_in import Board, SignedIn
from crm.ui.address import choice
from crm.ui.boards import one_board
from crm.ui.show import empty
from crm.words import say


def chosen_view(person: SignedIn) -> tuple[str, Board] | None:
    """-> queue or effect, and the board; None for somebody without a board."""
    with st.container(horizontal=True, vertical_alignment="center", key="call.which"):
        board = one_board(person, "call.board")
        now = _view() if person.actor.grant("insight").see > Reach.OWN else "queue"
    if board is None:
        empty("You see no board yet. An administrator gives you one under People.")
        return None
    return now, board


def _view() -> str:
    titles = {"queue": say("Queue"), "effect": say("Does calling help?")}
    now = choice("show", tuple(titles), "queue")
    st.session_state["call.show"] = now
    st.segmented_control(
        say("Show"),
        list(titles),
        key="call.show",
        required=True,
        format_func=lambda one: titles[one],
        label_visibility="collapsed",
        on_change=_chosen,
    )
    return now


def _chosen() -> None:
    kept = {name: st.query_params[name] for name in ("board", "who") if name in st.query_params}
    st.query_params.from_dict(kept | {"show": st.session_state["call.show"]})
