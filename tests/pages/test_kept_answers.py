"""Whatever somebody else writes: an answer of a page that changed by it no longer stands."""

from __future__ import annotations

import dataclasses
from decimal import Decimal
from typing import Any

import pandas as pd
import pytest

from crm.customers.commands import refresh_base
from crm.customers.models import Customer
from crm.database import Base
from crm.office.commands import CustomFieldInput, MessageInput, add_custom_field, send_message
from crm.session import get, open_as
from crm.staff.sign_in import open_browser_session, who
from crm.support.commands import CommentInput, comment
from crm.ui import desk
from crm.ui.kept import KEPT, kept
from tests.factories import TODAY, a_case, a_contact, a_contract, a_customer, an_activity, an_opportunity, an_order
from tests.pages.opened import opened


@pytest.fixture
def firm(people):
    customer = a_customer(people.anna, name="Aurora")
    an_order(customer, 100)
    return customer, an_opportunity(people.anna, customer), a_case(people.anna, customer)


@pytest.fixture
def questions(people, firm, monkeypatch) -> list[tuple[Any, Any, dict[str, Any]]]:
    """Who asked what, on pages that a rep and her director open."""
    asked: dict[str, tuple[Any, Any, dict[str, Any]]] = {}

    def noted(person, query, arguments):
        asked[f"{person.user_id} {query.__qualname__} {arguments}"] = person, query, arguments
        return kept(person, query, arguments)

    monkeypatch.setattr(desk, "kept", noted)
    customer, deal, case = firm
    for person in (people.anna, people.dana):
        opened("pages/work/overview.py", person)
        opened("pages/sales/customers.py", person)
        opened("pages/sales/customer.py", person, customer=customer.id)
        opened("pages/sales/opportunity.py", person, opportunity=deal.id)
        opened("pages/sales/pipeline.py", person, show="board")
        opened("pages/service/case.py", person, case=case.id)
        opened("pages/service/cases.py", person, show="list")
        opened("pages/work/calendar.py", person, show="week")
        opened("pages/work/inbox.py", person)
    return list(asked.values())


def fresh(question):
    person, query, arguments = question
    with open_as(person.actor) as session:
        return query(session, **arguments)


def same(one: Any, other: Any) -> bool:
    if type(one) is not type(other):
        return False
    if isinstance(one, pd.DataFrame | pd.Series):
        return bool(one.equals(other)) or one.to_csv() == other.to_csv()
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(same, one, other))
    if dataclasses.is_dataclass(one):
        return all(same(getattr(one, field.name), getattr(other, field.name)) for field in dataclasses.fields(one))
    if isinstance(one, Base):
        return all(same(getattr(one, column.key), getattr(other, column.key)) for column in one.__table__.columns)
    equal = one == other
    return equal if isinstance(equal, bool) else repr(one) == repr(other)


def rename(people, customer, *_):
    with open_as(people.ben.actor) as session:
        get(session, Customer, customer.id).name = "Borealis"


def note(people, customer, deal, case):
    with open_as(people.dana.actor) as session:
        comment(session, case.id, CommentInput(text="We look at it tomorrow."))


def tell(people, *_):
    with open_as(people.ben.actor) as session:
        send_message(session, MessageInput(to=[people.anna.id], text="See me, please."))


def derive(people, customer, *_):
    with open_as(people.eve.actor) as session:
        refresh_base(session, TODAY)


def ask_more(people, *_):
    with open_as(people.ada.actor) as session:
        add_custom_field(session, "customer", CustomFieldInput(label="Shoe size", kind="number"))


WRITES = {
    "a renamed customer": rename,
    "an order": lambda people, customer, *_: an_order(customer, Decimal(250)),
    "an activity": lambda people, customer, *_: an_activity(customer, people.ben, outcome="reached"),
    "a deal": lambda people, customer, *_: an_opportunity(people.anna, customer, name="Second"),
    "a case": lambda people, customer, *_: a_case(people.anna, customer),
    "a comment": note,
    "a contact": lambda people, customer, *_: a_contact(customer, "Li Na"),
    "a contract": lambda people, customer, *_: a_contract(people.anna, customer, 900, TODAY),
    "a message": tell,
    "derived figures": derive,
    "a field of the firm": ask_more,
}


def test_an_answer_that_has_changed_does_not_stand(people, firm, questions):
    assert len(questions) > 60
    before, told = [fresh(one) for one in questions], set()
    for name, write in WRITES.items():
        again = [fresh(one) for one in questions]
        KEPT.clear()
        person = {one.user_id: who(open_browser_session(one.user_id)) for one, _, _ in questions}
        for asker, query, arguments in questions:
            kept(person[asker.user_id], query, arguments)
        write(people, *firm)
        person = {one.user_id: who(open_browser_session(one.user_id)) for one, _, _ in questions}
        after = [fresh(one) for one in questions]
        for question, first, second, third in zip(questions, before, again, after, strict=True):
            if same(first, second) and not same(second, third):
                told.add(name)
                asker, query, arguments = question
                assert same(kept(person[asker.user_id], query, arguments), third), (name, query.__qualname__, arguments)
        before = after
    assert told == set(WRITES), "every write changes something that a page shows"
