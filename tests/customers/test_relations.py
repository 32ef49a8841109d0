import pytest

from crm.customers.commands import RelationDetails, relate, unrelate
from crm.customers.queries import neighbours, relations
from crm.errors import Invalid, NotFound, Refused
from crm.session import open_as
from tests.factories import a_customer, a_share


@pytest.fixture
def other(people):
    return a_customer(people.anna, name="Borealis")


def tie(person, customer, other, kind="supplier"):
    with open_as(person.actor) as session:
        return relate(session, customer.id, RelationDetails(kind=kind, other_id=other.id, remark="since 2020"))


def seen(person, customer):
    with open_as(person.actor) as session:
        found = relations(session, customer.id)
    return found[["from_name", "kind", "to_name"]].fillna("hidden").values.tolist() if len(found) else []


def test_it_works(people, customer, other):
    tie(people.anna, customer, other)
    both = [["Aurora Music Ltd", "supplier", "Borealis"]]
    assert seen(people.anna, customer) == seen(people.ben, other) == both


def test_refused_for_a_stranger(people, customer, other):
    for pair in ((customer, a_customer(people.chen)), (a_customer(people.chen), customer)):
        with pytest.raises(NotFound):
            tie(people.anna, *pair)
    assert seen(people.chen, customer) == []


def test_refused_for_a_reader(people, customer, other):
    with pytest.raises(Refused):
        tie(people.amir, customer, other)


def test_from_the_other_end_the_far_one_is_hidden_and_the_tie_stays(people, customer):
    foreign = a_customer(people.chen, name="Cascade")
    made = tie(people.dana, customer, foreign)
    assert seen(people.chen, foreign) == [["hidden", "supplier", "Cascade"]]
    assert seen(people.anna, customer) == [["Aurora Music Ltd", "supplier", "hidden"]]
    with pytest.raises(Refused), open_as(people.chen.actor) as session:
        unrelate(session, made.id)
    with open_as(people.anna.actor) as session:
        unrelate(session, made.id)
    assert seen(people.dana, customer) == []


def test_a_customer_shared_with_me_brings_his_ties(people, customer, other):
    tie(people.anna, customer, other)
    a_share(customer, user_id=people.chen.id)
    assert seen(people.chen, customer) == [["Aurora Music Ltd", "supplier", "hidden"]]


def test_a_tie_is_known_once_in_each_kind(people, customer, other):
    tie(people.anna, customer, other)
    tie(people.anna, customer, other, "guarantor")
    with pytest.raises(Invalid, match="known already"):
        tie(people.anna, customer, other)


def test_nobody_is_tied_to_himself(people, customer):
    with pytest.raises(Invalid):
        tie(people.anna, customer, customer)


def test_the_net_goes_two_steps_out(people, customer, other):
    third, fourth = (a_customer(people.anna, name=name) for name in ("Cascade", "Delta"))
    for a, b in ((customer, other), (third, other), (third, fourth)):
        tie(people.anna, a, b)
    with open_as(people.anna.actor) as session:
        net = neighbours(session, customer.id)
        assert neighbours(session, a_customer(people.anna).id).empty
    assert net[["from_name", "to_name"]].values.tolist() == [["Aurora Music Ltd", "Borealis"], ["Cascade", "Borealis"]]
