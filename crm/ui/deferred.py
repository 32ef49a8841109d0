"""Files made when they are asked for: in a thread of their own, perhaps long after the page was drawn."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from crm.errors import Refused
from crm.session import ScopedSession, open_as
from crm.staff.queries import my_browser_sessions
from crm.staff.sign_in import SignedIn
from crm.words import Language, speaking


@contextmanager
def still_here(person: SignedIn, spoken: Language) -> Iterator[ScopedSession]:
    """The scope and the language of whoever drew the page; refused where he has signed out since."""
    with speaking(spoken), open_as(person.actor) as session:
        if not my_browser_sessions(session, current=person.session_id)["this_one"].any():
            raise Refused("You are signed out. Sign in again.")
        yield session
