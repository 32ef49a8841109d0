import datetime as dt
from decimal import Decimal

import pytest

from crm.access import SYSTEM
from crm.customers.models import ScoreSnapshot
from crm.marketing.models import Campaign
from crm.pipeline.models import Expense
from crm.session import open_as
from crm.targets.queries import (
    Metric,
    TargetFilter,
    attainment,
    before_and_after,
    changes_of_subject,
    ledger,
    ledger_rows,
    reached,
)
from tests.factories import TODAY, a_case, a_customer, an_opportunity, an_order
from tests.targets.conftest import JUNE, a_cell, targets_of
from tests.targets.test_attainment_of_targets import an_answer

MAY, MAY_END = dt.date(2026, 5, 1), dt.date(2026, 5, 31)


def kept(day, customer, value, owner, life_cycle="active"):
    with open_as(SYSTEM) as session:
        about = {"board_id": customer.board_id, "owner_id": owner.id, "life_cycle": life_cycle}
        session.add(ScoreSnapshot(customer_id=customer.id, as_of=day, lifetime_value=Decimal(value), **about))


@pytest.fixture
def scores(people):
    """Kept at the end of May and on 29 June."""
    late = dt.date(2026, 6, 29)
    stays, falls, goes, moves, comes = (a_customer(people.anna) for _ in range(5))
    for customer, before, after, holder in (
        (stays, 100, 130, people.anna),
        (falls, 50, 40, people.anna),
        (moves, 30, 36, people.chen),
    ):
        kept(MAY_END, customer, before, people.anna)
        kept(late, customer, after, holder)
    kept(MAY_END, goes, 80, people.anna)
    kept(late, goes, 5, people.anna, "lost")
    kept(late, comes, 9, people.anna)


def test_the_change_of_value_by_person_team_and_board(people, plan, scores):
    cells = [("person", people.anna.id), ("person", people.chen.id), ("board", people.units["Music"])]
    cells.append(("team", people.units["Sales East"]))
    targets_of(people.dana, plan, *(a_cell(kind, one, 10, measure="value_change") for kind, one in cells))
    with open_as(people.dana.actor) as session:
        told = attainment(session, TargetFilter(plan_id=plan.id)).set_index("subject")["actual"].to_dict()
        parts = changes_of_subject(session, "person", people.anna.id, JUNE, TODAY)
        assert reached(session, "value_change", "person", people.anna.id, plan.board_id, JUNE, TODAY) == -76
    assert told == {"Anna Lindqvist": -76, "Chen Wei": 36, "Music": -40, "Sales East": -76}
    assert parts.groupby("part")["change"].sum().to_dict() == {
        "new": 9,
        "grown": 30,
        "shrunk": -10,
        "lost": -75,
        "handed_over": -30,
    }


def test_a_rep_learns_his_total_though_he_no_longer_sees_whom_he_handed_over(people, plan, scores):
    targets_of(people.dana, plan, a_cell("person", people.chen.id, 10, measure="value_change"))
    with open_as(people.chen.actor) as session:
        told = attainment(session, TargetFilter(plan_id=plan.id)).iloc[0]
    assert (told["actual"], told["whole"]) == (36, False)


def test_without_kept_scores_nothing_is_known(people, plan):
    targets_of(people.dana, plan, a_cell("person", people.anna.id, 10, measure="value_change"))
    with open_as(people.dana.actor) as session:
        told = attainment(session, TargetFilter(plan_id=plan.id)).iloc[0]
    assert told["actual"] != told["actual"]


@pytest.fixture
def june(people, scores):
    """A campaign of 1,000 from 17 May to 15 June, half of it in June; an expense; four chances; three marks."""
    customer = a_customer(people.anna)
    with open_as(SYSTEM) as session:
        about = {"board_id": customer.board_id, "owner_id": people.anna.id, "team_id": people.anna.unit_id}
        spring = Campaign(
            name="Spring", starts_on=dt.date(2026, 5, 17), ends_on=dt.date(2026, 6, 15), cost=Decimal(1000), **about
        )
        session.add(spring)
    won = {"state": "won", "closed_on": TODAY}
    deal = an_opportunity(people.anna, customer, amount=Decimal(1500), campaign_id=spring.id, **won)
    an_opportunity(people.anna, customer, amount=Decimal(99), **won)
    for _ in range(2):
        an_opportunity(people.anna, customer, state="lost", closed_on=TODAY)
    with open_as(SYSTEM) as session:
        session.add(Expense(opportunity_id=deal.id, kind="travel", spent_on=TODAY, amount=Decimal(300), by_id=people.anna.id))
    for _ in range(4):
        an_order(a_customer(people.anna), on=TODAY)
    case = a_case(people.anna, customer)
    for mark in (3, 4, 5):
        an_answer(case, customer, mark, TODAY)


EXPECTED = {
    "cac": (800, 4),
    "clv": (220, 5),
    "conversion": (2, 4),
    "satisfaction": (12, 3),
    "churn": (1, 4),
    "mroi": (1000, 500),
}


def test_each_figure_is_its_rows(people, june):
    board = people.units["Music"]
    with open_as(people.dana.actor) as session:
        told = ledger(session, board, JUNE, TODAY).set_index("metric")
        for metric, (above, below) in EXPECTED.items():
            assert told.loc[metric, ["numerator", "denominator"]].tolist() == pytest.approx([above, below])
            assert told.loc[metric, "value"] == pytest.approx(above / below)
            rows = ledger_rows(session, metric, board, JUNE, TODAY)
            assert [rows["value"].sum(), rows["weight"].sum()] == pytest.approx([above, below])
    inside = told.drop(index="mroi")
    assert ((inside["low"] <= inside["value"]) & (inside["value"] <= inside["high"])).all()
    assert set(told.index) == set(Metric)


def test_two_periods_side_by_side(people, june):
    with open_as(people.dana.actor) as session:
        told = before_and_after(session, people.units["Music"], (MAY, MAY_END), (JUNE, TODAY)).set_index("metric")
    assert told.loc["clv", ["before", "after"]].tolist() == [65, 44]
    assert told.loc["clv", "change"] == pytest.approx(-21 / 65)
    assert not told.loc["clv", "better"]
    assert told.loc["mroi", ["before", "after"]].tolist() == [-1, 2]
    assert told.loc["mroi", "better"]
    assert told["aim"].to_dict()["cac"] == -0.2


def test_another_board_has_nothing_of_it(people, june):
    with open_as(people.emil.actor) as session:
        told = ledger(session, people.units["Music"], JUNE, TODAY)
    assert told["value"].isna().all()
