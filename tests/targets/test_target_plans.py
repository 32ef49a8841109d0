import datetime as dt
import pickle
from decimal import Decimal

import pytest

from crm.access import SYSTEM
from crm.errors import Invalid, NotFound, Refused, Stale
from crm.session import get, open_as
from crm.targets.commands import (
    Because,
    CellsRefused,
    PlanDetails,
    add_plan,
    approve_plan,
    delete_plan,
    edit_plan,
)
from crm.targets.models import Target, TargetPlan
from crm.targets.queries import TargetFilter, changes_of, plans, targets, targets_at, versions
from tests.targets.conftest import JUNE, a_cell, targets_of


def held(person, plan):
    with open_as(person.actor) as session:
        return targets(session, TargetFilter(plan_id=plan.id))


def test_it_works(people, plan):
    changed = targets_of(
        people.dana,
        plan,
        a_cell("person", people.anna.id, 1000, stretch=Decimal(1200), challenge=Decimal(1500)),
        a_cell("team", people.units["Sales East"], 5000),
        a_cell("board", people.units["Music"], 60_000, dt.date(2026, 1, 1), period="year"),
        a_cell("person", people.gia.id, "4.25", measure="satisfaction"),
    )
    found = held(people.dana, plan).set_index(["subject", "measure"])
    assert changed == 4
    assert found.loc[("Anna Lindqvist", "revenue"), ["base", "stretch", "challenge"]].tolist() == [1000, 1200, 1500]
    assert found.loc[("Music", "revenue"), "ends_on"] == dt.date(2026, 12, 31)
    with open_as(people.dana.actor) as session:
        assert plans(session)[["name", "state", "unit", "targets"]].values.tolist() == [["Music 2026", "draft", "Music", 4]]


def test_who_sees_what(people, plan):
    targets_of(
        people.dana,
        plan,
        *(a_cell("person", person.id) for person in (people.anna, people.ben, people.chen)),
        a_cell("team", people.units["Sales East"]),
        a_cell("team", people.units["Sales West"]),
        a_cell("board", people.units["Music"]),
    )
    assert set(held(people.anna, plan)["subject"]) == {"Anna Lindqvist", "Sales East", "Music"}
    assert set(held(people.ben, plan)["subject"]) == {"Anna Lindqvist", "Ben Okafor", "Sales East", "Music"}
    assert held(people.emil, plan).empty


def test_refused_for_a_stranger(people, plan):
    with pytest.raises(NotFound):
        targets_of(people.emil, plan, a_cell("person", people.anna.id))
    with pytest.raises(Refused), open_as(people.ben.actor) as session:
        edit_plan(session, plan.id, PlanDetails(name="Mine", year=2026), plan.version)


def test_refused_for_a_reader(people, plan):
    for person in (people.anna, people.amir):
        with pytest.raises(Refused):
            targets_of(person, plan, a_cell("person", people.anna.id))


def test_a_lead_sets_the_targets_of_his_people_alone(people):
    with open_as(people.ben.actor) as session:
        mine = add_plan(session, PlanDetails(name="East 2026", year=2026))
    assert targets_of(people.ben, mine, a_cell("person", people.anna.id)) == 1
    with pytest.raises(CellsRefused):
        targets_of(people.ben, mine, a_cell("person", people.chen.id))
    with pytest.raises(Refused), open_as(people.ben.actor) as session:
        approve_plan(session, mine.id, mine.version)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"base": -1}, "base"),
        ({"base": "1.005"}, "base"),
        ({"base": 6, "measure": "satisfaction"}, "base"),
        ({"base": "1.5", "measure": "contracts"}, "base"),
        ({"stretch": Decimal(900)}, "stretch"),
        ({"base": None, "stretch": Decimal(900)}, "base"),
        ({"starts_on": dt.date(2026, 6, 2)}, "starts_on"),
        ({"starts_on": dt.date(2025, 6, 1)}, "starts_on"),
        ({"starts_on": dt.date(2026, 6, 1), "period": "quarter"}, "starts_on"),
        ({"subject_id": 999}, "subject_id"),
        ({"kind": "board", "subject_id": "Sales East"}, "subject_kind"),
        ({"kind": "product", "measure": "activities", "subject_id": 1}, "subject_id"),
    ],
)
def test_a_cell_that_cannot_be_is_named(people, plan, changes, field):
    named = {"kind": "person", "subject_id": people.anna.id} | changes
    kind, one = named.pop("kind"), named.pop("subject_id")
    wrong = a_cell(kind, people.units.get(one, one), **named)
    with pytest.raises(CellsRefused) as refusal:
        targets_of(people.dana, plan, a_cell("person", people.ben.id), wrong)
    assert [(one.place, one.field) for one in refusal.value.refusals] == [(1, field)]
    assert held(people.dana, plan).empty
    assert pickle.loads(pickle.dumps(refusal.value)).refusals == refusal.value.refusals


def test_all_wrong_cells_are_named_at_once(people, plan):
    cells = [a_cell("person", people.anna.id), a_cell("person", people.anna.id), a_cell("person", people.emil.id, -5)]
    with pytest.raises(CellsRefused, match="2 cells") as refusal:
        targets_of(people.dana, plan, *cells)
    assert [one.place for one in refusal.value.refusals] == [1, 2]


