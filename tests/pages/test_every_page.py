"""Every page as every role sees it, in both languages: it stands, it says what it should, and it says it in one language."""

import pytest
from streamlit.testing.v1 import AppTest

from crm.customers.commands import refresh_base
from crm.marketing.commands import LeadDetails, add_lead
from crm.office.commands import CustomFieldInput, add_custom_field
from crm.session import open_as
from crm.settings import ROOT
from crm.staff.sign_in import open_browser_session
from crm.support.commands import ArticleInput, CommentInput, comment, publish_article, write_article
from crm.ui.menu import PAGES, allowed
from crm.words import say, speaking
from tests.factories import (
    TODAY,
    a_case,
    a_contact,
    a_contract,
    a_customer,
    a_product,
    a_share,
    an_activity,
    an_opportunity,
    an_order,
)
from tests.pages.reading import english_left, sent
from tests.people import UNITS

EACH_ROLE = {
    "eve": "executive",
    "dana": "director",
    "ben": "lead",
    "anna": "rep",
    "bao": "board_admin",
    "gia": "agent",
    "mia": "marketer",
    "amir": "analyst",
    "ada": "admin",
}


HIDDEN = "This record does not exist, or it is not yours to see."
REFUSAL = "Your role does not open this page."
NAMES = {name for name, _, _ in UNITS}
"""What people are called is not translated; nor is the name of a language, which it has in itself."""


@pytest.fixture
def customer(people):
    """One of anna's with something in every part, among others"""
    with open_as(people.ada.actor) as session:
        add_custom_field(session, "customer", CustomFieldInput(label="Shoe size", kind="number", in_list=True))
    full = a_customer(people.anna, name="上海 Aurora", level="vip", phone="021 5550 1234", custom={"shoe_size": "42"})
    for amount, silence in ((100, 400), (-20, 30), (50, 3)):
        an_order(full, amount, on=TODAY.replace(year=TODAY.year - silence // 365))
    a_contact(full, "Zhang Min")
    an_activity(full, people.anna, minutes=5, outcome="reached")
    an_activity(full, people.anna, topic="Send the quote", planned_on=TODAY)
    a_share(full, user_id=people.chen.id)
    a_product()
    a_customer(people.chen, name="上海 aurora")
    a_customer(people.emil)
    with open_as(people.eve.actor) as session:
        refresh_base(session, TODAY)
    return full


@pytest.fixture
def addresses(people, customer):
    """What the pages of one record are asked for: everything of anna's customer."""
    deal, contract = an_opportunity(people.anna, customer), a_contract(people.anna, customer, 900, TODAY)
    case = a_case(people.anna, customer, kind="complaint", complaint_class="product_quality", description="The keys stick.")
    with open_as(people.anna.actor) as session:
        lead = add_lead(session, LeadDetails(name="Borealis", phone="13900001111"))
    with open_as(people.dana.actor) as session:
        comment(session, case.id, CommentInput(text="We look at it tomorrow."))
        article = write_article(session, ArticleInput(name="Sticking keys", text="Loosen the rail.", language="en"))
        publish_article(session, article.id)
    records = {"customer": customer, "opportunity": deal, "contract": contract, "case": case, "lead": lead, "article": article}
    return {name: str(record.id) for name, record in records.items()}


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("name", EACH_ROLE)
def test_every_page_for_every_role(people, addresses, name, language):
    person = getattr(people, name)
    assert person.actor.role == EACH_ROLE[name]
    at = AppTest.from_file(str(ROOT / "Home.py"), default_timeout=60)
    at.session_state["_token"], at.session_state["_language"] = open_browser_session(person.id), language
    with speaking(language):
        at.run()
        for page in PAGES:
            at.switch_page(page.path)
            for address, value in addresses.items():
                at.query_params[address] = value
            at.run()
            assert [one.message for one in at.exception] == [], page.path
            refused = [
                one.value for one in at.error if one.value != say("This record does not exist, or it is not yours to see.")
            ]
            assert refused == ([] if allowed(person.actor, page.needs) else [say("Your role does not open this page.")]), (
                page.path
            )
            assert not (refused and at.title), page.path
            if language == "zh":
                assert english_left(at) <= NAMES | {"English"}, page.path


def test_a_word_that_stayed_english_is_seen(people, customer):
    """The test above looks where texts stand."""
    at = AppTest.from_file(str(ROOT / "Home.py"), default_timeout=60)
    at.session_state["_token"], at.session_state["_language"] = open_browser_session(people.anna.id), "en"
    at.run()
    at.switch_page("pages/sales/customers.py").run()
    assert {"Customers", "New customer", "Name, code, phone, contact", "Last order on", "Export"} <= sent(at)
    assert {"Customers", "New customer", "Last order on"} <= english_left(at)
