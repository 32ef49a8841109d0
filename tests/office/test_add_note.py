import datetime as dt

import pytest
from pydantic import ValidationError

from crm.errors import Invalid, NotFound, Refused
from crm.office.commands import NoteInput, add_note
from crm.office.queries import notes_of, pinned
from crm.session import history_of, open_as
from tests.factories import a_share

DAY = dt.date(2025, 5, 20)


def call(**changes) -> NoteInput:
    return NoteInput(**{"kind": "call", "happened_on": DAY, "text": "Asked for a quote"} | changes)


def test_it_works(people, customer):
    with open_as(people.anna.actor) as session:
        add_note(session, "customer", customer.id, call(happened_on=DAY - dt.timedelta(days=1), text="First call", pinned=True))
        added = add_note(session, "customer", customer.id, call(text="  Asked for a quote "))
        assert [entry.action for entry in history_of(session, added)] == ["create"]
    with open_as(people.ben.actor) as session:
        notes = notes_of(session, "customer", customer.id)
        assert notes["text"].tolist() == ["Asked for a quote", "First call"]
        assert notes["author"].tolist() == ["Anna Lindqvist", "Anna Lindqvist"]
        assert notes["kind"].tolist() == ["call", "call"]
        assert pinned(session, "customer", customer.id)["text"].tolist() == ["First call"]


def test_refused_for_a_stranger_as_if_the_customer_did_not_exist(people, customer):
    with pytest.raises(NotFound), open_as(people.chen.actor) as session:
        add_note(session, "customer", customer.id, call())
    with open_as(people.chen.actor) as session:
        assert notes_of(session, "customer", customer.id).empty


def test_refused_for_a_reader(people, customer):
    with pytest.raises(Refused), open_as(people.amir.actor) as session:
        add_note(session, "customer", customer.id, call())


def test_whoever_is_shown_a_customer_may_write_about_him(people, customer):
    a_share(customer, user_id=people.chen.id)
    with open_as(people.chen.actor) as session:
        add_note(session, "customer", customer.id, call(text="Met at the fair"))
    with open_as(people.anna.actor) as session:
        assert notes_of(session, "customer", customer.id)["author"].tolist() == ["Chen Wei"]


def test_a_follow_up_needs_its_day(people, customer):
    with pytest.raises(Invalid) as refusal, open_as(people.anna.actor) as session:
        add_note(session, "customer", customer.id, call(follow_up="Send the quote"))
    assert refusal.value.field == "follow_up_on"


def test_what_happened_lies_not_in_the_future(people, customer):
    with pytest.raises(Invalid) as refusal, open_as(people.anna.actor) as session:
        add_note(session, "customer", customer.id, call(happened_on=dt.date.today() + dt.timedelta(days=2)))
    assert refusal.value.field == "happened_on"


def test_an_empty_text_is_no_note():
    with pytest.raises(ValidationError):
        call(text="   ")


def test_notes_hang_only_on_records_with_an_owner(people):
    with pytest.raises(Invalid), open_as(people.anna.actor) as session:
        add_note(session, "product", 1, call())
