"""The command line: what it does, and one clear line where it cannot."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing

import pytest
from sqlalchemy import select

from crm import migrations
from crm.__main__ import main
from crm.access import SYSTEM
from crm.customers.models import Customer
from crm.database import engine
from crm.errors import Invalid
from crm.office.commands import add_attachment
from crm.office.queries import content_of
from crm.session import open_as
from crm.settings import settings
from crm.staff.models import User
from tests.conftest import pointed_at
from tests.factories import a_customer

PASSWORD = "correct horse battery"


@pytest.fixture
def nothing(tmp_path, monkeypatch):
    """A machine before set-up."""
    folder = tmp_path / "new" / "data"
    monkeypatch.setenv("CRM_SECRET_KEY", "")
    monkeypatch.setenv("CRM_ADMIN_PASSWORD", PASSWORD)
    with pointed_at("", folder):
        yield folder


def usernames():
    with open_as(SYSTEM) as session:
        return sorted(session.scalars(select(User.username)))


def says(capsys, *words):
    printed = capsys.readouterr()
    told = printed.out + printed.err
    assert "Traceback" not in told
    assert all(word in told for word in words), told
    return True


# ----------------------------------------------------------------------------------------------------------- set-up


def test_it_starts_empty_with_one_administrator(nothing, capsys):
    assert main(["setup", "--empty", "--admin", "olga"]) == 0
    assert usernames() == ["olga"]
    assert migrations.is_current()
    assert len(settings().key()) >= 43
    assert (nothing / "keys" / "secret_key").stat().st_mode & 0o077 == 0


def test_a_second_set_up_loses_nothing(nothing, capsys):
    main(["setup", "--empty", "--admin", "olga"])
    key = settings().key()
    assert main(["setup"]) == 0
    assert main(["setup", "--empty", "--admin", "igor"]) == 0
    assert usernames() == ["olga"]
    assert settings().key() == key


@pytest.mark.parametrize("password", ["short", "olga", "x" * 73])
def test_a_weak_password_is_refused_and_nothing_is_there(password, nothing, monkeypatch, capsys):
    monkeypatch.setenv("CRM_ADMIN_PASSWORD", password)
    assert main(["setup", "--empty", "--admin", "olga"]) == 1
    assert says(capsys, "password")
    assert usernames() == []


def test_an_administrator_must_be_named(nothing, capsys):
    assert main(["setup", "--empty"]) == 1
    assert says(capsys, "--admin NAME")


@pytest.mark.parametrize("name", ["x", "two words", "a" * 41])
def test_a_name_that_is_none_is_told_in_one_line(name, nothing, capsys):
    assert main(["setup", "--empty", "--admin", name]) == 1
    assert len(capsys.readouterr().err.strip().splitlines()) == 1


def test_serve_says_what_is_missing(nothing, capsys):
    nothing.mkdir(parents=True)
    assert main(["serve"]) == 1
    assert says(capsys, "python -m crm setup")
    assert not (nothing / "crm.db").exists()


def test_serve_wants_a_key(nothing, capsys):
    main(["setup", "--empty", "--admin", "olga"])
    settings().key_file.unlink()
    assert main(["serve"]) == 1
    assert says(capsys, "secret key", "python -m crm setup")


# ------------------------------------------------------------------------------------------------------------ people


def test_accounts_are_added_listed_frozen_and_reset(people, monkeypatch, capsys):
    monkeypatch.setenv("CRM_USER_PASSWORD", PASSWORD + "!")
    assert main(["user", "add", "yuki", "--name", "Yuki Sato", "--role", "rep", "--unit", "Sales East"]) == 0
    assert main(["user", "freeze", "yuki"]) == 0
    assert main(["user", "reset", "yuki"]) == 0
    capsys.readouterr()
    assert main(["user", "list"]) == 0
    line = next(line for line in capsys.readouterr().out.splitlines() if line.split()[:1] == ["yuki"])
    assert {"frozen", "rep"} <= set(line.split())


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["add", "anna", "--role", "rep", "--unit", "Sales East"], "taken"),
        (["add", "yuki", "--role", "rep", "--unit", "Nowhere"], "Nowhere"),
        (["freeze", "nobody"], "nobody"),
        (["reset", "nobody"], "nobody"),
    ],
)
def test_what_cannot_be_done_is_one_line(arguments, told, people, monkeypatch, capsys):
    monkeypatch.setenv("CRM_USER_PASSWORD", PASSWORD + "!")
    assert main(["user", *arguments]) == 1
    assert says(capsys, told)


# ------------------------------------------------------------------------------------------------------------- files


def test_export_gives_what_the_account_sees(people, tmp_path, capsys):
    a_customer(people.anna, name="Hers")
    a_customer(people.chen, name="His")
    assert main(["export", str(tmp_path / "out.csv"), "--as", "anna"]) == 0
    text = (tmp_path / "out.csv").read_text("utf-8-sig")
    assert "Hers" in text
    assert "His" not in text
    assert main(["export", str(tmp_path / "no.csv"), "--as", "gia"]) == 1
    assert not (tmp_path / "no.csv").exists()


def test_a_backup_brings_everything_back(people, tmp_path, capsys):
    kept = a_customer(people.anna, name="Kept")
    assert main(["backup", str(tmp_path / "copy.db")]) == 0
    a_customer(people.anna, name="Later")
    assert main(["restore", str(tmp_path / "copy.db")]) == 0
    with open_as(SYSTEM) as session:
        assert session.scalars(select(Customer.name)).all() == [kept.name]
    assert migrations.is_current()


def test_a_backup_holds_the_attached_files_too(people, tmp_path, capsys):
    customer = a_customer(people.anna)
    with open_as(people.anna.actor) as session:
        attachment = add_attachment(session, "customer", customer.id, "offer.txt", b"Ten pianos").id
    assert main(["backup", str(tmp_path / "copy.db")]) == 0
    assert main(["backup", str(tmp_path / "copy.db")]) == 1
    shutil.rmtree(settings().documents)
    with pytest.raises(Invalid), open_as(people.anna.actor) as session:
        content_of(session, attachment)
    assert main(["restore", str(tmp_path / "copy.db")]) == 0
    with open_as(people.anna.actor) as session:
        assert content_of(session, attachment) == b"Ten pianos"


def test_a_backup_overwrites_nothing(people, tmp_path, capsys):
    (tmp_path / "letter.txt").write_text("Dear Anna")
    assert main(["backup", str(tmp_path / "letter.txt")]) == 1
    assert (tmp_path / "letter.txt").read_text() == "Dear Anna"


def test_what_restore_replaces_is_kept(people, tmp_path, capsys):
    main(["backup", str(tmp_path / "copy.db")])
    a_customer(people.anna, name="Later")
    main(["restore", str(tmp_path / "copy.db")])
    with closing(sqlite3.connect(f"{engine().url.database}.before-restore")) as replaced:
        assert replaced.execute("SELECT name FROM customer").fetchall() == [("Later",)]


@pytest.mark.parametrize("content", [None, "no database", "another database", "a newer one"])
def test_restore_refuses_what_is_no_backup(content, people, tmp_path, capsys):
    a_customer(people.anna, name="Kept")
    file = tmp_path / "copy.db"
    if content == "no database":
        file.write_text("Dear Anna, this is a letter and not a database." * 50)
    elif content == "another database":
        with closing(sqlite3.connect(file)) as other:
            other.execute("CREATE TABLE letters (text)")
    elif content == "a newer one":
        main(["backup", str(file)])
        with closing(sqlite3.connect(file)) as newer:
            newer.execute("UPDATE alembic_version SET version_num = '9999'")
            newer.commit()
    assert main(["restore", str(file)]) == 1
    assert says(capsys)
    with open_as(SYSTEM) as session:
        assert session.scalars(select(Customer.name)).all() == ["Kept"]


def test_a_job_may_run_twice(people, capsys):
    assert main(["run", "scores", "--day", "2026-06-30"]) == 0
    first = capsys.readouterr().out
    assert main(["run", "scores", "--day", "2026-06-30"]) == 0
    assert capsys.readouterr().out == first
