import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm.errors import Invalid, NotFound, Refused
from crm.session import get, open_as
from crm.targets.commands import Cell, Copying, Splitting, copy_targets, set_targets, split_target, take_sum
from crm.targets.commands.grid import known_targets
from crm.targets.models import Target, TargetPlan
from crm.targets.queries import TargetFilter, part_targets, parts_of, targets
from tests.conftest import proof
from tests.factories import a_customer, an_order
from tests.targets.conftest import JUNE, a_cell, targets_of

YEAR = dt.date(2026, 1, 1)


@pytest.fixture
def year(people, plan):
    """The board's year of revenue, three levels."""
    levels = {"stretch": Decimal("100000.01"), "challenge": Decimal(120_000)}
    targets_of(people.dana, plan, a_cell("board", people.units["Music"], "90000.07", YEAR, period="year", **levels))
    with open_as(people.dana.actor) as session:
        return targets(session, TargetFilter(plan_id=plan.id)).iloc[0]


def sums(person, plan, **where):
    with open_as(person.actor) as session:
        found = targets(session, TargetFilter(plan_id=plan.id, **where))
        exact = [get(session, Target, int(one)) for one in found["id"]]
        return [sum(getattr(one, level) for one in exact) for level in ("base", "stretch", "challenge")], len(exact)


def test_a_year_into_months_and_among_teams(people, plan, year):
    with open_as(people.dana.actor) as session:
        assert split_target(session, int(year["id"]), Splitting(into="periods", grain="month")) == 12
        teams = (("team", people.units["Sales East"]), ("team", people.units["Sales West"]), ("person", people.dana.id))
        splitting = Splitting(into="subjects", subjects=teams, weights=(Decimal(3), Decimal(2), Decimal("0.5")))
        assert split_target(session, int(year["id"]), splitting) == 3
    whole = [Decimal("90000.07"), Decimal("100000.01"), Decimal(120_000)]
    assert sums(people.dana, plan, period=("month",)) == (whole, 12)
    assert sums(people.dana, plan, period=("year",), subject_kind=("team", "person")) == (whole, 3)
    with open_as(people.dana.actor) as session:
        told = parts_of(session, plan.id)
        assert told[["subject", "by", "parts", "difference"]].values.tolist() == [
            ["Music", "period", 12, 0],
            ["Music", "subject", 3, 0],
        ]


def test_by_the_seasons_of_last_year(people, plan, year):
    customer = a_customer(people.anna)
    for month, amount in ((3, 100), (11, 300)):
        an_order(customer, amount, on=dt.date(2025, month, 5))
    with open_as(people.dana.actor) as session:
        split_target(session, int(year["id"]), Splitting(into="periods", weights="last_year"))
        found = targets(session, TargetFilter(plan_id=plan.id, period=("month",)))
    assert found.set_index("starts_on")["base"].loc[[dt.date(2026, 3, 1), dt.date(2026, 11, 1)]].tolist() == [22500.02, 67500.05]
    assert (found["base"] > 0).sum() == 2


@pytest.mark.parametrize(
    ("splitting", "template"),
    [
        ({"into": "periods", "grain": "year"}, "has no parts"),
        ({"into": "subjects"}, "among whom"),
        ({"into": "periods", "weights": (Decimal(1),)}, "12 parts and 1"),
        ({"into": "periods", "weights": (Decimal(0),) * 12}, "Weights"),
        ({"into": "periods", "weights": "last_year"}, "Nothing was reached"),
    ],
)
def test_what_cannot_be_split(people, plan, year, splitting, template):
    with pytest.raises(Invalid, match=template), open_as(people.dana.actor) as session:
        split_target(session, int(year["id"]), Splitting(**splitting))


def test_marks_are_not_divided(people, plan):
    targets_of(people.dana, plan, a_cell("board", people.units["Music"], "4.5", YEAR, period="year", measure="satisfaction"))
    with open_as(people.dana.actor) as session:
        one = targets(session, TargetFilter(plan_id=plan.id)).iloc[0]
        split_target(session, int(one["id"]), Splitting(into="periods", grain="quarter"))
        assert targets(session, TargetFilter(plan_id=plan.id, period=("quarter",)))["base"].tolist() == [4.5] * 4
        assert parts_of(session, plan.id)["difference"].tolist() == [0]


def test_refused_for_a_stranger_and_a_reader(people, plan, year):
    for person, error in ((people.emil, NotFound), (people.anna, Refused), (people.amir, Refused)):
        with pytest.raises(error), open_as(person.actor) as session:
            split_target(session, int(year["id"]), Splitting(into="periods"))
        with pytest.raises(error), open_as(person.actor) as session:
            take_sum_of_month(session, people, plan, year)


def take_sum_of_month(session, people, plan, year):
    copying = Copying(measure="revenue", period="year", from_day=YEAR, to_day=YEAR, percent=Decimal(5))
    copy_targets(session, plan.id, copying)


