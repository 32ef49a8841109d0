import pytest

from crm.customers.commands import delete_customers, merge, restore_customers
from crm.customers.filters import CustomerFilter
from crm.customers.queries import customer as one
from crm.customers.queries import (
    customer_list,
    customer_totals,
    deleted,
    headline,
    movers,
    order_list,
    order_totals,
    orders_of,
    revenue_by_month,
    search_everything,
)
from crm.errors import Invalid, NotFound, Refused
from crm.session import history_of, open_as
from tests.factories import TODAY, a_contact, a_customer, an_order


def delete(person, *customers):
    with open_as(person.actor) as session:
        return delete_customers(session, [one.id for one in customers])


def restore(person, *customers):
    with open_as(person.actor) as session:
        return restore_customers(session, [one.id for one in customers])


def test_it_works(people, customer):
    an_order(customer, 10)
    assert delete(people.ben, customer) == 1
    with open_as(people.anna.actor) as session:
        assert customer_list(session).empty
        assert search_everything(session, "aurora") == []
        assert deleted(session)["name"].tolist() == ["Aurora Music Ltd"]
        with pytest.raises(NotFound):
            one(session, customer.id)
    assert restore(people.ben, customer) == 1
    with open_as(people.anna.actor) as session:
        assert customer_list(session)["name"].tolist() == ["Aurora Music Ltd"]
        assert orders_of(session, customer.id)["amount"].tolist() == [10.0]
        assert [entry.action for entry in history_of(session, customer)][:2] == ["restore", "delete"]
        assert deleted(session).empty


def test_refused_for_a_stranger(people, customer):
    foreign = a_customer(people.emil)
    with pytest.raises(NotFound):
        delete(people.dana, customer, foreign)
    with open_as(people.anna.actor) as session:
        assert len(customer_list(session)) == 1
    delete(people.eve, foreign)
    with pytest.raises(NotFound):
        restore(people.dana, foreign)


def test_refused_for_a_rep_and_for_readers(people, customer):
    for person in (people.anna, people.amir, people.gia):
        with pytest.raises(Refused):
            delete(person, customer)
    delete(people.ben, customer)
    with pytest.raises(Refused):
        restore(people.anna, customer)


def test_no_figure_counts_what_no_row_shows(people, customer):
    a_contact(customer, "Zhang Min")
    an_order(customer, 10, number="SO-1")
    an_order(a_customer(people.anna), 5)
    delete(people.ben, customer)
    with open_as(people.anna.actor) as session:
        assert customer_totals(session)["customers"] == 1
        assert len(order_list(session)) == order_totals(session)["orders"] == 1
        assert sum(order_totals(session)["amounts"].values()) == 5
        assert headline(session, TODAY)["revenue"][0] == 5
        assert headline(session, TODAY)["buyers"][0] == 1
        assert revenue_by_month(session, TODAY)["revenue"].sum() == 5
        assert movers(session, TODAY)["now"].tolist() == [5]
        assert search_everything(session, "zhang") == search_everything(session, "SO-1") == []
        assert customer_list(session, CustomerFilter(search="zhang")).empty


def test_what_was_merged_is_not_restored_but_undone(people, customer):
    other = a_customer(people.anna)
    with open_as(people.ben.actor) as session:
        merge(session, customer.id, other.id)
        assert deleted(session).empty
    with pytest.raises(Invalid, match="undo the merge"):
        restore(people.ben, other)
