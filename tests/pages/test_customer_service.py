"""How a customer is served, on his own page: the tab Service, and his mood in the head."""

import datetime as dt

import pytest

from crm.access import SYSTEM
from crm.office.commands import DemoDay, set_demo_today
from crm.session import open_as
from crm.support.commands import Asking, VisitInput, ask_feedback, plan_visit
from crm.support.models import SurveyAnswer
from crm.words import say, speaking
from tests.factories import TODAY, a_case, a_customer
from tests.pages.opened import keys, opened, texts
from tests.pages.reading import english_left
from tests.people import UNITS

PAGE = "pages/sales/customer.py"


@pytest.fixture
def customer(people):
    with open_as(SYSTEM) as session:
        set_demo_today(session, DemoDay(day=TODAY))
    return a_customer(people.anna, name="Aurora Music Ltd")


def at(hours_ago):
    return dt.datetime.combine(TODAY, dt.time(0, 1), dt.UTC) - dt.timedelta(hours=hours_ago)


def a_complaint(people, customer, **changes):
    about = {"kind": "complaint", "complaint_class": "service_quality", "subject": "Nobody called back"}
    return a_case(people.gia, customer, **about | changes)


def marked(people, case, csat):
    """The customer was asked about a closed case, and said so."""
    with open_as(SYSTEM) as session:
        asked = ask_feedback(session, case.customer_id, Asking(case_id=case.id))
        session.add(SurveyAnswer(invitation_id=asked.invitation.id, at=at(1), csat=csat))


def at_service(page, language="en"):
    with speaking(language):
        page.session_state["customer.tabs"] = say("Service")
        return page.run()


def cells(page):
    return "\n".join(one.value.to_string() for one in page.dataframe)


def test_it_works(people, customer):
    a_case(people.gia, customer, subject="Loud fan")
    a_complaint(people, customer, state="closed", closed_at=at(5), solved_at=at(5), opened_at=at(50))
    page = at_service(opened(PAGE, people.gia, customer=customer.id))
    seen = texts(page)
    for part in ("1 open case", "1 complaint, all kept with the customer", "Past cases", "1 complaint within a year"):
        assert part in seen, part
    assert "Loud fan" in cells(page) and "Nobody called back" in cells(page)
    assert "service.new" in keys(page)


def test_sales_sees_service(people, customer):
    a_case(people.gia, customer, subject="Loud fan")
    assert "Loud fan" in cells(at_service(opened(PAGE, people.anna, customer=customer.id)))


def test_a_reader_opens_no_case(people, customer):
    a_case(people.gia, customer)
    page = at_service(opened(PAGE, people.amir, customer=customer.id))
    assert "1 open case" in texts(page)
    assert "service.new" not in keys(page)


def test_no_case_yet(people, customer):
    page = at_service(opened(PAGE, people.gia, customer=customer.id))
    assert "No case yet" in texts(page)
    assert "customer.mood" not in keys(page)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_everything_at_once(people, customer, language):
    case = a_complaint(people, customer)
    past = a_case(people.gia, customer, state="closed", closed_at=at(5), solved_at=at(5), opened_at=at(50))
    marked(people, past, 2)
    with open_as(people.gia.actor) as session:
        plan_visit(session, case.id, VisitInput(technician_id=people.gia.id, planned_at=at(-30)))
    page = at_service(opened(PAGE, people.gia, language, customer=customer.id), language)
    assert [one.message for one in page.exception] == []
    assert not page.error
    if language == "zh":
        assert english_left(page) <= {unit for unit, _, _ in UNITS}
    else:
        assert "1 visit planned" in texts(page)


def test_an_open_complaint_is_among_the_reasons_of_his_state(people, customer):
    a_complaint(people, customer)
    page = opened(PAGE, people.anna, customer=customer.id)
    told = {button.key: button.label for button in page.button}
    assert "Unhappy · 1 open case" in told["customer.mood"]
    assert "An open complaint: answer it first." in texts(page)


def test_a_low_mark_is_among_them_and_leads_to_its_rows(people, customer):
    marked(people, a_case(people.gia, customer, state="closed", closed_at=at(5), solved_at=at(5), opened_at=at(50)), 1)
    page = opened(PAGE, people.anna, customer=customer.id)
    assert "A low mark, 1 of 5 on " in texts(page)
    page.button(key="customer.mood_line").click().run()
    assert "Past cases" in texts(page)


def test_who_is_content_gives_no_reason(people, customer):
    marked(people, a_case(people.gia, customer, state="closed", closed_at=at(5), solved_at=at(5), opened_at=at(50)), 5)
    page = opened(PAGE, people.anna, customer=customer.id)
    assert "Content" in page.button(key="customer.mood").label
    assert "customer.mood_line" not in keys(page)
