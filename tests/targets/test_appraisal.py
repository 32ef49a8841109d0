import datetime as dt
from decimal import Decimal

import pytest

from crm.access import SYSTEM
from crm.analytics.value_change import summed
from crm.customers.models import Customer, ScoreSnapshot
from crm.session import get, open_as
from crm.targets.queries import (
    appraised,
    changes_of_people,
    changes_of_subject,
    kept_days,
    seen_customers,
    volume_of_people,
    worth_by_rating,
)
from tests.factories import TODAY, a_customer, an_activity, an_order

MARCH, LATE = dt.date(2026, 3, 31), dt.date(2026, 6, 29)


def kept(day, customer, value, owner, segment="loyal"):
    with open_as(SYSTEM) as session:
        about = {"board_id": customer.board_id, "owner_id": owner.id, "life_cycle": "active", "segment": segment}
        session.add(ScoreSnapshot(customer_id=customer.id, as_of=day, lifetime_value=Decimal(value), **about))


@pytest.fixture
def scores(people):
    """One of anna's stays and grows by 30, one went to chen."""
    stays, moves = a_customer(people.anna), a_customer(people.anna)
    for customer, before, after, holder in ((stays, 100, 130, people.anna), (moves, 30, 36, people.chen)):
        kept(MARCH, customer, before, people.anna)
        kept(LATE, customer, after, holder, "champions")
    with open_as(people.dana.actor) as session:
        moved = get(session, Customer, moves.id)
        moved.owner_id, moved.team_id = people.chen.id, people.chen.unit_id
    return stays, moves


def test_the_days_newest_first(people, scores):
    with open_as(people.anna.actor) as session:
        assert kept_days(session, people.units["Music"]) == [LATE, MARCH]


@pytest.mark.parametrize(("who", "names"), [("anna", {"Anna Lindqvist"}), ("ben", {"Ben Okafor", "Anna Lindqvist"})])
def test_whom_one_appraises(people, who, names):
    with open_as(getattr(people, who).actor) as session:
        assert set(appraised(session)["person"]) == names


def test_complete_for_a_rep_though_he_sees_not_all(people, scores):
    with open_as(people.anna.actor) as session:
        told = changes_of_people(session, people.units["Music"], MARCH, LATE)
        known = changes_of_subject(session, "person", people.anna.id, MARCH + dt.timedelta(1), LATE)
        seen = seen_customers(session, people.units["Music"])
    assert told.sort_values("part")[["part", "change"]].values.tolist() == [["grown", 30.0], ["handed_over", -30.0]]
    assert known["part"].tolist() == ["grown"]
    assert told.loc[told["customer_id"].isin(seen), "part"].tolist() == ["grown"]


def test_the_people_add_up_to_the_board(people, scores):
    with open_as(people.dana.actor) as session:
        told = changes_of_people(session, people.units["Music"], MARCH, LATE)
    rows = summed(told)
    assert rows["closing"].sum() - rows["opening"].sum() == told["change"].sum() == 36
    assert rows.set_index("owner")["closing"].to_dict() == {people.anna.id: 130, people.chen.id: 36}


def test_a_stranger_learns_nothing(people, scores):
    with open_as(people.emil.actor) as session:
        assert changes_of_people(session, people.units["Music"], MARCH, LATE).empty
        assert worth_by_rating(session, people.units["Music"], (MARCH, LATE), "segment").empty


def test_what_they_sold_and_did(people, scores):
    an_order(scores[0], 250, on=dt.date(2026, 5, 1))
    an_activity(scores[0], people.anna, happened_on=dt.date(2026, 5, 2))
    with open_as(people.dana.actor) as session:
        told = volume_of_people(session, people.units["Music"], MARCH, TODAY).set_index("person_id")
    assert told.loc[people.anna.id].to_dict() == {"revenue": 250, "won_amount": 0, "won": 0, "activities": 1}
    assert told.loc[people.chen.id, "revenue"] == 0


def test_by_the_segment_of_each_day_and_the_rating_of_today(people, scores):
    with open_as(people.dana.actor) as session:
        told = worth_by_rating(session, people.units["Music"], (MARCH, LATE), "segment").set_index(["owner", "code"])
        rated = worth_by_rating(session, people.units["Music"], (MARCH, LATE), "asset_rating")
    assert told.loc[(people.anna.id, "loyal"), "value_before"] == 130
    assert told.loc[(people.anna.id, "champions"), "value"] == 130
    assert (rated["value"].sum(), rated["value_before"].sum()) == (166, 130)
