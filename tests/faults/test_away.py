"""The database is away for a while: the product says so, waits, loses nothing, and goes on by itself when it is back."""

import asyncio
import json
import os
import shutil
import sqlite3
import tempfile
import threading
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import func, select
from starlette.requests import Request

import asgi
from crm import migrations
from crm.__main__ import main
from crm.access import SYSTEM
from crm.customers.models import Contact
from crm.database import engine
from crm.errors import Outage
from crm.session import open_as
from crm.ui import outage
from tests.conftest import missing, pointed_at
from tests.factories import a_customer
from tests.faults.apart import apart
from tests.pages.opened import opened, texts
from tests.people import hire, people_of
from tests.postgres import server as postgres


def save(person, customer_id, name="Zhang Min"):
    with open_as(person.actor) as session:
        session.add(Contact(customer_id=customer_id, name=name))


def health():
    """-> status and body of GET /healthz"""
    answer = asyncio.run(asgi.healthz(Request({"type": "http"})))
    return answer.status_code, json.loads(answer.body)


def contacts():
    with open_as(SYSTEM) as session:
        return session.scalar(select(func.count(Contact.id)))


# ---------------------------------------------------------------------------------------------------- PostgreSQL


@pytest.fixture(scope="module")
def own_server():
    """A server that may be stopped."""
    try:
        server = postgres.start()
    except postgres.MissingError as error:
        missing(str(error))
        raise
    server.create("firm")
    # What was saved is there after an immediate stop: the other tests' server does without.
    server.run("ALTER DATABASE firm SET synchronous_commit = on")
    with pointed_at(server.url("firm"), server.folder):
        migrations.upgrade()
        hire()
    yield server
    server.stop()


@pytest.fixture
def firm(own_server, database_kind, tmp_path):
    if database_kind != "postgres":
        pytest.skip("The file of SQLite has tests of its own.")
    with pointed_at(own_server.url("firm"), tmp_path):
        with open_as(SYSTEM) as session:
            found = people_of(session)
        yield found


def control(server, *words):
    options = f"{postgres.FAST} -c port={server.port} -c unix_socket_directories={server.folder}"
    start = ["-l", server.folder / "log", "-o", options, "-w"] if "start" in words else []
    postgres._run([server.programs / "pg_ctl", "-D", server.folder / "data", *start, *words], server.folder)


def test_a_server_that_is_stopped_and_started_again(firm, own_server, monkeypatch):
    customer, before = a_customer(firm.anna), contacts()
    save(firm.anna, customer.id, "Before")
    page = opened("pages/sales/customers.py", firm.anna)
    assert not page.exception
    control(own_server, "-m", "immediate", "stop")
    try:
        assert health() == (503, {"ok": False})
        with pytest.raises(Outage, match="does not answer"):
            save(firm.anna, customer.id, "While it is away")
        monkeypatch.setattr(outage, "_PATIENCE", 0.0)
        page.run()
        assert not page.exception and "does not answer" in texts(page)
        assert main(["user", "list"]) == 1
    finally:
        control(own_server, "start")
    page.run()
    assert not page.exception and not page.error, "by itself, without a new start"
    assert health() == (200, {"ok": True})
    save(firm.anna, customer.id, "After")
    assert contacts() == before + 2


def test_a_page_waits_for_it(firm, own_server):
    """Whoever clicks while the server is away gets his answer when it is back."""
    page = opened("pages/sales/customers.py", firm.ben)
    control(own_server, "-m", "immediate", "stop")
    again = threading.Thread(target=control, args=(own_server, "start"))
    again.start()
    page.run(timeout=60)
    again.join()
    assert not page.exception and not page.error and not page.warning


def test_a_connection_that_breaks_within_a_save(firm, own_server):
    customer = a_customer(firm.chen)
    before = contacts()
    with pytest.raises(Outage, match="was not saved"), open_as(firm.chen.actor) as session:
        session.add(Contact(customer_id=customer.id, name="Half"))
        session.flush()
        own_server.run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'firm'")
        session.add(Contact(customer_id=customer.id, name="The other half"))
    assert contacts() == before


# -------------------------------------------------------------------------------------------------------- SQLite


