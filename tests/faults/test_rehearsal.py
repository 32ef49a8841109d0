"""The day a backup is needed, rehearsed: taken while people save, brought back in a new place, and looked through."""

import shutil
import sqlite3
from contextlib import closing

import pytest
from sqlalchemy import func, select, text

from crm import migrations
from crm.__main__ import main
from crm.access import SYSTEM
from crm.customers.models import Contact, Customer
from crm.database import engine
from crm.migrations import search
from crm.office.commands import add_attachment
from crm.office.queries import content_of
from crm.session import open_as
from crm.settings import settings
from crm.table_versions import VERSIONS
from crm.tables import metadata
from crm.upkeep.rows import tally
from tests.conftest import pointed_at
from tests.factories import a_customer, an_order
from tests.faults.saving import people_saving
from tests.postgres import server as postgres


@pytest.fixture
def customer(people, database):
    found = a_customer(people.anna, name="Cascade 瀑布")
    an_order(found, 10)
    with open_as(people.anna.actor) as session:
        add_attachment(session, "customer", found.id, "offer.txt", b"Ten pianos")
    return found


def all_of(connection):
    return {table.name: tally(connection, table) for table in metadata.sorted_tables}


def state():
    with engine().connect() as connection:
        return all_of(connection)


def contacts():
    with open_as(SYSTEM) as session:
        return set(session.scalars(select(Contact.name)))


def assert_sound(capsys):
    capsys.readouterr()
    status = main(["check"])
    assert (capsys.readouterr().out, status) == ("Nothing is wrong.\n", 0)


# -------------------------------------------------------------------------------------------------------- SQLite


@pytest.fixture
def copy(database_kind, customer, tmp_path):
    """Where the backup goes."""
    if database_kind != "sqlite":
        pytest.skip("`backup` and `restore` are for SQLite.")
    return tmp_path / "backups" / "copy.db"


@pytest.fixture
def new_place(tmp_path):
    return f"sqlite:///{tmp_path / 'new' / 'crm.db'}", tmp_path / "new"


def test_while_people_save(people, customer, copy, new_place, capsys):
    copy.parent.mkdir()
    with people_saving(people.anna, customer.id) as saving:
        before = saving.listen(20)
        assert main(["backup", str(copy)]) == 0
        saving.listen(20)
    with pointed_at(f"sqlite:///{copy}", copy.parent):
        backed_up = state()
    with pointed_at(*new_place):
        assert main(["restore", str(copy)]) == 0
        assert state() == backed_up
        assert before <= contacts() <= saving.names
        assert_sound(capsys)
        with open_as(people.anna.actor) as session:
            assert content_of(session, 1) == b"Ten pianos"
        a_customer(people.anna, name="The next one")
        assert_sound(capsys)
    assert contacts() == saving.names, "nobody was stopped by it"


def test_a_folder_that_is_not_there_is_told(customer, copy, capsys):
    assert main(["backup", str(copy)]) == 1
    assert f"There is no folder {copy.parent}" in capsys.readouterr().err
    assert not copy.parent.exists(), "the name may be mistyped, or the disk of the backups not mounted"


def test_attached_files_that_are_missing_are_told(customer, copy, new_place, capsys):
    copy.parent.mkdir()
    main(["backup", str(copy)])
    shutil.rmtree(copy.with_name("copy.db.documents"))
    with pointed_at(*new_place):
        assert main(["restore", str(copy)]) == 0
        assert "1 attached files are neither in the backup nor here" in capsys.readouterr().out
        assert main(["check"]) == 1
        assert "attachment 1: its file is missing" in capsys.readouterr().out


