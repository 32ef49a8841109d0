import datetime as dt

import pytest

from crm.errors import Invalid, NotFound, Refused, Stale
from crm.office.commands import ActivityDetails, ActivityResult, edit_activity, finish_activity
from crm.office.queries import activities_of, activity
from crm.session import open_as
from tests.factories import TODAY, a_share, an_activity

LATER = ActivityDetails(kind="visit", happened_on=dt.date(2025, 5, 21), text="Visited instead")


def test_it_works(people, customer):
    written = an_activity(customer, people.anna)
    with open_as(people.anna.actor) as session:
        edit_activity(session, written.id, LATER, written.version)
    with open_as(people.anna.actor) as session:
        row = activities_of(session, "customer", customer.id).iloc[0]
        assert (row["kind"], row["text"], row["version"]) == ("visit", "Visited instead", written.version + 1)


def test_the_lead_may_correct_it(people, customer):
    written = an_activity(customer, people.anna)
    with open_as(people.ben.actor) as session:
        edit_activity(session, written.id, LATER, written.version)
    with open_as(people.ben.actor) as session:
        assert activity(session, written.id).author_id == people.anna.id


def test_refused_for_a_stranger(people, customer):
    written = an_activity(customer, people.anna)
    with pytest.raises(NotFound), open_as(people.chen.actor) as session:
        edit_activity(session, written.id, LATER, written.version)


def test_refused_for_a_reader(people, customer):
    written = an_activity(customer, people.anna)
    with pytest.raises(Refused), open_as(people.amir.actor) as session:
        edit_activity(session, written.id, LATER, written.version)


def test_refused_for_a_colleague_the_customer_is_shared_with(people, customer):
    written = an_activity(customer, people.anna)
    a_share(customer, user_id=people.chen.id, may_change=True)
    with pytest.raises(Refused), open_as(people.chen.actor) as session:
        edit_activity(session, written.id, LATER, written.version)


def test_a_second_save_is_told_what_the_first_one_was(people, customer):
    written = an_activity(customer, people.anna, "Called")
    same = {"kind": "call", "happened_on": TODAY - dt.timedelta(400)}
    with open_as(people.ben.actor) as session:
        edit_activity(session, written.id, ActivityDetails(text="By Ben", **same), 1)
    with pytest.raises(Stale) as conflict, open_as(people.anna.actor) as session:
        edit_activity(session, written.id, ActivityDetails(text="By Anna", **same), 1)
    assert conflict.value.by == "Ben Okafor"
    assert (conflict.value.mine, conflict.value.theirs) == ({"text": "By Anna"}, {"text": "By Ben"})


def test_without_the_day_on_which_it_happened_it_is_open_again(people, customer):
    due = {"kind": "call", "topic": "Call again"}
    planned = an_activity(customer, people.anna, planned_on=dt.date(2025, 6, 1), **due)
    with open_as(people.anna.actor) as session:
        finish_activity(session, planned.id, ActivityResult(happened_on=dt.date(2025, 6, 1)), 1)
        assert activity(session, planned.id).happened_on == dt.date(2025, 6, 1)
        edit_activity(session, planned.id, ActivityDetails(**due, planned_on=dt.date(2025, 7, 1)), 2)
        assert activity(session, planned.id).happened_on is None


def test_it_is_planned_for_a_day_or_happened_on_one(people, customer):
    written = an_activity(customer, people.anna)
    with pytest.raises(Invalid) as refusal, open_as(people.anna.actor) as session:
        edit_activity(session, written.id, ActivityDetails(text="Some day"), written.version)
    assert refusal.value.field == "planned_on"
    with pytest.raises(Invalid) as refusal, open_as(people.anna.actor) as session:
        tomorrow = ActivityDetails(happened_on=dt.date.today() + dt.timedelta(2))
        edit_activity(session, written.id, tomorrow, written.version)
    assert refusal.value.field == "happened_on"
