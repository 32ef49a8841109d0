"""Whatever is searched for, with the same word in every record: what a person may not see changes neither a hit nor a count."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from pydantic import BaseModel
from sqlalchemy import String, func, update

from crm.access import Role, Sealed, Shared
from crm.customers.models import Contact, Customer, Order
from crm.customers.queries import search_everything
from crm.database import engine
from crm.session import open_as
from tests.conftest import proof
from tests.people import Person
from tests.security.arguments import Call, calls
from tests.security.asking import Asker, ask
from tests.security.conftest import ROLES, roles
from tests.security.firm import LOOKED_AT, MARKED, Firm

WORD, OTHER = "松林", "杉木"
"""Of two characters: three are what the index of the search is made of."""
TYPED = {"search", "words", "text", "name", "number", "phone", "email"}
"""Parameters, and fields of filters, that take what somebody types."""
HIDDEN_KINDS = [kind for kind in LOOKED_AT.values() if not issubclass(kind, Shared | Sealed)]


def searches() -> list[Call]:
    """Every query of every area that looks for what is typed."""
    return [call for call in calls("queries") if _typed(call)]


def _typed(call: Call) -> set[str]:
    plain = {name for name, one in call.parameters.items() if name in TYPED and one.annotation in (str, str | None)}
    return plain | {name for name, one in call.parameters.items() if _fields(one.annotation)}


def _fields(annotation: Any) -> set[str]:
    if not (inspect.isclass(annotation) and issubclass(annotation, BaseModel)):
        return set()
    return {name for name, one in annotation.model_fields.items() if name in TYPED and one.annotation in (str, str | None)}


def asked(asker: Asker, call: Call, word: str) -> dict[str, Any]:
    given = asker.arguments(call, asker.required)
    for name in _typed(call):
        kind = call.parameters[name].annotation
        given[name] = kind(**dict.fromkeys(_fields(kind), word)) if _fields(kind) else word
    return given


def answers(asker: Asker, word: str) -> dict[str, str]:
    return {call.title: ask(asker.person, call, asked(asker, call, word)).said for call in searches()}


@pytest.fixture(scope="module")
def found(firm: Firm) -> Firm:
    """The firm with the word in every text of every record."""
    with engine().begin() as connection:
        for kind in HIDDEN_KINDS:
            table = kind.__table__
            columns = [one for one in table.c if one.name in MARKED and isinstance(one.type, String)]
            if columns:
                connection.execute(update(table).values({one.name: func.coalesce(one, "") + f"{WORD} " for one in columns}))
    return firm


@contextmanager
def without(firm: Firm, person: Person) -> Iterator[None]:
    """What is not his to see says another word for a while."""
    _say(firm, person, WORD, OTHER)
    try:
        yield
    finally:
        _say(firm, person, OTHER, WORD)


def _say(firm: Firm, person: Person, old: str, new: str) -> None:
    with engine().begin() as connection:
        for kind in HIDDEN_KINDS:
            table, hidden = kind.__table__, sorted(firm.hidden(person, kind))
            columns = [one for one in table.c if one.name in MARKED and isinstance(one.type, String)]
            if columns and hidden:
                values = {one.name: func.replace(one, old, new) for one in columns}
                connection.execute(update(table).where(table.c.id.in_(hidden)).values(values))


def test_every_query_that_is_typed_into_is_asked() -> None:
    found = {call.title for call in searches()}
    assert {"customers.search_everything", "customers.collisions", "pipeline.opportunity_list", "support.found_in"} <= found
    assert len(found) > 70


@pytest.mark.parametrize("role", roles())
def test_nothing_hidden_is_found_or_counted(role: Role, found: Firm) -> None:
    person = getattr(found.people, ROLES[role])
    asker = Asker(found, person)
    before = answers(asker, WORD)
    with without(found, person):
        after = answers(asker, WORD)
    assert {title: one[:300] for title, one in before.items() if one != after[title]} == {}
    assert {title: leaks for title, one in before.items() if (leaks := found.leaks(person, one))} == {}


@pytest.mark.parametrize("role", list(ROLES) if proof() else roles())
def test_search_everything_finds_just_what_is_his(role: Role, found: Firm) -> None:
    person = getattr(found.people, ROLES[role])
    with open_as(person.actor) as session:
        hits = search_everything(session, WORD, limit=1000)
        numbers = search_everything(session, f"{found.rows['order'][1]['number']}"[:4], limit=1000)
    of = {kind: sorted(one.customer_id for one in hits if one.kind == kind) for kind in ("customer", "contact")}
    assert of["customer"] == sorted(found.visible(person, Customer))
    assert of["contact"] == _customers(found, "contact", found.visible(person, Contact))
    orders = [one.customer_id for one in numbers if one.kind == "order"]
    assert sorted(orders) == _customers(found, "order", found.visible(person, Order))


def _customers(firm: Firm, table: str, ids: Iterable[int]) -> list[int]:
    of = sorted(firm.rows[table][one]["customer_id"] for one in ids)
    return [one for one in of if not firm.rows["customer"][one]["deleted_at"]]


@pytest.mark.parametrize("role", roles())
def test_the_word_is_found_where_it_may_be(role: Role, found: Firm) -> None:
    """No empty promise: with a word that stands nowhere most answers are others; but for who sees nothing of customers."""
    person = getattr(found.people, ROLES[role])
    asker = Asker(found, person)
    here, nowhere = answers(asker, WORD), answers(asker, OTHER)
    others = sum(one != nowhere[title] for title, one in here.items())
    assert others > 20 if person.actor.grant("customers").see else others == 0