def test_one_of_an_older_schema_is_brought_to_the_newest(people, customer, copy, new_place, capsys):
    copy.parent.mkdir()
    main(["backup", str(copy)])
    with closing(sqlite3.connect(copy)) as older:
        for name in older.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            older.execute(f"DROP TRIGGER {name[0]}")
        for name in (search.WORDS, search.INDEX, VERSIONS.name):
            older.execute(f"DROP TABLE {name}")
        older.execute("UPDATE alembic_version SET version_num = '0001'")
        older.commit()
    with pointed_at(*new_place):
        assert main(["restore", str(copy)]) == 0
        assert migrations.is_current()
        assert_sound(capsys)
        with open_as(SYSTEM) as session:
            assert session.scalars(select(Customer.name)).all() == ["Cascade 瀑布"]


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        (lambda file: file.write_bytes(b"Dear Anna, this is a letter. " * 999), "is no backup of this product"),
        (lambda file: in_file(file, "DROP TABLE alembic_version"), "is no backup of this product"),
        (lambda file: in_file(file, "UPDATE alembic_version SET version_num = '9999'"), "a newer version of this product"),
        (lambda file: damage(file), "is damaged"),
        (lambda file: file.unlink(), "There is no file"),
    ],
    ids=["a letter", "another database", "newer", "damaged", "none"],
)
def test_what_is_refused_changes_nothing(broken, said, customer, copy, capsys):
    copy.parent.mkdir()
    main(["backup", str(copy)])
    broken(copy)
    before = state()
    assert main(["restore", str(copy)]) == 1
    assert said in capsys.readouterr().err
    assert state() == before
    beside = {one.name for one in migrations.sqlite_file().parent.iterdir()}
    assert beside <= {"crm.db", "crm.db-wal", "crm.db-shm"}


def in_file(file, statement):
    with closing(sqlite3.connect(file)) as connection:
        connection.execute(statement)
        connection.commit()


def damage(file):
    """Where no one looks at the opening."""
    with file.open("r+b") as stream:
        stream.seek(-4096, 2)
        stream.write(b"\xff" * 4096)


# ---------------------------------------------------------------------------------------------------- PostgreSQL


@pytest.fixture
def server(database_kind, request):
    if database_kind != "postgres":
        pytest.skip("The programs of PostgreSQL are for PostgreSQL.")
    found = request.getfixturevalue("postgres_server")
    found.create("restored")
    yield found
    engine(found.url("restored")).dispose()
    found.drop("restored")


def run(server, program, *words):
    postgres._run(
        [server.programs / program, "--host=127.0.0.1", f"--port={server.port}", "--username=crm", *words], server.folder
    )


def test_with_the_programs_of_postgresql(people, customer, server, tmp_path, capsys):
    dump, documents = server.folder / "firm.dump", settings().documents
    with people_saving(people.anna, customer.id) as saving:
        before = saving.listen(20)
        with engine().connect().execution_options(isolation_level="REPEATABLE READ") as connection:
            moment = connection.scalar(text("SELECT pg_export_snapshot()"))
            run(
                server,
                "pg_dump",
                "--format=custom",
                f"--snapshot={moment}",
                f"--file={dump}",
                f"--dbname={engine().url.database}",
            )
            backed_up = all_of(connection)
        saving.listen(20)
    shutil.copytree(documents, tmp_path / "new" / "documents")
    run(server, "pg_restore", "--dbname=restored", "--no-owner", "--exit-on-error", dump)
    with pointed_at(server.url("restored"), tmp_path / "new"):
        assert_restored(people, before, saving, backed_up, capsys)
        a_customer(people.anna, name="After it")
        engine().dispose()
    run(server, "pg_restore", "--dbname=restored", "--no-owner", "--clean", "--if-exists", "--single-transaction", dump)
    with pointed_at(server.url("restored"), tmp_path / "new"):
        assert_restored(people, before, saving, backed_up, capsys)


def assert_restored(people, before, saving, backed_up, capsys):
    assert migrations.is_current() and state() == backed_up
    assert before <= contacts() <= saving.names
    assert_sound(capsys)
    with open_as(people.anna.actor) as session:
        assert content_of(session, 1) == b"Ten pianos"
        assert session.scalar(select(func.count(Customer.id))) == 1
