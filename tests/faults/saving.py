"""People who save one contact after the other, each in a process of its own, while something else is done."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from crm.customers.models import Contact
from crm.database import engine
from crm.session import open_as
from tests.people import Person

AT_ONCE = multiprocessing.get_context("fork")
PATIENCE = 60
"""Seconds until the next one is saved."""


@dataclass
class Saving:
    told: Any
    names: set[str]
    """What was said to be saved, as far as it was listened to."""

    def listen(self, more: int) -> set[str]:
        """Until so many more were saved -> all of them."""
        self.names |= {self.told.get(timeout=PATIENCE) for _ in range(more)}
        return set(self.names)


@contextmanager
def people_saving(person: Person, customer_id: int, processes: int = 3) -> Iterator[Saving]:
    engine().dispose()
    told, enough = AT_ONCE.Queue(), AT_ONCE.Event()
    running = [AT_ONCE.Process(target=_save, args=(person, customer_id, n, told, enough)) for n in range(processes)]
    for one in running:
        one.start()
    saving = Saving(told, set())
    try:
        yield saving
    finally:
        enough.set()
        ended = 0
        while ended < processes:
            name = told.get(timeout=PATIENCE)
            ended += name is None
            saving.names |= {name} - {None}
        for one in running:
            one.join(PATIENCE)


def _save(person: Person, customer_id: int, process: int, told: Any, enough: Any) -> None:
    number = 0
    try:
        while not enough.is_set():
            name = f"Contact {process}-{number}"
            with open_as(person.actor) as session:
                session.add(Contact(customer_id=customer_id, name=name))
            told.put(name)
            number += 1
    finally:
        engine().dispose()
        told.put(None)
