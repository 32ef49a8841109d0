"""Orders from a file, one line of an order in each row."""

import datetime as dt
from decimal import Decimal

import pytest
from sqlalchemy import select

from crm.access import SYSTEM
from crm.catalogue.models import Product
from crm.customers.commands import delete_order
from crm.customers.imports import Cancelled, Progress, refresh_scores
from crm.customers.models import Customer, Order, OrderKind, OrderLine, Stage
from crm.database import now
from crm.errors import CrmError, Refused
from crm.office.commands import put_setting
from crm.office.models import ImportJob
from crm.session import open_as
from tests.factories import a_customer, a_product, an_order
from tests.importing import bring, reasons, tried
from tests.people import People

FILE = """
    InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country
    1001,P1,Lamp,2,2026-05-01 09:30:00,10.50,17850,France
    1001,P2,Table,1,2026-05-01 09:30:00,0.3333,17850,France
    C1002,P1,Lamp,-1,2026-05-03 10:00:00,10.50,17850,France
    1003,P1,Small lamp,4,2026-05-02 08:00:00,10,12346,Spain
    1004,P3,Chair,1,2026-05-02 08:00:00,5,,Spain
"""


def everything(kind, **where):
    with open_as(SYSTEM) as session:
        return list(session.scalars(select(kind).filter_by(**where).order_by(kind.id)))


def test_it_works(people: People):
    imported = bring(people.anna, "orders", FILE)
    assert (imported.job.read, imported.job.added, imported.job.refused) == (5, 4, 1)
    assert imported.job.detail == {"orders": 3, "customers": 2, "products": 0}
    assert reasons(imported.problems) == {6: "This line names no customer."}
    sale, back, other = everything(Order)
    assert (sale.number, sale.kind, sale.amount, sale.ordered_on) == (
        "1001",
        OrderKind.SALE,
        Decimal("21.3333"),
        dt.date(2026, 5, 1),
    )
    assert sale.ordered_at == dt.datetime(2026, 5, 1, 9, 30, tzinfo=dt.UTC)
    assert (back.number, back.kind, back.amount) == ("C1002", OrderKind.RETURN, Decimal("-10.5"))
    assert (other.import_job_id, other.board_id) == (imported.job.id, people.anna.board_id)
    assert [(line.quantity, line.unit_price, line.amount) for line in everything(OrderLine, order_id=sale.id)] == [
        (Decimal(2), Decimal("10.5"), Decimal(21)),
        (Decimal(1), Decimal("0.3333"), Decimal("0.3333")),
    ]


def test_new_customers_are_named_by_their_code_and_converted_by_their_first_order(people: People):
    bring(people.anna, "orders", FILE, constants={"customer_kind": "retail"})
    first, second = everything(Customer)
    assert (first.code, first.name, first.kind, first.region) == ("17850", "Customer 17850", "retail", "France")
    assert (first.stage, first.converted_on) == (Stage.TRANSACTING, dt.date(2026, 5, 1))
    assert (first.order_count, first.order_amount) == (1, Decimal("10.8333"))
    assert (first.first_order_on, first.last_order_on) == (dt.date(2026, 5, 1), dt.date(2026, 5, 1))
    assert second.code == "12346" and second.owner_id == people.anna.id


def test_a_customer_who_only_returned_goods_stays_potential(people: People):
    bring(people.anna, "orders", "order number,date,customer code,quantity,price\nR1,2026-05-01,K1,-1,10")
    (customer,) = everything(Customer)
    assert (customer.stage, customer.converted_on, customer.order_count, customer.order_amount) == (
        Stage.POTENTIAL,
        None,
        0,
        Decimal(-10),
    )


def test_an_order_converts_a_potential_customer_who_is_here(people: People):
    known = a_customer(people.anna, code="12346", name="Somebody", region="North")
    imported = bring(people.anna, "orders", FILE)
    assert imported.job.detail["customers"] == 1
    (customer,) = everything(Customer, code="12346")
    assert (customer.name, customer.region, customer.stage, customer.version) == (
        "Somebody",
        "North",
        Stage.TRANSACTING,
        known.version + 1,
    )
    assert (customer.converted_on, customer.order_amount) == (dt.date(2026, 5, 2), Decimal(40))


def test_the_same_file_again_doubles_nothing(people: People):
    bring(people.anna, "orders", FILE)
    again = bring(people.anna, "orders", FILE)
    assert (again.job.added, again.job.changed, again.job.unchanged, again.job.refused) == (0, 0, 4, 1)
    assert (len(everything(Order)), len(everything(OrderLine)), len(everything(Customer))) == (3, 4, 2)


