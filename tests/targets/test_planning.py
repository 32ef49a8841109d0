"""What stands beside the targets of a plan: its facts, who can have one, what plans come to, and what a version changed."""

import datetime as dt
from decimal import Decimal

import pytest

from crm.access import SYSTEM
from crm.errors import NotFound
from crm.session import get, open_as
from crm.staff.models import User, UserState
from crm.targets.commands import Because, CellsRefused, Copying, PlanDetails, add_plan, approve_plan, copy_targets, take_sum
from crm.targets.models import Target
from crm.targets.queries import (
    TargetFilter,
    candidates,
    changed_targets,
    editable_plans,
    part_targets,
    plan_facts,
    plan_sums,
    quota_table,
    targets,
    units_to_plan,
)
from tests.factories import a_customer, a_product, an_order
from tests.targets.conftest import JUNE, a_cell, targets_of

YEAR = dt.date(2026, 1, 1)


def names(person, plan):
    with open_as(person.actor) as session:
        return [("  " * one.depth) + one.name for one in candidates(session, plan.id)]


def test_the_people_of_the_plan_stand_as_a_tree(people, plan):
    assert names(people.dana, plan) == [
        "Music",
        "  Dana Novak",
        "  Amir Haddad",
        "  Bao Nguyen",
        "  Sales East",
        "    Ben Okafor",
        "    Anna Lindqvist",
        "  Sales West",
        "    Chen Wei",
        "  Service",
        "    Gia Rossi",
    ]


def test_who_left_stays_only_with_a_target_and_products_come_with_one(people, plan):
    piano = a_product(code="P1", name="Piano")
    a_product(code="P2", name="Drum")
    targets_of(people.dana, plan, a_cell("person", people.anna.id), a_cell("product", piano.id))
    with open_as(SYSTEM) as session:
        for person in (people.anna, people.chen):
            get(session, User, person.id).state = UserState.LEFT
    found = [name.strip() for name in names(people.dana, plan)]
    assert "Anna Lindqvist" in found and "Chen Wei" not in found
    assert found[-1] == "Piano"


def test_the_facts_say_what_one_may(people, plan):
    targets_of(people.dana, plan, a_cell("person", people.anna.id), a_cell("person", people.ben.id))
    told = {}
    for name in ("dana", "ben", "anna", "amir"):
        with open_as(getattr(people, name).actor) as session:
            facts = plan_facts(session, plan.id)
        told[name] = (facts.targets, facts.may_change, facts.may_approve, facts.sees_all)
    assert told == {
        "dana": (2, True, True, True),
        "ben": (2, False, False, False),
        "anna": (1, False, False, False),
        "amir": (2, False, False, True),
    }
    with pytest.raises(NotFound), open_as(people.emil.actor) as session:
        plan_facts(session, plan.id)


def test_each_plans_for_his_units_and_fills_his_drafts(people, plan):
    with open_as(people.ben.actor) as session:
        assert list(units_to_plan(session).values()) == ["Music · Sales East"]
        add_plan(session, PlanDetails(name="East 2026", year=2026))
        assert editable_plans(session) == ["East 2026"]
    with open_as(people.dana.actor) as session:
        assert set(units_to_plan(session).values()) >= {"Music", "Music · Sales West"}
        assert editable_plans(session) == ["East 2026", "Music 2026"]
    with open_as(people.anna.actor) as session:
        assert editable_plans(session) == []


def test_a_plan_comes_to_what_stands_highest_in_it(people, plan):
    east = people.units["Sales East"]
    months = [a_cell("team", east, 100, dt.date(2026, month, 1)) for month in range(1, 13)]
    quarter = a_cell("team", east, 999, dt.date(2026, 1, 1), period="quarter")
    marks = [a_cell("person", one.id, mark, measure="satisfaction") for one, mark in ((people.anna, 4), (people.chen, 5))]
    inside = [a_cell("person", people.anna.id, 70), a_cell("person", people.chen.id, 30)]
    again = a_cell("product", a_product(code="P1", name="Piano").id, 640)
    targets_of(people.dana, plan, *months, quarter, *marks, *inside, again)
    with open_as(people.dana.actor) as session:
        told = plan_sums(session, plan.board_id).set_index("measure")["total"]
    assert told.to_dict() == {"revenue": 1230, "satisfaction": 4.5}


