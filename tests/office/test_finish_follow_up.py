import datetime as dt

import pytest

from crm.errors import Invalid, NotFound, Refused
from crm.office.commands import finish_follow_up
from crm.office.queries import due_follow_ups
from crm.session import open_as
from tests.factories import TODAY, a_customer, a_note

BEFORE, AFTER = TODAY - dt.timedelta(days=3), TODAY + dt.timedelta(days=3)


def test_it_works(people, customer):
    due = a_note(customer, people.anna, follow_up="Send the quote", follow_up_on=TODAY)
    with open_as(people.anna.actor) as session:
        assert due_follow_ups(session, TODAY)["id"].tolist() == [due.id]
        finish_follow_up(session, due.id)
        assert due_follow_ups(session, TODAY).empty


def test_it_cannot_be_finished_twice(people, customer):
    due = a_note(customer, people.anna, follow_up="Send the quote", follow_up_on=TODAY)
    with pytest.raises(Invalid), open_as(people.anna.actor) as session:
        finish_follow_up(session, due.id)
        finish_follow_up(session, due.id)


def test_refused_for_a_stranger(people, customer):
    due = a_note(customer, people.anna, follow_up_on=TODAY)
    with pytest.raises(NotFound), open_as(people.chen.actor) as session:
        finish_follow_up(session, due.id)


def test_refused_for_a_reader(people, customer):
    due = a_note(customer, people.anna, follow_up_on=TODAY)
    with pytest.raises(Refused), open_as(people.amir.actor) as session:
        finish_follow_up(session, due.id)


def test_the_most_overdue_come_first_and_later_ones_not_at_all(people, customer):
    today = a_note(customer, people.anna, "today", follow_up_on=TODAY)
    late = a_note(customer, people.anna, "late", follow_up_on=BEFORE)
    a_note(customer, people.anna, "not yet", follow_up_on=AFTER)
    a_note(customer, people.anna, "no follow-up")
    with open_as(people.anna.actor) as session:
        found = due_follow_ups(session, TODAY)
        assert found["id"].tolist() == [late.id, today.id]
        assert found["subject_id"].tolist() == [customer.id, customer.id]


def test_they_belong_to_who_owns_the_customer_now(people, customer):
    """anna wrote it, chen has the customer since."""
    handed_over = a_customer(people.chen)
    a_note(customer, people.anna, follow_up_on=TODAY)
    inherited = a_note(handed_over, people.anna, follow_up_on=TODAY)
    with open_as(people.dana.actor) as session:
        assert len(due_follow_ups(session, TODAY)) == 2
        assert due_follow_ups(session, TODAY, owner_id=people.chen.id)["id"].tolist() == [inherited.id]
