"""Rules, statements with their reckoning, and what a rep reads of his own."""

import datetime as dt
from decimal import Decimal

import pytest

from crm.access import SYSTEM
from crm.office.commands import DemoDay, set_demo_today
from crm.session import open_as
from crm.targets.commands import (
    IncentiveInput,
    PlanDetails,
    TierInput,
    add_incentive,
    add_plan,
    approve_plan,
    make_statements,
)
from crm.targets.queries import statements
from crm.ui.team.incentive_statement import reckoned
from tests.factories import TODAY, a_customer, an_order
from tests.pages.opened import dialog, keys, opened, texts
from tests.pages.reading import english_left
from tests.targets.conftest import a_cell, targets_of

PAGE = "pages/performance/team.py"
MAY = dt.date(2026, 5, 1)
TIERS = [TierInput(from_share=Decimal(0), rate=Decimal("0.01")), TierInput(from_share=Decimal(1), rate=Decimal("0.02"))]
RULE = IncentiveInput(name="Kick-off", measure="revenue", period="month", kind="commission", tiers=TIERS, starts_on=MAY)


@pytest.fixture
def rule(people):
    """Anna's target of May is 1,000, chen's 2,000; anna sold 1,200, chen 500."""
    with open_as(SYSTEM) as session:
        set_demo_today(session, DemoDay(day=TODAY))
    with open_as(people.dana.actor) as session:
        plan = add_plan(session, PlanDetails(name="Music 2026", year=2026), people.units["Music"])
    cells = [a_cell("person", people.anna.id, 1000, MAY), a_cell("person", people.chen.id, 2000, MAY)]
    targets_of(people.dana, plan, *cells)
    with open_as(people.dana.actor) as session:
        approve_plan(session, plan.id, plan.version)
    for person, amount in ((people.anna, 1200), (people.chen, 500)):
        an_order(a_customer(person), amount, on=dt.date(2026, 5, 10))
    with open_as(people.dana.actor) as session:
        return add_incentive(session, RULE, people.units["Music"])


@pytest.fixture
def made(people, rule):
    with open_as(people.dana.actor) as session:
        make_statements(session, rule.id, MAY)


def test_the_sum_is_that_of_the_statements(people, made):
    at = opened(PAGE, people.dana, show="incentives")
    assert not at.exception
    assert at.session_state["_totals"]["team"] == {"count": 2, "amount": 19.0}
    assert at.session_state["_tiles"]["incentives.amount"].value == 19.0
    assert at.dataframe[0].value["amount"].tolist() == [14.0, 5.0, 19.0]
    assert "most for Anna Lindqvist" in texts(at)


def test_a_rep_reads_his_own(people, made):
    at = opened(PAGE, people.anna, show="incentives")
    assert at.session_state["_totals"]["team"] == {"count": 1, "amount": 14.0}
    assert "Anna Lindqvist earned" in texts(at)
    assert not keys(at) & {"rules.new", "incentives.make.go"}


def test_the_reckoning_adds_up_line_by_line(people, made):
    with open_as(people.anna.actor) as session:
        one = statements(session).iloc[0]
    lines = reckoned(one["lines"])
    assert lines[["from_share", "to_share", "rate", "line_amount"]].values.tolist() == [[0, 100, 1, 10], [100, 120, 2, 4]]
    assert lines["line_amount"].sum() == float(one["amount"])


def test_a_period_is_reckoned_from_the_page(people, rule):
    at = opened(PAGE, people.dana, show="incentives")
    assert "No statement yet" in texts(at)
    at.button(key="incentives.make.go").click().run()
    assert at.session_state["_totals"]["team"]["count"] == 2


def test_a_lead_reckons_nothing_and_makes_no_rule(people, made):
    at = opened(PAGE, people.ben, show="incentives")
    assert "incentives.make.go" not in keys(at)
    assert at.session_state["_totals"]["team"]["count"] == 1
    assert "rules.new" not in keys(opened(PAGE, people.ben, show="incentives", view="rules"))


def test_the_rules_and_what_one_pays(people, rule):
    at = opened(PAGE, people.dana, show="incentives", view="rules")
    assert "1 rule says what attainment pays" in texts(at) and "rules.new" in keys(at)

    def body(board_id):
        from crm.staff.sign_in import Board
        from crm.ui.team.incentive_rules import rule_dialog

        rule_dialog(Board(board_id, "Music", "CNY"), None)

    at = dialog(body, people.dana, people.units["Music"])
    at.number_input(key="rules.edit.new.base").set_value(1000.0).run()
    shown = next(one.value for one in at.dataframe if "attained" in one.value)
    pays = shown.set_index("attained")["amount"].to_dict()
    assert pays[100.0] == 10 and pays[150.0] == 20


def test_a_rule_is_made(people):
    def body(board_id):
        from crm.staff.sign_in import Board
        from crm.ui.team.incentive_rules import rule_dialog

        rule_dialog(Board(board_id, "Music", "CNY"), None)

    at = dialog(body, people.dana, people.units["Music"])
    at.text_input(key="rules.edit.new.name").set_value("Spring")
    at.button(key="rules.edit.new.save").click().run()
    assert not at.error
    assert "Spring" in str(opened(PAGE, people.dana, show="incentives", view="rules").dataframe[0].value)


def test_empty_and_in_chinese(people, made):
    assert "There is no statement of yours yet" in texts(opened(PAGE, people.emil, show="incentives"))
    for more in ({}, {"view": "rules"}):
        at = opened(PAGE, people.dana, "zh", show="incentives", **more)
        assert not at.exception
        assert english_left(at) == set()