def test_the_parts_beside_the_whole_and_the_whole_as_their_sum(people, plan):
    east = people.units["Sales East"]
    targets_of(
        people.dana,
        plan,
        a_cell("team", east, 1000),
        a_cell("board", people.units["Music"], 2000),
        a_cell("person", people.anna.id, 700, stretch=Decimal(800)),
        a_cell("person", people.ben.id, 400, stretch=Decimal(500)),
        a_cell("person", people.chen.id, 900),
    )
    with open_as(people.dana.actor) as session:
        told = parts_of(session, plan.id).set_index("subject")
        assert told["parts_sum"].to_dict() == {"Sales East": 1100, "Music": 1900}
        assert told["difference"].to_dict() == {"Sales East": 100, "Music": -100}
        team = told.loc["Sales East", "target_id"]
        assert set(part_targets(session, int(team))["subject"]) == {"Anna Lindqvist", "Ben Okafor"}
        assert take_sum(session, int(team), 1) == 1
        one = get(session, Target, int(team))
        assert (one.base, one.stretch, one.challenge) == (1100, 1300, None)
        with pytest.raises(Invalid, match="no target below"):
            take_sum(session, int(targets(session, TargetFilter(plan_id=plan.id, subject_id=(people.chen.id,)))["id"].iloc[0]), 1)


def test_a_copy_of_another_period_with_so_much_more(people, plan):
    may = dt.date(2026, 5, 1)
    targets_of(
        people.dana,
        plan,
        a_cell("person", people.anna.id, 100, may, stretch=Decimal("150.55")),
        a_cell("person", people.ben.id, 200, may),
        a_cell("person", people.ben.id, 5, JUNE),
        a_cell("person", people.anna.id, 9, may, measure="activities"),
    )
    with open_as(people.dana.actor) as session:
        assert copy_targets(session, plan.id, Copying(measure="revenue", from_day=may, to_day=JUNE, percent=Decimal(10))) == 2
        assert copy_targets(session, plan.id, Copying(measure="activities", from_day=may, to_day=JUNE, percent=Decimal(10))) == 1
        found = targets(session, TargetFilter(plan_id=plan.id, starts_from=JUNE)).set_index(["measure", "subject"])
    assert found.loc[("revenue", "Anna Lindqvist"), ["base", "stretch"]].tolist() == [110, 165.6]
    assert found.loc[("revenue", "Ben Okafor"), "base"] == 220
    assert found.loc[("activities", "Anna Lindqvist"), "base"] == 10


def test_what_was_reached_becomes_a_target(people, plan):
    an_order(a_customer(people.anna), "123.45", on=dt.date(2025, 6, 9))
    copying = Copying(
        source="actuals",
        measure="revenue",
        from_day=dt.date(2025, 6, 1),
        to_day=JUNE,
        percent=Decimal(10),
        stretch_percent=Decimal(20),
        subject_kind="person",
        subject_ids=(people.anna.id, people.ben.id),
    )
    with open_as(people.dana.actor) as session:
        assert copy_targets(session, plan.id, copying) == 2
        found = targets(session, TargetFilter(plan_id=plan.id)).set_index("subject")
        assert found.loc["Anna Lindqvist", ["base", "stretch"]].tolist() == [135.8, 162.96]
        assert found.loc["Ben Okafor", "base"] == 0
        with pytest.raises(Invalid, match="whose results"):
            copy_targets(session, plan.id, copying.model_copy(update={"subject_ids": ()}))


AMOUNTS = st.integers(0, 10**9).map(lambda cents: Decimal(cents) / 100)


@settings(max_examples=40 if proof() else 6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.tuples(AMOUNTS, AMOUNTS, AMOUNTS).map(sorted), st.lists(st.integers(0, 50), min_size=12, max_size=12).filter(any))
def test_whatever_is_split_adds_up_at_every_level(people, plan, levels, weights):
    base, stretch, challenge = levels
    with open_as(people.dana.actor) as session:
        board = ("board", people.units["Music"])
        known = known_targets(session, plan.id).get(("revenue", *board, "year", YEAR))
        version = known.version if known else 0
        about = {"subject_kind": board[0], "subject_id": board[1], "starts_on": YEAR, "period": "year", "measure": "revenue"}
        set_targets(session, plan.id, [Cell(**about, base=base, stretch=stretch, challenge=challenge, version=version)])
        whole = known_targets(session, plan.id)[("revenue", *board, "year", YEAR)]
        split_target(session, whole.id, Splitting(into="periods", weights=tuple(Decimal(one) for one in weights)))
        months = [one for key, one in known_targets(session, plan.id).items() if key[3] == "month"]
    assert [sum(getattr(one, name) for one in months) for name in ("base", "stretch", "challenge")] == [base, stretch, challenge]
    assert all(one.base <= one.stretch <= one.challenge for one in months)


def test_an_unknown_plan(people):
    with pytest.raises(NotFound), open_as(people.dana.actor) as session:
        get(session, TargetPlan, 99)
