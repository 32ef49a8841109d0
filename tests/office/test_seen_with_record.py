"""What is attached is asked for through the one record that it hangs on: seen with it, and by nobody else."""

import pytest

from crm.customers.commands import delete_customers
from crm.customers.queries import daily_record, planned_activities
from crm.insight.queries.calls import done_today, queue
from crm.office.commands import remove_activity, remove_tag, tag
from crm.office.queries import activities_of, pinned, tags_of
from crm.session import open_as
from tests.factories import TODAY, an_activity, an_opportunity


@pytest.fixture
def attached(people, customer, tagged):
    """On a customer of anna's and on a deal with it: an important activity, done, and a tag."""
    deal = an_opportunity(people.anna, customer)
    records = [("customer", customer.id), ("opportunity", deal.id)]
    for kind, one in records:
        an_activity(customer, people.anna, subject_type=kind, subject_id=one, happened_on=TODAY, pinned=True)
        with open_as(people.anna.actor) as session:
            tag(session, kind, [one], tagged)
    return records


def counted(person, records):
    with open_as(person.actor) as session:
        return [
            (len(activities_of(session, *one)), len(pinned(session, *one)), len(tags_of(session, one[0], (one[1],))))
            for one in records
        ]


def test_of_a_record_that_one_sees(people, attached):
    for person in (people.anna, people.ben, people.dana, people.eve):
        assert counted(person, attached) == [(1, 1, 1)] * 2


def test_nothing_of_a_record_of_another_team(people, attached):
    for person in (people.chen, people.emil):
        assert counted(person, attached) == [(0, 0, 0)] * 2


def test_nothing_of_a_kind_that_does_not_exist(people, attached):
    assert counted(people.dana, [("nothing", attached[0][1])]) == [(0, 0, 0)]


def test_what_hangs_on_a_deleted_customer_is_his_still(people, customer, attached):
    with open_as(people.dana.actor) as session:
        delete_customers(session, [customer.id])
    assert counted(people.anna, attached[:1]) == [(1, 1, 1)]
    assert counted(people.chen, attached[:1]) == [(0, 0, 0)]


def test_a_deleted_tag_and_a_deleted_activity_are_gone(people, attached, tagged):
    with open_as(people.bao.actor) as session:
        remove_tag(session, tagged)
    with open_as(people.anna.actor) as session:
        remove_activity(session, int(activities_of(session, *attached[0])["id"].iloc[0]))
    assert counted(people.anna, attached) == [(0, 0, 0), (1, 1, 0)]


def test_lists_over_customers_tell_of_those_that_one_sees(people, customer):
    """Also where the customer's people are asked for by name."""
    an_activity(customer, people.anna, planned_on=TODAY)
    an_activity(customer, people.anna)
    for person, count in ((people.anna, 1), (people.ben, 1), (people.dana, 1), (people.chen, 0), (people.emil, 0)):
        with open_as(person.actor) as session:
            assert len(planned_activities(session, TODAY, owner_id=people.anna.id)) == count
            assert len(daily_record(session, TODAY, author_id=people.anna.id)) == count
            assert len(queue(session, people.anna.id, people.anna.board_id, TODAY)) == count
            assert done_today(session, people.anna.id, people.anna.board_id, TODAY)["count"] == count
