"""Pages are drawn a few at a time; whoever waits for the database or for somebody who writes lets others draw.

Drawn all at once, each would take as long as all of them and longer: Python computes one thing at a time, and every row that is
read from SQLite gives its place away and has to get it back."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from threading import Condition

AT_ONCE = 2
LONG = 2.0
"""Seconds after which a page that is still drawn (a large import, a model that is fitted) no longer counts."""
_free = Condition()
_drawing: dict[object, float] = {}
"""Each run that has its turn -> since when."""
_mine: ContextVar[object | None] = ContextVar("mine", default=None)


@contextmanager
def in_turn() -> Iterator[None]:
    """One of the few, for the time of the block."""
    token = _mine.set(_begin())
    try:
        yield
    finally:
        _end(_mine.get())
        _mine.reset(token)


@contextmanager
def out_of_turn() -> Iterator[None]:
    """Lets others draw for the time of the block; where nothing is drawn in turn, as in a fragment, this does nothing."""
    held = _mine.get()
    _end(held)
    try:
        yield
    finally:
        if held is not None:
            _mine.set(_begin())


def _begin() -> object:
    run = object()
    with _free:
        while len(counting := [since for since in _drawing.values() if time.monotonic() - since < LONG]) >= AT_ONCE:
            _free.wait(timeout=min(counting) + LONG - time.monotonic())
        _drawing[run] = time.monotonic()
    return run


def _end(run: object | None) -> None:
    with _free:
        if _drawing.pop(run, None) is not None:
            _free.notify()
