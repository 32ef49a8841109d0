"""The database is away: a page waits for it a little, and then says so instead of breaking."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TypeVar

import streamlit as st
from streamlit.errors import StreamlitAPIException

from crm.errors import Outage
from crm.outage import Fault
from crm.words import say

R = TypeVar("R")

_PATIENCE, _PAUSE = 20.0, 0.5
"""Seconds a page waits for the database to come back, and from one question to the next."""
_TYPED = (str, int, float, dt.date, dt.time)


@contextmanager
def told_of_outage() -> Iterator[None]:
    """An outage inside the block ends the page with its sentence; what was typed is there when it comes back."""
    try:
        yield
    except Outage as error:
        _keep_typed()
        st.error(say(error.template), icon=":material/cloud_off:")
        with suppress(StreamlitAPIException):  # in a form there are no other buttons
            st.button(say("Try again"), key="_try_again", icon=":material/refresh:")
        st.stop()


def waited_for(ask: Callable[[], R]) -> R:
    """The answer, once the database is there: while a page waits, nothing on it is lost, and what was clicked happens then."""
    until = time.monotonic() + _PATIENCE
    place = None
    while True:
        try:
            answer = ask()
        except Outage as error:
            if error.template != Fault.GONE.value or time.monotonic() > until:
                raise
            place = place or st.empty()
            place.warning(
                say("The database does not answer; waiting for it. What was saved is safe, what you typed stays."),
                icon=":material/cloud_off:",
            )
            time.sleep(_PAUSE)
        else:
            if place is not None:
                place.empty()
            _put_back()
            return answer


def _keep_typed() -> None:
    """Of a page that is not drawn the browser forgets what its fields held."""
    if "_typed" not in st.session_state:
        kept = {str(key): value for key, value in st.session_state.items() if _is_typed(str(key), value)}
        st.session_state["_typed"] = kept


def _is_typed(key: str, value: object) -> bool:
    """Fields of forms: their keys are those of the form and of the field, with a point between."""
    return "." in key and isinstance(value, _TYPED) and not isinstance(value, bool)


def _put_back() -> None:
    for key, value in st.session_state.pop("_typed", {}).items():
        st.session_state[key] = value


__all__ = ["told_of_outage", "waited_for"]
