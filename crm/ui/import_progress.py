"""How far something long is, with a button that ends it."""

from __future__ import annotations

import time
from collections.abc import Callable

import streamlit as st

from crm.words import say

_PAUSE = 0.15
"""Seconds between two pictures of the bar: each costs a message to the browser."""


class Bar:
    """Drawn where it is made. Each picture of it is a point where a click of the person ends the running page."""

    def __init__(self, stopped: Callable[[], None]) -> None:
        self._bar = st.progress(0.0)
        self._drawn = 0.0
        st.button(say("Stop"), key="import.stop", icon=":material/stop_circle:", on_click=stopped)

    def tell(self, done: int, total: int, template: str) -> None:
        now = time.monotonic()
        if now - self._drawn < _PAUSE and done:
            return
        self._drawn = now
        share = min(done / total, 1.0) if total else 0.0
        self._bar.progress(share, text=f"{say(template)} · {share:.0%}")
