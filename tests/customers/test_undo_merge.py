import datetime as dt
from decimal import Decimal

import pytest

from crm.customers.commands import CorporateDetails, CustomerDetails, edit_customer, merge, save_profile, undo_merge
from crm.customers.queries import contacts, customer_list, merges, orders_of, profile
from crm.customers.queries import customer as one
from crm.errors import Invalid, NotFound, Refused
from crm.session import open_as
from tests.factories import a_contact, a_customer, an_order


@pytest.fixture
def merged(people, customer, day):
    """The twin went into anna's customer, its name and region with it -> the merge"""
    twin = a_customer(people.anna, name="Aurora Records", region="North", converted_on=dt.date(2020, 1, 1))
    an_order(twin, 30, on=dt.date(2026, 6, 1))
    a_contact(twin, "Zhang Min")
    with open_as(people.ben.actor) as session:
        save_profile(session, twin.id, CorporateDetails(employees=12))
    with open_as(people.ben.actor) as session:
        return merge(session, customer.id, twin.id, ("name",))


def undo(person, merged):
    with open_as(person.actor) as session:
        return undo_merge(session, merged.id)


def test_it_works(people, customer, merged):
    back = undo(people.ben, merged)
    with open_as(people.anna.actor) as session:
        kept, again = one(session, customer.id), one(session, back.id)
        assert (kept.name, kept.region, kept.stage, kept.converted_on) == ("Aurora Music Ltd", None, "potential", None)
        assert (kept.order_count, kept.order_amount, kept.life_cycle) == (0, Decimal(0), "potential")
        assert (again.name, again.order_count, again.order_amount) == ("Aurora Records", 1, Decimal(30))
        assert (again.stage, again.converted_on, again.life_cycle) == ("transacting", dt.date(2020, 1, 1), "active")
        assert contacts(session, again.id)["name"].tolist() == ["Zhang Min"]
        assert contacts(session, customer.id).empty
        assert orders_of(session, customer.id).empty
        assert profile(session, again.id).employees == 12
        assert profile(session, customer.id) is None
        assert merges(session, customer.id).empty
        assert len(customer_list(session)) == 2


def test_the_day_of_conversion_comes_back(people, day):
    keep = a_customer(people.anna, stage="transacting", converted_on=dt.date(2024, 5, 6))
    other = a_customer(people.anna, stage="transacting", converted_on=dt.date(2023, 1, 1))
    with open_as(people.ben.actor) as session:
        made = merge(session, keep.id, other.id)
    undo(people.ben, made)
    with open_as(people.anna.actor) as session:
        assert one(session, keep.id).converted_on == dt.date(2024, 5, 6)


def test_refused_for_a_stranger(people):
    keep, other = a_customer(people.emil), a_customer(people.emil)
    with open_as(people.eve.actor) as session:
        made = merge(session, keep.id, other.id)
    with pytest.raises(NotFound):
        undo(people.ben, made)


def test_refused_for_a_rep_and_a_reader(people, merged):
    for person in (people.anna, people.amir):
        with pytest.raises(Refused):
            undo(person, merged)


def test_undone_once(people, merged):
    undo(people.ben, merged)
    with pytest.raises(Invalid, match="already"):
        undo(people.ben, merged)


def test_what_was_typed_since_stays(people, customer, merged):
    with open_as(people.anna.actor) as session:
        found = one(session, customer.id)
        values = {name: getattr(found, name) for name in CustomerDetails.model_fields} | {"industry": "Instruments"}
        edit_customer(session, customer.id, CustomerDetails(**values), found.version)
    undo(people.ben, merged)
    with open_as(people.anna.actor) as session:
        kept = one(session, customer.id)
        assert (kept.name, kept.region, kept.industry) == ("Aurora Music Ltd", None, "Instruments")


def test_a_later_order_stays_with_the_kept_record(people, customer, merged):
    an_order(customer, 5)
    back = undo(people.ben, merged)
    with open_as(people.anna.actor) as session:
        assert (one(session, customer.id).order_count, one(session, back.id).order_count) == (1, 1)
        assert one(session, customer.id).stage == "transacting"
