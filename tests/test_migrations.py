"""An upgrade from nothing gives exactly the tables of the models, on both databases."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import text

from crm import migrations
from crm.access import SYSTEM
from crm.database import engine
from crm.migrations import search
from crm.session import open_as
from crm.staff.models import OrgUnit
from crm.tables import metadata
from tests.factories import a_customer


def test_it_gives_exactly_the_tables_of_the_models(database):
    with engine().connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"include_object": search.is_of_a_table, "compare_server_default": True}
        )
        assert compare_metadata(context, metadata) == [], "run: python -m crm.migrations.draft first"


def test_a_second_upgrade_is_harmless(database):
    with open_as(SYSTEM) as session:
        session.add(OrgUnit(name="Kept", kind="group"))
    migrations.upgrade()
    assert migrations.is_current()
    with engine().connect() as connection:
        assert connection.scalar(text("SELECT name FROM org_unit")) == "Kept"


def test_an_empty_database_is_not_current(database):
    with engine().begin() as connection:
        connection.execute(text("DELETE FROM alembic_version"))
    assert migrations.current() is None
    assert not migrations.is_current()


def test_a_migration_that_fails_leaves_nothing(database, monkeypatch):
    with engine().begin() as connection:
        context = MigrationContext.configure(connection)
        for table in reversed(metadata.sorted_tables):
            table.drop(connection)
        connection.execute(text("DELETE FROM alembic_version"))
        assert context.get_current_revision() is None
    monkeypatch.setattr(search, "create", lambda connection: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        migrations.upgrade()
    with engine().connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata)[0][0] == "add_table"
    assert migrations.current() is None


def found(database_kind: str, word: str) -> list[int]:
    like = "search_text LIKE :word"
    statement = (
        f"SELECT rowid FROM customer_search WHERE {like}"
        if database_kind == "sqlite"
        else f"SELECT id FROM customer WHERE {like}"
    )
    with engine().connect() as connection:
        return sorted(connection.scalars(text(statement), {"word": f"%{word}%"}))


@pytest.mark.parametrize("word", ["acme works", "me wo", "机械设备", "设备有"])
def test_the_search_index_follows_the_customers(people, database_kind, word):
    customer = a_customer(people.anna, name="ACME Works 机械设备有限公司")
    other = a_customer(people.anna, name="Borealis")
    assert found(database_kind, word) == [customer.id]
    with open_as(SYSTEM) as session:
        for record, name in [(customer, "Nothing"), (other, "New acme works 机械设备有限公司")]:
            record = session.merge(record)
            record.name = name
            record.set_keys()
    assert found(database_kind, word) == [other.id]


@pytest.mark.postgres
@pytest.mark.parametrize("database_kind", ["postgres"])
def test_postgres_reads_the_index_and_not_the_table(people, database_kind):
    with engine().connect() as connection:
        connection.execute(text("SET enable_seqscan = off"))
        plan = connection.scalars(text("EXPLAIN SELECT id FROM customer WHERE search_text LIKE '%设备有%'")).all()
    assert any("customer_search" in line for line in plan)
