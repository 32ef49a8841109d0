"""A page file that is opened past Home.py shows nothing but the refusal, whatever the browser says about itself."""

import pytest
from streamlit.testing.v1 import AppTest

from crm.settings import ROOT
from crm.staff.sign_in import open_browser_session, who
from crm.ui.menu import PAGES
from tests.factories import a_customer
from tests.pages.reading import sent

FILES = sorted(str(file.relative_to(ROOT)) for file in (ROOT / "pages").rglob("*.py"))
REFUSAL = "This page opens only from the start page."


def alone(path, **state):
    at = AppTest.from_file(str(ROOT / path), default_timeout=20)
    for name, value in state.items():
        at.session_state[name] = value
    return at.run()


def shows_only_the_refusal(at):
    drawn = [one.type for block in (at.main, at.sidebar) for one in block]
    return [one.value for one in at.error] == [REFUSAL] and drawn == ["main", "error", "sidebar"] and not at.exception


def test_no_page_stands_where_streamlit_would_open_it_by_itself():
    assert not list((ROOT / "pages").glob("*.py"))
    assert sorted(page.path for page in PAGES) == FILES


@pytest.mark.parametrize("path", FILES)
def test_alone_a_page_shows_nothing(people, path):
    a_customer(people.anna, name="Secret")
    token = open_browser_session(people.eve.id)
    person = who(token)
    for state in ({}, {"_token": token}, {"_token": token, "_me": person}, {"_me": person, "_framed": False}):
        at = alone(path, **state)
        assert shows_only_the_refusal(at), path
        assert not [text for text in sent(at) if "Secret" in text]
