"""The form of the sign-in: what a stranger learns from it, and what stood in the tab before."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from crm.session import open_as
from crm.settings import ROOT
from crm.staff.commands import freeze
from crm.staff.sign_in import open_browser_session, who
from tests.people import PASSWORD
from tests.security_attacks.test_guessing import OTHER_NAMES, SAME_NAME, WRONG


def form(username: str, password: str) -> AppTest:
    home = AppTest.from_file(str(ROOT / "Home.py"), default_timeout=30).run()
    home.text_input[0].input(username)
    home.text_input[1].input(password)
    [button] = [button for button in home.button if button.label == "Sign in"]
    return button.click().run()


def test_every_refusal_has_the_same_words_and_costs_one_comparison(people, compared):
    with open_as(people.ada.actor) as session:
        freeze(session, people.chen.id)
    told = {}
    for name in ("anna", "nobody", "chen", OTHER_NAMES[0]):
        compared.clear()
        shown = form(name, "not the password")
        assert not shown.exception
        told[name] = ([error.value for error in shown.error], len(compared))
    assert list(told.values()) == [([WRONG], 1)] * 4


@pytest.mark.parametrize("name", [SAME_NAME[5], OTHER_NAMES[0], OTHER_NAMES[-1]])
def test_a_strange_name_is_told_nothing_strange(people, name):
    shown = form(name, "x" * 200)
    assert not shown.exception and [error.value for error in shown.error] == [WRONG]


def test_what_stood_in_the_tab_before_is_not_what_stands_there_after(people):
    home = AppTest.from_file(str(ROOT / "Home.py"), default_timeout=30)
    home.session_state["_token"] = "planted"
    home.session_state["authentication_status"], home.session_state["username"] = True, "ada"
    home.session_state["_me"] = who(open_browser_session(people.ada.id))
    home.run()
    assert [one.label for one in home.text_input][:2] == ["User name", "Password"] and "_token" not in home.session_state
    home.text_input[0].input("anna")
    home.text_input[1].input(PASSWORD)
    [button] = [button for button in home.button if button.label == "Sign in"]
    button.click().run()
    assert who(home.session_state["_token"]).user_id == people.anna.id
    assert home.session_state["_token"] != "planted"
