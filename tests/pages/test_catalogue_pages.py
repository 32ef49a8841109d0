import datetime as dt
from decimal import Decimal

import pytest

from crm.access import SYSTEM
from crm.catalogue.commands import (
    CategoryInput,
    PriceInput,
    PriceListInput,
    ProductInput,
    SupplierInput,
    SupplyInput,
    add_category,
    add_price_list,
    add_supplier,
    edit_product,
    put_price,
    put_supply,
)
from crm.catalogue.queries import list_prices, price_lists, prices_in, product, product_rows, suppliers, supplies
from crm.customers.models import OrderLine
from crm.office.commands import DemoDay, set_demo_today
from crm.pipeline.queries import discount_limits
from crm.session import open_as
from tests.factories import TODAY, a_customer, a_product, an_opportunity, an_order
from tests.pages.opened import dialog, keys, opened, texts
from tests.pages.reading import english_left
from tests.people import UNITS

PAGE = "pages/sales/products.py"


@pytest.fixture
def day(people):
    with open_as(SYSTEM) as session:
        set_demo_today(session, DemoDay(day=TODAY))


@pytest.fixture
def drill(day):
    return a_product(code="D1", name="Drill", price=Decimal(100), unit="piece")


@pytest.fixture
def maker(people, drill):
    with open_as(people.ada.actor) as session:
        made = add_supplier(session, SupplierInput(name="Harkort Works", rating="B", contact="Irene Falk", payment_days=30))
        put_supply(session, made.id, SupplyInput(product_id=drill.id, cost=70, lead_days=14))
        return made


@pytest.fixture
def prices(people, drill):
    with open_as(people.ada.actor) as session:
        made = add_price_list(session, PriceListInput(name="2026", starts_on=dt.date(2026, 1, 1), board_id=people.anna.board_id))
        put_price(session, made.id, PriceInput(product_id=drill.id, price=90))
        return made


def type_into(at, key, **rows):
    typed = {int(name[1:]): values for name, values in rows.items()}
    at.session_state[key] = {"edited_rows": typed, "added_rows": [], "deleted_rows": []}
    return at.run()


# --------------------------------------------------------------------------------------------------- categories


def test_categories_stand_in_the_order_of_their_tree(people, day):
    with open_as(people.ada.actor) as session:
        machines = add_category(session, CategoryInput(name="Machines", remark="By weight"))
        add_category(session, CategoryInput(name="Services"))
        add_category(session, CategoryInput(name="Drills", parent_id=machines.id))
    shown = opened(PAGE, people.anna, view="categories").dataframe[0].value
    assert shown[["code", "name", "parent", "remark"]].values.tolist() == [
        ["C01", "Machines", "", "By weight"],
        ["C01-01", "Drills", "Machines", ""],
        ["C02", "Services", "", ""],
    ]


@pytest.mark.parametrize("view", ["products", "categories", "suppliers", "prices"])
@pytest.mark.parametrize("name", ["anna", "ada"])
def test_empty_views_say_what_to_do(people, name, view):
    at = opened(PAGE, getattr(people, name), view=view)
    assert not at.exception
    assert [one for one in at.markdown if ":material/inbox:" in one.value]


# ------------------------------------------------------------------------------------------------------ product


def product_body(product_id):
    from crm.ui.catalogue.product import product_dialog

    product_dialog(product_id)


def test_one_product_with_all_that_is_known(people, drill, maker, prices):
    with open_as(people.ada.actor) as session:
        known = {"in_stock": True, "features": "18 V", "known_problems": "Gets hot", "warranty": "Two years", "service_fee": 20}
        edit_product(session, drill.id, ProductInput(name="Drill", price=100, unit="piece", **known), 1)
    at = dialog(product_body, people.anna, drill.id)
    assert not at.exception
    seen = texts(at)
    for part in ("18 V", "Gets hot", "Two years", "In stock", "CN¥20.00"):
        assert part in seen, part
    today, listed, supplied = (one.value for one in at.dataframe)
    assert today[["board", "price_today"]].values.tolist() == [["Music", 90]]
    assert listed[["name", "price"]].values.tolist() == [["2026", 90]]
    assert supplied[["name", "cost", "lead_days"]].values.tolist() == [["Harkort Works", 70, 14]]
    assert "product.delete_yes" not in keys(at)