def test_a_version_says_what_it_changed(people, plan):
    targets_of(people.dana, plan, a_cell("person", people.anna.id, 100), a_cell("person", people.ben.id, 50))
    with open_as(people.dana.actor) as session:
        approve_plan(session, plan.id, plan.version)
    anna = a_cell("person", people.anna.id, 120, version=1, stretch=Decimal(150))
    targets_of(people.dana, plan, anna, a_cell("person", people.ben.id, None, version=1), because=Because(reason="A new region"))
    with open_as(people.dana.actor) as session:
        told = changed_targets(session, plan.id, 1, 2).set_index("subject")
        first = changed_targets(session, plan.id, 0, 1)
    assert told.loc["Anna Lindqvist", ["base_before", "base_after", "stretch_after"]].tolist() == [100, 120, 150]
    assert told["base_after"].isna().to_dict() == {"Anna Lindqvist": False, "Ben Okafor": True}
    assert sorted(first["base_after"]) == [50, 100]
    assert first["base_before"].isna().all()


def test_a_quota_table_holds_one_level_across(people, plan):
    cells = [
        a_cell("person", people.anna.id, 100, stretch=Decimal(110)),
        a_cell("person", people.anna.id, 900, YEAR, period="year"),
    ]
    targets_of(people.dana, plan, *cells)
    with open_as(people.dana.actor) as session:
        (base,) = quota_table(session, plan.id).to_dict("records")
        (stretch,) = quota_table(session, plan.id, "stretch").to_dict("records")
    assert (base["plan"], base["name"], base["month_6"], base["whole_year"]) == ("Music 2026", "Anna Lindqvist", 100, 900)
    assert stretch["month_6"] == 110


def test_a_year_takes_the_sum_of_its_months(people, plan):
    board = ("board", people.units["Music"])
    months = [a_cell(*board, 10 * month, dt.date(2026, month, 1)) for month in (1, 2)]
    targets_of(people.dana, plan, a_cell(*board, 500, YEAR, period="year"), *months, a_cell("person", people.anna.id, 7))
    with open_as(people.dana.actor) as session:
        whole = targets(session, TargetFilter(plan_id=plan.id, period=("year",))).iloc[0]
        assert part_targets(session, int(whole["id"]), "period")["base"].tolist() == [10, 20]
        assert take_sum(session, int(whole["id"]), 1, by="period") == 1
        assert get(session, Target, int(whole["id"])).base == 30


def test_results_of_people_and_teams_are_copied_together(people, plan):
    an_order(a_customer(people.anna), "100", on=dt.date(2025, 5, 9))
    subjects = (("person", people.anna.id), ("team", people.units["Sales East"]), ("person", people.chen.id))
    about = {"measure": "revenue", "from_day": dt.date(2025, 5, 1), "to_day": dt.date(2026, 5, 1), "periods": 2}
    with open_as(people.dana.actor) as session:
        copying = Copying(source="actuals", percent=Decimal(10), subjects=subjects, **about)
        assert copy_targets(session, plan.id, copying) == 6
        found = targets(session, TargetFilter(plan_id=plan.id, starts_to=dt.date(2026, 5, 1))).set_index("subject")["base"]
    assert found.to_dict() == {"Anna Lindqvist": 110, "Sales East": 110, "Chen Wei": 0}


def test_a_refusal_says_when_somebody_was_first(people, plan):
    targets_of(people.dana, plan, a_cell("person", people.anna.id, 100))
    with pytest.raises(CellsRefused) as refused:
        targets_of(people.bao, plan, a_cell("person", people.anna.id, 120), a_cell("person", people.ben.id, -1, JUNE))
    assert [one.overtaken for one in refused.value.refusals] == [True, False]
