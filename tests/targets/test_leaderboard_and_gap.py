import datetime as dt
from decimal import Decimal

import pytest

from crm.errors import Invalid, NotFound
from crm.session import open_as
from crm.targets.queries import TargetFilter, leaderboard, targets, what_must_close
from tests.factories import TODAY, a_customer, an_opportunity, an_order
from tests.targets.conftest import JUNE, a_cell, targets_of


@pytest.fixture
def june(people, plan):
    for person, amount in ((people.anna, 500), (people.ben, 900), (people.chen, 700)):
        an_order(a_customer(person), amount)
        targets_of(people.dana, plan, a_cell("person", person.id, 1000))


def test_the_director_sees_everybody_by_name(people, plan, june):
    with open_as(people.dana.actor) as session:
        told = leaderboard(session, plan.id, "revenue", "month", JUNE)
    assert told.mine[["rank", "subject", "share"]].values.tolist() == [
        [1, "Ben Okafor", 0.9],
        [2, "Chen Wei", 0.7],
        [3, "Anna Lindqvist", 0.5],
    ]
    assert (told.places, told.others) == (3, 0)


def test_a_rep_sees_himself_his_place_and_a_total(people, plan, june):
    with open_as(people.anna.actor) as session:
        told = leaderboard(session, plan.id, "revenue", "month", JUNE)
    assert told.mine[["rank", "subject"]].values.tolist() == [[3, "Anna Lindqvist"]]
    assert (told.places, told.others, told.others_base, told.others_actual) == (3, 2, 2000, 1600)


def test_a_stranger_sees_nothing(people, plan, june):
    with pytest.raises(NotFound), open_as(people.emil.actor) as session:
        leaderboard(session, plan.id, "revenue", "month", JUNE)


def test_what_must_close(people, plan):
    for person, amount, chance, ahead in (
        (people.anna, 1000, 0.5, 0),
        (people.anna, 400, 0.9, -20),
        (people.anna, 100, 0.9, 0),
        (people.anna, 9000, 0.9, 1),
        (people.chen, 9000, 0.9, 0),
    ):
        changes = {"expected_close_on": TODAY + dt.timedelta(ahead), "win_probability": chance}
        an_opportunity(person, a_customer(person), amount=Decimal(amount), **changes)
    an_opportunity(people.anna, a_customer(people.anna), amount=Decimal(200), state="won", closed_on=TODAY)
    targets_of(people.dana, plan, a_cell("person", people.anna.id, 1000, measure="won_deals", stretch=Decimal(1100)))
    with open_as(people.anna.actor) as session:
        one = int(targets(session, TargetFilter(plan_id=plan.id))["id"].iloc[0])
        told = what_must_close(session, one)
        assert told[["amount", "contribution", "covered", "needed"]].values.tolist() == [
            [1000, 500, 500, True],
            [400, 360, 860, True],
            [100, 90, 950, False],
        ]
        assert told.attrs == {"gap": 800, "expected": 950, "enough": True}
        higher = what_must_close(session, one, "stretch")
        assert higher["needed"].all() and higher.attrs["gap"] == 900
    with pytest.raises(Invalid), open_as(people.emil.actor) as session:
        what_must_close(session, one)


def test_activities_close_nothing(people, plan):
    targets_of(people.dana, plan, a_cell("person", people.anna.id, 10, measure="activities"))
    with open_as(people.anna.actor) as session:
        one = int(targets(session, TargetFilter(plan_id=plan.id))["id"].iloc[0])
        with pytest.raises(Invalid, match="No open deal brings"):
            what_must_close(session, one)
