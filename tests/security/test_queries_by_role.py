"""Every query of every area, asked by every role: as it is, and with the ids of what belongs to others."""

from __future__ import annotations

from typing import Any

import pytest

from crm.access import Role
from tests.conftest import proof
from tests.security.arguments import MISSING, Call, calls
from tests.security.asking import Asker, ask
from tests.security.conftest import ROLES, roles
from tests.security.firm import Firm

QUERIES = list(calls("queries"))
GUESSING = ("chen", "gia", "dana") if proof() else ("chen",)
"""One for each reach; the others differ in what they may do, not in what they see."""

OBJECTS = {"insight.customer_conditions", "staff.watched", "staff.leaders", "support.most_urgent"}
"""They answer with conditions or functions for other queries, which tell nothing by themselves."""
OF_KNOWN_PEOPLE = {("targets.changes_of_subject", "subject_id"), ("targets.value_change_of", "subject_id")}
"""Asked only of people that the page has listed: of one who does not exist they know no unit."""


@pytest.mark.parametrize("role", roles())
def test_what_is_asked_without_a_word_tells_nothing_foreign(role: Role, firm: Firm) -> None:
    person = getattr(firm.people, ROLES[role])
    asker, wrong = Asker(firm, person), {}
    for call in QUERIES:
        answer = ask(person, call, asker.arguments(call, asker.required))
        if answer.broken or (found := firm.leaks(person, answer.said)):
            wrong[call.title] = answer.said[:200] if answer.broken else found
    assert wrong == {}


def test_the_marks_are_found_where_they_may_be_seen(firm: Firm) -> None:
    """The test above looks where names stand: whoever sees everything meets the marks of both boards."""
    asker, answers = Asker(firm, firm.people.eve), ""
    for call in QUERIES:
        answers += ask(firm.people.eve, call, asker.arguments(call, asker.required)).said
    assert len(firm.leaks(firm.people.ada, answers)) > 100
    assert len(firm.leaks(firm.people.chen, answers)) > 80


@pytest.mark.parametrize("name", GUESSING)
def test_a_foreign_id_is_answered_as_one_that_does_not_exist(name: str, firm: Firm) -> None:
    person = getattr(firm.people, name)
    asker, wrong = Asker(firm, person), {}
    for call in QUERIES:
        for slot, table in asker.slots(call).items():
            wrong |= _guessed(asker, call, slot, table)
    assert wrong == {}


def _guessed(asker: Asker, call: Call, slot: str, table: str) -> dict[tuple[str, str], Any]:
    guessed = asker.foreign(slot, table)
    if guessed is None or call.title in OBJECTS or (call.title, slot) in OF_KNOWN_PEOPLE:
        return {}

    def answer(one: int) -> Any:
        choose = lambda this, of, must: one if this == slot else asker.required(this, of, must)  # noqa: E731
        return ask(asker.person, call, asker.arguments(call, choose))

    foreign, missing = answer(guessed), answer(MISSING)
    found = asker.firm.leaks(asker.person, foreign.said)
    if found or foreign.broken or missing.broken:
        return {(call.title, slot): found or foreign.said[:200] or missing.said[:200]}
    if table not in ("user", "org_unit") and foreign.said != missing.said:
        return {(call.title, slot): (foreign.said[:200], missing.said[:200])}
    return {}
