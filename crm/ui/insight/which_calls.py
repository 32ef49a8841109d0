"""The queue, or its effect: the effect is for those who see more than their own customers, who are left out by lot among them."""

from __future__ import annotations

import streamlit as st

from crm.access import Reach
from crm.staff.sign_in import Board, SignedIn
from crm.ui.boards import one_board
from crm.ui.insight.sides import side
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
    return side("show", titles, key="call.show", title=say("Show"), keep=("board", "who"))
