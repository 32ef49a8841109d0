"""What one person has before him, on whatever record, and what he did."""

import datetime as dt

from crm.office.commands import LoggedActivity, log_activity, take_back
from crm.office.queries import activities_of, agenda, done_on
from crm.session import open_as
from tests.factories import TODAY, a_customer, an_activity, an_opportunity


def test_mine_and_on_what_i_have_in_the_order_of_the_day(people):
    loyal, others = a_customer(people.anna, name="Loyal"), a_customer(people.chen)
    deal = an_opportunity(people.anna, loyal, name="Strings")
    an_activity(loyal, people.ben, topic="Noon", planned_on=TODAY, starts_at=dt.time(12))
    an_activity(loyal, people.anna, topic="Late", planned_on=TODAY - dt.timedelta(3))
    an_activity(loyal, people.anna, topic="Deal", planned_on=TODAY, subject_type="opportunity", subject_id=deal.id)
    an_activity(loyal, people.anna, topic="Not yet", planned_on=TODAY + dt.timedelta(1))
    an_activity(others, people.chen, topic="Of chen", planned_on=TODAY)
    with open_as(people.anna.actor) as session:
        found = agenda(session, people.anna.id, TODAY)
    assert found[["name", "topic"]].values.tolist() == [["Loyal", "Late"], ["Strings", "Deal"], ["Loyal", "Noon"]]


def test_what_i_did_on_a_day(people):
    loyal = a_customer(people.anna, name="Loyal")
    an_activity(loyal, people.anna, "First")
    an_activity(loyal, people.ben, "Of ben")
    an_activity(loyal, people.anna, "Before", happened_on=TODAY - dt.timedelta(1))
    with open_as(people.anna.actor) as session:
        assert done_on(session, people.anna.id, TODAY)[["name", "text"]].values.tolist() == [["Loyal", "First"]]


def test_taken_back_with_what_should_have_come_next(people):
    loyal = a_customer(people.anna, name="Loyal")
    details = LoggedActivity(kind="call", outcome="reached", happened_on=TODAY, next_on=TODAY + dt.timedelta(7))
    with open_as(people.anna.actor) as session:
        done = log_activity(session, "customer", loyal.id, details)
        assert len(activities_of(session, "customer", loyal.id)) == 2
        take_back(session, done.id)
        assert activities_of(session, "customer", loyal.id).empty
