import datetime as dt

import pytest

from crm.errors import Invalid, NotFound, Refused, Stale
from crm.office.commands import ActivityDetails, ActivityResult, edit_activity, finish_activity
from crm.office.queries import activities_of, activity, due_activities
from crm.session import open_as
from tests.factories import TODAY, a_customer, a_share, an_activity

BEFORE, AFTER = TODAY - dt.timedelta(days=3), TODAY + dt.timedelta(days=3)
DONE = ActivityResult(happened_on=dt.date(2025, 6, 2))


def test_it_works(people, customer):
    due = an_activity(customer, people.anna, topic="Send the quote", planned_on=TODAY)
    with open_as(people.anna.actor) as session:
        assert due_activities(session, TODAY)["id"].tolist() == [due.id]
        finish_activity(session, due.id, DONE, due.version)
        assert due_activities(session, TODAY).empty


def test_with_its_result_and_what_comes_next(people, customer):
    due = an_activity(customer, people.anna, topic="Send the quote", planned_on=TODAY)
    result = {"text": "Too dear", "outcome": "postponed", "minutes": 15, "next_action": "Ask again", "next_on": AFTER}
    with open_as(people.anna.actor) as session:
        finish_activity(session, due.id, ActivityResult(happened_on=dt.date(2025, 6, 2), **result), due.version)
    with open_as(people.anna.actor) as session:
        planned, done = activities_of(session, "customer", customer.id).to_dict("records")
    assert (done["topic"], done["planned_on"], done["text"]) == ("Send the quote", TODAY, "Too dear")
    assert (done["outcome"], done["minutes"]) == ("postponed", 15)
    assert (planned["kind"], planned["topic"], planned["planned_on"]) == ("task", "Ask again", AFTER)
    assert planned["previous_id"] == due.id


def test_it_cannot_be_finished_twice(people, customer):
    due = an_activity(customer, people.anna, topic="Send the quote", planned_on=TODAY)
    with pytest.raises(Invalid), open_as(people.anna.actor) as session:
        finish_activity(session, due.id, DONE, 1)
        finish_activity(session, due.id, DONE, 2)


def test_refused_for_a_stranger(people, customer):
    due = an_activity(customer, people.anna, planned_on=TODAY)
    with pytest.raises(NotFound), open_as(people.chen.actor) as session:
        finish_activity(session, due.id, DONE, due.version)


def test_refused_for_a_reader(people, customer):
    due = an_activity(customer, people.anna, planned_on=TODAY)
    with pytest.raises(Refused), open_as(people.amir.actor) as session:
        finish_activity(session, due.id, DONE, due.version)


def test_refused_for_whoever_only_sees_the_customer(people, customer):
    due = an_activity(customer, people.anna, planned_on=TODAY)
    a_share(customer, user_id=people.chen.id)
    with pytest.raises(Refused), open_as(people.chen.actor) as session:
        finish_activity(session, due.id, DONE, due.version)


def test_what_the_lead_planned_is_done_by_the_owner(people, customer):
    due = an_activity(customer, people.ben, topic="Visit them", planned_on=TODAY)
    with open_as(people.anna.actor) as session:
        finish_activity(session, due.id, DONE, due.version)
    with open_as(people.ben.actor) as session:
        assert activity(session, due.id).author_id == people.anna.id


def test_who_was_overtaken_sees_both(people, customer):
    due = an_activity(customer, people.anna, topic="Send the quote", planned_on=TODAY)
    with open_as(people.ben.actor) as session:
        edit_activity(session, due.id, ActivityDetails(topic="Send it by post", planned_on=AFTER), due.version)
    with pytest.raises(Stale), open_as(people.anna.actor) as session:
        finish_activity(session, due.id, DONE, due.version)


def test_the_most_overdue_come_first_and_later_ones_not_at_all(people, customer):
    today = an_activity(customer, people.anna, topic="today", planned_on=TODAY)
    late = an_activity(customer, people.anna, topic="late", planned_on=BEFORE)
    an_activity(customer, people.anna, topic="not yet", planned_on=AFTER)
    an_activity(customer, people.anna, "done")
    with open_as(people.anna.actor) as session:
        found = due_activities(session, TODAY)
        assert found["id"].tolist() == [late.id, today.id]
        assert found["subject_id"].tolist() == [customer.id, customer.id]


def test_they_belong_to_who_owns_the_customer_now(people, customer):
    """anna wrote it, chen has the customer since."""
    handed_over = a_customer(people.chen)
    an_activity(customer, people.anna, planned_on=TODAY)
    inherited = an_activity(handed_over, people.anna, planned_on=TODAY)
    with open_as(people.dana.actor) as session:
        assert len(due_activities(session, TODAY)) == 2
        assert due_activities(session, TODAY, owner_id=people.chen.id)["id"].tolist() == [inherited.id]
