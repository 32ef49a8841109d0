import datetime as dt
from decimal import Decimal

import pytest

from crm.errors import Invalid, NotFound, Refused, Stale
from crm.pipeline.commands import (
    DealAssignment,
    DealLine,
    OpportunityDetails,
    Swot,
    assign,
    delete_opportunities,
    edit_opportunity,
    edit_swot,
    save_line,
)
from crm.pipeline.queries import changes, opportunity, opportunity_list
from crm.session import open_as
from tests.factories import a_customer, an_opportunity


@pytest.fixture
def deal(people, customer, stages):
    return an_opportunity(people.anna, customer, name="Two grand pianos", amount=Decimal(100))


def edit(person, deal, version=None, **values):
    known = {name: getattr(deal, name) for name in OpportunityDetails.model_fields}
    with open_as(person.actor) as session:
        return edit_opportunity(session, deal.id, OpportunityDetails(**known | values), version or deal.version)


def give(person, deal, owner):
    with open_as(person.actor) as session:
        return assign(session, [deal.id], DealAssignment(owner_id=owner.id, reason="Closer"))


def told(person, deal):
    with open_as(person.actor) as session:
        return changes(session, deal.id)[["field", "before", "after", "by"]].fillna("").values.tolist()


def test_it_works_and_every_change_that_matters_is_kept(people, deal):
    first = edit(people.anna, deal, name="Three grand pianos", amount=Decimal("150.5"))
    assert first.name == "Three grand pianos"
    edit(people.anna, first, expected_close_on=dt.date(2026, 9, 1), forecast_category="commit")
    assert sorted(told(people.anna, deal), key=lambda row: row[0]) == [
        ["amount", "100", "150.5", "Anna Lindqvist"],
        ["expected_close_on", "", "2026-09-01", "Anna Lindqvist"],
        ["forecast_category", "pipeline", "commit", "Anna Lindqvist"],
    ]


def test_refused_for_a_stranger(people, deal):
    with pytest.raises(NotFound):
        edit(people.chen, deal, name="Mine")


def test_refused_for_a_reader(people, deal):
    for person in (people.amir, people.gia):
        with pytest.raises(Refused):
            edit(person, deal, name="Mine")


def test_a_stale_save_is_refused_with_both_versions(people, deal):
    edit(people.ben, deal, amount=Decimal(7))
    with pytest.raises(Stale) as refusal:
        edit(people.anna, deal, amount=Decimal(9))
    assert (refusal.value.mine, refusal.value.by) == ({"amount": "9"}, "Ben Okafor")


def test_with_lines_the_amount_is_theirs(people, deal):
    with open_as(people.anna.actor) as session:
        save_line(session, deal.id, DealLine(description="Piano", unit_price=Decimal(80)))
        now_there = opportunity(session, deal.id)
    with pytest.raises(Invalid) as refusal:
        edit(people.anna, now_there, amount=Decimal(9))
    assert refusal.value.field == "amount"
    assert edit(people.anna, now_there, need="Soon").amount == 80


def test_a_lead_gives_it_to_another_who_may_then_read_the_customer(people, deal):
    assert give(people.dana, deal, people.chen) == 1
    with open_as(people.chen.actor) as session:
        assert opportunity_list(session)[["owner", "customer"]].values.tolist() == [["Chen Wei", "Aurora Music Ltd"]]
        mine = opportunity(session, deal.id)
    assert edit(people.chen, mine, need="Soon").need == "Soon"
    assert told(people.chen, deal) == [["owner_id", "Anna Lindqvist", "Chen Wei", "Dana Novak"]]
    assert give(people.dana, deal, people.chen) == 0


def test_who_may_not_assign(people, deal):
    for person in (people.anna, people.amir):
        with pytest.raises(Refused):
            give(person, deal, people.chen)
    with pytest.raises(Invalid, match="another board"):
        give(people.eve, deal, people.emil)
    with pytest.raises(NotFound):
        give(people.bao, an_opportunity(people.emil, a_customer(people.emil)), people.anna)


def test_swot(people, deal):
    with open_as(people.anna.actor) as session:
        assert edit_swot(session, deal.id, Swot(strengths="Known there"), deal.version).strengths == "Known there"
    with pytest.raises(Refused), open_as(people.amir.actor) as session:
        edit_swot(session, deal.id, Swot(), 2)


def test_delete(people, deal):
    with pytest.raises(Refused), open_as(people.anna.actor) as session:
        delete_opportunities(session, [deal.id])
    with open_as(people.ben.actor) as session:
        assert delete_opportunities(session, [deal.id]) == 1
        assert opportunity_list(session).empty


def test_why_it_was_given_away_is_kept(people, deal):
    give(people.dana, deal, people.chen)
    with open_as(people.chen.actor) as session:
        found = changes(session, deal.id)
    assert found[["field", "after", "reason"]].values.tolist() == [["owner_id", "Chen Wei", "Closer"]]
