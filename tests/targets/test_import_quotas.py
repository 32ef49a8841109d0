"""A table of quotas from a file."""

import datetime as dt

import pytest

from crm.errors import Refused
from crm.session import get, open_as
from crm.targets.commands import approve_plan
from crm.targets.imports import TARGETS
from crm.targets.models import TargetPlan
from crm.targets.queries import TargetFilter, targets
from tests.importing import bring, reasons, tried
from tests.targets.conftest import a_cell, targets_of

FILE = """
    plan,name,measure,Jan,Feb,Mar,Q2,FY
    Music 2026,Anna Lindqvist,Revenue,100,200.50,,,
    Music 2026,Sales East,revenue,1000,,,4000,
    Music 2026,Music,revenue,,,,,99000
"""


def held(person, plan):
    with open_as(person.actor) as session:
        found = targets(session, TargetFilter(plan_id=plan.id))
    return {(one.subject, one.period, one.starts_on.month): one.base for one in found.itertuples()}


def test_the_doors_know_it():
    assert {"targets", "leads", "orders"} <= TARGETS.keys() and TARGETS["targets"].area == "targets"


def test_it_works(people, plan):
    imported = bring(people.dana, "targets", FILE, key=None)
    assert imported.problems.empty and (imported.job.added, imported.job.target) == (3, "targets")
    assert held(people.dana, plan) == {
        ("Anna Lindqvist", "month", 1): 100,
        ("Anna Lindqvist", "month", 2): 200.5,
        ("Sales East", "month", 1): 1000,
        ("Sales East", "quarter", 4): 4000,
        ("Music", "year", 1): 99_000,
    }


def test_a_second_time_only_what_is_another(people, plan):
    bring(people.dana, "targets", FILE, key=None)
    preview = tried(people.dana, "targets", FILE.replace("200.50", "250"), key=None)
    assert (preview.new, preview.changed, preview.unchanged) == (0, 1, 2)
    assert preview.differences[["key", "field", "before", "after"]].values.tolist() == [
        ["Anna Lindqvist", "month_2", "200.5", "250"]
    ]
    bring(people.dana, "targets", FILE.replace("200.50", "250"), key=None)
    assert held(people.dana, plan)["Anna Lindqvist", "month", 2] == 250


def test_rows_that_cannot_be_are_refused_with_the_reason(people, plan):
    text = """
        plan,name,kind of subject,measure,Jan,Feb
        Music 2027,Anna Lindqvist,,revenue,1,
        Music 2026,Nobody Here,,revenue,1,
        Music 2026,Emil Sandoval,,revenue,1,
        Music 2026,Anna Lindqvist,,contracts,1.5,
        Music 2026,Anna Lindqvist,,revenue,1,-2
        Music 2026,Ben Okafor,,revenue,,
        Music 2026,Chen Wei,,revenue,5,
        Music 2026,Chen Wei,,revenue,6,
    """
    imported = bring(people.dana, "targets", text, key=None)
    told = reasons(imported.problems)
    assert imported.job.refused == 7 and imported.job.added == 1
    assert list(held(people.dana, plan).values()) == [5]
    expected = [
        "no plan called Music 2027",
        "called Nobody Here",
        "does not belong",
        "decimal places",
        "less than",
        "no target",
        "already",
    ]
    assert [part in one for part, (_, one) in zip(expected, sorted(told.items()), strict=True)] == [True] * 7


def test_an_approved_plan_is_not_changed_by_a_file(people, plan):
    targets_of(people.dana, plan, a_cell("person", people.anna.id, 5, dt.date(2026, 1, 1)))
    with open_as(people.dana.actor) as session:
        approve_plan(session, plan.id, get(session, TargetPlan, plan.id).version)
    imported = bring(people.dana, "targets", FILE, key=None)
    assert imported.job.refused == 3


def test_who_may_not(people, plan):
    for person in (people.anna, people.amir, people.gia):
        with pytest.raises(Refused):
            bring(person, "targets", FILE, key=None)
    assert bring(people.ben, "targets", FILE, key=None).job.refused == 3
