import datetime as dt

import pytest

from crm.errors import NotFound, Refused, Stale
from crm.office.commands import NoteInput, edit_note, finish_follow_up
from crm.office.queries import note, notes_of
from crm.session import open_as
from tests.factories import TODAY, a_note, a_share

LATER = NoteInput(kind="visit", happened_on=dt.date(2025, 5, 21), text="Visited instead")


def test_it_works(people, customer):
    written = a_note(customer, people.anna)
    with open_as(people.anna.actor) as session:
        edit_note(session, written.id, LATER, written.version)
    with open_as(people.anna.actor) as session:
        row = notes_of(session, "customer", customer.id).iloc[0]
        assert (row["kind"], row["text"], row["version"]) == ("visit", "Visited instead", written.version + 1)


def test_the_lead_may_correct_it(people, customer):
    written = a_note(customer, people.anna)
    with open_as(people.ben.actor) as session:
        edit_note(session, written.id, LATER, written.version)
    with open_as(people.ben.actor) as session:
        assert note(session, written.id).author_id == people.anna.id


def test_refused_for_a_stranger(people, customer):
    written = a_note(customer, people.anna)
    with pytest.raises(NotFound), open_as(people.chen.actor) as session:
        edit_note(session, written.id, LATER, written.version)


def test_refused_for_a_reader(people, customer):
    written = a_note(customer, people.anna)
    with pytest.raises(Refused), open_as(people.amir.actor) as session:
        edit_note(session, written.id, LATER, written.version)


def test_refused_for_a_colleague_the_customer_is_shared_with(people, customer):
    written = a_note(customer, people.anna)
    a_share(customer, user_id=people.chen.id, may_change=True)
    with pytest.raises(Refused), open_as(people.chen.actor) as session:
        edit_note(session, written.id, LATER, written.version)


def test_a_second_save_is_told_what_the_first_one_was(people, customer):
    written = a_note(customer, people.anna, "Called")
    with open_as(people.ben.actor) as session:
        edit_note(session, written.id, NoteInput(kind="call", happened_on=TODAY - dt.timedelta(400), text="By Ben"), 1)
    with pytest.raises(Stale) as conflict, open_as(people.anna.actor) as session:
        edit_note(session, written.id, NoteInput(kind="call", happened_on=TODAY - dt.timedelta(400), text="By Anna"), 1)
    assert conflict.value.by == "Ben Okafor"
    assert (conflict.value.mine, conflict.value.theirs) == ({"text": "By Anna"}, {"text": "By Ben"})


def test_a_follow_up_that_is_set_anew_is_open_again(people, customer):
    due = {"happened_on": dt.date(2025, 5, 1), "text": "Called", "follow_up": "Call again"}
    written = a_note(customer, people.anna, follow_up="Call again", follow_up_on=dt.date(2025, 6, 1))
    with open_as(people.anna.actor) as session:
        finish_follow_up(session, written.id)
        edit_note(session, written.id, NoteInput(**due, follow_up_on=dt.date(2025, 6, 1)), 2)
        assert note(session, written.id).done_at is not None
        edit_note(session, written.id, NoteInput(**due, follow_up_on=dt.date(2025, 7, 1)), 3)
        assert note(session, written.id).done_at is None
