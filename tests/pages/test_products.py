import pytest

from crm.catalogue.commands import CategoryInput, ProductInput, add_category, add_product, edit_product
from crm.catalogue.queries import categories, product_rows
from crm.session import open_as
from tests.factories import a_product
from tests.pages.opened import dialog, keys, opened, texts

PAGE = "pages/sales/products.py"


@pytest.fixture
def shelf(people):
    """Machines > Drills with one product; eleven more without a category"""
    with open_as(people.ada.actor) as session:
        machines = add_category(session, CategoryInput(name="Machines"))
        drills = add_category(session, CategoryInput(name="Drills", parent_id=machines.id))
        add_product(session, ProductInput(name="Cordless drill", code="D-100", category_id=drills.id))
    for number in range(11):
        a_product(code=f"N{number:02}")
    return {"Machines": machines.id, "Drills": drills.id}


def codes(at):
    return at.dataframe[0].value.iloc[:, 0].tolist()


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("name", ["anna", "dana", "ada"])
def test_everybody_may_look(people, shelf, name, language):
    at = opened(PAGE, getattr(people, name), language)
    assert not at.exception
    assert at.title[0].value == {"en": "Products", "zh": "产品"}[language]
    assert len(codes(at)) == 10


def test_only_who_may_change_finds_buttons(people, shelf):
    buttons = {"product.new", "category.new", "category.edit"}
    assert buttons <= keys(opened(PAGE, people.ada, category_id=shelf["Drills"]))
    assert not buttons & keys(opened(PAGE, people.anna, category_id=shelf["Drills"]))


def test_the_tree_is_a_filter_that_stands_in_the_address(people, shelf):
    at = opened(PAGE, people.anna)
    at.radio(key="products.category").set_value(shelf["Machines"]).run()
    assert codes(at) == ["D-100"]
    assert at.query_params["category_id"] == str(shelf["Machines"])
    assert codes(opened(PAGE, people.anna, category_id=shelf["Machines"])) == ["D-100"]


def test_search_goes_back_to_the_first_page(people, shelf):
    at = opened(PAGE, people.anna, page=2)
    assert codes(at) == ["N09", "N10"]
    at.text_input(key="products.search").set_value("n0").run()
    assert codes(at) == [f"N{number:02}" for number in range(10)]
    assert "page" not in at.query_params


@pytest.mark.parametrize("address", [{"page": 99}, {"page": 0}, {"page": "x"}, {"category_id": 999}, {"category_id": "x"}])
def test_nonsense_in_the_address_breaks_nothing(people, shelf, address):
    at = opened(PAGE, people.anna, **address)
    assert not at.exception
    assert codes(at)


def test_without_a_hit_the_way_back_is_shown(people, shelf):
    at = opened(PAGE, people.anna, search="lathe")
    assert "No product fits this search." in texts(at)
    next(button for button in at.button if button.label == "Show all products").click().run()
    assert len(codes(at)) == 10


@pytest.mark.parametrize(("name", "says"), [("ada", "Here your products will stand."), ("anna", "Here the products will stand.")])
def test_an_empty_catalogue_says_what_to_do(people, name, says):
    assert says in texts(opened(PAGE, getattr(people, name)))


def test_a_row_opens_its_product_once(people, shelf):
    at = opened(PAGE, people.ada)
    key = at.dataframe[0].proto.id.split("-", 2)[2]
    at.session_state[key] = {"selection": {"rows": [], "columns": [], "cells": [(0, "code")]}}
    at.run()
    assert "What it costs today" in texts(at)
    at.run()
    assert "What it costs today" not in texts(at)


def new_product_body():
    from crm.ui.catalogue.product import new_product

    new_product(None)


def test_a_product_is_added(people):
    at = dialog(new_product_body, people.ada)
    at.text_input(key="product.add.name").set_value("Press")
    at.number_input(key="product.add.price").set_value(1200.5)
    at.button[0].click().run()
    with open_as(people.anna.actor) as session:
        assert product_rows(session)[["code", "name", "price"]].values.tolist() == [["P00001", "Press", 1200.5]]


def test_a_product_without_a_name_is_told(people):
    at = dialog(new_product_body, people.ada)
    at.button[0].click().run()
    assert "fill this in" in at.error[0].value


def edit_product_body(product_id):
    from crm.ui.catalogue.product import product_dialog

    product_dialog(product_id)


def test_two_edit_one_product_and_the_second_is_shown_both_versions(people):
    drill = a_product(name="Drill")
    at = dialog(edit_product_body, people.ada, drill.id)
    with open_as(people.bao.actor) as session:
        edit_product(session, drill.id, ProductInput(name="Drill by Bao"), 1)
    at.text_input(key=f"product.{drill.id}.name").set_value("Drill by Ada")
    at.button[0].click().run()
    assert "Bao Nguyen saved this record before you." in at.warning[0].value
    assert ["Drill by Ada", "Drill by Bao"] in at.table[0].value.values.tolist()
    at.button[0].click().run()
    with open_as(people.anna.actor) as session:
        assert product_rows(session)["name"].tolist() == ["Drill by Ada"]


def edit_category_body(category_id):
    from crm.ui.catalogue.categories import edit_category

    edit_category(category_id)


def test_a_category_in_use_is_not_deleted_and_the_reason_told(people, shelf):
    at = dialog(edit_category_body, people.ada, shelf["Machines"])
    at.button(key="category.delete").click().run()
    assert at.error[0].value == "Machines cannot be deleted: 1 category and 0 products hang on it."
    with open_as(people.ada.actor) as session:
        assert len(categories(session)) == 2
