"""A large opportunity is reported to the lead before it is worked on."""

from decimal import Decimal

import pytest

from crm.access import SYSTEM
from crm.errors import Invalid, NotFound, Refused, Stale
from crm.pipeline.commands import (
    Confirmation,
    DealLine,
    Losing,
    Move,
    NewOpportunity,
    PipelineDetails,
    Refusal,
    Winning,
    add_opportunity,
    ask_registration,
    confirm_registration,
    edit_pipeline,
    lose,
    move_opportunity,
    refuse_registration,
    save_line,
    seed_pipelines,
    win,
)
from crm.pipeline.filters import OpportunityFilter
from crm.pipeline.queries import changes, opportunity, opportunity_ids
from crm.session import open_as


@pytest.fixture
def stages_with_limit(stages):
    with open_as(SYSTEM) as session:
        found = seed_pipelines(session)
        details = PipelineDetails(name=found.name, is_default=True, register_from=Decimal(1000))
        edit_pipeline(session, found.id, details, found.version)
    return stages


def a_deal(person, customer, amount):
    with open_as(person.actor) as session:
        return add_opportunity(session, NewOpportunity(name="Press line", customer_id=customer.id, amount=Decimal(amount)))


@pytest.fixture
def large(people, customer, stages_with_limit):
    return a_deal(people.anna, customer, 1000)


def confirm(person, deal, note=None, version=None):
    with open_as(person.actor) as session:
        return confirm_registration(session, deal.id, Confirmation(note=note), version or deal.version)


def refuse(person, deal, note="Chen works on it"):
    with open_as(person.actor) as session:
        return refuse_registration(session, deal.id, Refusal(note=note), deal.version)


def move(person, deal, stage_id):
    with open_as(person.actor) as session:
        return move_opportunity(session, deal.id, Move(stage_id=stage_id))


def test_a_large_one_waits_and_goes_on_when_it_is_confirmed(people, large, stages_with_limit):
    assert large.registration == "asked"
    with pytest.raises(Invalid, match="waits for a lead"):
        move(people.anna, large, stages_with_limit["follow_up"])
    with pytest.raises(Invalid, match="waits for a lead"), open_as(people.anna.actor) as session:
        win(session, large.id, Winning(reason="price"))
    assert confirm(people.ben, large, "Go").registration_note == "Go"
    assert move(people.anna, large, stages_with_limit["follow_up"]).stage_id == stages_with_limit["follow_up"]
    with open_as(people.anna.actor) as session:
        told = changes(session, large.id)
    assert told.loc[told["field"] == "registration", ["before", "after"]].values.tolist() == [["asked", "confirmed"]]


def test_a_small_one_and_one_of_a_lead_need_nothing(people, customer, stages_with_limit):
    assert a_deal(people.anna, customer, "999.99").registration is None
    assert a_deal(people.ben, customer, 5000).registration is None


def test_without_a_limit_nothing_is_asked(people, customer, stages):
    assert a_deal(people.anna, customer, 10**9).registration is None


def test_one_that_grows_over_the_limit_waits_from_then_on(people, customer, stages_with_limit):
    deal = a_deal(people.anna, customer, 10)
    with open_as(people.anna.actor) as session:
        save_line(session, deal.id, DealLine(description="Press", quantity=Decimal(1), unit_price=Decimal(2000)))
    with open_as(people.anna.actor) as session:
        assert opportunity(session, deal.id).registration == "asked"


def test_a_refused_one_stays_until_it_is_reported_again_or_lost(people, large, stages_with_limit):
    refused = refuse(people.ben, large)
    with pytest.raises(Invalid, match="refused"):
        move(people.anna, large, stages_with_limit["follow_up"])
    with open_as(people.anna.actor) as session:
        again = ask_registration(session, large.id, refused.version)
    assert (again.registration, again.registration_note) == ("asked", None)
    with open_as(people.anna.actor) as session:
        lose(session, large.id, Losing(reason="other"))


def test_the_waiting_ones_can_be_listed(people, large, customer):
    a_deal(people.anna, customer, 5)
    with open_as(people.ben.actor) as session:
        assert opportunity_ids(session, OpportunityFilter(registration=("asked",))) == [large.id]


def test_refused_for_a_stranger_a_rep_and_a_reader(people, large):
    with pytest.raises(Refused):
        confirm(people.anna, large)
    with pytest.raises(Refused):
        confirm(people.amir, large)
    with pytest.raises(Refused):
        refuse(people.chen, large)
    with pytest.raises(NotFound), open_as(people.chen.actor) as session:
        ask_registration(session, large.id, large.version)


def test_only_what_waits_is_decided_and_only_what_was_refused_is_asked_again(people, large):
    with pytest.raises(Stale):
        confirm(people.ben, large, version=large.version + 1)
    confirm(people.ben, large)
    with pytest.raises(Invalid, match="does not wait"):
        confirm(people.dana, large)
    with pytest.raises(Invalid, match="Only a refused"), open_as(people.anna.actor) as session:
        ask_registration(session, large.id, large.version)


def test_a_refusal_says_why():
    with pytest.raises(ValueError, match="at least 1"):
        Refusal(note="  ")
