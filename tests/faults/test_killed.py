"""kill -9 in the middle: nothing is half-written, the product goes on, and doing it again succeeds."""

import pytest
from sqlalchemy import func, select

from crm import migrations
from crm.__main__ import main
from crm.access import SYSTEM
from crm.customers.commands import merge
from crm.customers.models import Customer, Merge, Order, ScoreSnapshot
from crm.database import engine
from crm.jobs import JOBS
from crm.office.models import ImportJob
from crm.session import open_as
from crm.tables import metadata
from crm.upkeep.checking import check
from crm.upkeep.copying import copy_database
from crm.upkeep.rows import tally
from tests.conftest import pointed_at
from tests.factories import TODAY, a_customer, an_order
from tests.faults.killed import at_event, at_statement, before_commit, kill_during
from tests.importing import bring

CUSTOMERS = "Code,Name\n" + "\n".join(f"K{row},Customer {row}" for row in range(50))
ORDERS = "order number,date,customer code,quantity,price\n" + "\n".join(
    f"N{row},2026-05-{row % 28 + 1:02},K{row % 50},1,10" for row in range(80)
)


def state():
    """Every table as it stands."""
    with engine().connect() as connection:
        return {table.name: tally(connection, table) for table in metadata.sorted_tables}


def faults():
    return [str(one) for one in check()]


@pytest.mark.parametrize("moment", [at_statement(3), before_commit()], ids=["middle", "written"])
def test_an_import_of_customers(moment, people, database):
    before = state()
    kill_during(lambda: bring(people.anna, "customers", CUSTOMERS), moment)
    assert state() == before and faults() == []
    bring(people.anna, "customers", CUSTOMERS)
    with open_as(people.anna.actor) as session:
        assert session.scalar(select(func.count(Customer.id))) == 50
        assert session.scalar(select(func.count(ImportJob.id))) == 1
    assert faults() == []


@pytest.mark.parametrize("moment", [at_statement(2), before_commit()], ids=["middle", "written"])
def test_an_import_of_orders_with_their_sums(moment, people, database):
    bring(people.anna, "customers", CUSTOMERS)
    before = state()
    kill_during(lambda: bring(people.anna, "orders", ORDERS), moment)
    assert state() == before and faults() == []
    bring(people.anna, "orders", ORDERS)
    with open_as(people.anna.actor) as session:
        assert session.scalar(select(func.count(Order.id))) == 80
        assert session.scalar(select(func.sum(Customer.order_count))) == 80
    assert faults() == []


@pytest.mark.parametrize("moment", [at_statement(2), before_commit()], ids=["middle", "written"])
def test_a_merge(moment, people, database):
    one, other = a_customer(people.anna, name="Twin"), a_customer(people.anna, name="Twin")
    an_order(one, 10), an_order(other, 20)
    before = state()

    def melt():
        with open_as(people.dana.actor) as session:
            merge(session, one.id, other.id)

    kill_during(melt, moment)
    assert state() == before and faults() == []
    melt()
    with open_as(SYSTEM) as session:
        assert session.scalar(select(func.count(Merge.id))) == 1
    assert faults() == []


@pytest.mark.parametrize("moment", [before_commit(), before_commit(2)], ids=["written", "later"])
def test_the_job_of_the_scores(moment, people, database):
    """It commits step by step: what is there is whole, and the rest comes when it runs again."""
    for amount in (10, 20, 30):
        an_order(a_customer(people.anna), amount)
    kill_during(lambda: JOBS["scores"](TODAY), moment)
    assert faults() == []
    JOBS["scores"](TODAY)
    with open_as(SYSTEM) as session:
        assert session.scalar(select(func.count(ScoreSnapshot.id))) == 3
    assert faults() == []


@pytest.fixture
def nowhere(database_kind, request, tmp_path):
    """The address of a database without anything."""
    if database_kind == "sqlite":
        yield f"sqlite:///{tmp_path / 'new' / 'crm.db'}"
        return
    server = request.getfixturevalue("postgres_server")
    server.create("nowhere")
    yield server.url("nowhere")
    engine(server.url("nowhere")).dispose()
    server.drop("nowhere")


@pytest.mark.parametrize("moment", [at_statement(60, "CREATE"), before_commit()], ids=["middle", "written"])
def test_the_making_of_the_schema(moment, nowhere, tmp_path):
    with pointed_at(nowhere, tmp_path):
        kill_during(migrations.upgrade, moment)
        assert migrations.current() is None, "all of it or nothing"
        assert faults() == ["alembic_version: the schema is not that of this version: run `python -m crm setup`"]
        migrations.upgrade()
        assert migrations.is_current() and faults() == []


# --------------------------------------------------------------------------------- of a database that is a file


@pytest.fixture
def in_a_file(database_kind, people, database, tmp_path):
    if database_kind != "sqlite":
        pytest.skip("pg_dump and pg_restore do this for PostgreSQL.")
    an_order(a_customer(people.anna, name="Kept"), 10)
    return tmp_path


@pytest.mark.parametrize("moment", [at_event("sqlite3.connect/handle", 2, ""), at_event("os.rename", 1, "copy.db")])
def test_a_backup(moment, in_a_file, capsys):
    file, before = in_a_file / "copy.db", state()
    kill_during(lambda: main(["backup", str(file)]), moment)
    assert not file.exists() and state() == before
    assert main(["backup", str(file)]) == 0
    assert [one.name for one in in_a_file.glob("*unfinished*")] == []
    with pointed_at(f"sqlite:///{file}", in_a_file):
        assert faults() == [] and state() == before


@pytest.mark.parametrize("number", range(1, 10))
def test_a_restore(number, in_a_file, people, capsys):
    """Whenever it is killed: what stands is the one or the other, whole; nothing that it replaced is lost."""
    file, old = in_a_file / "copy.db", state()
    assert main(["backup", str(file)]) == 0
    a_customer(people.anna, name="Later")
    new = state()
    kill_during(lambda: main(["restore", str(file)]), at_event("sqlite3.connect/handle", number, ""))
    assert faults() == [] and state() in (old, new)
    assert main(["restore", str(file)]) == 0
    assert state() == old and faults() == []
    kept = sorted(in_a_file.parent.rglob("crm.db.before-restore*"))
    assert kept


def test_a_copy_into_another_database(in_a_file, database):
    target = f"sqlite:///{in_a_file / 'there.db'}"
    migrations.upgrade(target)

    def moment(stand_still):
        from sqlalchemy import event

        event.listen(engine(target), "commit", lambda _: stand_still())

    kill_during(lambda: copy_database(database, target), moment)
    with pointed_at(target, in_a_file):
        assert {one.rows for one in state().values()} == {0}
    copy_database(database, target)
    with pointed_at(target, in_a_file):
        assert faults() == []
