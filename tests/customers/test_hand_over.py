import pytest

from crm.customers.commands import Assignment, hand_over
from crm.customers.queries import customer_list, owners
from crm.errors import Refused
from crm.session import open_as
from tests.factories import a_customer


def leave(person, leaving, to):
    with open_as(person.actor) as session:
        return hand_over(session, leaving.id, Assignment(owner_id=to.id, reason="Anna leaves"))


def test_it_works(people, customer):
    a_customer(people.anna, name="Borealis")
    a_customer(people.chen, name="Cascade")
    assert leave(people.ben, people.anna, people.ben) == 2
    with open_as(people.anna.actor) as session:
        assert customer_list(session).empty
    with open_as(people.ben.actor) as session:
        assert customer_list(session, columns=("name", "owner"))["owner"].tolist() == ["Ben Okafor"] * 2
        assert owners(session, customer.id)["reason"].tolist() == ["Anna leaves", "created"]


def test_a_stranger_hands_over_nothing(people, customer):
    with open_as(people.dana.actor) as session:
        assert hand_over(session, people.emil.id, Assignment(owner_id=people.chen.id, reason="Emil leaves")) == 0


def test_refused_for_a_reader(people, customer):
    with pytest.raises(Refused):
        leave(people.amir, people.anna, people.ben)


def test_nobody_to_hand_over_is_no_error(people):
    assert leave(people.ben, people.anna, people.ben) == 0
