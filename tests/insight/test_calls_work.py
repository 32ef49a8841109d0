import datetime as dt

import pytest

from crm.access import SYSTEM
from crm.errors import Invalid, NotFound, Refused
from crm.insight.commands import log_call, skip_call, snooze_call
from crm.insight.models import Call, SkipReason
from crm.insight.queries.calls import callers, done_today, paces
from crm.office.commands import ActivityResult, DemoDay, LoggedActivity, finish_activity, log_activity, set_demo_today
from crm.office.queries import activities_of
from crm.session import get, open_as
from tests.factories import TODAY, a_customer, an_activity, an_order
from tests.insight.calling import a_run, at_risk, decided, draw, drawn, names, waiting

TALKED = LoggedActivity(kind="call", happened_on=TODAY, text="Wants a quote", outcome="interested")
LATER = TODAY + dt.timedelta(7)


@pytest.fixture
def two(people):
    """anna's First and Second stand in her queue; nobody is left out."""
    with open_as(SYSTEM) as session:
        set_demo_today(session, DemoDay(day=TODAY))
    decided(people.dana)
    run = a_run(people.anna.board_id)
    found = [at_risk(run, people.anna, name, value) for name, value in (("First", 1000), ("Second", 10))]
    draw(people.anna)
    return found


def proposed(customer) -> int:
    return next(row.id for row in drawn() if row.customer_id == customer.id)


def test_log_and_next(people, two):
    with open_as(people.anna.actor) as session:
        following = {"next_action": "Send the quote", "next_on": LATER, "next_kind": "email"}
        log_call(session, proposed(two[0]), LoggedActivity(**TALKED.model_dump(exclude=set(following)), **following))
    assert names(people.anna) == ["Second"]
    with open_as(people.anna.actor) as session:
        planned, done = activities_of(session, "customer", two[0].id).to_dict("records")
        call = get(session, Call, proposed(two[0]))
        assert (call.state, call.acted_on, call.activity_id) == ("done", TODAY, done["id"])
        assert done_today(session, people.anna.id, people.anna.board_id, TODAY) == {"count": 1, "minutes": 10}
    assert (done["text"], done["outcome"]) == ("Wants a quote", "interested")
    assert (planned["topic"], planned["planned_on"], planned["kind"]) == ("Send the quote", LATER, "email")
    assert names(people.anna, LATER) == ["First", "Second"]


def test_it_cannot_be_logged_twice(people, two):
    with open_as(people.anna.actor) as session:
        log_call(session, proposed(two[0]), TALKED)
    with pytest.raises(Invalid, match="dealt with"), open_as(people.anna.actor) as session:
        log_call(session, proposed(two[0]), TALKED)
    with open_as(people.anna.actor) as session:
        assert len(activities_of(session, "customer", two[0].id)) == 1


def test_snoozed_until_its_day(people, two):
    with open_as(people.anna.actor) as session:
        snooze_call(session, proposed(two[0]), LATER, TODAY)
    assert names(people.anna) == names(people.anna, LATER - dt.timedelta(1)) == ["Second"]
    assert names(people.anna, LATER) == ["First", "Second"]
    with pytest.raises(Invalid), open_as(people.anna.actor) as session:
        snooze_call(session, proposed(two[1]), TODAY, TODAY)


def test_skipped_for_a_reason(people, two):
    with open_as(people.anna.actor) as session:
        skip_call(session, proposed(two[0]), SkipReason.UNREACHABLE, TODAY)
    assert names(people.anna) == names(people.anna, LATER) == ["Second"]
    with open_as(people.anna.actor) as session:
        assert get(session, Call, proposed(two[0])).reason == "no_number"
    assert draw(people.anna, TODAY + dt.timedelta(1)) == 0


@pytest.mark.parametrize("name, refusal", [("chen", NotFound), ("amir", Refused)])
def test_refused_for_a_stranger_and_for_a_reader(people, two, name, refusal):
    actor, call_id = getattr(people, name).actor, proposed(two[0])
    with pytest.raises(refusal), open_as(actor) as session:
        log_call(session, call_id, TALKED)
    with pytest.raises(refusal), open_as(actor) as session:
        snooze_call(session, call_id, LATER, TODAY)
    with pytest.raises(refusal), open_as(actor) as session:
        skip_call(session, call_id, SkipReason.OTHER, TODAY)
    assert names(people.anna) == ["First", "Second"]


def test_whoever_was_left_out_cannot_be_worked(people, two):
    with open_as(SYSTEM) as session:
        get(session, Call, proposed(two[0])).arm = "control"
    with pytest.raises(Invalid), open_as(people.anna.actor) as session:
        log_call(session, proposed(two[0]), TALKED)


def test_a_contact_written_elsewhere_takes_him_out(people, two):
    with open_as(people.ben.actor) as session:
        log_activity(session, "customer", two[0].id, LoggedActivity(kind="visit", happened_on=TODAY, text="Met him"))
    assert names(people.anna) == ["Second"]
    with open_as(people.ben.actor) as session:
        log_activity(session, "customer", two[1].id, LoggedActivity(kind="note", happened_on=TODAY, text="Read about them"))
    assert names(people.anna) == ["Second"]


def test_a_plan_and_a_proposal_of_one_customer_stand_once(people, two):
    plan = an_activity(two[1], people.anna, topic="Ask again", planned_on=TODAY)
    found = waiting(people.anna)
    assert found[["name", "because"]].values.tolist() == [["Second", "planned"], ["First", "at_risk"]]
    with open_as(people.anna.actor) as session:
        finish_activity(session, plan.id, ActivityResult(happened_on=TODAY, outcome="reached"), plan.version)
    assert names(people.anna) == ["First", "Second"]


def test_each_has_his_rhythm(people):
    customer = a_customer(people.anna)
    for days in (104, 74, 44):
        an_order(customer, 100, on=TODAY - dt.timedelta(days))
    with open_as(people.anna.actor) as session:
        pace = paces(session, (customer.id, 99_999), TODAY)
    assert (pace[customer.id].median_gap_days, pace[customer.id].days_since_last) == (30.0, 44)
    assert len(pace) == 1


def test_whose_days_there_are(people):
    a_customer(people.anna), a_customer(people.chen)
    with open_as(people.dana.actor) as session:
        assert callers(session, people.anna.board_id) == {people.anna.id: "Anna Lindqvist", people.chen.id: "Chen Wei"}
    with open_as(people.anna.actor) as session:
        assert list(callers(session, people.anna.board_id)) == [people.anna.id]
