from decimal import Decimal

import pytest
from pydantic import ValidationError

from crm.catalogue.commands import ProductInput, add_product, delete_product
from crm.catalogue.queries import product_choices, product_rows
from crm.errors import Invalid, NotFound, Refused
from crm.session import open_as


def test_it_works(people, tree):
    with open_as(people.bao.actor) as session:
        drill = ProductInput(
            name=" Cordless drill ", category_id=tree["Drills"], unit="piece", price="129.90", description="18 V"
        )
        add_product(session, drill)
    with open_as(people.anna.actor) as session:
        (row,) = product_rows(session).to_dict("records")
        shown = ("code", "name", "category", "unit", "price", "description")
        assert [row[name] for name in shown] == ["P00001", "Cordless drill", "Drills", "piece", 129.9, "18 V"]
        assert list(product_choices(session).values()) == ["P00001 Cordless drill"]


@pytest.mark.parametrize("name", ["anna", "dana", "amir", "mia"])
def test_refused_for_readers(people, name):
    with pytest.raises(Refused), open_as(getattr(people, name).actor) as session:
        add_product(session, ProductInput(name="Drill"))


def test_the_next_free_number_counts_on_from_the_highest(people):
    with open_as(people.ada.actor) as session:
        for code in ("P00041", "P9X", "85123A"):
            add_product(session, ProductInput(name="Imported", code=code))
        assert add_product(session, ProductInput(name="Drill")).code == "P00042"


def test_a_code_is_given_once(people):
    with pytest.raises(Invalid) as refusal, open_as(people.ada.actor) as session:
        add_product(session, ProductInput(name="Drill", code="D1"))
        add_product(session, ProductInput(name="Saw", code="D1"))
    assert refusal.value.template == "There is already a product with this code."


def test_a_deleted_product_comes_back_under_its_code(people):
    with open_as(people.ada.actor) as session:
        first = add_product(session, ProductInput(name="Drill", code="D1", price=10))
        delete_product(session, first.id)
        again = add_product(session, ProductInput(name="New drill", code="D1", price=12))
        assert (again.id, again.price) == (first.id, Decimal(12))
        assert product_rows(session)["name"].tolist() == ["New drill"]


def test_the_category_must_exist(people):
    with pytest.raises(NotFound), open_as(people.ada.actor) as session:
        add_product(session, ProductInput(name="Drill", category_id=99))


@pytest.mark.parametrize("wrong", [{"name": " "}, {"price": -1}, {"renewal_months": 0}])
def test_what_makes_no_sense_is_refused(wrong):
    with pytest.raises(ValidationError):
        ProductInput(**{"name": "Drill"} | wrong)
