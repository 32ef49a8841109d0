import pytest

from crm.catalogue.commands import CategoryInput, edit_category
from crm.catalogue.queries import categories, category
from crm.errors import Invalid, Refused, Stale
from crm.session import open_as


def test_it_works(people, tree):
    with open_as(people.ada.actor) as session:
        edit_category(
            session, tree["Drills"], CategoryInput(name="Power drills", parent_id=tree["Machines"], remark="hand-held"), 1
        )
        found = category(session, tree["Drills"])
        assert (found.name, found.remark, found.code) == ("Power drills", "hand-held", "C01-01")


def test_refused_for_readers(people, tree):
    with pytest.raises(Refused), open_as(people.anna.actor) as session:
        edit_category(session, tree["Drills"], CategoryInput(name="Mine"), 1)


def test_moved_it_gets_a_code_of_its_new_place(people, tree):
    with open_as(people.ada.actor) as session:
        edit_category(session, tree["Drills"], CategoryInput(name="Drills", parent_id=tree["Services"]), 1)
        edit_category(session, tree["Presses"], CategoryInput(name="Presses"), 1)
        assert categories(session)["code"].tolist() == ["C01", "C02", "C02-01", "C03"]


@pytest.mark.parametrize("above", ["Services", "Machines"])
def test_one_with_categories_below_cannot_go_below_another_nor_itself(people, tree, above):
    with pytest.raises(Invalid), open_as(people.ada.actor) as session:
        edit_category(session, tree["Machines"], CategoryInput(name="Machines", parent_id=tree[above]), 1)


def test_one_without_cannot_go_below_itself(people, tree):
    with pytest.raises(Invalid), open_as(people.ada.actor) as session:
        edit_category(session, tree["Services"], CategoryInput(name="Services", parent_id=tree["Services"]), 1)


def test_a_second_save_is_refused(people, tree):
    with open_as(people.ada.actor) as session:
        edit_category(session, tree["Services"], CategoryInput(name="Service"), 1)
    with pytest.raises(Stale) as conflict, open_as(people.bao.actor) as session:
        edit_category(session, tree["Services"], CategoryInput(name="Rentals"), 1)
    assert conflict.value.by == "Ada Moreau"
