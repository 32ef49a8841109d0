"""Answers that are kept until a table changes that they were read from, for one person alone."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass
from threading import Lock
from typing import Any

import pandas as pd

from crm.access import Actor
from crm.database import engine
from crm.session import open_as
from crm.staff.sign_in import SignedIn
from crm.table_versions import reading


@dataclass(frozen=True, slots=True)
class Answer:
    value: Any
    until: float
    tables: Mapping[str, int | None]
    """It was read from, with their versions then or earlier."""

    def stands(self, versions: Mapping[str, int]) -> bool:
        return self.until > time.monotonic() and all(versions.get(name) == version for name, version in self.tables.items())


KEPT: dict[tuple[Any, ...], Answer] = {}
"""Who asked what -> the answer; oldest first. `st.cache_data` would do, but it hashes the actor and pickles the answer at every
call: half of the work of a page."""
_SECONDS, _MOST = 60.0, 4000
_dropping = Lock()


def kept(person: SignedIn, query: Callable[..., Any], arguments: dict[str, Any]) -> Any:
    return answered(person.actor, person.versions, query, arguments)


def answered(actor: Actor, versions: Mapping[str, int], query: Callable[..., Any], arguments: dict[str, Any]) -> Any:
    """As the actor may see it. `versions`: of the tables, taken before the query and in the same run."""
    asked = f"{query.__module__}.{query.__qualname__} {sorted(arguments.items())!r}"
    key = (engine(), actor, asked)
    answer = KEPT.get(key)
    if answer is None or not answer.stands(versions):
        with reading() as tables, open_as(actor) as session:
            value = query(session, **arguments)
        answer = Answer(value, time.monotonic() + _SECONDS, {name: versions.get(name) for name in tables})
        with _dropping:
            KEPT.pop(key, None)
            _drop_old()
            KEPT[key] = answer
    # The caller may change what it gets: a frame is copied when it is written to, anything else at once.
    value = answer.value
    return value.copy(deep=False) if isinstance(value, pd.DataFrame) else deepcopy(value)


def _drop_old() -> None:
    while KEPT:
        key = next(iter(KEPT))
        if KEPT[key].until > time.monotonic() and len(KEPT) < _MOST:
            break
        del KEPT[key]
