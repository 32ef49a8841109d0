"""The page without sign-in: what a customer sees by his link, and that it opens nothing else."""

import datetime as dt
import sqlite3
from pathlib import Path
from threading import Barrier, Thread

import pytest
from sqlalchemy import select
from streamlit.testing.v1 import AppTest

from crm.access import SYSTEM
from crm.database import engine
from crm.errors import CrmError, NotFound
from crm.session import get, open_as
from crm.settings import ROOT
from crm.staff.commands import PasswordReset, reset_password
from crm.staff.sign_in import open_browser_session, who
from crm.support.commands import Answer, Asking, Solving, answer_survey, ask_feedback, solve_case, withdraw_invitation
from crm.support.guesses import Guesses
from crm.support.models import FeedbackInvitation, SurveyAnswer
from crm.ui.menu import PAGES
from tests.factories import a_case, a_customer
from tests.pages.opened import texts
from tests.pages.reading import english_left, sent

PAGE = "pages/service/survey.py"
CLOSED = "This link does not work: it was used already, or it is too old."


@pytest.fixture
def customer(people):
    return a_customer(people.anna, name="Aurora Music Ltd")


@pytest.fixture
def asked(people, customer):
    case = a_case(people.anna, customer, subject="The pedal sticks")
    with open_as(people.anna.actor) as session:
        solve_case(session, case.id, Solving(solution="Oil"))
        return ask_feedback(session, customer.id, Asking(case_id=case.id, language="en"))


def survey(token=None, **state):
    at = AppTest.from_file(str(ROOT / "Home.py"), default_timeout=30)
    for name, value in state.items():
        at.session_state[name] = value
    at.run()
    at.switch_page(PAGE)
    if token is not None:
        at.query_params["token"] = token
    return at.run()


def fill(at, mark, likely=None, comment=""):
    at.button_group(key="survey.mark").set_value(mark)
    if likely is not None:
        at.button_group(key="survey.likely").set_value(likely)
    at.text_area(key="survey.comment").set_value(comment)
    return at.button(key="survey.send").click().run()


def answers():
    with open_as(SYSTEM) as session:
        return [(one.csat, one.nps, one.comment) for one in session.scalars(select(SurveyAnswer))]


def test_it_works_without_sign_in_and_shows_nothing_else(people, asked):
    a_customer(people.anna, name="Borealis")
    at = survey(asked.token)
    assert not at.exception and "The pedal sticks" in texts(at) and "Group" in texts(at)
    assert not at.sidebar and {one.key for one in at.text_input} == set()
    assert not [text for text in sent(at) if "Aurora" in text or "Borealis" in text or "Anna" in text]
    fill(at, 4, 9, "Quick <b>and</b> kind")
    assert [one.value for one in at.title] == ["Thank you"] and answers() == [(4, 9, "Quick <b>and</b> kind")]
    assert "token" not in at.query_params


def test_a_mark_is_needed_and_nothing_typed_is_lost(people, asked):
    at = survey(asked.token)
    at.text_area(key="survey.comment").set_value("Kept")
    at.button(key="survey.send").click().run()
    assert "Choose a mark" in at.error[0].value and at.text_area(key="survey.comment").value == "Kept" and answers() == []


def test_it_speaks_as_the_invitation_and_switches(people, asked):
    at = survey(asked.token, _language="zh")
    assert [one.value for one in at.title] == ["How satisfied are you?"]
    at.button(key="survey.switch").click().run()
    assert [one.value for one in at.title] == ["您对我们的服务满意吗？"]
    assert english_left(at) <= {"Group", "English"}


def test_a_wrong_a_used_an_old_and_a_withdrawn_link_look_the_same(people, customer, asked):
    with open_as(people.anna.actor) as session:
        others = [ask_feedback(session, customer.id, Asking(item="training", language="en")) for _ in range(2)]
    answer_survey(asked.token, Answer(csat=5))
    with open_as(SYSTEM) as session:
        get(session, FeedbackInvitation, others[0].invitation.id).expires_at = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
        withdraw_invitation(session, others[1].invitation.id)
    shown = [sorted(sent(survey(token))) for token in (asked.token, *(one.token for one in others), "x" * 43, "short", None)]
    assert all(one == shown[0] for one in shown) and any(CLOSED in text for text in shown[0])


