"""Calls in somebody's name that leave nothing behind: what was said, and what would have been written."""

from __future__ import annotations

import inspect
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, select

from crm.audit import AuditEntry
from crm.errors import CrmError
from crm.session import open_as
from tests.people import Person
from tests.security.arguments import MISSING, Call, Choice, Making
from tests.security.firm import Firm
from tests.security.written import written

LOG = AuditEntry.__table__


class UndoneError(Exception):
    """Ends every call, so that nothing of it stays."""


@dataclass(frozen=True)
class Answer:
    said: str
    wrote: list[dict[str, Any]] = field(default_factory=list)
    done: bool = False
    broken: bool = False
    """Neither an answer nor a sentence: a traceback."""


def ask(person: Person, call: Call, arguments: dict[str, Any]) -> Answer:
    answer = Answer("")
    try:
        with open_as(person.actor) as session:
            connection = session.connection()
            before = connection.scalar(select(func.max(LOG.c.id))) or 0
            said = written(call.function(session, **arguments))
            session.flush()
            wrote = [dict(row) for row in connection.execute(select(LOG).where(LOG.c.id > before)).mappings()]
            answer = Answer(said, wrote, done=True)
            raise UndoneError
    except UndoneError:
        return answer
    except CrmError as error:
        return Answer(f"{type(error).__name__}: {error}")
    except Exception as error:
        return Answer(f"{type(error).__name__}: {error}", broken=True)


class Asker:
    """Makes the arguments of one person's calls, out of the records of the firm."""

    def __init__(self, firm: Firm, person: Person) -> None:
        self.firm, self.person = firm, person

    def own(self, slot: str, table: str) -> int:
        return self.firm.own(self.person, table) or MISSING

    def foreign(self, slot: str, table: str) -> int | None:
        """People and units are known to everybody: those of another board stand for the foreign ones."""
        people, machinery = self.firm.people, self.person.username == "emil"
        if table == "user":
            return people.anna.id if machinery else people.emil.id
        if table == "org_unit":
            board, unit = ("Music", "Sales East") if machinery else ("Machinery", "Machinery Sales")
            return people.units[board if slot.endswith("board_id") else unit]
        return self.firm.foreign(self.person, table)

    def required(self, slot: str, table: str, must: bool) -> int | None:
        return self.own(slot, table) if must else None

    def everything(self, slot: str, table: str, must: bool) -> int | None:
        return self.own(slot, table)

    def slots(self, call: Call) -> dict[str, str]:
        made = Making(call, self.everything)
        made.arguments()
        return made.slots

    def arguments(self, call: Call, choose: Choice) -> dict[str, Any]:
        """With the version at which the first record stands that is named."""
        chosen: dict[str, tuple[str, int | None]] = {}

        def noted(slot: str, table: str, must: bool) -> int | None:
            chosen[slot] = table, choose(slot, table, must)
            return chosen[slot][1]

        made = Making(call, noted).arguments()
        if "version" in made and call.parameters["version"].annotation in (int, inspect.Parameter.empty):
            rows = (self.firm.rows[table].get(one or 0, {}) for table, one in chosen.values())
            made["version"] = next((row["version"] for row in rows if "version" in row), 1)
        return made
