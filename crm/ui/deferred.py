"""Files made when they are asked for: in a thread of their own, perhaps long after the page was drawn."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from crm.errors import Refused
from crm.session import ScopedSession, open_as
from crm.staff.sign_in import SignedIn, still
from crm.words import Language, speaking


@contextmanager
def still_here(person: SignedIn, spoken: Language) -> Iterator[ScopedSession]:
    """The scope of whoever drew the page, as it is now, and his language; refused where he has signed out or was closed since."""
    now_here = still(person)
    if now_here is None:
        raise Refused("You are signed out. Sign in again.")
    with speaking(spoken), open_as(now_here.actor) as session:
        yield session
