import pytest

from crm.catalogue.commands import delete_category, delete_product
from crm.catalogue.queries import categories
from crm.errors import Invalid, Refused
from crm.session import open_as
from tests.factories import a_product


def test_it_works(people, tree):
    with open_as(people.bao.actor) as session:
        delete_category(session, tree["Services"])
        assert "Services" not in categories(session)["name"].tolist()


def test_refused_for_readers(people, tree):
    with pytest.raises(Refused), open_as(people.dana.actor) as session:
        delete_category(session, tree["Services"])


def test_not_while_categories_are_below_it(people, tree):
    with pytest.raises(Invalid) as refusal, open_as(people.ada.actor) as session:
        delete_category(session, tree["Machines"])
    assert refusal.value.values == {"name": "Machines", "below": 2, "products": 0}


def test_not_while_products_are_in_it(people, tree):
    drill = a_product(category_id=tree["Drills"])
    with pytest.raises(Invalid) as refusal, open_as(people.ada.actor) as session:
        delete_category(session, tree["Drills"])
    assert refusal.value.values["products"] == 1
    with open_as(people.ada.actor) as session:
        delete_product(session, drill.id)
        delete_category(session, tree["Drills"])
