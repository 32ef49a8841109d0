"""Contacts of customers, and products, from files."""

import datetime as dt
from decimal import Decimal

import pytest
from sqlalchemy import select

from crm.access import SYSTEM
from crm.catalogue.models import Product, ProductCategory
from crm.customers.filters import CustomerFilter
from crm.customers.models import Contact
from crm.customers.queries import customer_list
from crm.errors import Refused
from crm.session import open_as
from tests.factories import a_contact, a_customer, a_product
from tests.importing import bring, reasons, tried
from tests.people import People

FILE = """
    customer code,name,position,phone,birthday,is main
    K1,Zhang Min,Buyer,13800138000,1980-03-04,yes
    K1,Li Na,,,,
    K9,Nobody,,,,
"""


def contacts():
    with open_as(SYSTEM) as session:
        return list(session.scalars(select(Contact).order_by(Contact.id)))


def products():
    with open_as(SYSTEM) as session:
        return list(session.scalars(select(Product).order_by(Product.code)))


def test_contacts_come_to_their_customer_and_into_the_search(people: People):
    known = a_customer(people.anna, code="K1", name="Aurora")
    imported = bring(people.anna, "contacts", FILE)
    assert reasons(imported.problems) == {4: "There is no customer with the code K9."}
    first, second = contacts()
    assert (first.customer_id, first.name, first.is_main, first.birthday) == (known.id, "Zhang Min", True, dt.date(1980, 3, 4))
    assert (first.phone_key, second.is_main) == ("13800138000", False)
    with open_as(people.anna.actor) as session:
        assert customer_list(session, CustomerFilter(search="zhang"), columns=("code",))["code"].tolist() == ["K1"]


def test_a_contact_is_found_again_by_name_and_changed(people: People):
    known = a_customer(people.anna, code="K1")
    a_contact(known, "Li Na", position="Clerk")
    preview = tried(people.anna, "contacts", FILE.replace("Li Na,,", "Li Na,Director,"))
    assert (preview.new, preview.changed) == (1, 1)
    assert preview.differences[["key", "field", "before", "after"]].values.tolist() == [
        ["Li Na", "position", "Clerk", "Director"]
    ]
    bring(people.anna, "contacts", FILE.replace("Li Na,,", "Li Na,Director,"))
    assert bring(people.anna, "contacts", FILE).job.unchanged == 2


def test_a_new_main_contact_takes_the_place_of_the_old_one(people: People):
    old = a_contact(a_customer(people.anna, code="K1"), "Old", is_main=True)
    bring(people.anna, "contacts", FILE)
    assert {one.name for one in contacts() if one.is_main} == {"Zhang Min"}
    assert old.id in {one.id for one in contacts()}


def test_one_customer_has_one_main_contact_in_a_file(people: People):
    a_customer(people.anna, code="K1")
    imported = bring(people.anna, "contacts", FILE.replace("Li Na,,,,", "Li Na,,,,yes"))
    assert reasons(imported.problems)[3] == "Row 2 names the main contact of this customer already."


def test_contacts_of_a_customer_of_a_colleague_are_refused(people: People):
    a_customer(people.chen, code="K1")
    assert set(reasons(tried(people.anna, "contacts", FILE).problems)) == {2, 3, 4}
    assert contacts() == []


def test_products_come_in_and_change(people: People):
    with open_as(SYSTEM) as session:
        session.add(ProductCategory(code="L", name="Light"))
    a_product(code="P1", name="Lamp", price=Decimal(10))
    text = "sku,name,price,category\nP1,Lamp,12.50,Light\nP2,Torch,8,l\nP3,Candle,1,Heat\nP2,Again,1,"
    text = text.replace("sku", "code")
    preview = tried(people.bao, "products", text)
    told = preview.differences.set_index("field").loc["price"]
    assert (told["before"], told["after"]) == (Decimal(10), Decimal("12.5"))
    imported = bring(people.bao, "products", text)
    assert reasons(imported.problems) == {4: "There is no category Heat.", 5: "Row 3 of the file has the same value already."}
    assert [(one.code, one.price) for one in products()] == [("P1", Decimal("12.5")), ("P2", Decimal(8))]
    assert bring(people.bao, "products", text).job.unchanged == 2


def test_who_may_not_keep_the_catalogue_brings_in_no_products(people: People):
    for person in (people.anna, people.dana):
        with pytest.raises(Refused):
            bring(person, "products", "code,name\nP1,Lamp")
    assert products() == []
