"""Every command of every area, given by every role with the ids of what belongs to others: refused, and nothing is written."""

from __future__ import annotations

from typing import Any

import pytest

from crm.access import GRANTS, Configured, Grant, Reach, Role, area_of
from tests.conftest import proof
from tests.people import Person
from tests.security.arguments import MISSING, Call, calls
from tests.security.asking import Answer, Asker, ask
from tests.security.conftest import ROLES, roles
from tests.security.firm import LOOKED_AT, Firm

COMMANDS = list(calls("commands"))


@pytest.mark.parametrize("role", roles())
def test_a_foreign_id_is_refused_as_one_that_does_not_exist(role: Role, firm: Firm) -> None:
    """Each slot by itself, the others filled with own records: all of them, and once those alone that must be filled."""
    person = getattr(firm.people, ROLES[role])
    asker, wrong = Asker(firm, person), {}
    for call in COMMANDS:
        for slot, table in asker.slots(call).items():
            for others in (asker.everything, asker.required)[: 2 if proof() else 1]:
                if told := _guessed(asker, call, slot, table, others):
                    wrong[call.title, slot] = told
    assert wrong == {}


def _guessed(asker: Asker, call: Call, slot: str, table: str, others: Any) -> str:
    guessed = asker.foreign(slot, table)
    if guessed is None:
        return ""

    def answer(one: int) -> Answer:
        choose = lambda this, of, must: one if this == slot else others(this, of, must)  # noqa: E731
        return ask(asker.person, call, asker.arguments(call, choose))

    foreign = answer(guessed)
    found = [*asker.firm.leaks(asker.person, foreign.said), *_beyond(asker.firm, asker.person, foreign)]
    if found or foreign.broken:
        return f"{found} {foreign.said[:200]}"
    if table in ("user", "org_unit"):
        return ""
    missing = answer(MISSING + 1)
    return "" if missing.said == foreign.said else f"{foreign.said[:150]} | {missing.said[:150]}"


def _beyond(firm: Firm, person: Person, answer: Answer) -> list[str]:
    """What was written to records that the person does not see, or into units that his grant does not reach."""
    found = []
    for row in answer.wrote:
        table, after = row["record_type"], row["after"] or {}
        if not firm.sees(person, table, row["record_id"]):
            found.append(f"{row['action']} {table} {row['record_id']}")
        grant = GRANTS[person.actor.role].get(area_of(LOOKED_AT[table]), Grant())
        configures = issubclass(LOOKED_AT[table], Configured)
        across = configures or grant.change is Reach.EVERYTHING or person.actor.may("assign across boards", "customers")
        for column in ("team_id", "board_id"):
            if (
                after.get(column)
                and not across
                and after[column] not in person.actor.team_ids | {person.unit_id, person.board_id}
            ):
                found.append(f"{row['action']} {table} in unit {after[column]}")
    return found


@pytest.mark.skipif(not proof(), reason="Only make proof asks everything twice.")
def test_the_slots_are_decided_by_whose_they_are(firm: Firm) -> None:
    """No empty promise: most commands, given with own records, do not say what they say of a foreign one."""
    told = {}
    for username in ("ben", "dana"):
        person = getattr(firm.people, username)
        asker = Asker(firm, person)
        for call in COMMANDS:
            for slot, table in asker.slots(call).items():
                guessed = asker.foreign(slot, table)
                if guessed is None or table in ("user", "org_unit"):
                    continue
                for others in (asker.required, asker.everything):
                    choose = lambda this, of, must, s=slot, g=guessed, o=others: g if this == s else o(this, of, must)  # noqa: E731
                    said = ask(person, call, asker.arguments(call, choose)).said
                    told[call.title, slot] = told.get((call.title, slot), False) or not said.startswith("Invalid")
    undecided = sorted(one for one, decided in told.items() if not decided)
    assert len(undecided) <= 0.15 * len(told), undecided
