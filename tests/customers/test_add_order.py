import datetime as dt
from decimal import Decimal
from threading import Barrier, Thread

import pytest

from crm.customers.commands import LineInput, OrderInput, add_order, delete_order
from crm.customers.queries import customer as one
from crm.customers.queries import order_lines, orders_of, revenue_by_month, top_products
from crm.errors import CrmError, Invalid, NotFound, Refused
from crm.session import history_of, open_as
from tests.factories import TODAY, a_customer, a_product, a_share


def line(quantity=1, price="100", **about) -> LineInput:
    return LineInput(quantity=Decimal(str(quantity)), unit_price=Decimal(price), **about)


def sell(person, customer, *lines, on=TODAY, **about):
    with open_as(person.actor) as session:
        details = OrderInput(**{"ordered_on": on} | about, lines=list(lines or (line(),)))
        return add_order(session, customer.id, details)


def summary(person, customer):
    with open_as(person.actor) as session:
        return one(session, customer.id)


def test_it_works(people, customer, day):
    piano = a_product(name="Piano")
    order = sell(people.anna, customer, line(2, "99.95", product_id=piano.id), line(1, "0.1", description="Transport"))
    assert (order.number, order.amount, order.seller_id) == ("SO0000001", Decimal("200.0"), people.anna.id)
    with open_as(people.ben.actor) as session:
        lines = order_lines(session, order.id)
        assert lines[["description", "quantity", "amount"]].values.tolist() == [["Piano", 2.0, 199.9], ["Transport", 1.0, 0.1]]
        assert top_products(session, customer.id) == [("Piano", 1, 199.9)]
        found = one(session, customer.id)
        assert (found.order_count, found.order_amount, found.last_order_on) == (1, Decimal(200), TODAY)


def test_the_record_of_the_customer_tells_of_it(people, customer, day):
    sell(people.anna, customer)
    with open_as(people.ben.actor) as session:
        entries = history_of(session, one(session, customer.id))
        assert ("order", "create") in {(entry.record_type, entry.action) for entry in entries}


def test_the_first_sale_makes_him_transacting(people, customer, day):
    assert summary(people.anna, customer).stage == "potential"
    sell(people.anna, customer, kind="return")
    assert (summary(people.anna, customer).stage, summary(people.anna, customer).life_cycle) == ("potential", "potential")
    sell(people.anna, customer, on=dt.date(2026, 6, 1))
    sell(people.anna, customer, on=dt.date(2025, 12, 24))
    found = summary(people.anna, customer)
    assert (found.stage, found.converted_on, found.life_cycle) == ("transacting", dt.date(2025, 12, 24), "active")
    assert (found.first_order_on, found.last_order_on, found.order_count) == (dt.date(2025, 12, 24), dt.date(2026, 6, 1), 2)


def test_refused_for_a_stranger(people, customer):
    with pytest.raises(NotFound):
        sell(people.chen, customer)


def test_refused_for_a_reader(people, customer):
    a_share(customer, user_id=people.chen.id)
    for reader in (people.amir, people.chen, people.gia):
        with pytest.raises(Refused):
            sell(reader, customer)
    assert summary(people.anna, customer).order_count == 0


def test_whoever_is_lent_the_customer_sells_to_him(people, customer, day):
    a_share(customer, user_id=people.chen.id, may_change=True)
    assert sell(people.chen, customer).seller_id == people.chen.id
    assert summary(people.anna, customer).order_count == 1


def test_a_return_is_negative_whichever_sign_was_typed(people, customer, day):
    for quantity, price in ((2, "50"), (-2, "50"), (2, "-50"), (-2, "-50")):
        order = sell(people.anna, customer, line(quantity, price), kind="return")
        with open_as(people.anna.actor) as session:
            assert order_lines(session, order.id)[["quantity", "unit_price", "amount"]].values.tolist() == [[-2.0, 50.0, -100.0]]
    assert summary(people.anna, customer).order_amount == -400


def test_a_sale_has_lines_and_a_total(people, customer):
    with pytest.raises(Invalid) as refusal, open_as(people.anna.actor) as session:
        add_order(session, customer.id, OrderInput(ordered_on=TODAY))
    assert refusal.value.field == "lines"
    for price in ("0", "-5"):
        with pytest.raises(Invalid):
            sell(people.anna, customer, line(1, price))


def test_a_discount_is_a_negative_line(people, customer, day):
    assert sell(people.anna, customer, line(1, "100"), line(1, "-10")).amount == 90


def test_a_number_is_given_once_in_a_board(people, customer, day):
    sell(people.anna, customer, number="A1")
    with pytest.raises(Invalid) as refusal:
        sell(people.chen, a_customer(people.chen), number="A1")
    assert refusal.value.field == "number"
    assert sell(people.emil, a_customer(people.emil), number="A1").number == "A1"


def test_a_number_that_somebody_typed_is_not_in_the_way_of_the_next(people, customer, day):
    sell(people.anna, customer, number="SO0000002")
    assert sell(people.anna, customer).number == "SO0000003"


def test_people_who_sell_at_the_same_moment_get_different_numbers(people, customer, day):
    start, done, failed = Barrier(4), [], []
    buyers = [(people.anna, customer), (people.chen, a_customer(people.chen))] * 2

    def sells(person, buyer):
        start.wait()
        for _ in range(3):
            try:
                done.append(sell(person, buyer).number)
            except CrmError as error:
                failed.append(str(error))

    workers = [Thread(target=sells, args=pair) for pair in buyers]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert failed == []
    assert len(set(done)) == 12


def test_it_appears_in_the_month(people, customer, day):
    sell(people.anna, customer, line(1, "12.34"), on=dt.date(2026, 5, 31))
    with open_as(people.dana.actor) as session:
        months = revenue_by_month(session, TODAY, months=3)
    assert months[["revenue", "orders"]].values.tolist() == [[0, 0], [12.34, 1], [0, 0]]


# -------------------------------------------------------------------------------------------------- delete_order


def delete(person, order, version=1):
    with open_as(person.actor) as session:
        delete_order(session, order.id, version)


def test_a_wrong_order_is_deleted_and_leaves_no_trace_in_the_figures(people, customer, day):
    kept = sell(people.anna, customer, on=dt.date(2026, 6, 1))
    wrong = sell(people.anna, customer, line(1, "999"), on=dt.date(2024, 1, 1))
    delete(people.ben, wrong)
    found = summary(people.anna, customer)
    assert (found.order_count, found.order_amount, found.first_order_on) == (1, Decimal(100), dt.date(2026, 6, 1))
    assert found.converted_on == dt.date(2026, 6, 1)
    delete(people.ben, kept)
    found = summary(people.anna, customer)
    assert (found.order_count, found.order_amount, found.last_order_on, found.life_cycle) == (0, 0, None, "potential")
    assert (found.stage, found.converted_on) == ("potential", None)
    with open_as(people.anna.actor) as session:
        assert orders_of(session, customer.id).empty


def test_only_whoever_may_delete_deletes_an_order(people, customer, day):
    order = sell(people.anna, customer)
    for person in (people.anna, people.amir):
        with pytest.raises(Refused):
            delete(person, order)
    with pytest.raises(NotFound):
        delete(people.dana, sell(people.emil, a_customer(people.emil)))


def test_an_order_that_changed_in_the_meantime_stays(people, customer, day):
    order = sell(people.anna, customer)
    with pytest.raises(Invalid, match="changed in the meantime"):
        delete(people.ben, order, version=2)
    assert summary(people.anna, customer).order_count == 1
