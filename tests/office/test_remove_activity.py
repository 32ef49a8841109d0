import pytest

from crm.errors import NotFound, Refused
from crm.office.commands import remove_activity
from crm.office.queries import activities_of
from crm.session import history_of, open_as
from tests.factories import an_activity


def test_it_works(people, customer):
    gone, kept = an_activity(customer, people.anna, "wrong customer"), an_activity(customer, people.anna, "right one")
    with open_as(people.anna.actor) as session:
        remove_activity(session, gone.id)
    with open_as(people.anna.actor) as session:
        assert activities_of(session, "customer", customer.id)["id"].tolist() == [kept.id]
        assert "delete" in [entry.action for entry in history_of(session, customer)]


def test_refused_for_a_stranger(people, customer):
    written = an_activity(customer, people.anna)
    with pytest.raises(NotFound), open_as(people.chen.actor) as session:
        remove_activity(session, written.id)


def test_refused_for_a_reader(people, customer):
    written = an_activity(customer, people.anna)
    with pytest.raises(Refused), open_as(people.amir.actor) as session:
        remove_activity(session, written.id)
