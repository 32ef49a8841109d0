"""What goes beyond the amount of a contract is refused once; who saves the same again means it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from crm.ui.desk import act


def knowingly(command: Callable[..., Any], *arguments: Any, key: str, done: str) -> None:
    """Run `command(session, *arguments, knowing)`: knowing where just this was refused before."""
    asked = repr(arguments)
    act(command, *arguments, st.session_state.pop(key, None) == asked, done=done)
    st.session_state[key] = asked
