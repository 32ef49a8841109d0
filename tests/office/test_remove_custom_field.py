import pytest

from crm.customers.models import Customer
from crm.errors import Refused
from crm.office.commands import remove_custom_field
from crm.office.queries import custom_fields
from crm.session import get, open_as
from tests.factories import a_customer


def test_the_values_stay_and_it_says_how_many(people, shoe_size):
    held = a_customer(people.anna, custom={"shoe_size": "42"})
    a_customer(people.chen, custom={"shoe_size": "38"})
    a_customer(people.chen)
    with open_as(people.ada.actor) as session:
        assert remove_custom_field(session, shoe_size) == 2
        assert custom_fields(session, "customer") == []
    with open_as(people.anna.actor) as session:
        assert get(session, Customer, held.id).custom == {"shoe_size": "42"}


def test_refused_for_whoever_is_no_administrator(people, shoe_size):
    with pytest.raises(Refused), open_as(people.dana.actor) as session:
        remove_custom_field(session, shoe_size)
