import datetime as dt
from decimal import Decimal

import pytest

from crm.customers.commands import CorporateDetails, RetailDetails, save_profile
from crm.customers.queries import profile
from crm.errors import Invalid, NotFound, Refused, Stale
from crm.session import history_of, open_as
from tests.factories import a_customer


def save(person, customer, details, version=0):
    with open_as(person.actor) as session:
        return save_profile(session, customer.id, details, version)


def test_it_works(people, customer):
    save(people.anna, customer, CorporateDetails(employees=12, annual_revenue=Decimal("1200000.5"), business_strategy="Grow"))
    save(people.anna, customer, CorporateDetails(employees=14, business_strategy="Grow"), 1)
    with open_as(people.ben.actor) as session:
        found = profile(session, customer.id)
        assert (found.employees, found.annual_revenue, found.business_strategy) == (14, None, "Grow")
        change = history_of(session, customer)[0]
    assert change.before == {"employees": 12, "annual_revenue": "1200000.5"}


def test_a_private_person_has_another_file(people):
    person = a_customer(people.anna, kind="retail")
    save(people.anna, person, RetailDetails(sex="female", birthday=dt.date(1990, 2, 28), education="master"))
    with open_as(people.anna.actor) as session:
        assert profile(session, person.id).birthday == dt.date(1990, 2, 28)


def test_refused_for_a_stranger(people, customer):
    with pytest.raises(NotFound):
        save(people.chen, customer, CorporateDetails(employees=1))


def test_refused_for_a_reader(people, customer):
    with pytest.raises(Refused):
        save(people.amir, customer, CorporateDetails(employees=1))


def test_the_second_save_is_refused_and_shows_both(people, customer):
    save(people.ben, customer, CorporateDetails(employees=12))
    with pytest.raises(Stale) as refusal:
        save(people.anna, customer, CorporateDetails(employees=13))
    assert (refusal.value.mine, refusal.value.theirs, refusal.value.by) == ({"employees": 13}, {"employees": 12}, "Ben Okafor")


def test_the_file_of_a_person_does_not_fit_a_firm(people, customer):
    """The kind was changed while somebody had the other form open."""
    with pytest.raises(Invalid):
        save(people.anna, customer, RetailDetails(sex="male"))
