"""Passwords are changed by their owner, reset by an administrator, and read by nobody."""

import pytest
from sqlalchemy import select

from crm.access import SYSTEM
from crm.errors import Invalid, Refused
from crm.session import open_as
from crm.staff.attempts import SignInError, check
from crm.staff.commands import PasswordChange, PasswordReset, change_own_password, reset_password
from crm.staff.models import SignInEvent, SignInKind
from crm.staff.sign_in import open_browser_session, who
from tests.people import PASSWORD

NEW = "a quiet evening"


def change(old: str = PASSWORD, new: str = NEW, again: str | None = None) -> PasswordChange:
    return PasswordChange(old_password=old, new_password=new, new_password_again=new if again is None else again)


def kinds() -> list[str]:
    with open_as(SYSTEM) as session:
        return list(session.scalars(select(SignInEvent.kind).order_by(SignInEvent.id)))


def test_it_works(people):
    here, there = open_browser_session(people.anna.id), open_browser_session(people.anna.id)
    with open_as(people.anna.actor) as session:
        assert change_own_password(session, change(), who(here).session_id, "10.0.0.7") == 1
    assert who(here) is not None and who(there) is None
    assert kinds() == [SignInKind.PASSWORD_CHANGED]
    assert check("anna", NEW) == people.anna.id
    with pytest.raises(SignInError):
        check("anna", PASSWORD)


def test_refused_without_the_old_one_and_five_guesses_lock_the_account(people):
    for _ in range(5):
        with pytest.raises(Invalid, match="old password") as caught, open_as(people.anna.actor) as session:
            change_own_password(session, change(old="a guess or two"), 0)
        assert caught.value.field == "old_password"
    with pytest.raises(Invalid, match="old password"), open_as(people.anna.actor) as session:
        change_own_password(session, change(), 0)
    with pytest.raises(SignInError, match="Too many"):
        check("anna", PASSWORD)


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (change(new="too short"), "10 characters"),
        (change(new="长" * 25), "72 characters"),
        (change(new=" a quiet evening"), "blank"),
        (change(new="aaaaaaaaaaaaaaa"), "easy to guess"),
        (change(again="a quiet morning"), "differ"),
        (change(new=PASSWORD), "is the old one"),
    ],
)
def test_the_rule(people, wrong, told):
    with pytest.raises(Invalid, match=told), open_as(people.anna.actor) as session:
        change_own_password(session, wrong, 0)
    assert check("anna", PASSWORD) == people.anna.id


def test_an_administrator_gives_a_new_first_password(people):
    token = open_browser_session(people.anna.id)
    for _ in range(5):
        with pytest.raises(SignInError):
            check("anna", "forgotten it")
    with open_as(people.ada.actor) as session:
        reset_password(session, people.anna.id, PasswordReset(new_password=NEW), "10.0.0.9")
    assert who(token) is None
    assert check("anna", NEW) == people.anna.id
    assert who(open_browser_session(people.anna.id)).must_change
    with open_as(people.anna.actor) as session:
        change_own_password(session, change(old=NEW, new="my own secret now"), 0)
    assert not who(open_browser_session(people.anna.id)).must_change


@pytest.mark.parametrize(("by", "of"), [("anna", "chen"), ("ben", "anna"), ("dana", "anna"), ("bao", "emil"), ("bao", "ada")])
def test_a_reset_is_refused_where_the_account_is_not_ones_to_change(people, by, of):
    with pytest.raises(Refused), open_as(getattr(people, by).actor) as session:
        reset_password(session, getattr(people, of).id, PasswordReset(new_password=NEW))
    assert check(of, PASSWORD)


def test_set_up_gives_passwords_in_its_own_transaction(people):
    with open_as(SYSTEM) as session:
        reset_password(session, people.anna.id, PasswordReset(new_password=NEW))
    assert check("anna", NEW) == people.anna.id
