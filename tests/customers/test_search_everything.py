import datetime as dt

import pytest

from crm.customers.commands import ContactDetails, save_contact
from crm.customers.queries import search_everything
from crm.session import open_as
from tests.factories import a_customer, an_order


def find(person, words, limit=6):
    with open_as(person.actor) as session:
        return [(hit.kind, hit.title, hit.detail) for hit in search_everything(session, words, limit)]


@pytest.fixture
def stocked(people, customer):
    an_order(customer, 10, number="SO0000042", on=dt.date(2026, 6, 1))
    with open_as(people.anna.actor) as session:
        save_contact(session, customer.id, ContactDetails(name="Élodie 王", phone="555 777"))
    return customer


def test_it_works(people, stocked):
    assert find(people.anna, "auro") == [("customer", "Aurora Music Ltd", stocked.code)]
    assert find(people.anna, "555 7")[-1] == ("contact", "Élodie 王", "Aurora Music Ltd")
    with open_as(people.anna.actor) as session:
        (order,) = search_everything(session, "SO00000")
    assert (order.kind, order.customer_id, order.day) == ("order", stocked.id, dt.date(2026, 6, 1))
    assert order.title == "SO0000042 · Aurora Music Ltd"


def test_a_few_letters_or_digits_are_enough_whatever_the_case(people, stocked):
    for words, kind in (("王", "contact"), ("élodie", "contact"), ("Élod", "contact"), ("so000004", "order"), ("777", "contact")):
        assert (words, kind) in {(words, hit[0]) for hit in find(people.anna, words)}


def test_a_stranger_finds_nothing(people, stocked):
    assert find(people.chen, "aurora") == find(people.chen, "SO00000") == find(people.chen, "王") == []


def test_a_reader_finds_as_much(people, stocked):
    assert find(people.amir, "aurora") == find(people.anna, "aurora")


def test_names_that_begin_so_come_first(people):
    for name in ("Great Tools", "Tools and more", "My tools"):
        a_customer(people.anna, name=name)
    assert find(people.anna, "tools")[0][1] == "Tools and more"


def test_the_best_few_only(people):
    for number in range(8):
        a_customer(people.anna, name=f"Firm {number}")
    assert len(find(people.anna, "firm")) == 6


def test_signs_are_signs(people, stocked):
    assert find(people.anna, "%%%") == find(people.anna, "___") == []