def test_lines_that_differ_replace_those_that_are_here(people: People):
    bring(people.anna, "orders", FILE)
    corrected = FILE.replace("1001,P2,Table,1", "1001,P2,Table,3").replace(
        "1003,P1,Small lamp,4,2026-05-02", "1003,P1,Small lamp,4,2026-05-04"
    )
    preview = tried(people.anna, "orders", corrected)
    assert (preview.new, preview.changed, preview.unchanged) == (0, 3, 1)
    told = {(one.key, one.field): (one.before, one.after) for one in preview.differences.itertuples()}
    assert told["1001", "amount"] == (21.3333, 21.9999)
    assert told["1003", "ordered_on"] == (dt.date(2026, 5, 2), dt.date(2026, 5, 4))
    assert {one for one in told if one[1] == "line"} and ("C1002", "amount") not in told
    bring(people.anna, "orders", corrected)
    assert [order.amount for order in everything(Order, number="1001")] == [Decimal("21.9999")]
    assert len(everything(OrderLine)) == 4
    (customer,) = everything(Customer, code="12346")
    assert customer.last_order_on == dt.date(2026, 5, 4)
    assert bring(people.anna, "orders", corrected).job.unchanged == 4


def test_equal_lines_of_an_order_are_all_kept_and_mentioned(people: People):
    text = "order number,date,customer code,quantity,price\nO1,2026-05-01,K1,1,10\nO1,2026-05-01,K1,1,10"
    imported = bring(people.anna, "orders", text)
    assert imported.job.added == 2 and len(everything(OrderLine)) == 2
    assert reasons(imported.warnings)[0].startswith("{count:line repeats")
    one_less = bring(people.anna, "orders", text.rsplit("\n", 1)[0])
    assert one_less.job.changed == 1 and len(everything(OrderLine)) == 1


def test_an_order_of_two_minutes_is_one_order_of_the_earlier(people: People):
    text = "order number,date,customer code,quantity,price\nO1,2026-05-01 10:02,K1,1,10\nO1,2026-05-01 10:01,K1,1,5"
    imported = bring(people.anna, "orders", text)
    (order,) = everything(Order)
    assert order.ordered_at == dt.datetime(2026, 5, 1, 10, 1, tzinfo=dt.UTC)
    assert "more than one time" in reasons(imported.warnings)[0]


def test_an_order_comes_in_whole_or_not_at_all(people: People):
    text = "order number,date,customer code,quantity,price\nO1,2026-05-01,K1,one,10\nO1,2026-05-01,K1,1,5\nO2,2026-05-01,K1,1,5"
    imported = bring(people.anna, "orders", text)
    assert reasons(imported.problems)[3] == "Row 2 of the same order was refused, and an order comes in whole or not at all."
    assert [order.number for order in everything(Order)] == ["O2"]


def test_an_order_has_one_customer(people: People):
    text = "order number,date,customer code,quantity,price\nO1,2026-05-01,K1,1,10\nO1,2026-05-01,K2,1,5"
    imported = bring(people.anna, "orders", text)
    assert reasons(imported.problems)[3] == "Row 2 gives the order O1 to another customer."
    assert everything(Order) == []


def test_a_customer_of_a_colleague_gets_no_orders_from_me(people: People):
    a_customer(people.chen, code="17850")
    imported = bring(people.anna, "orders", FILE)
    assert set(reasons(imported.problems).values()) == {
        "This customer is already followed by a colleague.",
        "This line names no customer.",
    }
    assert [order.number for order in everything(Order)] == ["1003"]


def test_a_number_that_another_customer_has_is_refused(people: People):
    an_order(a_customer(people.chen, name="Other"), number="1003")
    imported = bring(people.anna, "orders", FILE)
    assert reasons(imported.problems)[5] == "Another customer has an order of this number."
    mistake = an_order(a_customer(people.anna, code="K1"), number="O1")
    with open_as(people.ben.actor) as session:
        delete_order(session, mistake.id, mistake.version)
    text = "order number,date,customer code,quantity,price\nO1,2026-05-01,K1,1,10"
    assert reasons(tried(people.anna, "orders", text).problems) == {2: "An order of this number was deleted."}


