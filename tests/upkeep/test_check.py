"""The check finds what is broken, names it, and finds nothing where all is well."""

import datetime as dt

import pytest
from sqlalchemy import delete, insert, select, update

from crm import migrations
from crm.__main__ import main
from crm.audit import AuditEntry
from crm.contracts.models import Allocation, Receipt
from crm.customers.commands import CustomerDetails, edit_customer
from crm.customers.models import Customer, Order, Ownership
from crm.database import engine
from crm.office.commands import add_attachment
from crm.office.models import Activity
from crm.session import open_as
from crm.settings import settings
from crm.upkeep.checking import check
from tests.factories import a_contract, a_customer, an_order
from tests.people import TODAY

NOW = dt.datetime(1998, 6, 1, tzinfo=dt.UTC)


def found():
    return [str(fault) for fault in check()]


def broken(statement):
    """Past the product, as a fault or a hand in the file would."""
    with engine().begin() as connection:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
        else:
            connection.exec_driver_sql("SET session_replication_role = replica")
        connection.execute(statement)


@pytest.fixture
def customer(people):
    one = a_customer(people.anna, name="Cascade")
    an_order(one, 100)
    return one


def test_nothing_is_wrong_with_what_the_product_wrote(people, customer):
    assert found() == []


@pytest.mark.parametrize("values", [{"order_amount": 7}, {"order_count": 2}, {"last_order_on": dt.date(1998, 6, 2)}])
def test_a_customer_that_does_not_agree_with_its_orders(values, customer):
    broken(update(Customer.__table__).values(**values))
    assert found() == [f"customer {customer.id}: does not agree with its orders"]


def test_an_order_that_is_not_the_sum_of_its_lines(customer):
    broken(update(Order.__table__).values(amount=7))
    assert "order 1: is not the sum of its lines" in found()


def test_two_owners_at_the_same_time(people, customer):
    values = {"customer_id": customer.id, "owner_id": people.anna.id, "team_id": people.anna.unit_id, "reason": "x", "by_id": 1}
    broken(insert(Ownership.__table__).values(id=900, started_at=NOW, created_at=NOW, ended_at=None, **values))
    assert found() == ["ownership 900: has two owners at the same time"]


def test_an_owner_whom_the_history_does_not_know(people, customer):
    broken(update(Customer.__table__).values(owner_id=people.chen.id))
    assert f"customer {customer.id}: has another owner than its history says" in found()


def test_a_row_without_its_parent(people, customer):
    broken(update(Order.__table__).values(customer_id=9999))
    assert "order 1: names a customer that is not there (customer_id)" in found()


def test_an_activity_on_nothing(people, customer):
    values = {"kind": "call", "version": 1, "pinned": False, "created_at": NOW, "updated_at": NOW, "author_id": people.anna.id}
    broken(insert(Activity.__table__).values(id=7, subject_type="customer", subject_id=9999, **values))
    assert found() == ["activity 7: hangs on a record that is not there"]


def test_a_change_past_the_log(people, customer):
    broken(update(Customer.__table__).values(name="Somebody else"))
    assert found() == [f"customer {customer.id}: has another name than the log says"]


def renamed(person, customer, *names):
    for name in names:
        with open_as(person.actor) as session:
            now = session.get(Customer, customer.id)
            edit_customer(session, customer.id, CustomerDetails(name=name), now.version)


def test_an_entry_that_is_gone_from_the_log(people, customer):
    renamed(people.anna, customer, "One", "Two", "Three")
    assert found() == []
    entry = AuditEntry.__table__
    with engine().connect() as connection:
        ids = connection.scalars(select(entry.c.id).where(entry.c.record_type == "customer", entry.c.action == "change")).all()
    broken(delete(entry).where(entry.c.id == sorted(ids)[-2]))
    assert len(found()) == 1
    assert f"customer {customer.id}: entry {max(ids)} of the log begins with another name" in found()[0]


def test_a_receipt_given_out_twice(people, customer):
    a_contract(people.anna, customer, 500, TODAY)
    mine = {"board_id": customer.board_id, "customer_id": customer.id, "by_id": people.anna.id}
    row = {"version": 1, "created_at": NOW, "updated_at": NOW}
    broken(insert(Receipt.__table__).values(id=1, received_on=NOW.date(), amount=100, kind="receipt", **mine, **row))
    for number in (1, 2):
        given = {"receipt_id": 1, "plan_id": 1, "amount": 60, "by_id": 1, "created_at": NOW}
        broken(insert(Allocation.__table__).values(id=number, **given))
    assert found() == ["receipt 1: is given out more than once"]


def test_a_file_that_is_gone(people, customer):
    with open_as(people.anna.actor) as session:
        add_attachment(session, "customer", customer.id, "letter.txt", b"Dear sir")
    assert found() == []
    for file in settings().documents.glob("??/*"):
        file.write_bytes(b"somebody else's")
    assert [one for one in found() if "missing or damaged" in one] == ["attachment 1: its file is missing or damaged"]


def test_from_the_command_line(people, customer, capsys):
    assert main(["check"]) == 0
    assert "Nothing is wrong" in capsys.readouterr().out
    broken(update(Customer.__table__).values(name="Somebody else"))
    assert main(["check"]) == 1
    assert f"customer {customer.id}: has another name" in capsys.readouterr().out


def test_a_database_of_another_version_is_not_read(people, monkeypatch):
    monkeypatch.setattr(migrations, "is_current", lambda: False)
    assert len(found()) == 1
    assert "the schema is not that of this version" in found()[0]
