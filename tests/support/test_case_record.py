"""What the page of one case tells besides the case itself."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from crm.access import SYSTEM
from crm.errors import NotFound
from crm.session import open_as
from crm.support.commands import CalendarInput, PolicyInput, add_calendar, add_policy, merge_cases
from crm.support.models import CaseEvent
from crm.support.queries import case_ties, clocks_of, comments, promise_for, replay
from crm.support.queries.promises import Promise
from tests.factories import a_case, a_contact, a_contract, a_customer
from tests.support.test_case_queue import worth

ZONE = ZoneInfo("Asia/Shanghai")
HOUR = 3600


def at(day, time):
    return dt.datetime.fromisoformat(f"2026-06-{day:02} {time}").replace(tzinfo=ZONE)


@pytest.fixture
def promised(people):
    with open_as(SYSTEM) as session:
        hours = add_calendar(session, CalendarInput(name="Office"))
        times = {"first_response_seconds": 4 * HOUR, "next_response_seconds": 8 * HOUR, "resolution_seconds": 16 * HOUR}
        policy = PolicyInput(name="Fault", calendar_id=hours.id, kind="fault", pausing=["waiting_customer"], **times)
        add_policy(session, policy)


def test_it_works(people, customer):
    contact, contract = a_contact(customer, "Zhang Min", phone="555"), a_contract(people.anna, customer, number="K1")
    case = a_case(people.anna, customer, contact_id=contact.id, contract_id=contract.id)
    with open_as(people.anna.actor) as session:
        told = case_ties(session, case.id)
    assert (told["customer"], told["contact"], told["phone"], told["contract"]) == (customer.name, "Zhang Min", "555", "K1")
    assert (told["owner"], told["team"], told["board"]) == ("Anna Lindqvist", "Sales East", "Music")
    assert told["may_change"] and told["merged"] == [] and told["problem"] is None


def test_the_cases_that_were_merged_into_it(people, customer):
    kept, other = a_case(people.anna, customer), a_case(people.anna, customer, subject="The same again")
    with open_as(people.dana.actor) as session:
        merge_cases(session, kept.id, [other.id])
        assert case_ties(session, kept.id)["merged"] == [(other.id, other.number, "The same again")]
        assert case_ties(session, other.id)["merged_into"] == kept.number


def test_a_stranger_learns_nothing(people, customer):
    case = a_case(people.anna, customer)
    for query in (case_ties, replay):
        with open_as(people.emil.actor) as session, pytest.raises(NotFound):
            query(session, case.id)


def test_a_lead_of_another_team_learns_nothing(people):
    case = a_case(people.chen, a_customer(people.chen))
    with open_as(people.ben.actor) as session:
        assert clocks_of(session, [case.id]).empty and comments(session, case.id).empty
        with pytest.raises(NotFound):
            case_ties(session, case.id)


def test_the_worth_of_a_hidden_customer_stays_hidden(people):
    """A lead has the case in his team, but not the customer."""
    customer = a_customer(people.chen)
    worth(customer, 500)
    case = a_case(people.anna, customer)
    with open_as(people.ben.actor) as session:
        told = case_ties(session, case.id)
        assert (told["team"], told["customer"], told["lifetime_value"], told["p_alive"]) == ("Sales East", None, None, None)
    with open_as(people.chen.actor) as session:
        assert case_ties(session, case.id)["lifetime_value"] == 500


def test_a_reader_may_not_change(people, customer):
    case = a_case(people.anna, customer)
    with open_as(people.amir.actor) as session:
        assert not case_ties(session, case.id)["may_change"]


def test_what_holds_for_it(people, customer, promised):
    fault, inquiry = a_case(people.anna, customer), a_case(people.anna, customer, kind="inquiry")
    with open_as(people.anna.actor) as session:
        told = promise_for(session, fault.priority, "fault", fault.customer_id)
        assert (told.policy, told.zone, told.pausing) == ("Fault", "Asia/Shanghai", ("waiting_customer",))
        assert promise_for(session, inquiry.priority, "inquiry", inquiry.customer_id) == Promise()


def test_the_replay_tells_each_stretch(people, customer, promised):
    """Two hours of work, a pause over night, then half an hour."""
    case = a_case(people.anna, customer, opened_at=at(22, "09:00"))
    with open_as(SYSTEM) as session:
        for when, state in ((at(22, "11:00"), "waiting_customer"), (at(23, "09:30"), "in_progress")):
            about = {"owner_id": case.owner_id, "team_id": case.team_id, "by_id": case.owner_id, "what": "state"}
            session.add(CaseEvent(case_id=case.id, at=when, state=state, priority="normal", **about))
    with open_as(people.anna.actor) as session:
        found = replay(session, case.id, at(23, "10:00"))
    rows = found[found["clock"] == "resolution"]
    assert rows["seconds"].tolist() == [2 * HOUR, 0, HOUR / 2]
    assert rows["used"].tolist() == [2 * HOUR, 2 * HOUR, 2.5 * HOUR]
    assert rows["clock_state"].tolist() == ["running", "paused", "running"]
    assert rows["state"].tolist() == ["new", "waiting_customer", "in_progress"]
    assert set(rows["priority"]) == {"normal"} and set(rows["target"]) == {16 * HOUR}
