"""Many rows at once keep the same rules as one: reach, log, versions, exact values."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from sqlalchemy import func, select

from crm.access import SYSTEM
from crm.audit import AuditEntry
from crm.bulk import bulk_change, bulk_derive, bulk_insert
from crm.customers.models import Contact, Customer, CustomerGroup, GroupMember, Order, OrderLine
from crm.database import analyze, engine
from crm.errors import CrmError, NotFound, Refused, UnscopedStatement
from crm.session import get, history_of, open_as
from tests.factories import a_contact, a_customer, a_product, a_share, an_order


def new_customers(person, *names, **columns):
    common = {
        "board_id": person.board_id,
        "owner_id": person.id,
        "team_id": person.unit_id,
        "kind": "corporate",
        "stage": "potential",
    }
    common |= {"custom": {}, "search_text": "", "order_count": 0, "order_amount": 0, "life_cycle": "potential"}
    rows = pd.DataFrame({"name": names, "code": [f"B{number}" for number in range(len(names))]})
    rows["name_key"] = rows["name"].str.casefold()
    return rows.assign(**{name: [value] * len(rows) for name, value in (common | columns).items()})


def new_lines(*order_ids, amount=100_000):
    rows = pd.DataFrame({"order_id": order_ids, "quantity": 10_000, "unit_price": amount, "amount": amount})
    return rows.assign(description=[f"Line {number}" for number in range(len(rows))])


def totals():
    with open_as(SYSTEM) as session:
        return tuple(session.scalar(select(func.count(kind.id))) for kind in (Customer, Contact, OrderLine, AuditEntry))


# --------------------------------------------------------------------------------------------------------- insert


def test_it_works(people):
    with open_as(people.anna.actor) as session:
        ids = bulk_insert(
            session, Customer, new_customers(people.anna, "Aurora", "北极光", "Tab\tand\nnewline \\N"), {"file": "a.csv"}
        )
    with open_as(people.anna.actor) as session:
        found = {customer.id: customer for customer in session.scalars(select(Customer))}
        entries = session.scalars(select(AuditEntry)).all()
    assert [found[one].name for one in ids] == ["Aurora", "北极光", "Tab\tand\nnewline \\N"]
    assert {(customer.version, customer.custom == {}) for customer in found.values()} == {(1, True)}
    assert [(entry.action, entry.record_type, entry.after["rows"], entry.after["file"]) for entry in entries] == [
        ("bulk", "customer", 3, "a.csv")
    ]


def test_one_record_after_many(people):
    with open_as(people.anna.actor) as session:
        ids = bulk_insert(session, Customer, new_customers(people.anna, "One", "Two"))
    assert a_customer(people.anna).id > max(ids)
    with open_as(people.anna.actor) as session:
        more = bulk_insert(session, Customer, new_customers(people.anna, "Three").assign(code="C"))
    assert len({*ids, *more}) == 3


@pytest.mark.parametrize("username", ["ben", "chen", "emil", "amir", "mia", "ada"])
def test_nobody_fills_the_books_of_others(username, people):
    person = getattr(people, username)
    rows = pd.concat(
        [new_customers(people.dana, "Mine?"), new_customers(people.anna, "Hers").assign(code="H")], ignore_index=True
    )
    before = totals()
    with pytest.raises(Refused, match="outside your reach"), open_as(person.actor) as session:
        bulk_insert(session, Customer, rows)
    assert totals() == before


def test_one_foreign_row_refuses_them_all(people):
    rows = new_customers(people.anna, "Mine", "Hers")
    rows.loc[1, "owner_id"] = people.chen.id
    with pytest.raises(Refused), open_as(people.anna.actor) as session:
        bulk_insert(session, Customer, rows)
    assert totals()[0] == 0


def test_lines_go_into_orders_within_reach_only(people):
    mine, other = an_order(a_customer(people.anna), 1), an_order(a_customer(people.chen), 1)
    with open_as(people.anna.actor) as session:
        bulk_insert(session, OrderLine, new_lines(mine.id, mine.id))
    before = totals()
    with pytest.raises(NotFound), open_as(people.anna.actor) as session:
        bulk_insert(session, OrderLine, new_lines(mine.id, other.id))
    with pytest.raises(Refused), open_as(people.amir.actor) as session:
        bulk_insert(session, OrderLine, new_lines(mine.id))
    assert totals() == before


def test_what_is_lent_to_change_may_grow(people):
    customer = a_customer(people.chen)
    share = {"customer_id": [customer.id], "name": ["Zhang Min"], "is_main": [False]}
    a_share(customer, user_id=people.anna.id)
    with pytest.raises(Refused), open_as(people.anna.actor) as session:
        bulk_insert(session, Contact, pd.DataFrame(share))
    a_share(customer, unit_id=people.units["Sales East"], may_change=True)
    with open_as(people.anna.actor) as session:
        assert len(bulk_insert(session, Contact, pd.DataFrame(share))) == 1


def test_what_stops_half_way_leaves_nothing(people):
    def stop(written):
        raise KeyboardInterrupt

    before = totals()
    with pytest.raises(KeyboardInterrupt), open_as(people.anna.actor) as session:
        bulk_insert(session, Customer, new_customers(people.anna, "Lost"), written=stop)
    assert totals() == before


def test_a_broken_constraint_is_the_sentence_of_the_table(people):
    a_customer(people.chen, code="B0")
    with pytest.raises(CrmError, match="Another customer of this board has this code"), open_as(people.anna.actor) as session:
        bulk_insert(session, Customer, new_customers(people.anna, "Twin"))


def test_values_are_stored_as_one_record_would_store_them(people):
    """Missing numbers among whole ones, money, days, moments of another zone, texts: both databases, both ways."""
    customer, product = a_customer(people.anna), a_product()
    moment = dt.datetime(2026, 3, 29, 3, 30, tzinfo=dt.timezone(dt.timedelta(hours=8)))
    orders = pd.DataFrame({"number": ["1", "2"], "ordered_on": [dt.date(2026, 3, 29), dt.date(2026, 3, 30)], "amount": [0, 0]})
    orders = orders.assign(customer_id=customer.id, board_id=customer.board_id, kind="sale", seller_id=[people.anna.id, np.nan])
    with open_as(people.anna.actor) as session:
        order_ids = bulk_insert(session, Order, orders.assign(ordered_at=pd.Series([moment, None], dtype="object")))
        lines = new_lines(*order_ids).assign(product_id=[float(product.id), np.nan], amount=[-19_9900, 1])
        line_ids = bulk_insert(session, OrderLine, lines)
    with open_as(people.anna.actor) as session:
        first, second = (get(session, Order, int(one)) for one in order_ids)
        lines = [get(session, OrderLine, int(one)) for one in line_ids]
        assert (first.ordered_at, first.ordered_on, first.seller_id) == (moment, dt.date(2026, 3, 29), people.anna.id)
        assert (second.ordered_at, second.seller_id) == (None, None)
        assert [(line.product_id, line.amount) for line in lines] == [(product.id, Decimal("-19.99")), (None, Decimal("0.0001"))]
        assert session.scalars(select(Order.number).where(Order.ordered_at == moment)).all() == ["1"]
        assert session.scalars(select(Order.number).where(Order.ordered_on > dt.date(2026, 3, 29))).all() == ["2"]


def test_a_column_of_moments(people):
    customer = a_customer(people.anna)
    moments = pd.to_datetime(pd.Series(["2026-03-29 03:30+08:00", None]), utc=True)
    orders = pd.DataFrame(
        {
            "number": ["1", "2"],
            "ordered_on": pd.to_datetime(["2026-03-29", "2026-03-30"]),
            "amount": [0, 0],
            "ordered_at": moments,
        }
    )
    with open_as(people.anna.actor) as session:
        bulk_insert(session, Order, orders.assign(customer_id=customer.id, board_id=customer.board_id, kind="sale"))
    with open_as(people.anna.actor) as session:
        found = session.scalars(select(Order).order_by(Order.number)).all()
    assert [order.ordered_at for order in found] == [dt.datetime(2026, 3, 28, 19, 30, tzinfo=dt.UTC), None]
    assert [order.ordered_on for order in found] == [dt.date(2026, 3, 29), dt.date(2026, 3, 30)]


def test_a_few_parents_are_asked_themselves(people):
    """An analyst may change no customer, but a list that he made: its members come in bulk; those of others do not."""
    customers = [a_customer(people.anna), a_customer(people.chen)]

    def members(person, maker):
        with open_as(maker.actor) as session:
            about = {"name": f"List of {maker.username}", "board_id": maker.board_id}
            group = CustomerGroup(owner_id=maker.id, team_id=maker.unit_id, **about)
            session.add(group)
        with open_as(person.actor) as session:
            rows = pd.DataFrame({"group_id": group.id, "customer_id": [customer.id for customer in customers]})
            return len(bulk_insert(session, GroupMember, rows))

    assert members(people.amir, people.amir) == 2
    with pytest.raises(Refused):
        members(people.amir, people.ben)


# --------------------------------------------------------------------------------------------------------- change


@pytest.fixture
def three(people):
    return [a_customer(people.anna, name=name, region="North") for name in ("One", "Two", "Three")]


def changes(customers, **columns):
    return pd.DataFrame({"id": [customer.id for customer in customers], **columns})


def test_only_what_differs_is_changed_and_logged(people, three):
    with open_as(people.anna.actor) as session:
        count = bulk_change(session, Customer, changes(three, name=["One", "Zwei", "Three"], region=["North", "North", "South"]))
    assert count == 2
    with open_as(people.anna.actor) as session:
        found = [get(session, Customer, customer.id) for customer in three]
        logs = [[entry for entry in history_of(session, customer) if entry.action == "change"] for customer in found]
    assert [(customer.name, customer.region, customer.version) for customer in found] == [
        ("One", "North", 1),
        ("Zwei", "North", 2),
        ("Three", "South", 2),
    ]
    assert [[(entry.before, entry.after) for entry in log] for log in logs] == [
        [],
        [({"name": "Two"}, {"name": "Zwei"})],
        [({"region": "North"}, {"region": "South"})],
    ]
    assert {entry.team_id for log in logs for entry in log} == {people.anna.unit_id}


def test_missing_values_are_changes_too(people, three):
    with open_as(people.anna.actor) as session:
        assert bulk_change(session, Customer, changes(three, region=[None, "North", np.nan], level=[None, None, "vip"])) == 2
    with open_as(people.anna.actor) as session:
        assert [get(session, Customer, customer.id).region for customer in three] == [None, "North", None]


def test_the_same_file_twice_changes_nothing(people, three):
    order = an_order(three[0], "19.99", ordered_at=dt.datetime(2026, 1, 2, 3, 4, tzinfo=dt.UTC))
    values = {
        "ordered_on": [pd.Timestamp("2026-06-30")],
        "ordered_at": pd.to_datetime(["2026-01-02 03:04"], utc=True),
        "remark": [None],
    }
    with open_as(people.anna.actor) as session:
        assert bulk_change(session, Order, changes([order], **values)) == 0
        lines = session.scalars(select(OrderLine)).all()
        assert bulk_change(session, OrderLine, changes(lines, amount=[199_900], quantity=[10_000.0])) == 0


def test_a_stranger_learns_nothing_and_a_reader_is_refused(people, three):
    for person, error in [
        (people.chen, NotFound),
        (people.emil, NotFound),
        (people.ada, NotFound),
        (people.amir, Refused),
        (people.gia, Refused),
    ]:
        with pytest.raises(error), open_as(person.actor) as session:
            bulk_change(session, Customer, changes(three, name="Taken"))
    with open_as(people.anna.actor) as session:
        assert [get(session, Customer, customer.id).name for customer in three] == ["One", "Two", "Three"]


def test_one_hidden_row_refuses_them_all(people, three):
    other = a_customer(people.chen)
    with pytest.raises(NotFound), open_as(people.anna.actor) as session:
        bulk_change(session, Customer, changes([*three, other], region="South"))
    with open_as(people.anna.actor) as session:
        assert get(session, Customer, three[0].id).region == "North"


def test_parts_are_not_moved_to_a_strangers_whole(people, three):
    contact, other = a_contact(three[0]), a_customer(people.chen)
    with open_as(people.anna.actor) as session:
        assert bulk_change(session, Contact, changes([contact], customer_id=[three[1].id])) == 1
    with pytest.raises(NotFound), open_as(people.anna.actor) as session:
        bulk_change(session, Contact, changes([contact], customer_id=[other.id]))


def test_records_held_by_the_session_are_stale_afterwards(people, three):
    with pytest.raises(CrmError), open_as(people.anna.actor) as session:
        record = get(session, Customer, three[0].id)
        bulk_change(session, Customer, changes(three[:1], name=["From the file"]))
        record.name = "From the screen"
    with open_as(people.anna.actor) as session:
        assert get(session, Customer, three[0].id).name == "One"


# --------------------------------------------------------------------------------------------------------- derive


def test_derived_columns_move_no_version(people, three):
    with open_as(people.anna.actor) as session:
        record = get(session, Customer, three[0].id)
        bulk_derive(
            session, Customer, changes(three, order_count=[1, 2, 3], order_amount=[10_000, 0, 5], segment=["loyal", None, "lost"])
        )
        assert record.order_count == 1
    with open_as(people.anna.actor) as session:
        found = [get(session, Customer, customer.id) for customer in three]
    assert [(one.order_count, one.order_amount, one.segment, one.version) for one in found] == [
        (1, Decimal(1), "loyal", 1),
        (2, Decimal(0), None, 1),
        (3, Decimal("0.0005"), "lost", 1),
    ]


def test_other_columns_are_not_derived(people, three):
    with pytest.raises(UnscopedStatement, match="name of customer is not derived"), open_as(SYSTEM) as session:
        bulk_derive(session, Customer, changes(three, name="x"))


def test_derived_columns_of_strangers_are_left_alone(people, three):
    with pytest.raises(NotFound), open_as(people.chen.actor) as session:
        bulk_derive(session, Customer, changes(three, order_count=9))


# ----------------------------------------------------------------------------------------------------------- size


def test_many_rows_in_few_statements(people):
    """More rows than one part and one list of ids hold."""
    names = [f"Customer {number}" for number in range(20_500)]
    with open_as(people.anna.actor) as session:
        ids = bulk_insert(session, Customer, new_customers(people.anna, *names))
        changed = bulk_change(session, Customer, pd.DataFrame({"id": ids[:5_200], "region": "South"}))
    with open_as(people.anna.actor) as session:
        assert session.scalar(select(func.count(Customer.id))) == 20_500
        assert (
            session.scalar(select(func.count(Customer.id)).where(Customer.region == "South", Customer.version == 2))
            == changed
            == 5_200
        )
        assert session.scalar(select(Customer.id).where(Customer.name == "Customer 20499")) == ids.iloc[-1]


def test_the_database_counts_the_same_rows_in_every_index(people):
    """SQLite looks at a part of an index where it has many rows; from a thousand of these it would guess."""
    with open_as(SYSTEM) as session:
        bulk_insert(session, Customer, new_customers(people.anna, *(f"Customer {number}" for number in range(3_000))))
    analyze()
    with engine().connect() as connection:
        if connection.dialect.name != "sqlite":
            pytest.skip("PostgreSQL counts the table, not its indexes")
        counts = connection.exec_driver_sql("SELECT stat FROM sqlite_stat1 WHERE tbl = 'customer' AND idx IS NOT NULL").scalars()
        assert {count.split()[0] for count in counts} == {"3000"}
