"""A process that is killed in the middle of a deed, where it stands still at a chosen moment."""

from __future__ import annotations

import os
import select
import signal
import sys
from collections.abc import Callable
from typing import Any

from sqlalchemy import event

from crm.database import engine

PATIENCE = 120
"""Seconds until the moment has to come."""
Moment = Callable[[Callable[[], None]], None]
"""Called in the process with what makes it stand still."""


def kill_during(deed: Callable[[], Any], moment: Moment) -> None:
    """SIGKILL to a process of its own while it does the deed; fails where the moment never comes."""
    engine().dispose()
    reached, tell = os.pipe()
    child = os.fork()
    if child == 0:
        _do(deed, moment, tell)
    os.close(tell)
    try:
        came, _, _ = select.select([reached], [], [], PATIENCE)
        told = os.read(reached, 1) if came else b""
    finally:
        os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        os.close(reached)
    assert told == b"!", "it was through before the moment came"
    assert os.WIFSIGNALED(status)


def _do(deed: Callable[[], Any], moment: Moment, tell: int) -> None:
    def stand_still() -> None:
        os.write(tell, b"!")
        signal.pause()

    try:
        moment(stand_still)
        deed()
    finally:
        os._exit(0)


def at_statement(number: int, *verbs: str) -> Moment:
    """After the so-many-th statement that writes."""

    def moment(stand_still: Callable[[], None]) -> None:
        left = [number]

        @event.listens_for(engine(), "after_cursor_execute")
        def look(connection: Any, cursor: Any, statement: str, *_: Any) -> None:
            if statement.lstrip().upper().startswith(verbs or ("INSERT", "UPDATE", "CREATE")):
                left[0] -= 1
                if left[0] == 0:
                    stand_still()

    return moment


def before_commit(number: int = 1) -> Moment:
    """All of a transaction is written and nothing is kept yet."""

    def moment(stand_still: Callable[[], None]) -> None:
        left = [number]

        @event.listens_for(engine(), "commit")
        def look(connection: Any) -> None:
            left[0] -= 1
            if left[0] == 0:
                stand_still()

    return moment


def at_event(name: str, number: int, of: str) -> Moment:
    """When Python is about to do something to a file whose name holds `of` (an audit event: os.rename, sqlite3.connect)."""

    def moment(stand_still: Callable[[], None]) -> None:
        left = [number]

        def look(happened: str, arguments: tuple[Any, ...]) -> None:
            if happened == name and of in str(arguments):
                left[0] -= 1
                if left[0] == 0:
                    stand_still()

        sys.addaudithook(look)

    return moment
