"""Answers that are kept until any record changes, for one person alone."""

from __future__ import annotations

import time
from collections.abc import Callable
from copy import deepcopy
from threading import Lock
from typing import Any

import pandas as pd

from crm.database import engine
from crm.session import open_as
from crm.staff.sign_in import SignedIn

KEPT: dict[tuple[Any, ...], tuple[float, Any]] = {}
"""Who asked what of which version of the data -> until when it is kept, and the answer; oldest first. `st.cache_data` would do,
but it hashes the actor and pickles the answer at every call: half of the work of a page."""
_SECONDS, _MOST = 60.0, 2000
_dropping = Lock()


def kept(person: SignedIn, query: Callable[..., Any], arguments: dict[str, Any]) -> Any:
    asked = f"{query.__module__}.{query.__qualname__} {sorted(arguments.items())!r}"
    key = (engine(), person.actor, person.data_version, asked)
    until, answer = KEPT.get(key, (0.0, None))
    if until < time.monotonic():
        with open_as(person.actor) as session:
            answer = query(session, **arguments)
        _drop_old()
        KEPT[key] = time.monotonic() + _SECONDS, answer
    # The caller may change what it gets: a frame is copied when it is written to, anything else at once.
    return answer.copy(deep=False) if isinstance(answer, pd.DataFrame) else deepcopy(answer)


def forget(module: str) -> None:
    """What was answered by the queries of a module, to anybody: for records whose changes are not in the audit log."""
    with _dropping:
        for key in [key for key in KEPT if key[3].startswith(f"{module}.")]:
            KEPT.pop(key, None)


def _drop_old() -> None:
    with _dropping:
        for key, (until, _) in list(KEPT.items()):
            if until > time.monotonic() and len(KEPT) < _MOST:
                break
            del KEPT[key]
