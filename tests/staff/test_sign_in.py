"""Names and passwords: who gets in, who is locked out for how long, and what an outsider can learn (nothing)."""

import datetime as dt
import time

import pytest
from sqlalchemy import select, update

from crm.access import SYSTEM
from crm.database import engine
from crm.session import open_as
from crm.staff import attempts
from crm.staff.attempts import SignInError, check, hash_password
from crm.staff.commands import freeze, mark_as_left, unfreeze
from crm.staff.models import Credential, SignInEvent, SignInKind
from crm.staff.sign_in import open_browser_session, who
from tests.people import PASSWORD


def events(username: str) -> list[str]:
    with open_as(SYSTEM) as session:
        return list(session.scalars(select(SignInEvent.kind).where(SignInEvent.username == username).order_by(SignInEvent.id)))


def refusal(username: str, password: str = "not the password") -> SignInError:
    with pytest.raises(SignInError) as caught:
        check(username, password)
    return caught.value


def let_time_pass(passed: dt.timedelta) -> None:
    """As if everything so far had happened earlier."""
    times = {Credential.__table__: ("updated_at", "locked_until"), SignInEvent.__table__: ("created_at",)}
    with engine().begin() as connection:
        for table, names in times.items():
            for row in connection.execute(select(table)).mappings().all():
                earlier = {name: row[name] - passed for name in names if row[name]}
                connection.execute(update(table).where(table.c.id == row["id"]).values(earlier))


def test_it_works(people):
    assert check("anna", PASSWORD, "10.0.0.7 · Firefox") == people.anna.id
    assert check("  Anna ", PASSWORD) == people.anna.id
    assert events("anna") == [SignInKind.SIGNED_IN, SignInKind.SIGNED_IN]
    with open_as(SYSTEM) as session:
        assert session.scalars(select(SignInEvent.origin)).first() == "10.0.0.7 · Firefox"


def test_a_wrong_password_an_unknown_name_and_a_frozen_account_get_the_same_words(people):
    with open_as(people.ada.actor) as session:
        freeze(session, people.chen.id)
        mark_as_left(session, people.emil.id)
    told = {str(refusal("anna")), str(refusal("nobody")), str(refusal("chen", PASSWORD)), str(refusal("emil", PASSWORD))}
    assert told == {"The user name or the password is wrong."}
    assert [events(name) for name in ("anna", "nobody", "chen", "emil")] == [
        [SignInKind.WRONG_PASSWORD],
        [SignInKind.UNKNOWN_NAME],
        [SignInKind.REFUSED],
        [SignInKind.REFUSED],
    ]


def test_an_unknown_name_takes_as_long_as_a_wrong_password(people):
    with open_as(SYSTEM) as session:
        anna = session.scalars(select(Credential).where(Credential.user_id == people.anna.id)).one()
        anna.password_hash = hash_password(PASSWORD)

    def seconds(name: str) -> float:
        begun = time.process_time()
        refusal(name)
        return time.process_time() - begun

    known, unknown = min(seconds("anna") for _ in range(2)), min(seconds("nobody") for _ in range(2))
    assert unknown == pytest.approx(known, rel=0.5)
    assert attempts.NOBODYS_HASH.startswith(f"$2b${attempts.COST}$")


@pytest.mark.parametrize("name", ["anna", "nobody"])
def test_the_fifth_failure_locks_and_each_further_one_locks_longer(people, name):
    """For a name that does not exist it looks exactly the same. No password is compared here: that takes its time."""

    def told(right: bool = False) -> SignInError:
        with pytest.raises(SignInError) as caught:
            attempts.finish(attempts.begin(name), right)
        return caught.value

    assert {str(told()) for _ in range(4)} == {"The user name or the password is wrong."}
    for minutes in (1, 5, 15, 60, 240, 240):
        assert told().values["count"] == minutes
        assert told(right=True).values["count"] == minutes
        let_time_pass(dt.timedelta(minutes=minutes, seconds=1))
    assert events(name).count(SignInKind.LOCKED) == 6


def test_the_right_password_after_the_lock_starts_from_nothing(people):
    for _ in range(5):
        refusal("anna")
    let_time_pass(dt.timedelta(minutes=2))
    assert check("anna", PASSWORD) == people.anna.id
    assert [str(refusal("anna")) for _ in range(4)] == ["The user name or the password is wrong."] * 4


def test_many_tries_at_once_are_all_counted(people):
    """Each try is counted before its password is compared, so that none of them slips through while others are looked at."""
    at_once = [attempts.begin("anna") for _ in range(7)]
    assert [bool(attempt.refused_until) for attempt in at_once] == [False] * 5 + [True] * 2


def test_an_old_failure_is_forgiven(people):
    for _ in range(4):
        refusal("anna")
    let_time_pass(dt.timedelta(days=2))
    assert str(refusal("anna")) == "The user name or the password is wrong."


def test_a_password_longer_than_bcrypt_reads_is_just_wrong(people):
    assert str(refusal("anna", "x" * 100)) == "The user name or the password is wrong."


def test_a_frozen_person_comes_back_after_unfreezing(people):
    token = open_browser_session(people.chen.id)
    with open_as(people.ada.actor) as session:
        freeze(session, people.chen.id)
    assert who(token) is None
    with open_as(people.ada.actor) as session:
        unfreeze(session, people.chen.id)
    assert check("chen", PASSWORD) == people.chen.id