def test_it_leads_to_the_orders_and_deals_with_it(people, drill):
    customer = a_customer(people.anna)
    order = an_order(customer, 200)
    an_order(customer, 300)
    with open_as(SYSTEM) as session:
        about = {"order_id": order.id, "product_id": drill.id}
        session.add(OrderLine(**about, description="Drill", quantity=2, unit_price=100, amount=200))
    an_opportunity(people.anna, customer, product_id=drill.id)
    at = dialog(product_body, people.anna, drill.id)
    assert at.button(key="product.orders").label == "1 order"
    assert at.button(key="product.pipeline").label == "1 deal"
    shown = opened("pages/sales/orders.py", people.anna, product_id=drill.id).dataframe[0].value
    assert shown["number"].tolist() == [order.number]
    assert "product.orders" not in keys(dialog(product_body, people.chen, drill.id))


def test_what_is_written_about_it_is_edited(people, drill):
    at = dialog(product_body, people.ada, drill.id)
    at.text_area(key=f"product.{drill.id}.installation").set_value("By our fitters")
    at.selectbox(key=f"product.{drill.id}.in_stock").set_value(False)
    next(button for button in at.button if button.label == "Save" and button.form_id == f"product.{drill.id}").click().run()
    with open_as(people.anna.actor) as session:
        found = product(session, drill.id)
        assert (found.installation, found.in_stock) == ("By our fitters", False)


def new_body():
    from crm.ui.catalogue.product import new_product

    new_product(None)


def test_a_new_product_is_asked_for_little(people, day):
    at = dialog(new_body, people.ada)
    assert [one.key for one in at.text_area] == ["product.add.description"]
    at.text_input(key="product.add.name").set_value("Inspection")
    at.number_input(key="product.add.service_fee").set_value(80)
    at.button[0].click().run()
    with open_as(people.anna.actor) as session:
        assert product_rows(session)[["code", "name", "service_fee"]].values.tolist() == [["P00001", "Inspection", 80]]


# ---------------------------------------------------------------------------------------------------- suppliers


def test_suppliers_are_listed_and_searched(people, maker):
    with open_as(people.ada.actor) as session:
        add_supplier(session, SupplierInput(name="Zhonghe", rating="A"))
    at = opened(PAGE, people.anna, view="suppliers")
    assert at.dataframe[0].value[["name", "rating", "products"]].values.tolist() == [
        ["Harkort Works", "B", 1],
        ["Zhonghe", "A", 0],
    ]
    assert "supplier.new" not in keys(at)
    at.pills(key="suppliers.rating").set_value(["A"]).run()
    assert at.dataframe[0].value["name"].tolist() == ["Zhonghe"]
    assert (at.query_params["view"], at.query_params["rating"]) in (("suppliers", ["A"]), ("suppliers", "A"))


def test_what_a_supplier_delivers_is_changed_in_the_grid(people, maker, drill):
    saw = a_product(code="S1", name="Saw")
    at = opened(PAGE, people.ada, view="suppliers", supplier=maker.id)
    assert "Harkort Works delivers 1 product" in texts(at) and "paid after 30 days" in texts(at)
    at.text_input(key=f"supplies.{maker.id}.search").set_value("saw").run()
    at.pills(key=f"supplies.{maker.id}.hits.0").set_value(saw.id).run()
    assert "Harkort Works delivers 2 products" in texts(at)
    type_into(at, "supplies.0.2", r0={"cost": 65, "lead_days": 10}, r1={"remove": True})
    assert "1 change, 1 taken out" in texts(at)
    at.button(key="supplies.save").click().run()
    with open_as(people.anna.actor) as session:
        assert supplies(session, maker.id)[["code", "cost", "lead_days"]].values.tolist() == [["D1", 65, 10]]


