"""One board at a time: different businesses, different money."""

from __future__ import annotations

import streamlit as st

from crm.staff.sign_in import Board, SignedIn
from crm.ui.address import number
from crm.ui.text import literal
from crm.words import say


def one_board(person: SignedIn, key: str) -> Board | None:
    """The board in the address, else the first one; a person with several chooses on screen."""
    boards = {board.id: board for board in person.boards}
    if len(boards) < 2:
        return next(iter(boards.values()), None)
    asked = number("board", 0)
    now = asked if asked in boards else next(iter(boards))
    st.session_state[key] = now
    st.segmented_control(
        say("Board"),
        list(boards),
        format_func=lambda one: literal(boards[one].name),
        key=key,
        label_visibility="collapsed",
        wrap=True,
        on_change=_chosen,
        args=(key,),
    )
    return boards[now]


def _chosen(key: str) -> None:
    if st.session_state[key]:
        st.query_params["board"] = str(st.session_state[key])
