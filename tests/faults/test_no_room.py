"""The disk is full: a sentence, nothing lost that was said to be saved, nothing half under its name, and on it goes."""

import os
import resource
import subprocess
from pathlib import Path

import pytest
from sqlalchemy import func, select

from crm.__main__ import main
from crm.access import SYSTEM
from crm.customers.models import Contact, Customer
from crm.database import engine
from crm.errors import CrmError
from crm.office.commands import add_attachment
from crm.office.models import Attachment, ImportJob
from crm.outage import in_words
from crm.session import open_as
from crm.settings import settings
from crm.upkeep.checking import check
from crm.upkeep.saving import backup
from tests.conftest import pointed_at
from tests.factories import a_customer
from tests.faults.apart import apart
from tests.importing import bring

ROOM = 300_000
"""Bytes that a file may still have."""


def faults():
    return [str(one) for one in check()]


def with_little_room(deed):
    """-> what a process of its own brings back that may write no file beyond ROOM"""
    engine().dispose()

    def limited():
        resource.setrlimit(resource.RLIMIT_FSIZE, (ROOM, ROOM))
        return deed()

    return apart(limited)


def told(deed):
    try:
        with in_words():
            deed()
    except CrmError as error:
        return str(error)
    return "saved"


def save(person, customer_id, name):
    with open_as(person.actor) as session:
        session.add(Contact(customer_id=customer_id, name=name, remark="x" * 4000))


def saves(person, customer_id, until=200):
    """One contact after the other -> how many were said to be saved, and what was said in the end."""
    for number in range(until):
        if (said := told(lambda number=number: save(person, customer_id, f"Contact {number}"))) != "saved":
            return number, said
    return until, "saved"


def contacts():
    with open_as(SYSTEM) as session:
        return session.scalar(select(func.count(Contact.id)))


@pytest.fixture
def customer(people, database, database_kind):
    if database_kind != "sqlite":
        pytest.skip("The disk of PostgreSQL is that of its server.")
    return a_customer(people.anna)


def test_what_was_said_to_be_saved_is_there(people, customer):
    count, said = with_little_room(lambda: saves(people.anna, customer.id))
    assert "no room left" in said and 0 < count < 200
    assert contacts() == count and faults() == []
    assert told(lambda: save(people.anna, customer.id, "Now there is room")) == "saved"
    assert contacts() == count + 1


def test_an_import_is_there_wholly_or_not_at_all(people, customer):
    file = "Code,Name\n" + "\n".join(f"R{row},{'Customer ' * 15}{row}" for row in range(4000))
    said = with_little_room(lambda: told(lambda: bring(people.anna, "customers", file)))
    assert "no room left" in said and "Nothing of this was saved" in said
    with open_as(SYSTEM) as session:
        assert session.scalar(select(func.count(Customer.id))) == 1
        assert session.scalar(select(func.count(ImportJob.id))) == 0
    assert faults() == []
    bring(people.anna, "customers", file.replace("Customer ", ""))


def test_a_backup_leaves_nothing_behind(people, customer, tmp_path, capsys):
    file = tmp_path / "copy.db"
    assert "no room left" in with_little_room(lambda: told(lambda: backup(file)))
    assert [one.name for one in tmp_path.glob("copy*")] == []
    assert main(["backup", str(file)]) == 0


def test_an_attachment_leaves_nothing_behind(people, customer):
    def attach():
        with open_as(people.anna.actor) as session:
            add_attachment(session, "customer", customer.id, "offer.txt", b"x" * (ROOM + 1))

    assert "no room left" in with_little_room(lambda: told(attach))
    assert [one for one in settings().documents.rglob("*") if one.is_file()] == []
    with open_as(SYSTEM) as session:
        assert session.scalar(select(func.count(Attachment.id))) == 0
    assert told(attach) == "saved" and faults() == []


@pytest.fixture
def small_disk(tmp_path):
    """A folder with 16 MB of its own."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("Only root may mount a small disk, where the machine allows it; the tests above run anywhere.")
    yield folder
    engine().dispose()
    subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_disk_that_fills_and_is_emptied(small_disk, people, customer):
    assert main(["backup", str(small_disk / "crm.db")]) == 0
    with pointed_at(f"sqlite:///{small_disk / 'crm.db'}", small_disk):
        before = contacts()
        filler = small_disk / "filler"
        fill(filler)
        count, said = saves(people.anna, customer.id, 3000)
        assert "no room left" in said
        assert contacts() == before + count, "it still reads"
        filler.unlink()
        assert told(lambda: save(people.anna, customer.id, "Now there is room")) == "saved"
        assert contacts() == before + count + 1 and faults() == []
        engine().dispose()


def fill(file: Path) -> None:
    try:
        with file.open("wb", buffering=0) as stream:
            while stream.write(b"x" * 65_536):
                pass
    except OSError:
        return