@pytest.fixture
def file(database_kind, people, database, tmp_path):
    if database_kind != "sqlite":
        pytest.skip("It is no file.")
    return migrations.sqlite_file()


def test_a_file_that_is_moved_away_and_back(file, people):
    customer = a_customer(people.anna)
    save(people.anna, customer.id, "Before")
    away = file.with_name("elsewhere.db")
    file.rename(away)
    with pytest.raises(Outage, match="does not answer"):
        save(people.anna, customer.id, "While it is away")
    assert health() == (503, {"ok": False})
    assert not file.exists(), "no empty database in its place"
    away.rename(file)
    save(people.anna, customer.id, "After")
    assert contacts() == 2


def test_another_file_in_its_place(file, people, tmp_path, capsys):
    """What is saved goes to the file that is there, not to the one that was opened once."""
    customer = a_customer(people.anna)
    main(["backup", str(tmp_path / "copy.db")])
    save(people.anna, customer.id, "In the old one")
    engine().dispose()
    with open_as(SYSTEM) as session:
        session.scalar(select(func.count(Contact.id)))
    (tmp_path / "copy.db").replace(file)
    save(people.anna, customer.id, "In the new one")
    with closing(sqlite3.connect(file)) as there:
        assert there.execute("SELECT name FROM contact").fetchall() == [("In the new one",)]


def test_a_lock_of_somebody_else_is_waited_for(file, people):
    customer = a_customer(people.anna)
    holder = sqlite3.connect(file, check_same_thread=False)
    holder.execute("BEGIN EXCLUSIVE")
    threading.Timer(2, holder.rollback).start()
    save(people.anna, customer.id)
    assert contacts() == 1
    holder.close()


def test_a_lock_that_stays_is_told(file, people, monkeypatch):
    customer = a_customer(people.anna)
    monkeypatch.setattr("crm.database.PATIENT", 100)
    engine().dispose()
    with closing(sqlite3.connect(file)) as holder:
        holder.execute("BEGIN EXCLUSIVE")
        with pytest.raises(Outage, match="Others are saving"):
            save(people.anna, customer.id)
        holder.rollback()
    save(people.anna, customer.id)
    assert contacts() == 1
    engine().dispose()


def test_a_damaged_file_is_told_at_the_start(file, people, capsys):
    engine().dispose()
    for end in ("-wal", "-shm"):
        file.with_name(file.name + end).unlink(missing_ok=True)
    file.write_bytes(b"no database at all" * 1000)
    for command in (["setup"], ["serve"], ["check"], ["user", "list"]):
        assert main(command) == 1
        said = capsys.readouterr().err
        assert "damaged or is none" in said and "Traceback" not in said


@pytest.fixture
def open_folder(file, people):
    """A folder that everybody may enter -> the database in it, for what is closed to somebody who is not root."""
    folder = Path(tempfile.mkdtemp(prefix="crm-open-"))
    assert main(["backup", str(folder / "crm.db")]) == 0
    with pointed_at(f"sqlite:///{folder / 'crm.db'}", folder):
        yield folder
    shutil.rmtree(folder)


@pytest.mark.parametrize(("rights_of_folder", "rights_of_file"), [(0o555, 0o444), (0o777, 0o444), (0o555, 0o666)])
def test_what_may_only_be_read(rights_of_folder, rights_of_file, open_folder, people):
    customer = a_customer(people.anna)
    engine().dispose()
    open_folder.chmod(rights_of_folder)
    (open_folder / "crm.db").chmod(rights_of_file)
    assert "Nothing can be written" in as_nobody(lambda: save(people.anna, customer.id))
    for one in (open_folder, *open_folder.iterdir()):  # what SQLite made beside it has got the rights of the file
        one.chmod(0o777)
    assert as_nobody(lambda: save(people.anna, customer.id)) == "saved"
    assert contacts() == 1


def as_nobody(deed):
    """-> what a process is told to which nothing is open that is closed to others: to root nothing is."""

    def bare():
        if os.geteuid() == 0:
            os.seteuid(65534)
        try:
            deed()
        except Outage as error:
            return str(error)
        return "saved"

    return apart(bare)
