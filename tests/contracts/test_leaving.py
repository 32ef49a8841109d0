"""What contracts and deals forbid the pools, asked for everybody; the jobs that run by it."""

import datetime as dt

import pytest

from crm import jobs
from crm.access import SYSTEM
from crm.contracts.commands import discard_to_pool, recycle_board, recycling_plan, release_to_pool
from crm.contracts.queries import contracts_ended, why_kept
from crm.customers.models import Customer
from crm.errors import Refused
from crm.marketing.commands import PoolRules, Release
from crm.marketing.models import Lead
from crm.marketing.queries import pool_list, pool_warnings
from crm.session import open_as
from tests.factories import TODAY, a_contract, a_customer, an_opportunity
from tests.marketing.collecting import a_lead, now_of, rules
from tests.marketing.test_recycle import old_customer

LONG = dt.timedelta(400)


@pytest.fixture
def kept(people):
    """anna's: a deal of chen's that she does not see keeps him"""
    customer = old_customer(people.anna, name="Kept")
    an_opportunity(people.chen, customer)
    return customer


def test_a_deal_of_somebody_else_keeps_the_customer(people, kept):
    for command in (
        lambda s: release_to_pool(s, Release(customer_ids=(kept.id,), remark="no")),
        lambda s: discard_to_pool(s, [kept.id], "no"),
    ):
        with pytest.raises(Refused, match="running contract or an open deal"), open_as(people.anna.actor) as session:
            command(session)
    free = a_customer(people.anna, name="Free")
    with open_as(people.anna.actor) as session:
        assert release_to_pool(session, Release(customer_ids=(free.id,), remark="too far")) == 1
    assert now_of(Customer, free.id).owner_id is None


def test_what_keeps_whom(people, kept):
    bound = a_customer(people.anna)
    a_contract(people.anna, bound)
    an_opportunity(people.anna, bound)
    with open_as(SYSTEM) as session:
        assert why_kept(session) == {kept.id: "open_deal", bound.id: "running_contract"}


def test_the_day_the_last_contract_ended(people):
    over, endless, again = (a_customer(people.anna) for _ in range(3))
    a_contract(people.anna, over, ends_on=TODAY - dt.timedelta(40), state="ended")
    a_contract(people.anna, over, ends_on=TODAY - dt.timedelta(30), state="ended")
    for customer in (endless, again):
        a_contract(people.anna, customer, ends_on=TODAY - dt.timedelta(30), state="ended")
    a_contract(people.anna, endless)
    a_contract(people.anna, again, ends_on=TODAY + dt.timedelta(30))
    with open_as(SYSTEM) as session:
        assert contracts_ended(session, TODAY) == {over.id: TODAY - dt.timedelta(30)}


def test_the_plan_tells_who_stays_and_why_and_writes_nothing(people, kept):
    old_customer(people.anna, name="Silent")
    board = people.units["Music"]
    with open_as(people.ben.actor) as session:
        plan = recycling_plan(session, board, TODAY).set_index("name")
    assert plan["action"].to_dict() == {"Silent": "warn", "Kept": "keep"}
    assert plan.loc["Kept", ["owner", "because"]].tolist() == ["Anna Lindqvist", "open_deal"]
    with open_as(people.anna.actor) as session:
        assert pool_warnings(session, TODAY).empty


def test_other_rules_are_tried_before_they_are_saved(people):
    old_customer(people.anna, level="vip")
    board = people.units["Music"]
    with open_as(people.ben.actor) as session:
        assert recycling_plan(session, board, TODAY).empty
        assert len(recycling_plan(session, board, TODAY, PoolRules(silence_vip=100))) == 1


def test_who_runs_it_for_his_unit_leaves_what_lies_there_of_others(people):
    """A lead does not see the pooled customers of another unit: they are nobody's all the same."""
    west = a_customer(people.chen, name="West")
    board = people.units["Music"]
    rules(board, recycles=True)
    with open_as(people.chen.actor) as session:
        release_to_pool(session, Release(customer_ids=(west.id,), remark="too far"))
    with open_as(people.ben.actor) as session:
        recycle_board(session, board, TODAY)
        assert pool_list(session)["name"].tolist() == ["West"]


def test_the_job_warns_then_recycles_and_keeps(people, kept):
    silent = old_customer(people.anna, name="Silent")
    rules(people.units["Music"], recycles=True, warn_days=7)
    assert jobs.JOBS["recycle"](TODAY) == {"warned": 1, "recycled": 0, "waiting": 0}
    assert jobs.JOBS["recycle"](TODAY) == {"warned": 0, "recycled": 0, "waiting": 1}
    assert jobs.JOBS["recycle"](TODAY + dt.timedelta(7)) == {"warned": 0, "recycled": 1, "waiting": 0}
    assert now_of(Customer, silent.id).owner_id is None
    assert now_of(Customer, kept.id).owner_id == people.anna.id


def test_the_job_takes_customers_whose_contract_ended(people):
    customer = old_customer(people.anna, level="vip")
    a_contract(people.anna, customer, ends_on=TODAY - LONG, state="ended")
    rules(people.units["Music"], recycles=True, warn_days=0, contract_end_days=90)
    assert jobs.JOBS["recycle"](TODAY)["recycled"] == 1


def test_boards_that_do_not_recycle_are_left_alone(people):
    old_customer(people.anna)
    assert jobs.JOBS["recycle"](TODAY) == {"warned": 0, "recycled": 0, "waiting": 0}


def test_scores_of_leads_follow_the_calendar(people):
    lead = a_lead(people.anna, created_at=dt.datetime(2026, 6, 29, tzinfo=dt.UTC))
    assert jobs.JOBS["leads"](TODAY) == {"rescored": 1, "nurtured": 0}
    fresh = now_of(Lead, lead.id).score
    assert jobs.JOBS["leads"](TODAY) == {"rescored": 0, "nurtured": 0}
    jobs.JOBS["leads"](TODAY + dt.timedelta(60))
    assert now_of(Lead, lead.id).score < fresh