def test_a_reader_finds_no_grid_of_a_supplier(people, maker):
    at = opened(PAGE, people.anna, view="suppliers", supplier=maker.id)
    assert at.dataframe[0].value["cost"].tolist() == [70]
    assert not {"supplier.edit", "supplies.save"} & keys(at)
    assert not [one for one in at.text_input if one.key == f"supplies.{maker.id}.search"]


def supplier_body():
    from crm.ui.catalogue.suppliers import new_supplier

    new_supplier()


def test_a_supplier_is_added(people, day):
    at = dialog(supplier_body, people.ada)
    at.text_input(key="supplier.add.name").set_value("Harkort Works")
    at.selectbox(key="supplier.add.rating").set_value("C")
    at.button[0].click().run()
    with open_as(people.anna.actor) as session:
        assert suppliers(session)[["name", "rating"]].values.tolist() == [["Harkort Works", "C"]]


# -------------------------------------------------------------------------------------------------- price lists


def test_price_lists_say_which_hold_today(people, prices):
    with open_as(people.ada.actor) as session:
        add_price_list(session, PriceListInput(name="2025", starts_on=dt.date(2025, 1, 1), ends_on=dt.date(2025, 12, 31)))
    at = opened(PAGE, people.anna, view="prices")
    assert "1 of 2 price lists hold today" in texts(at)
    shown = at.dataframe[0].value[["name", "board", "holds_today", "products"]].values.tolist()
    assert shown == [["2026", "Music", True, 1], ["2025", "All boards", False, 0]]
    assert "price_list.new" not in keys(at)


def test_prices_are_changed_in_the_grid(people, prices, drill):
    saw = a_product(code="S1", name="Saw", price=Decimal(40))
    at = opened(PAGE, people.ada, view="prices", list=prices.id)
    at.text_input(key=f"prices.{prices.id}.search").set_value("s1").run()
    at.pills(key=f"prices.{prices.id}.hits.0").set_value(saw.id).run()
    assert "2 prices in this list" in texts(at)
    type_into(at, f"prices.{prices.id}.1.0.2", r0={"price": 85})
    at.button(key=f"prices.{prices.id}.1.save").click().run()
    with open_as(people.anna.actor) as session:
        assert prices_in(session, prices.id)[["code", "price"]].values.tolist() == [["D1", 85], ["S1", 40]]
        assert list_prices(session, [drill.id], TODAY, people.anna.board_id) == {drill.id: 85}


def list_body():
    from crm.ui.catalogue.price_lists import new_price_list

    new_price_list()


def test_a_new_list_begins_with_the_prices_of_another(people, prices):
    at = dialog(list_body, people.ada)
    at.text_input(key="price_list.add.name").set_value("2027")
    at.date_input(key="price_list.add.starts_on").set_value(dt.date(2027, 1, 1))
    at.selectbox(key="price_list.copy").set_value(prices.id)
    at.button[0].click().run()
    with open_as(people.anna.actor) as session:
        found = price_lists(session)
    assert found[["name", "products"]].values.tolist() == [["2027", 1], ["2026", 1]]


def test_nonsense_in_the_address_breaks_nothing(people, prices):
    for about in ({"view": "prices", "list": 999}, {"view": "suppliers", "supplier": "x"}, {"view": "nothing"}):
        assert not opened(PAGE, people.ada, **about).exception


@pytest.mark.parametrize("about", [{"view": "categories"}, {"view": "suppliers", "supplier": 1}, {"view": "prices", "list": 1}])
def test_in_chinese(people, maker, prices, about):
    at = opened(PAGE, people.ada, "zh", **about)
    assert not at.exception
    assert english_left(at) <= {unit for unit, _, _ in UNITS}


# ----------------------------------------------------------------------------------------------- discount limits


def test_discount_limits_are_set_for_all_and_for_a_role(people):
    at = opened("pages/admin/settings.py", people.bao, view="discounts")
    assert at.number_input[0].value == 15
    at.number_input[0].set_value(10)
    at.number_input(key="discounts.lead").set_value(25)
    at.button[-1].click().run()
    with open_as(people.anna.actor) as session:
        assert discount_limits(session) == {"other": 10, "lead": 25}
