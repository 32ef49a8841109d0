import datetime as dt

import pytest

from crm.access import SYSTEM
from crm.office.models import Activity
from crm.pipeline.commands import DealMember, save_member
from crm.pipeline.queries import changeable, next_steps
from crm.session import open_as
from tests.factories import TODAY, a_share, an_opportunity


@pytest.fixture
def deals(people, day, customer):
    """name -> id; the customer is anna's, shared with chen"""
    a_share(customer, user_id=people.chen.id)
    owners = {"anna's": people.anna, "ben's": people.ben, "chen's": people.chen}
    return {name: an_opportunity(owner, customer, name=name).id for name, owner in owners.items()}


def planned(deal, person, day, **changes):
    with open_as(SYSTEM) as session:
        about = {"subject_type": "opportunity", "subject_id": deal, "author_id": person.id, "kind": "call"}
        session.add(Activity(**about | {"planned_on": day} | changes))


def test_the_earliest_of_what_is_still_to_be_done(people, customer, deals):
    one = deals["anna's"]
    planned(one, people.anna, TODAY + dt.timedelta(9), topic="Later")
    planned(one, people.anna, TODAY + dt.timedelta(2), topic="Sooner")
    planned(one, people.anna, TODAY - dt.timedelta(3), topic="Done", happened_on=TODAY)
    planned(customer.id, people.anna, TODAY, subject_type="customer", topic="Of the customer")
    with open_as(people.anna.actor) as session:
        found = next_steps(session, list(deals.values()))
    assert found[["opportunity_id", "topic"]].values.tolist() == [[one, "Sooner"]]
    with open_as(people.emil.actor) as session:
        assert next_steps(session, list(deals.values())).empty


@pytest.mark.parametrize(
    ("name", "theirs"),
    [
        ("anna", {"anna's"}),
        ("ben", {"anna's", "ben's"}),
        ("dana", {"anna's", "ben's", "chen's"}),
        ("eve", {"anna's", "ben's", "chen's"}),
        ("amir", set()),
        ("emil", set()),
    ],
)
def test_whose_deals_can_be_changed(people, deals, name, theirs):
    with open_as(getattr(people, name).actor) as session:
        assert set(changeable(session, list(deals.values()))) == {deals[one] for one in theirs}


def test_who_is_in_the_team_of_a_deal_changes_it_too(people, deals):
    with open_as(people.ben.actor) as session:
        save_member(session, deals["ben's"], DealMember(user_id=people.anna.id))
    with open_as(people.anna.actor) as session:
        assert set(changeable(session, list(deals.values()))) == {deals["anna's"], deals["ben's"]}
