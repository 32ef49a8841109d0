import pytest

from crm.catalogue.commands import CategoryInput, add_category, delete_category
from crm.catalogue.queries import categories, category_choices
from crm.errors import Invalid, NotFound, Refused
from crm.session import open_as
from tests.factories import a_product


def test_it_works_with_codes_made_by_level(people, tree):
    a_product(category_id=tree["Drills"])
    with open_as(people.anna.actor) as session:
        found = categories(session)
        assert found[["code", "name", "products"]].values.tolist() == [
            ["C01", "Machines", 1],
            ["C01-01", "Drills", 1],
            ["C01-02", "Presses", 0],
            ["C02", "Services", 0],
        ]
        assert found["parent"].fillna("").tolist() == ["", "Machines", "Machines", ""]
        assert category_choices(session)[tree["Drills"]] == "C01-01 Machines / Drills"


@pytest.mark.parametrize("name", ["anna", "dana", "amir", "eve"])
def test_refused_for_readers(people, name):
    with pytest.raises(Refused), open_as(getattr(people, name).actor) as session:
        add_category(session, CategoryInput(name="Spare parts"))


def test_there_is_no_third_level(people, tree):
    with pytest.raises(Invalid) as refusal, open_as(people.ada.actor) as session:
        add_category(session, CategoryInput(name="Cordless", parent_id=tree["Drills"]))
    assert refusal.value.field == "parent_id"


def test_the_parent_must_exist(people):
    with pytest.raises(NotFound), open_as(people.ada.actor) as session:
        add_category(session, CategoryInput(name="Cordless", parent_id=99))


def test_a_code_is_never_given_twice(people, tree):
    with open_as(people.ada.actor) as session:
        delete_category(session, tree["Services"])
        delete_category(session, tree["Presses"])
        assert add_category(session, CategoryInput(name="Rentals")).code == "C03"
        assert add_category(session, CategoryInput(name="Saws", parent_id=tree["Machines"])).code == "C01-03"


def test_the_tree_stays_in_order_beyond_a_hundred(people):
    with open_as(people.ada.actor) as session:
        for number in range(1, 102):
            add_category(session, CategoryInput(name=f"Category {number}"))
        assert categories(session)["code"].tolist()[-3:] == ["C99", "C100", "C101"]