def test_a_link_used_meanwhile_takes_no_second_answer(people, asked):
    at = survey(asked.token)
    answer_survey(asked.token, Answer(csat=5))
    fill(at, 1)
    assert CLOSED in texts(at) and answers() == [(5, None, None)]


def test_of_two_who_answer_at_once_one_wins(people, asked):
    both, told = Barrier(2), []

    def answer(mark):
        both.wait()
        try:
            answer_survey(asked.token, Answer(csat=mark))
            told.append("taken")
        except CrmError as error:
            told.append(error.template)

    threads = [Thread(target=answer, args=(mark,)) for mark in (1, 5)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(told) == sorted(["taken", CLOSED]) and len(answers()) == 1


def test_a_colleague_sees_it_without_the_menu_and_cannot_answer(people, asked):
    token = open_browser_session(people.gia.id)
    at = survey(asked.token, _token=token)
    assert "The pedal sticks" in texts(at) and "Gia" not in texts(at) and not at.sidebar
    assert at.button(key="survey.send").disabled
    at.button(key="survey.switch").click().run()
    assert who(token).language is None and answers() == []


def test_a_colleague_with_a_first_password_sees_it_too(people, asked):
    with open_as(people.ada.actor) as session:
        reset_password(session, people.gia.id, PasswordReset(new_password="given by Ada"))
    assert "The pedal sticks" in texts(survey(asked.token, _token=open_browser_session(people.gia.id)))


@pytest.mark.parametrize("path", [page.path for page in PAGES if not page.public])
def test_from_the_survey_no_other_page_opens(people, asked, path):
    """As a browser that asks its open connection for another page, whatever it says about the survey."""
    at = survey(asked.token)
    at.switch_page(path)
    at.query_params["token"], at.query_params["customer"], at.query_params["page"] = asked.token, "1", "survey"
    at.run()
    assert [one.label for one in at.text_input] == ["User name", "Password"] and not at.title and not at.dataframe
    assert not [text for text in sent(at) if "Aurora" in text]


def test_what_the_survey_leaves_behind_opens_nothing(people, asked):
    at = survey(asked.token)
    assert at.session_state["_me"] is None and not at.session_state["_public"]
    alone = AppTest.from_file(str(ROOT / PAGE))
    for name in ("_me", "_public"):
        alone.session_state[name] = at.session_state[name]
    alone.query_params["token"] = asked.token
    assert [one.value for one in alone.run().error] == ["This page opens only from the start page."] and not alone.title


def test_the_token_stands_nowhere_in_the_database(people, asked):
    answer_survey(asked.token, Answer(csat=5))
    with sqlite3.connect(str(engine().url.database)) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    files = list(Path(str(engine().url.database)).parent.glob(f"{Path(str(engine().url.database)).name}*"))
    assert files and not [file for file in files if asked.token.encode() in file.read_bytes()]


def test_who_guesses_waits_and_nobody_else(people, asked):
    for _ in range(25):
        with pytest.raises(NotFound):
            answer_survey("y" * 43, Answer(csat=1), "192.0.2.7")
    with pytest.raises(NotFound, match="Too many"):
        answer_survey(asked.token, Answer(csat=1), "192.0.2.7")
    answer_survey(asked.token, Answer(csat=5), "192.0.2.8")
    assert answers() == [(5, None, None)]


def test_guesses_are_forgiven_and_do_not_pile_up():
    time = [0.0]
    guesses = Guesses(most=2, seconds=10, addresses=2, clock=lambda: time[0])
    for address in ("a", "a", "b", "", "", ""):
        guesses.wrong(address)
    assert guesses.too_many("a") and not guesses.too_many("b") and not guesses.too_many("")
    time[0] = 11
    assert not guesses.too_many("a")
    guesses.wrong("c"), guesses.wrong("d")
    assert len(guesses._wrong) == 2
