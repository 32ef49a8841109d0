import datetime as dt

import pytest

from crm.errors import NotFound, Refused
from crm.office.commands import PlannedActivity, plan_activity
from crm.office.queries import activities_of
from crm.session import open_as
from tests.factories import TODAY, an_activity

VISIT = PlannedActivity(kind="visit", topic="Show the new model", planned_on=TODAY)


def test_it_works(people, customer):
    with open_as(people.anna.actor) as session:
        plan_activity(session, "customer", customer.id, VISIT)
    with open_as(people.ben.actor) as session:
        found = activities_of(session, "customer", customer.id).iloc[0]
        assert (found["kind"], found["topic"], found["planned_on"]) == ("visit", "Show the new model", TODAY)
        assert (found["happened_on"], found["author"]) == (None, "Anna Lindqvist")


def test_refused_for_a_stranger(people, customer):
    with pytest.raises(NotFound), open_as(people.chen.actor) as session:
        plan_activity(session, "customer", customer.id, VISIT)


def test_refused_for_a_reader(people, customer):
    with pytest.raises(Refused), open_as(people.amir.actor) as session:
        plan_activity(session, "customer", customer.id, VISIT)


def test_planned_ones_stand_on_top_the_next_one_first(people, customer):
    done = an_activity(customer, people.anna)
    later = an_activity(customer, people.anna, planned_on=TODAY + dt.timedelta(9))
    sooner = an_activity(customer, people.anna, planned_on=TODAY + dt.timedelta(2))
    before = an_activity(customer, people.anna, happened_on=TODAY - dt.timedelta(1))
    with open_as(people.anna.actor) as session:
        found = activities_of(session, "customer", customer.id)["id"].tolist()
    assert found == [sooner.id, later.id, done.id, before.id]
