"""What must be known to nobody stands nowhere: not in the log of the server, the audit log, the database, an error or a page."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from crm.database import engine
from crm.session import open_as
from crm.settings import ROOT, Settings
from crm.staff.attempts import SignInError, check
from crm.staff.commands import NewPerson, PasswordReset, add_person, reset_password
from crm.staff.sign_in import issue_ticket, open_browser_session, redeem_ticket
from tests.conftest import pointed_at, proof
from tests.security_attacks.target import KEY

SECRET = "the-marked-secret"
NOWHERE = f"postgresql+psycopg://crm:{SECRET}@127.0.0.1:1/none"


def everything_stored() -> str:
    with engine().connect() as connection:
        names = connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'table'")).scalars().all()
        return "\n".join(str(connection.execute(text(f'SELECT * FROM "{name}"')).all()) for name in names)


def test_no_password_token_or_key_is_stored(people):
    with open_as(people.ada.actor) as session:
        details = {"name": "New", "role": "rep", "unit_id": people.units["Sales East"], "username": "new"}
        person = add_person(session, NewPerson(password=f"{SECRET} one", **details))
    with open_as(people.ada.actor) as session:
        reset_password(session, people.chen.id, PasswordReset(new_password=f"{SECRET} two"))
    check("new", f"{SECRET} one", "here")
    with pytest.raises(SignInError):
        check("new", f"{SECRET} three")
    token, other = open_browser_session(person.id), open_browser_session(person.id)
    ticket, kept = issue_ticket(token), issue_ticket(other)
    redeem_ticket(ticket)
    stored = everything_stored()
    assert "anna" in stored
    for one in (SECRET, token, other, ticket, kept, os.environ["CRM_SECRET_KEY"]):
        assert one not in stored, one[:12]


def test_the_audit_log_names_no_hash(people):
    with open_as(people.ada.actor) as session:
        reset_password(session, people.chen.id, PasswordReset(new_password="a new first password"))
    with engine().connect() as connection:
        logged = str(connection.execute(text("SELECT * FROM audit_entry")).all())
        hashed = connection.execute(text("SELECT password_hash FROM credential")).scalars().all()
    assert "$2b$" not in logged and not any(one in logged for one in hashed)


def test_an_error_of_the_database_does_not_tell_what_was_written(database):
    """Its message goes to the log of the server."""
    with pytest.raises(DatabaseError) as broken, engine().begin() as connection:
        connection.execute(text("INSERT INTO no_such_table VALUES (:secret)"), {"secret": SECRET})
    assert SECRET not in str(broken.value)


COMMANDS = [["copy-database", NOWHERE, "sqlite:///none/x.db"], ["user", "list"], ["backup", "x.db"]]


@pytest.mark.parametrize("command", COMMANDS if proof() else COMMANDS[:1])
def test_a_database_that_is_away_is_named_without_its_password(tmp_path, command):
    surroundings = os.environ | {"DATABASE_URL": NOWHERE, "CRM_DATA_DIR": str(tmp_path), "CRM_SECRET_KEY": KEY}
    told = subprocess.run(
        [sys.executable, "-m", "crm", *command], cwd=ROOT, env=surroundings, capture_output=True, text=True, timeout=120
    )
    assert told.returncode and told.stderr + told.stdout
    assert SECRET not in told.stderr + told.stdout and KEY not in told.stderr + told.stdout


def test_neither_the_log_nor_the_page_tells_a_secret_when_something_breaks(target):
    """A sign-in, a wrong one, an error in a page, and one of the database."""
    token = open_browser_session(target.people.anna.id)
    ticket = issue_ticket(token)
    assert target.ask("POST", "/session", f'{{"ticket": "{ticket}"}}').status == 204
    assert target.ask("POST", "/session", f'{{"ticket": "{SECRET}"}}').status == 401
    target.ask("GET", f"/media/x.csv?token={SECRET}", Cookie=f"crm_session={SECRET}")
    with target.tab(token) as tab:
        assert "My account" in tab.read("account")
        with engine().begin() as connection:
            connection.execute(text("ALTER TABLE customer RENAME TO customer_gone"))
        try:
            shown = tab.read("customers")
        finally:
            with engine().begin() as connection:
                connection.execute(text("ALTER TABLE customer_gone RENAME TO customer"))
    log = target.log.read_text()
    assert "no such table" in log
    for leak in ("sqlite3", "sqlalchemy", "SELECT ", "Traceback", "no such table", str(ROOT)):
        assert leak not in shown, leak
    for secret in (SECRET, token, ticket, KEY):
        assert secret not in log, secret[:12]
        assert secret not in shown


def test_the_page_shows_no_traceback_by_its_settings():
    settings = (ROOT / ".streamlit" / "config.toml").read_text()
    assert 'showErrorDetails = "none"' in settings and "showErrorLinks = false" in settings


def test_the_key_is_for_its_owner_alone(tmp_path):
    with pytest.MonkeyPatch.context() as patch, pointed_at("", tmp_path):
        patch.setenv("CRM_SECRET_KEY", "")
        made = Settings()
        made.create_key()
        assert made.key_file.stat().st_mode & 0o777 == 0o600 and len(made.key()) >= 43
        assert "keys" in (ROOT / ".gitignore").read_text()
