import datetime as dt

import pytest
from pydantic import ValidationError

from crm.errors import Invalid, NotFound, Refused
from crm.office.commands import (
    ActivityDetails,
    ActivityResult,
    CheckIn,
    add_attachment,
    check_in,
    edit_activity,
    finish_activity,
    remove_activity,
)
from crm.office.queries import activities_of, activity, attachments_of
from crm.session import history_of, open_as
from tests.factories import TODAY, a_customer, a_share, an_activity

HERE = CheckIn(latitude=31.2304, longitude=121.4737, accuracy=12)
PHOTO = b"\x89PNG\r\n\x1a\n" + b"\x00" * 32


@pytest.fixture
def visit(people, customer):
    """anna's, today at half past nine"""
    return an_activity(customer, people.anna, kind="visit", planned_on=TODAY, starts_at=dt.time(9, 30), place="Gate 3")


def test_it_works(people, customer, visit):
    before = dt.datetime.now(dt.UTC)
    with open_as(people.anna.actor) as session:
        check_in(session, visit.id, HERE)
    with open_as(people.ben.actor) as session:
        (row,) = activities_of(session, "customer", customer.id).to_dict("records")
    assert (row["starts_at"], row["place"], row["latitude"], row["longitude"]) == (dt.time(9, 30), "Gate 3", 31.2304, 121.4737)
    assert row["accuracy"] == 12
    assert before <= row["checked_in_at"] <= dt.datetime.now(dt.UTC)


def test_works_where_the_device_says_nothing(people, visit):
    with open_as(people.anna.actor) as session:
        found = check_in(session, visit.id, CheckIn())
    assert found.checked_in_at is not None
    assert found.latitude is None


def test_half_a_place_is_none():
    with pytest.raises(ValidationError):
        CheckIn(latitude=31)


def test_it_stands_in_the_log(people, visit):
    with open_as(people.anna.actor) as session:
        check_in(session, visit.id, HERE)
    with open_as(people.anna.actor) as session:
        entry = history_of(session, activity(session, visit.id))[0]
    assert (entry.actor_name, entry.after["latitude"]) == ("Anna Lindqvist", 31.2304)
    assert entry.after["checked_in_at"].startswith(str(dt.datetime.now(dt.UTC).date()))


def test_once(people, visit):
    with open_as(people.anna.actor) as session:
        check_in(session, visit.id, CheckIn())
    with pytest.raises(Invalid), open_as(people.anna.actor) as session:
        check_in(session, visit.id, HERE)


def test_only_at_a_planned_visit(people, customer):
    call = an_activity(customer, people.anna, kind="call", planned_on=TODAY)
    done = an_activity(customer, people.anna, kind="visit")
    for one in (call, done):
        with pytest.raises(Invalid), open_as(people.anna.actor) as session:
            check_in(session, one.id, HERE)


def test_refused_for_the_lead(people, visit):
    """She may change the visit, but nobody stands there for somebody else."""
    with pytest.raises(Refused), open_as(people.ben.actor) as session:
        check_in(session, visit.id, HERE)


def test_refused_for_a_stranger_and_for_a_reader(people, customer, visit):
    with pytest.raises(NotFound), open_as(people.chen.actor) as session:
        check_in(session, visit.id, HERE)
    a_share(customer, user_id=people.chen.id)
    for one in (people.chen, people.amir):
        with pytest.raises(Refused), open_as(one.actor) as session:
            check_in(session, visit.id, HERE)


def test_what_the_lead_planned_is_the_owners_from_then_on(people, customer):
    planned = an_activity(customer, people.ben, kind="visit", planned_on=TODAY)
    with open_as(people.anna.actor) as session:
        assert check_in(session, planned.id, HERE).author_id == people.anna.id


def test_it_cannot_be_falsified(people, visit):
    with open_as(people.anna.actor) as session:
        version = check_in(session, visit.id, HERE).version
    about = {"kind": "visit", "planned_on": TODAY, "starts_at": dt.time(9, 30)}
    for wrong in ({"kind": "call"}, {"planned_on": TODAY + dt.timedelta(1)}, {"starts_at": dt.time(15)}):
        with pytest.raises(Invalid), open_as(people.anna.actor) as session:
            edit_activity(session, visit.id, ActivityDetails(**about | wrong), version)
    with pytest.raises(Invalid), open_as(people.anna.actor) as session:
        remove_activity(session, visit.id)
    with open_as(people.anna.actor) as session:
        edited = edit_activity(session, visit.id, ActivityDetails(**about, topic="Show the new model"), version)
        assert (edited.topic, edited.latitude) == ("Show the new model", 31.2304)


def test_done_with_its_result(people, visit):
    with open_as(people.anna.actor) as session:
        version = check_in(session, visit.id, HERE).version
        finish_activity(session, visit.id, ActivityResult(happened_on=dt.date(2025, 6, 2), text="Liked it"), version)
        assert activity(session, visit.id).latitude == 31.2304


def test_a_photo_of_the_visit_hangs_on_the_customer(people, customer, visit, tmp_path, monkeypatch):
    other = a_customer(people.anna)
    with open_as(people.anna.actor) as session:
        add_attachment(session, "customer", customer.id, "shelf.png", PHOTO, activity_id=visit.id)
        assert attachments_of(session, "customer", (customer.id,))["activity_id"].tolist() == [visit.id]
    with pytest.raises(Invalid), open_as(people.anna.actor) as session:
        add_attachment(session, "customer", other.id, "shelf.png", PHOTO, activity_id=visit.id)
