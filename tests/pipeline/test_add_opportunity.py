import datetime as dt
from decimal import Decimal

import pytest
from pydantic import ValidationError

from crm.errors import Invalid, NotFound, Refused
from crm.pipeline.commands import NewOpportunity, add_opportunity
from crm.pipeline.queries import opportunity, stage_events
from crm.session import open_as
from tests.factories import TODAY, a_customer, a_share, an_opportunity


def add(person, customer, owner=None, **values):
    with open_as(person.actor) as session:
        details = NewOpportunity(**{"name": "Two grand pianos", "customer_id": customer.id} | values)
        return add_opportunity(session, details, owner_id=owner and owner.id)


def test_it_works(people, customer, stages):
    deal = add(people.anna, customer, amount=Decimal(90_000), source="referral")
    assert (deal.number, deal.state, deal.stage_id) == ("OP000001", "open", stages["lead"])
    assert (deal.created_on, deal.stage_since, deal.owner_id) == (TODAY, TODAY, people.anna.id)
    with open_as(people.anna.actor) as session:
        events = stage_events(session, deal.id)
    assert events[["stage", "state", "by"]].values.tolist() == [["lead", "open", "Anna Lindqvist"]]
    assert events["at"].dt.date.tolist() == [TODAY]


def test_numbers_go_on_in_each_board(people, customer, stages):
    assert [add(people.anna, customer).number for _ in range(2)] == ["OP000001", "OP000002"]


def test_a_stranger_does_not_know_the_customer(people, customer, stages):
    with pytest.raises(NotFound):
        add(people.chen, customer)


def test_refused_for_a_reader(people, customer, stages):
    with pytest.raises(Refused):
        add(people.amir, customer)


def test_a_rep_cannot_begin_one_for_a_colleague_but_his_lead_can(people, customer, stages):
    with pytest.raises(Refused):
        add(people.anna, customer, owner=people.ben)
    assert add(people.ben, customer, owner=people.anna).owner_id == people.anna.id


def test_the_owner_of_a_deal_may_read_the_customer_of_a_colleague(people, stages):
    customer = a_customer(people.ben)
    add(people.ben, customer, owner=people.anna)
    assert add(people.anna, customer).customer_id == customer.id


def test_it_is_sold_to_somebody_and_has_a_name(people, customer, stages):
    with pytest.raises(Invalid) as refusal:
        add(people.anna, customer, customer_id=None)
    assert refusal.value.field == "customer_id"
    with pytest.raises(ValidationError):
        add(people.anna, customer, name=" ")


def test_a_stage_may_be_chosen_but_not_of_another_board(people, customer, stages):
    assert add(people.anna, customer, stage_id=stages["solution"]).stage_id == stages["solution"]


def test_an_older_one_is_counted_from_its_day(people, customer, stages):
    deal = add(people.anna, customer, created_on=TODAY - dt.timedelta(30))
    with open_as(people.anna.actor) as session:
        assert stage_events(session, deal.id)["at"].dt.date.tolist() == [TODAY - dt.timedelta(30)]
    with pytest.raises(Invalid, match="future"):
        add(people.anna, customer, created_on=TODAY + dt.timedelta(2))


def test_who_sees_it(people, customer, stages):
    """Its owner, his lead and director, readers of the board; whoever has the customer; nobody else."""
    deal = an_opportunity(people.anna, customer)
    a_share(customer, user_id=people.chen.id)
    for person in (people.anna, people.ben, people.dana, people.amir, people.chen, people.eve):
        with open_as(person.actor) as session:
            assert opportunity(session, deal.id).name == deal.name
    for person in (people.emil, people.ada):
        with pytest.raises(NotFound), open_as(person.actor) as session:
            opportunity(session, deal.id)
