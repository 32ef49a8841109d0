import datetime as dt
from decimal import Decimal

import pytest

from crm.catalogue.commands import (
    PriceInput,
    PriceListInput,
    add_price_list,
    delete_price_list,
    edit_price_list,
    put_price,
    save_prices,
    take_out_price,
)
from crm.catalogue.queries import list_prices, price_count, price_lists, prices_in, prices_of
from crm.errors import Invalid, Refused, Stale
from crm.session import open_as
from tests.factories import TODAY, a_product

JANUARY = dt.date(2026, 1, 1)


def add(people, name="2026", product=None, price=90, **values):
    with open_as(people.ada.actor) as session:
        added = add_price_list(session, PriceListInput(**{"name": name, "starts_on": JANUARY} | values))
        if product:
            put_price(session, added.id, PriceInput(product_id=product.id, price=price))
        return added


def price(people, product, day=TODAY, board=None):
    with open_as(people.anna.actor) as session:
        return list_prices(session, [product.id], day, board).get(product.id)


def test_it_works(people):
    drill = a_product(name="Drill", code="D1")
    added = add(people, product=drill)
    with open_as(people.anna.actor) as session:
        (row,) = price_lists(session).to_dict("records")
        assert (row["name"], row["starts_on"], row["products"]) == ("2026", JANUARY, 1)
        (row,) = prices_in(session, added.id).to_dict("records")
        assert (row["code"], row["price"], row["usual_price"]) == ("D1", 90, 100)
        assert price_lists(session, on=dt.date(2025, 12, 31)).empty


def test_refused_for_readers(people):
    drill, added = a_product(), add(people)
    for person in (people.anna, people.dana, people.amir):
        with pytest.raises(Refused), open_as(person.actor) as session:
            add_price_list(session, PriceListInput(name="Mine", starts_on=JANUARY))
        with pytest.raises(Refused), open_as(person.actor) as session:
            put_price(session, added.id, PriceInput(product_id=drill.id, price=1))


def test_the_price_of_the_day_is_that_of_the_best_list(people):
    drill, other, nothing = a_product(), a_product(price=Decimal(7)), a_product(price=None)
    add(people, "All", drill, 90)
    add(people, "All, later", drill, 95, starts_on=dt.date(2026, 6, 1))
    add(people, "Music", drill, 80, board_id=people.units["Music"], starts_on=dt.date(2026, 2, 1), ends_on=TODAY)
    music, machines = people.units["Music"], people.units["Machinery"]
    assert price(people, drill, board=music) == 80
    assert price(people, drill, board=machines) == 95
    assert price(people, drill, TODAY + dt.timedelta(1), music) == 95
    assert price(people, drill, dt.date(2026, 3, 1)) == 90
    assert price(people, drill, dt.date(2025, 1, 1)) == 100
    assert (price(people, other), price(people, nothing)) == (7, None)


def test_a_list_can_begin_with_the_prices_of_another(people):
    drill = a_product()
    first = add(people, product=drill)
    with open_as(people.ada.actor) as session:
        later = PriceListInput(name="2027", starts_on=dt.date(2027, 1, 1))
        second = add_price_list(session, later, prices_of=first.id)
        assert prices_in(session, second.id)["price"].tolist() == [90]
        take_out_price(session, second.id, drill.id)
        assert prices_in(session, second.id).empty
        assert len(prices_in(session, first.id)) == 1


def test_a_deleted_list_has_no_say(people):
    drill = a_product()
    added = add(people, product=drill)
    with open_as(people.ada.actor) as session:
        delete_price_list(session, added.id)
    assert price(people, drill) == 100


def test_days_and_versions_are_checked(people):
    added = add(people)
    wrong = PriceListInput(name="2026", starts_on=JANUARY, ends_on=dt.date(2025, 1, 1))
    with pytest.raises(Invalid) as refusal, open_as(people.ada.actor) as session:
        edit_price_list(session, added.id, wrong, 1)
    assert refusal.value.field == "ends_on"
    for remark in ("first", "second"):
        right = PriceListInput(name="2026", starts_on=JANUARY, remark=remark)
        if remark == "second":
            with pytest.raises(Stale), open_as(people.ada.actor) as session:
                edit_price_list(session, added.id, right, 1)
        else:
            with open_as(people.ada.actor) as session:
                edit_price_list(session, added.id, right, 1)


def test_several_prices_are_saved_at_once(people):
    drill, saw = a_product(code="D1"), a_product(code="S1")
    added = add(people, product=drill)
    with open_as(people.ada.actor) as session:
        save_prices(session, added.id, [PriceInput(product_id=saw.id, price=5)], gone=[drill.id])
    with open_as(people.anna.actor) as session:
        assert prices_in(session, added.id)[["code", "price"]].values.tolist() == [["S1", 5]]
        assert price_count(session, added.id) == 1
        assert prices_of(session, saw.id)[["name", "price"]].values.tolist() == [["2026", 5]]
        assert prices_of(session, drill.id).empty
    with pytest.raises(Refused), open_as(people.anna.actor) as session:
        save_prices(session, added.id, [PriceInput(product_id=saw.id, price=1)])
