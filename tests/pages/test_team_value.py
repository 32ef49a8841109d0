"""What the customers of each person became worth, as a director and a rep see it."""

import datetime as dt
from decimal import Decimal

import pytest

from crm.access import SYSTEM
from crm.customers.models import Customer, ScoreSnapshot
from crm.office.commands import DemoDay, set_demo_today
from crm.session import get, open_as
from tests.factories import TODAY, a_customer, an_order
from tests.pages.opened import opened, texts
from tests.pages.reading import english_left, sent

PAGE = "pages/performance/team.py"
MARCH, LATE = dt.date(2026, 3, 31), dt.date(2026, 6, 29)


def kept(day, customer, value, owner, life_cycle="active"):
    with open_as(SYSTEM) as session:
        about = {"board_id": customer.board_id, "owner_id": owner.id, "life_cycle": life_cycle, "segment": "loyal"}
        session.add(ScoreSnapshot(customer_id=customer.id, as_of=day, lifetime_value=Decimal(value), **about))


@pytest.fixture
def scores(people):
    """Anna had 100 + 50 + 30; one grew by 30, one was lost, one is chen's now and worth 6 more."""
    with open_as(SYSTEM) as session:
        set_demo_today(session, DemoDay(day=TODAY))
    grows, goes, moves = (a_customer(people.anna, name=name) for name in ("Grand Hall", "Gone Ltd", "Moved Inc"))
    for customer, before, after, holder, state in (
        (grows, 100, 130, people.anna, "active"),
        (goes, 50, 0, people.anna, "lost"),
        (moves, 30, 36, people.chen, "active"),
    ):
        kept(MARCH, customer, before, people.anna)
        kept(LATE, customer, after, holder, state)
    an_order(grows, 500, on=dt.date(2026, 5, 3))
    with open_as(people.dana.actor) as session:
        moved = get(session, Customer, moves.id)
        moved.owner_id, moved.team_id = people.chen.id, people.chen.unit_id


def tiles(at):
    return {name: one.value for name, one in at.session_state["_tiles"].items() if name.startswith("value.")}


def test_the_parts_add_up_to_the_change(people, scores):
    at = opened(PAGE, people.dana, show="value")
    assert not at.exception
    found = tiles(at)
    assert found == {"value.every": -14, "value.new": 0, "value.stayed": 36, "value.lost": -50, "value.hands": 0}
    assert sum(value for name, value in found.items() if name != "value.every") == found["value.every"]
    assert at.session_state["_totals"]["team"] == {"count": 2, "change": -14, "revenue": 500}
    assert "sells most" in texts(at) and "less, now" in texts(at)


@pytest.mark.parametrize("part", ["every", "new", "stayed", "lost", "hands"])
def test_each_tile_leads_to_rows_that_add_up_to_it(people, scores, part):
    at = opened(PAGE, people.dana, show="value", part=part)
    assert at.session_state["_totals"]["team"]["change"] == tiles(at)[f"value.{part}"]
    assert not at.exception


def test_the_rows_of_a_part_name_the_customers(people, scores):
    at = opened(PAGE, people.dana, show="value", part="lost")
    assert "Gone Ltd" in at.dataframe[1].value["name"].tolist()
    assert "1 change of −$50" in texts(at) or "1 change" in texts(at)


def test_a_rep_knows_his_whole_change_but_not_whom_he_sees_no_more(people, scores):
    at = opened(PAGE, people.anna, show="value", part="every")
    assert tiles(at)["value.every"] == -50
    assert at.session_state["_totals"]["team"] == {"count": 3, "change": -50}
    assert "And 1 customer whom you see no more" in texts(at)
    names = at.dataframe[0].value["name"].tolist()
    assert "Moved Inc" not in names and "Grand Hall" in names
    assert "Chen Wei" not in str(sent(at))


def test_one_person_of_the_team(people, scores):
    at = opened(PAGE, people.dana, show="value", whose=f"person-{people.chen.id}")
    assert tiles(at)["value.every"] == 36
    assert tiles(at)["value.hands"] == 30


def test_without_kept_scores_it_says_what_to_do(people):
    assert "run the job" in texts(opened(PAGE, people.dana, show="value"))


def test_one_kept_day_is_not_enough(people):
    kept(LATE, a_customer(people.anna), 5, people.anna)
    assert "a change needs two" in texts(opened(PAGE, people.dana, show="value"))


def test_who_has_no_targets_is_refused(people, scores):
    at = opened(PAGE, people.ada, show="value")
    assert "_tiles" not in at.session_state or not tiles(at)


def test_in_chinese(people, scores):
    at = opened(PAGE, people.dana, "zh", show="value", part="every")
    assert not at.exception
    assert english_left(at) == set()
