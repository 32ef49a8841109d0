"""The tree of units: group, boards, departments."""

import pytest

from crm.errors import Invalid, Refused, Stale
from crm.session import open_as
from crm.staff.commands import UnitDetails, add_unit, edit_unit
from crm.staff.models import OrgUnit, UnitKind
from crm.staff.queries import units


def edited(people, which: str, **changes):
    with open_as(people.ada.actor) as session:
        unit = session.get(OrgUnit, people.units[which])
        current = {"name": unit.name, "kind": unit.kind, "parent_id": unit.parent_id, "currency": unit.currency}
        return edit_unit(session, unit.id, UnitDetails(**(current | changes)), unit.version)


def test_it_works(people):
    with open_as(people.ada.actor) as session:
        add_unit(
            session, UnitDetails(name="Online", kind=UnitKind.DEPARTMENT, parent_id=people.units["Sales East"], currency="EUR")
        )
    with open_as(people.anna.actor) as session:
        tree = units(session).set_index("name")
    assert tree["path"].tolist()[:3] == ["Group", "Group / Machinery", "Group / Machinery / Machinery Sales"]
    assert tree.loc["Online", ["path", "depth", "currency", "people"]].tolist() == [
        "Group / Music / Sales East / Online",
        3,
        "EUR",
        0,
    ]
    assert tree.loc["Sales East", "people"] == 2


@pytest.mark.parametrize("name", ["anna", "dana", "eve", "bao"])
def test_refused_for_everybody_but_administrators(people, name):
    with pytest.raises(Refused), open_as(getattr(people, name).actor) as session:
        add_unit(session, UnitDetails(name="Online", kind=UnitKind.DEPARTMENT, parent_id=people.units["Music"]))


@pytest.mark.parametrize(
    ("kind", "parent"), [("group", "Group"), ("board", None), ("board", "Music"), ("department", None), ("department", "Group")]
)
def test_each_kind_has_its_place(people, kind, parent):
    with pytest.raises(Invalid, match="The group is on top"), open_as(people.ada.actor) as session:
        add_unit(session, UnitDetails(name="Lost", kind=kind, parent_id=people.units.get(parent or "")))


def test_a_unit_does_not_stand_below_itself(people):
    with open_as(people.ada.actor) as session:
        below = add_unit(session, UnitDetails(name="Online", kind=UnitKind.DEPARTMENT, parent_id=people.units["Sales East"])).id
    for parent in (below, people.units["Sales East"]):
        with pytest.raises(Invalid, match="below itself"):
            edited(people, "Sales East", parent_id=parent)


def test_a_board_with_departments_does_not_become_a_group(people):
    with pytest.raises(Invalid, match="does not fit"):
        edited(people, "Music", kind=UnitKind.GROUP, parent_id=None)


def test_two_units_of_one_name_stand_in_two_places(people):
    with pytest.raises(Invalid, match="already a unit"):
        edited(people, "Sales West", name="Sales East")
    edited(people, "Machinery Sales", name="Sales East")


def test_the_second_save_is_refused(people):
    with open_as(people.ada.actor) as session:
        version = session.get(OrgUnit, people.units["Music"]).version
    edited(people, "Music", name="Records")
    details = UnitDetails(name="Vinyl", kind=UnitKind.BOARD, parent_id=people.units["Group"])
    with pytest.raises(Stale) as caught, open_as(people.ada.actor) as session:
        edit_unit(session, people.units["Music"], details, version)
    assert (caught.value.mine, caught.value.theirs) == ({"name": "Vinyl"}, {"name": "Records"})
