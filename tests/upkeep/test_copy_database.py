"""A firm moves: everything that was in the one database is in the other, and nothing is half there."""

import sqlite3
from contextlib import closing
from itertools import count

import pytest
from sqlalchemy import func, select

from crm import migrations
from crm.__main__ import main
from crm.customers.models import Customer
from crm.customers.queries import customer_list
from crm.database import engine
from crm.errors import CrmError
from crm.session import open_as
from crm.tables import metadata
from crm.upkeep.copying import copy_database
from crm.upkeep.rows import tally
from tests import world
from tests.bases import sell, some_purchases
from tests.conftest import pointed_at
from tests.factories import a_customer

_numbers = count(1)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def elsewhere(request, tmp_path):
    """The address of an empty database."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'elsewhere.db'}"
        return
    server, name = request.getfixturevalue("postgres_server"), f"elsewhere_{next(_numbers)}"
    server.create(name)
    yield server.url(name)
    engine(server.url(name)).dispose()
    server.drop(name)


def counts(url):
    with engine(url).connect() as connection:
        return {table.name: connection.scalar(select(func.count()).select_from(table)) for table in metadata.sorted_tables}


def test_every_row_of_every_table_moves(people, database, elsewhere):
    world.build(people)
    found = copy_database(database, elsewhere)
    assert {name: one.rows for name, one in found.items()} == counts(elsewhere) == counts(database)
    assert min(one.rows for name, one in found.items() if name not in ("presence",)) > 0


def test_people_work_on_in_the_new_place(people, database, elsewhere, tmp_path):
    customer = a_customer(people.anna, name="Cascade 瀑布")
    copy_database(database, elsewhere)
    with pointed_at(elsewhere, tmp_path), open_as(people.anna.actor) as session:
        assert customer_list(session)["name"].tolist() == ["Cascade 瀑布"]
        added = a_customer(people.anna, name="The next one")
        assert added.id == customer.id + 1, "numbers go on where they were"
        assert set(customer_list(session)["name"]) == {"Cascade 瀑布", "The next one"}


def test_what_names_a_later_row_of_its_own_table_moves_too(people, database, elsewhere):
    first, second = a_customer(people.anna, name="First"), a_customer(people.anna, name="Second")
    with engine(database).begin() as connection:
        table = Customer.__table__
        connection.execute(table.update().where(table.c.id == first.id).values(merged_into_id=second.id))
    copy_database(database, elsewhere)
    with engine(elsewhere).connect() as connection:
        assert connection.scalar(select(table.c.merged_into_id).where(table.c.id == first.id)) == second.id


def test_many_rows_move_in_parts(people, database, elsewhere, monkeypatch):
    monkeypatch.setattr("crm.upkeep.rows.PART", 50)
    sell(some_purchases(120), people.anna)
    told = {}
    copy_database(database, elsewhere, lambda table, tally: told.update({table: tally.rows}))
    assert told["customer"] == 120
    assert counts(elsewhere) == counts(database) == told


def test_a_target_that_holds_records_is_left_alone(people, database, elsewhere):
    copy_database(database, elsewhere)
    before = counts(elsewhere)
    with pytest.raises(CrmError, match="holds records already"):
        copy_database(database, elsewhere)
    assert counts(elsewhere) == before


def test_a_source_of_another_version_is_refused(tmp_path, elsewhere):
    with closing(sqlite3.connect(tmp_path / "foreign.db")) as foreign:
        foreign.execute("CREATE TABLE letters (id INTEGER)")
    with pytest.raises(CrmError, match="not set up or not up to date"):
        copy_database(f"sqlite:///{tmp_path / 'foreign.db'}", elsewhere)


def test_onto_itself_is_refused(people, database):
    with pytest.raises(CrmError, match="the same database"):
        copy_database(database, database)


def test_a_row_that_differs_is_noticed(people, database):
    customer = a_customer(people.anna)
    table = Customer.__table__
    with engine(database).begin() as connection:
        before = tally(connection, table)
        connection.execute(table.update().where(table.c.id == customer.id).values(name="Somebody else"))
        after = tally(connection, table)
    assert before.rows == after.rows
    assert before.checksum != after.checksum


@pytest.mark.parametrize(("column", "value"), [("code", "x" * 41), ("name", "a\0b")])
def test_what_postgresql_cannot_keep_is_named_before_anything_is_written(
    column, value, people, tmp_path, postgres_server, database_kind, database
):
    if database_kind != "sqlite":
        pytest.skip("PostgreSQL keeps no such value in the first place.")
    customer = a_customer(people.anna)
    with engine(database).begin() as connection:
        connection.execute(Customer.__table__.update().where(Customer.__table__.c.id == customer.id).values({column: value}))
    name = f"narrow_{next(_numbers)}"
    postgres_server.create(name)
    target = postgres_server.url(name)
    with pytest.raises(CrmError, match=f"customer {customer.id}: {column}"):
        copy_database(database, target)
    assert set(counts(target).values()) == {0}
    engine(target).dispose()
    postgres_server.drop(name)


def test_from_the_command_line(people, database, tmp_path, capsys):
    target = tmp_path / "there.db"
    assert main(["copy-database", database, f"sqlite:///{target}"]) == 0
    told = capsys.readouterr().out
    assert "user" in told
    assert "the same on both sides" in told
    assert main(["copy-database", database, "no-address"]) == 1
    assert "no address of a database" in capsys.readouterr().err
    assert migrations.current(f"sqlite:///{target}") == migrations.newest()


def test_a_server_that_does_not_answer_is_named_without_its_password(people, database, capsys):
    assert main(["copy-database", database, "postgresql+psycopg://crm:secret@127.0.0.1:1/firm"]) == 1
    told = capsys.readouterr().err
    assert "does not answer" in told
    assert "secret" not in told
