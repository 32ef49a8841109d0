import pytest

from crm.customers.commands import delete_customers
from crm.customers.queries import customer as one
from crm.customers.queries import customer_list
from crm.session import open_as
from tests.factories import a_contact, a_customer, an_order
from tests.pages.opened import keys, opened, texts

PAGE = "pages/sales/duplicates.py"


@pytest.fixture
def twins(people):
    first = a_customer(people.anna, name="Aurora Ltd", region="North")
    second = a_customer(people.anna, name="Aurora GmbH", region="South", level="vip")
    an_order(second, 10)
    a_contact(second)
    return first, second


def test_it_works(people, twins):
    at = opened(PAGE, people.ben)
    assert "1 pair may be one customer each" in texts(at)
    assert at.dataframe[0].value[["name", "other"]].values.tolist() == [["Aurora Ltd", "Aurora GmbH"]]


def test_looked_at_side_by_side_and_made_one(people, twins):
    at = opened(PAGE, people.ben, keep=twins[0].id, merge=twins[1].id)
    seen = texts(at)
    assert "Aurora GmbH goes into Aurora Ltd" in seen
    assert "Moves along: Contact: 1, Order: 1." in seen
    at.radio(key="merge.region").set_value("South")
    at.button(key="merge.yes").click().run()
    with open_as(people.anna.actor) as session:
        kept = one(session, twins[0].id)
        assert (kept.name, kept.region, kept.level) == ("Aurora Ltd", "South", "vip")
        assert len(customer_list(session)) == 1
    assert "No two records look like one customer." in texts(at)


def test_swapped_and_left_apart(people, twins):
    at = opened(PAGE, people.ben, keep=twins[0].id, merge=twins[1].id)
    at.button(key="merge.swap").click().run()
    assert "Aurora Ltd goes into Aurora GmbH" in texts(at)
    at.button(key="merge.no").click().run()
    assert "merge.yes" not in keys(at)
    with open_as(people.anna.actor) as session:
        assert len(customer_list(session)) == 2


def test_somebody_elses_record_shows_nothing(people, twins):
    foreign = a_customer(people.chen, name="Secret")
    at = opened(PAGE, people.ben, keep=twins[0].id, merge=foreign.id)
    assert "merge.yes" not in keys(at)
    assert "Secret" not in texts(at)


def test_a_rep_does_not_come_in(people, twins):
    assert opened(PAGE, people.anna).error[0].value == "Your role does not open this page."


def test_deleted_and_restored(people, twins):
    with open_as(people.ben.actor) as session:
        delete_customers(session, [twins[0].id])
    at = opened(PAGE, people.ben)
    at.session_state["duplicates.tabs"] = "Deleted"
    at.run()
    assert at.dataframe[0].value["name"].tolist() == ["Aurora Ltd"]
    at.session_state["deleted.table"] = {"selection": {"rows": [0], "columns": [], "cells": []}}
    at.run()
    next(button for button in at.button if button.label == "Restore").click().run()
    with open_as(people.anna.actor) as session:
        assert len(customer_list(session)) == 2
