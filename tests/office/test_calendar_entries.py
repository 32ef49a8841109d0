import datetime as dt

from crm.office.commands import CheckIn, add_attachment, check_in
from crm.office.queries import calendar_entries, calendar_entry, visit_entries
from crm.session import open_as
from tests.factories import TODAY, a_customer, an_activity, an_opportunity

PHOTO = b"\x89PNG\r\n\x1a\n" + b"\x00" * 32
FIRST, LAST = TODAY - dt.timedelta(7), TODAY + dt.timedelta(7)


def entries(person, people=None, **asked):
    with open_as(person.actor) as session:
        return calendar_entries(session, FIRST, LAST, people, **asked)


def test_what_was_done_and_what_is_planned_by_day_and_clock(people, customer):
    an_activity(customer, people.anna, topic="late", planned_on=LAST, starts_at=dt.time(15))
    an_activity(customer, people.anna, topic="early", planned_on=LAST, starts_at=dt.time(9, 30))
    an_activity(customer, people.anna, topic="some time", planned_on=LAST)
    an_activity(customer, people.anna, topic="done", happened_on=FIRST)
    found = entries(people.anna)
    assert found["topic"].tolist() == ["done", "some time", "early", "late"]
    assert found["day"].tolist() == [FIRST, LAST, LAST, LAST]
    assert set(found["name"]) == {customer.name}
    assert set(found["who"]) == {"Anna Lindqvist"}


def test_days_outside_are_left_out(people, customer):
    for day in (FIRST - dt.timedelta(1), LAST + dt.timedelta(1)):
        an_activity(customer, people.anna, planned_on=day)
    # Planned within, done before: it stands on the day on which it happened.
    an_activity(customer, people.anna, planned_on=TODAY, happened_on=FIRST - dt.timedelta(1))
    assert entries(people.anna).empty


def test_a_stranger_sees_nothing(people, customer):
    an_activity(customer, people.anna, planned_on=TODAY)
    assert entries(people.chen).empty
    assert len(entries(people.ben)) == 1


def test_of_a_person_what_he_has_and_what_he_planned(people):
    """ben plans for anna: it is hers, and on his list too; what chen has is nobody's of the two."""
    mine, other = a_customer(people.anna), a_customer(people.chen)
    planned = an_activity(mine, people.ben, planned_on=TODAY)
    an_activity(other, people.chen, planned_on=TODAY)
    for person in (people.anna, people.ben):
        assert entries(people.dana, [person.id])["id"].tolist() == [planned.id]
    assert entries(people.dana, [people.anna.id])["who_id"].tolist() == [people.anna.id]


def test_done_is_of_who_did_it(people, customer):
    an_activity(customer, people.ben)
    assert entries(people.dana, [people.anna.id]).empty
    assert entries(people.dana, [people.ben.id])["who"].tolist() == ["Ben Okafor"]


def test_on_deals_too_and_by_kind(people, customer):
    deal = an_opportunity(people.anna, customer, name="Pianos")
    an_activity(customer, people.anna, kind="call", planned_on=TODAY)
    about = {"subject_type": "opportunity", "subject_id": deal.id}
    visit = an_activity(customer, people.anna, kind="visit", planned_on=TODAY, **about)
    found = entries(people.anna, kinds=["visit"])
    assert (found["id"].tolist(), found["name"].tolist()) == ([visit.id], ["Pianos"])


def test_one_of_them(people, customer):
    one = an_activity(customer, people.anna, kind="visit", planned_on=TODAY, place="Gate 3")
    with open_as(people.anna.actor) as session:
        assert calendar_entry(session, one.id)["place"].tolist() == ["Gate 3"]
    with open_as(people.chen.actor) as session:
        assert calendar_entry(session, one.id).empty


def test_visits_with_what_proves_them(people, customer):
    an_activity(customer, people.anna, kind="call", planned_on=TODAY)
    visit = an_activity(customer, people.anna, kind="visit", planned_on=TODAY)
    an_activity(customer, people.anna, kind="task", planned_on=LAST, previous_id=visit.id)
    with open_as(people.anna.actor) as session:
        check_in(session, visit.id, CheckIn(latitude=31.2, longitude=121.5))
        add_attachment(session, "customer", customer.id, "shelf.png", PHOTO, activity_id=visit.id)
    with open_as(people.ben.actor) as session:
        (row,) = visit_entries(session, FIRST, LAST, [people.anna.id]).to_dict("records")
    assert (row["id"], row["photos"], row["next_on"], row["latitude"]) == (visit.id, 1, LAST, 31.2)
    assert row["checked_in_at"] is not None