def test_what_somebody_else_changed_meanwhile_is_not_overwritten(people, plan):
    targets_of(people.dana, plan, a_cell("person", people.anna.id, 1000))
    with pytest.raises(CellsRefused) as refusal:
        targets_of(people.bao, plan, a_cell("person", people.anna.id, 2000))
    assert refusal.value.refusals[0].values == {"value": Decimal(1000)}
    assert targets_of(people.bao, plan, a_cell("person", people.anna.id, 1000)) == 0
    assert targets_of(people.bao, plan, a_cell("person", people.anna.id, 2000, version=1)) == 1
    with pytest.raises(CellsRefused):
        targets_of(people.dana, plan, a_cell("person", people.anna.id, 3000, version=1))


def test_taken_out_and_set_again(people, plan):
    targets_of(people.dana, plan, a_cell("person", people.anna.id))
    assert targets_of(people.dana, plan, a_cell("person", people.anna.id, None, version=1)) == 1
    assert held(people.dana, plan).empty
    assert targets_of(people.dana, plan, a_cell("person", people.anna.id, 700)) == 1
    assert held(people.dana, plan)["base"].tolist() == [700]


def approved(people, plan, *cells):
    targets_of(people.dana, plan, *cells)
    with open_as(people.dana.actor) as session:
        return approve_plan(session, plan.id, get(session, TargetPlan, plan.id).version)


def test_after_the_approval_each_change_is_a_version_with_its_reason(people, plan):
    approved(people, plan, a_cell("person", people.anna.id, 1000), a_cell("person", people.ben.id, 500))
    with pytest.raises(Invalid, match="say why"):
        targets_of(people.dana, plan, a_cell("person", people.anna.id, 1100, version=1))
    because = Because(reason="A large customer left")
    targets_of(people.dana, plan, a_cell("person", people.anna.id, 800, version=1), because=because)
    targets_of(people.dana, plan, a_cell("person", people.ben.id, None, version=1), because=because)
    with open_as(people.dana.actor) as session:
        told = versions(session, plan.id)
        assert told[["number", "reason", "changed"]].values.tolist() == [
            [3, "A large customer left", 1],
            [2, "A large customer left", 1],
            [1, "approved", 2],
        ]
        assert targets_at(session, plan.id, 1)["base"].tolist() == [1000, 500] or set(
            targets_at(session, plan.id, 1)["base"]
        ) == {1000, 500}
        assert set(targets_at(session, plan.id, 2)["base"]) == {800, 500}
        assert targets_at(session, plan.id, 3)["base"].tolist() == [800]
        one = targets(session, TargetFilter(plan_id=plan.id)).iloc[0]
        assert changes_of(session, int(one["id"]))["base"].tolist() == [800, 1000]


def test_an_approved_plan_is_changed_only_by_those_who_approve(people):
    with open_as(people.ben.actor) as session:
        mine = add_plan(session, PlanDetails(name="East 2026", year=2026))
    targets_of(people.ben, mine, a_cell("person", people.anna.id))
    with open_as(people.dana.actor) as session:
        approve_plan(session, mine.id, mine.version)
    with pytest.raises(Refused):
        targets_of(people.ben, mine, a_cell("person", people.anna.id, 5, version=1), because=Because(reason="Too much"))
    with pytest.raises(Refused), open_as(people.ben.actor) as session:
        session.get(Target, 1).base = Decimal(1)
        session.flush()


def test_the_approval(people, plan):
    with pytest.raises(Invalid, match="no target"), open_as(people.dana.actor) as session:
        approve_plan(session, plan.id, plan.version)
    approved(people, plan, a_cell("person", people.anna.id))
    with pytest.raises(Invalid, match="approved already"), open_as(people.dana.actor) as session:
        approve_plan(session, plan.id, plan.version)
    with pytest.raises(Invalid, match="stays"), open_as(people.dana.actor) as session:
        delete_plan(session, plan.id)
    with open_as(people.dana.actor) as session:
        other = add_plan(session, PlanDetails(name="Another", year=2026), people.units["Music"])
    with pytest.raises(Invalid, match="in the approved plan Music 2026 already"):
        approved(people, other, a_cell("person", people.anna.id))


def test_a_plan_as_such(people, plan):
    with open_as(people.dana.actor) as session:
        edit_plan(session, plan.id, PlanDetails(name="Music 26", year=2026), plan.version)
    with pytest.raises(Stale), open_as(people.dana.actor) as session:
        edit_plan(session, plan.id, PlanDetails(name="Music XX", year=2026), plan.version)
    targets_of(people.dana, plan, a_cell("person", people.anna.id, starts_on=JUNE))
    with pytest.raises(Invalid, match="another year"), open_as(people.dana.actor) as session:
        edit_plan(session, plan.id, PlanDetails(name="Music 26", year=2027), 2)
    with open_as(people.dana.actor) as session:
        delete_plan(session, plan.id)
    with open_as(SYSTEM) as session:
        assert plans(session).empty
    with pytest.raises(Refused), open_as(people.anna.actor) as session:
        add_plan(session, PlanDetails(name="Mine", year=2026))
