"""The jobs when they are due, by one process: whoever holds the lock runs them, any other waits until it is free."""

from __future__ import annotations

import datetime as dt
import fcntl
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from crm.database import engine
from crm.jobs import JOBS
from crm.settings import settings

_LOCK = 7202
"""Of PostgreSQL; that of migrations is 7201."""
_PAUSE = 20
"""Seconds until one looks again."""
_AGAIN = dt.timedelta(hours=1)
"""Until a job that failed is tried again."""

EVERY: dict[str, dt.timedelta] = {"escalations": dt.timedelta(minutes=15), "reminders": dt.timedelta(hours=1)}
WEEKLY = frozenset({"forecast"})
"""On Mondays; the rest runs once a day."""


@dataclass
class Runner:
    """Knows when it ran what. A new one begins with everything that is due today: running a job again changes nothing."""

    at: dt.time
    """From when on the daily ones run, by the clock of the machine."""
    tell: Callable[[str], None] = print
    jobs: dict[str, Callable[[dt.date | None], dict[str, int]]] = field(default_factory=lambda: JOBS)
    _done: dict[str, dt.datetime] = field(default_factory=dict)
    _failed: dict[str, dt.datetime] = field(default_factory=dict)

    def due(self, now: dt.datetime) -> list[str]:
        """In the order of JOBS."""
        return [name for name in self.jobs if self._waited(name, now) and self._is_due(name, now)]

    def run_due(self, now: dt.datetime) -> None:
        """What fails is told, stops nothing else, and is tried again after an hour."""
        for name in self.due(now):
            try:
                found = self.jobs[name](None)
            except Exception:
                self._failed[name] = now
                self.tell(f"{name} failed and is tried again in an hour:\n{traceback.format_exc()}")
            else:
                self._failed.pop(name, None)
                self._done[name] = now
                self.tell(f"{name}: " + ", ".join(f"{key} {value:,}" for key, value in found.items()))

    def _waited(self, name: str, now: dt.datetime) -> bool:
        return name not in self._failed or now - self._failed[name] >= _AGAIN

    def _is_due(self, name: str, now: dt.datetime) -> bool:
        last = self._done.get(name)
        if name in EVERY:
            return last is None or now - last >= EVERY[name]
        start = dt.datetime.combine(now.date(), self.at)
        if name in WEEKLY:
            start -= dt.timedelta(now.weekday())
        return now >= start and (last is None or last < start)


def run_forever(runner: Runner) -> None:
    with alone(runner.tell):
        while True:
            runner.run_due(dt.datetime.now())
            time.sleep(_PAUSE)


@contextmanager
def alone(tell: Callable[[str], None] = print) -> Iterator[None]:
    """One process for a database: by an advisory lock of PostgreSQL, which goes with its connection, or by a lock on a file."""
    with _on_postgresql(tell) if engine().dialect.name == "postgresql" else _on_a_file(tell):
        yield


@contextmanager
def _on_postgresql(tell: Callable[[str], None]) -> Iterator[None]:
    with engine().connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        taken = f"SELECT pg_try_advisory_lock({_LOCK})"
        _wait(lambda: bool(connection.exec_driver_sql(taken).scalar()), tell)
        try:
            yield
        finally:
            connection.exec_driver_sql(f"SELECT pg_advisory_unlock({_LOCK})")


@contextmanager
def _on_a_file(tell: Callable[[str], None]) -> Iterator[None]:
    with (settings().data_dir / "jobs.lock").open("w") as file:

        def take() -> bool:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return False
            return True

        _wait(take, tell)
        yield


def _wait(take: Callable[[], bool], tell: Callable[[str], None]) -> None:
    if take():
        return
    tell("Another process runs the jobs; this one waits until it is gone.")
    while not take():
        time.sleep(_PAUSE)


__all__ = ["EVERY", "WEEKLY", "Runner", "alone", "run_forever"]
