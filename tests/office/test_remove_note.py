import pytest

from crm.errors import NotFound, Refused
from crm.office.commands import remove_note
from crm.office.queries import notes_of
from crm.session import history_of, open_as
from tests.factories import a_note


def test_it_works(people, customer):
    gone, kept = a_note(customer, people.anna, "wrong customer"), a_note(customer, people.anna, "right one")
    with open_as(people.anna.actor) as session:
        remove_note(session, gone.id)
    with open_as(people.anna.actor) as session:
        assert notes_of(session, "customer", customer.id)["id"].tolist() == [kept.id]
        assert "delete" in [entry.action for entry in history_of(session, customer)]


def test_refused_for_a_stranger(people, customer):
    written = a_note(customer, people.anna)
    with pytest.raises(NotFound), open_as(people.chen.actor) as session:
        remove_note(session, written.id)


def test_refused_for_a_reader(people, customer):
    written = a_note(customer, people.anna)
    with pytest.raises(Refused), open_as(people.amir.actor) as session:
        remove_note(session, written.id)
