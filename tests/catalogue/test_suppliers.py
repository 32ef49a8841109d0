from decimal import Decimal

import pytest

from crm.catalogue.commands import (
    SupplierInput,
    SupplyInput,
    add_supplier,
    delete_supplier,
    edit_supplier,
    put_supply,
    save_supplies,
    take_out_supply,
)
from crm.catalogue.queries import SupplierFilter, supplier_choices, supplier_count, suppliers, suppliers_of, supplies
from crm.errors import Invalid, NotFound, Refused, Stale
from crm.session import open_as
from tests.factories import a_product


def add(people, **values):
    with open_as(people.ada.actor) as session:
        return add_supplier(session, SupplierInput(**{"name": "Steel Works", "contact": "Li Na", "rating": "A"} | values))


def test_it_works(people):
    added = add(people, phone="021 555")
    with open_as(people.anna.actor) as session:
        (row,) = suppliers(session).to_dict("records")
        assert (row["name"], row["contact"], row["rating"], row["products"]) == ("Steel Works", "Li Na", "A", 0)
        assert supplier_choices(session) == {added.id: "Steel Works"}
        assert supplier_count(session, SupplierFilter(search="li steel")) == 1
        assert supplier_count(session, SupplierFilter(search="wood")) == 0


@pytest.mark.parametrize("name", ["anna", "dana", "amir", "mia"])
def test_refused_for_readers(people, name):
    with pytest.raises(Refused), open_as(getattr(people, name).actor) as session:
        add_supplier(session, SupplierInput(name="Steel Works"))


def test_a_name_is_given_once_and_a_deleted_one_comes_back(people):
    first = add(people)
    with pytest.raises(Invalid) as refusal:
        add(people)
    assert refusal.value.template == "There is already a supplier of this name."
    with open_as(people.ada.actor) as session:
        delete_supplier(session, first.id)
    assert add(people, contact="Wu").id == first.id


def test_an_edit_of_an_old_version_is_refused(people):
    added = add(people)
    with open_as(people.ada.actor) as session:
        edit_supplier(session, added.id, SupplierInput(name="Steel Works", rating="B"), 1)
    with pytest.raises(Stale), open_as(people.ada.actor) as session:
        edit_supplier(session, added.id, SupplierInput(name="Steel Works", rating="C"), 1)


def test_who_delivers_a_product_the_cheapest_first(people):
    drill = a_product(name="Drill", code="D1", price=Decimal(200))
    dear, cheap = add(people, name="Dear"), add(people, name="Cheap")
    with open_as(people.ada.actor) as session:
        put_supply(session, dear.id, SupplyInput(product_id=drill.id, cost=120))
        put_supply(session, cheap.id, SupplyInput(product_id=drill.id, cost=150))
        put_supply(session, cheap.id, SupplyInput(product_id=drill.id, cost=100, lead_days=14, their_code="X"))
    with open_as(people.anna.actor) as session:
        assert suppliers_of(session, drill.id)[["name", "cost"]].values.tolist() == [["Cheap", 100], ["Dear", 120]]
        (row,) = supplies(session, cheap.id).to_dict("records")
        assert (row["code"], row["their_code"], row["cost"], row["price"], row["lead_days"]) == ("D1", "X", 100, 200, 14)
        assert supplier_count(session, SupplierFilter(product_id=drill.id, rating=("A",))) == 2
    with pytest.raises(Refused), open_as(people.anna.actor) as session:
        put_supply(session, cheap.id, SupplyInput(product_id=drill.id, cost=1))
    with open_as(people.ada.actor) as session:
        take_out_supply(session, cheap.id, drill.id)
        assert supplies(session, cheap.id).empty
        with pytest.raises(NotFound):
            put_supply(session, cheap.id, SupplyInput(product_id=999))


def test_several_goods_are_saved_at_once(people):
    drill, saw = a_product(code="D1"), a_product(code="S1")
    with open_as(people.ada.actor) as session:
        made = add_supplier(session, SupplierInput(name="Harkort"))
        put_supply(session, made.id, SupplyInput(product_id=drill.id))
        save_supplies(session, made.id, [SupplyInput(product_id=saw.id, cost=3)], gone=[drill.id])
    with open_as(people.anna.actor) as session:
        assert supplies(session, made.id)[["code", "cost"]].values.tolist() == [["S1", 3]]
    with pytest.raises(Refused), open_as(people.anna.actor) as session:
        save_supplies(session, made.id, [SupplyInput(product_id=drill.id)])