def test_orders_of_a_merged_customer_go_to_the_one_that_was_kept(people: People):
    kept = a_customer(people.anna, code="K1")
    a_customer(people.anna, code="12346", merged_into_id=kept.id, deleted_at=now())
    bring(people.anna, "orders", FILE)
    (order,) = everything(Order, number="1003")
    assert order.customer_id == kept.id


def test_who_keeps_the_catalogue_adds_products_by_their_most_frequent_text(people: People):
    text = FILE + "    1005,P1,Lamp,1,2026-05-05 08:00:00,10,12346,Spain"
    bring(people.bao, "orders", text)
    assert [(product.code, product.name) for product in everything(Product)] == [("P1", "Lamp"), ("P2", "Table")]
    assert [line.description for line in everything(OrderLine)][3] == "Small lamp"
    assert bring(people.bao, "orders", text).job.unchanged == 5


def test_for_others_the_line_keeps_code_and_text_of_an_unknown_product(people: People):
    product = a_product(code="P1")
    imported = bring(people.anna, "orders", FILE)
    assert reasons(imported.warnings)[0].startswith("{count:product is|products are} not in the catalogue")
    lines = everything(OrderLine)
    assert [(line.product_id, line.description) for line in lines[:2]] == [(product.id, "Lamp"), (None, "P2 Table")]
    assert bring(people.anna, "orders", FILE).job.unchanged == 4


def test_a_line_has_a_price_or_an_amount(people: People):
    heading = "order number,date,customer code,quantity,price,amount"
    text = f"{heading}\nO1,2026-05-01,K1,4,,10\nO2,2026-05-01,K1,1,,\nO3,2026-05-01,K1,3,0.3333,"
    imported = bring(people.anna, "orders", text)
    assert reasons(imported.problems) == {3: "This line has neither a price nor an amount."}
    assert [(line.unit_price, line.amount) for line in everything(OrderLine)] == [
        (Decimal("2.5"), Decimal(10)),
        (Decimal("0.3333"), Decimal("0.9999")),
    ]


def test_a_return_is_negative_whichever_sign_was_written(people: People):
    bring(people.anna, "orders", "order number,date,customer code,quantity,price,kind\nO1,2026-05-01,K1,2,5,退货")
    (order,), (line,) = everything(Order), everything(OrderLine)
    assert (order.kind, order.amount, line.quantity, line.amount) == ("return", Decimal(-10), Decimal(-2), Decimal(-10))


def test_an_amount_beyond_all_reason_is_refused(people: People):
    imported = bring(people.anna, "orders", "order number,date,customer code,quantity,price\nO1,2026-05-01,K1,90000000000,9000")
    assert reasons(imported.problems) == {2: "The amount of this line is too large."}


def test_customers_may_be_named_instead_of_numbered(people: People):
    known = a_customer(people.anna, name="Aurora Music Ltd")
    text = "order number,date,company,quantity,price\nO1,2026-05-01,AURORA MUSIC,1,10\nO2,2026-05-01,Borealis,1,5"
    imported = bring(people.anna, "orders", text, key="customer_name")
    assert imported.job.detail["customers"] == 1
    assert everything(Order, number="O1")[0].customer_id == known.id
    assert everything(Customer)[1].name == "Borealis"


def test_scores_follow_the_import(people: People):
    bring(people.anna, "orders", FILE)
    refresh_scores("orders")
    assert all(one.segment for one in everything(Customer))


def test_orders_after_the_day_that_stands_still_are_scored_too(people: People):
    with open_as(SYSTEM) as session:
        put_setting(session, "demo_today", {"day": "1998-06-30"})
    bring(people.anna, "orders", FILE)
    refresh_scores("orders")
    first, second = everything(Customer)
    assert first.r_score <= second.r_score and first.segment and second.life_cycle == "active"


def test_a_reader_is_refused_and_a_key_must_be_chosen(people: People):
    with pytest.raises(Refused):
        bring(people.amir, "orders", FILE)
    with pytest.raises(CrmError, match="found again"):
        bring(people.anna, "orders", FILE, key=None)


def test_stopped_at_the_last_step_nothing_of_the_file_is_there(people: People):
    told: list[str] = []
    progress = Progress(lambda done, total, what: told.append(what), cancelled=lambda: "Summaries of customers" in told)
    with pytest.raises(Cancelled):
        bring(people.anna, "orders", FILE, progress=progress)
    for kind in (ImportJob, Customer, Order, OrderLine, Product):
        assert everything(kind) == []
