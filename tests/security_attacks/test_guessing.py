"""Who tries names and passwords: learns nothing, is slowed down wherever he comes from, and shuts nobody out for good."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
import time

import pytest
from sqlalchemy import select

from crm.access import SYSTEM
from crm.session import open_as
from crm.settings import ROOT
from crm.staff import attempts, known
from crm.staff.attempts import FREE_FAILURES, MOST_FROM_ONE_PLACE, SignInError, begin, check, finish
from crm.staff.commands import PasswordReset, reset_password
from crm.staff.models import Credential, SignInEvent, SignInKind
from crm.staff.sign_in import open_browser_session
from tests.people import PASSWORD
from tests.staff.test_sign_in import let_time_pass

WRONG = "The user name or the password is wrong."
SAME_NAME = ["anna", " anna ", "ANNA", "Anna\t", "\u3000anna", "an\0na", "aNNa\n"]
OTHER_NAMES = ["ａｎｎａ", "an na", "anna\u200b", "аnna", "anna'--", "anna%", "x" * 5000]
"""Looks like it, and is nobody: wide letters, a zero-width sign, a Cyrillic one."""


def wrong(name: str, *, mark: str | None = None, origin: str | None = None) -> str:
    """A wrong password without the quarter of a second that its comparison takes."""
    with pytest.raises(SignInError) as refused:
        finish(begin(name, origin, mark), right=False, origin=origin)
    return str(refused.value)


# ---------------------------------------------------------------------------------------------------- enumeration


def test_a_locked_name_costs_a_comparison_too_and_sounds_as_one_that_does_not_exist(people, compared):
    told = {}
    for name in ("anna", "nobody"):
        for _ in range(FREE_FAILURES + 1):
            wrong(name)
        compared.clear()
        with pytest.raises(SignInError) as refused:
            check(name, PASSWORD)
        told[name] = (str(refused.value), list(compared))
    assert told["anna"] == told["nobody"] == ("Too many wrong passwords. Try again in 1 minute.", [attempts.NOBODYS_HASH])


def test_the_time_of_a_stranger_is_the_time_of_a_colleague(people):
    """Processor time in one run: 12 rounds of the real cost, one beside the other."""
    with open_as(SYSTEM) as session:
        anna = session.scalars(select(Credential).where(Credential.user_id == people.anna.id)).one()
        anna.password_hash = attempts.hash_password(PASSWORD)
    taken = {"anna": [], "nobody": []}
    for _ in range(3):
        for name, times in taken.items():
            begun = time.process_time()
            with pytest.raises(SignInError):
                check(name, "not it")
            times.append(time.process_time() - begun)
    assert 0.7 < min(taken["nobody"]) / min(taken["anna"]) < 1.4


# -------------------------------------------------------------------------------------------------------- the lock


def test_the_lock_holds_however_the_name_is_written(people):
    for name in SAME_NAME[: FREE_FAILURES + 1]:
        wrong(name)
    for name in SAME_NAME:
        assert begin(name).refused_until is not None, name
    for name in OTHER_NAMES:
        assert begin(name).refused_until is None and wrong(name) == WRONG, name


def test_the_lock_holds_in_another_process_and_ends(people):
    for _ in range(FREE_FAILURES + 1):
        wrong("anna")
    tried = "import sys; from crm.staff.attempts import check; print(check('anna', sys.argv[1]))"

    def elsewhere() -> subprocess.CompletedProcess[str]:
        return subprocess.run([sys.executable, "-c", tried, PASSWORD], cwd=ROOT, capture_output=True, text=True, timeout=120)

    assert "Too many wrong passwords" in elsewhere().stderr
    let_time_pass(dt.timedelta(minutes=1, seconds=1))
    assert elsewhere().stdout.strip() == str(people.anna.id)


def test_nobody_is_shut_out_of_the_browser_he_uses(people):
    """Somebody keeps the name locked for ever; its person comes in all the same, where he came in before."""
    mark = known.mark_for(people.anna.id)
    for _ in range(FREE_FAILURES + 6):
        wrong("anna")
        let_time_pass(dt.timedelta(hours=5))
        wrong("anna")
    with pytest.raises(SignInError, match="Too many"):
        check("anna", PASSWORD)
    for _ in range(FREE_FAILURES + 2):
        assert check("anna", PASSWORD, mark=mark) == people.anna.id
        for _ in range(FREE_FAILURES + 1):
            wrong("anna")


def test_a_known_browser_is_no_place_to_guess_either(people):
    mark = known.mark_for(people.anna.id)
    for _ in range(FREE_FAILURES + 1):
        wrong("anna", mark=mark)
    passed = [begin("anna", mark=mark).refused_until is None for _ in range(FREE_FAILURES + 3)]
    assert passed == [True] * FREE_FAILURES + [False] * 3


def test_the_mark_is_of_one_person_and_of_one_password(people):
    for _ in range(FREE_FAILURES + 1):
        wrong("anna")
    mark = known.mark_for(people.anna.id)
    for other in (known.mark_for(people.chen.id), mark[:-1] + "x", "", "None", "ü"):
        assert begin("anna", mark=other).refused_until is not None
    with open_as(people.ada.actor) as session:
        reset_password(session, people.anna.id, PasswordReset(new_password="given by Ada"))
    for _ in range(FREE_FAILURES + 1):
        wrong("anna")
    assert begin("anna", mark=mark).refused_until is not None


def test_one_address_does_not_try_all_names(people):
    """A few wrong passwords for each of many names: the address rests, and others do not."""
    here, mark = "203.0.113.7", known.mark_for(people.anna.id)
    for number in range(MOST_FROM_ONE_PLACE):
        assert wrong(f"name{number}", origin=f"{here} · Chrome · Windows") == WRONG
    for name in ("one-more", "anna"):
        with pytest.raises(SignInError, match=r"Try again in 15 minutes\."):
            check(name, PASSWORD, f"{here} · Firefox · Linux")
    assert check("anna", PASSWORD, f"{here} · Firefox", mark) == people.anna.id
    for other in ("203.0.113.70 · Chrome", "203.0.113.8", "Chrome · Windows", None):
        assert check("anna", PASSWORD, other) == people.anna.id
    let_time_pass(dt.timedelta(minutes=15, seconds=1))
    assert check("chen", PASSWORD, f"{here} · Firefox") == people.chen.id


def test_the_way_past_a_lock_is_written_down(people):
    for _ in range(FREE_FAILURES + 1):
        wrong("anna")
    check("anna", PASSWORD, mark=known.mark_for(people.anna.id))
    with open_as(SYSTEM) as session:
        kinds = session.scalars(select(SignInEvent.kind).order_by(SignInEvent.id)).all()
    assert kinds[-2:] == [SignInKind.LET_PAST, SignInKind.SIGNED_IN]


def test_two_sign_ins_are_two_sessions(people):
    tokens = {open_browser_session(people.anna.id) for _ in range(20)}
    assert len(tokens) == 20 and all(len(token) >= 43 for token in tokens)
