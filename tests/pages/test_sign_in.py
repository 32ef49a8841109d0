"""The frame around every page: signing in and out, the language, and pages that nobody opens past it."""

import pytest
from sqlalchemy import select
from streamlit.testing.v1 import AppTest

from crm.access import SYSTEM
from crm.office.models import Setting
from crm.session import open_as
from crm.settings import ROOT
from crm.staff.commands import PasswordReset, freeze, reset_password, set_preference
from crm.staff.models import SignInEvent, SignInKind, User
from crm.staff.sign_in import open_browser_session, who
from crm.ui.menu import PAGES
from crm.words import say, speaking
from tests.people import PASSWORD

WRONG = "The user name or the password is wrong."


@pytest.fixture
def home(database) -> AppTest:
    return AppTest.from_file(str(ROOT / "Home.py"), default_timeout=20)


def as_person(home: AppTest, person) -> AppTest:
    home.session_state["_token"] = open_browser_session(person.id)
    return home.run()


def sign_in(home: AppTest, username: str, password: str) -> AppTest:
    home.text_input[0].input(username)
    home.text_input[1].input(password)
    [button] = [button for button in home.button if button.label in ("Sign in", "登录")]
    return button.click().run()


def asks_for_password(home: AppTest) -> bool:
    return [one.label for one in home.text_input][:2] in (["User name", "Password"], ["用户名", "密码"])


def events() -> list[str]:
    with open_as(SYSTEM) as session:
        return list(session.scalars(select(SignInEvent.kind).order_by(SignInEvent.id)))


def test_it_works(people, home):
    home.run()
    assert asks_for_password(home) and not home.title
    sign_in(home, "anna", PASSWORD)
    assert not home.exception and not asks_for_password(home)
    assert [title.value for title in home.title] == ["Overview"]
    assert who(home.session_state["_token"]).user_id == people.anna.id
    assert events() == [SignInKind.SIGNED_IN]


@pytest.mark.parametrize(("username", "password"), [("anna", "a guess"), ("nobody", PASSWORD)])
def test_a_wrong_password_and_an_unknown_name_are_refused_alike(people, home, username, password):
    sign_in(home.run(), username, password)
    assert [error.value for error in home.error] == [WRONG]
    assert asks_for_password(home) and "_token" not in home.session_state


def test_the_fifth_wrong_password_says_how_long_to_wait(people, home):
    home.run()
    for _ in range(5):
        sign_in(home, "anna", "a guess")
    assert [error.value for error in home.error] == ["Too many wrong passwords. Try again in 1 minute."]
    sign_in(home, "anna", PASSWORD)
    assert asks_for_password(home) and events()[-2:] == [SignInKind.LOCKED, SignInKind.REFUSED]


@pytest.mark.parametrize(("username", "password"), [("anna", ""), ("", PASSWORD), ("", "")])
def test_a_form_half_filled_is_no_failure(people, home, username, password):
    home.run()
    for _ in range(5):
        sign_in(home, username, password)
    assert [error.value for error in home.error] == ["Enter the user name and the password."]
    assert events() == []
    assert not asks_for_password(sign_in(home, "anna", PASSWORD))


def test_a_frozen_person_is_out_at_the_next_click(people, home):
    as_person(home, people.anna)
    with open_as(people.ada.actor) as session:
        freeze(session, people.anna.id)
    assert asks_for_password(home.run()) and not home.title


def test_signing_out_leaves_nothing_behind(people, home):
    as_person(home, people.anna)
    token = home.session_state["_token"]
    home.session_state["search_words"] = "a secret"
    home.button(key="sign_out").click().run()
    assert asks_for_password(home) and who(token) is None
    assert "_token" not in home.session_state and "search_words" not in home.session_state
    sign_in(home, "chen", PASSWORD)
    assert who(home.session_state["_token"]).username == "chen"


def test_the_language_is_chosen_before_signing_in_and_kept_for_the_person(people, home):
    home.run()
    home.button(key="language").click().run()
    assert [one.label for one in home.text_input] == ["用户名", "密码"]
    sign_in(home, "anna", PASSWORD)
    with speaking("zh"):
        assert [title.value for title in home.title] == [say("Overview")]
    assert who(open_browser_session(people.anna.id)).language == "zh"


def test_a_person_finds_his_language_in_any_browser(people, home):
    with open_as(people.anna.actor) as session:
        set_preference(session, "language", {"code": "zh"})
    as_person(home, people.anna).run()
    with speaking("zh"):
        assert [title.value for title in home.title] == [say("Overview")]


def test_the_next_person_at_this_browser_has_his_own_language(people, home):
    for person, code in ((people.anna, "zh"), (people.chen, "en")):
        with open_as(person.actor) as session:
            set_preference(session, "language", {"code": code})
    as_person(home, people.anna).button(key="sign_out").click().run()
    assert [one.label for one in home.text_input] == ["用户名", "密码"]
    sign_in(home, "chen", PASSWORD)
    assert [title.value for title in home.title] == ["Overview"]
    assert who(open_browser_session(people.chen.id)).language == "en"


def test_a_password_from_somebody_else_is_changed_first(people, home):
    with open_as(people.ada.actor) as session:
        reset_password(session, people.anna.id, PasswordReset(new_password="given by Ada"))
    home.run()
    sign_in(home, "anna", "given by Ada")
    home.run()
    assert [title.value for title in home.title] == ["My account"]
    home.text_input(key="change_password.old_password").input("given by Ada")
    for field in ("new_password", "new_password_again"):
        home.text_input(key=f"change_password.{field}").input("my own secret now")
    [button] = [button for button in home.button if button.label == "Change"]
    button.click().run()
    assert not home.exception and not who(home.session_state["_token"]).must_change


def test_demo_accounts_stand_there_in_demo_mode_only(people, home):
    with open_as(SYSTEM) as session:
        for user in session.scalars(select(User)):
            user.is_demo = True
    assert not [button for button in home.run().button if str(button.key).startswith("demo_")]
    with open_as(SYSTEM) as session:
        session.add(Setting(key="demo", value={"on": True, "password": PASSWORD}))
    shown = [button.key for button in home.run().button if str(button.key).startswith("demo_")]
    assert shown == [f"demo_{name}" for name in ("eve", "dana", "ben", "anna", "bao", "gia", "mia", "amir", "ada")]
    home.button(key="demo_dana").click().run()
    assert who(home.session_state["_token"]).user_id == people.dana.id


@pytest.mark.parametrize("path", [page.path for page in PAGES])
def test_a_page_without_the_frame_shows_nothing_but_the_refusal(people, path):
    alone = AppTest.from_file(str(ROOT / path))
    alone.session_state["_token"] = open_browser_session(people.ada.id)
    alone.session_state["_me"] = who(alone.session_state["_token"])  # left behind by a page that had the frame
    alone.run()
    assert [error.value for error in alone.error] == ["This page opens only from the start page."]
    assert len(alone.main) == 1 and not alone.sidebar


@pytest.mark.parametrize("path", ["pages/admin/people.py", "pages/admin/audit.py", "pages/admin/settings.py"])
def test_a_page_for_others_shows_nothing_but_the_refusal(people, home, path):
    as_person(home, people.anna).switch_page(path).run()
    assert [error.value for error in home.error] == ["Your role does not open this page."]
    assert not home.title and not home.text_input and not home.dataframe
