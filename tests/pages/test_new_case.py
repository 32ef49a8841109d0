import datetime as dt

import pytest

from crm.access import SYSTEM
from crm.office.commands import DemoDay, set_demo_today
from crm.session import open_as
from crm.support.commands import (
    ArticleInput,
    CalendarInput,
    PolicyInput,
    add_calendar,
    add_policy,
    publish_article,
    write_article,
)
from crm.support.queries import case, case_list
from tests.factories import TODAY, a_case, a_contact, a_customer
from tests.pages.opened import dialog, keys, opened, texts

PAGE = "pages/service/cases.py"


@pytest.fixture(autouse=True)
def day(people):
    with open_as(SYSTEM) as session:
        set_demo_today(session, DemoDay(day=TODAY))
        hours = add_calendar(session, CalendarInput(name="Always", zone="UTC", week=["00:00-24:00"] * 7)).id
        times = {"first_response_seconds": 4 * 3600, "resolution_seconds": 48 * 3600}
        add_policy(session, PolicyInput(name="Quick", calendar_id=hours, priority="high", resolution_seconds=3600))
        add_policy(session, PolicyInput(name="Usual", calendar_id=hours, **times))


@pytest.fixture
def customer(people):
    return a_customer(people.anna, name="Aurora Music Ltd")


def body(customer_id=None):
    from crm.ui.support.new_case import new_case

    new_case(customer_id)


def added(people):
    with open_as(people.gia.actor) as session:
        rows = case_list(session, sort="number", descending=True)
        return case(session, int(rows["id"].iloc[0])) if len(rows) else None


def save(at):
    return next(button for button in at.button if button.label == "Add the case").click().run()


def test_two_clicks_for_the_common_thing(people, customer):
    at = dialog(body, people.gia, customer.id)
    assert "For **Aurora Music Ltd**" in texts(at)
    at.text_input(key="case.new.subject").set_value("No sound").run()
    save(at)
    found = added(people)
    assert (found.subject, found.customer_id, found.kind, found.priority) == ("No sound", customer.id, "fault", "normal")
    assert (found.owner_id, found.state) == (people.gia.id, "new")


def test_the_customer_is_found_by_a_few_letters(people, customer):
    at = dialog(body, people.gia)
    at.text_input(key="case.new.customer.words").set_value("aurora").run()
    assert at.selectbox(key="case.new.customer.chosen").value == customer.id
    at.text_input(key="case.new.subject").set_value("Where is my order").run()
    save(at)
    assert added(people).customer_id == customer.id


def test_what_is_missing_is_said_and_what_was_typed_stays(people, customer):
    at = dialog(body, people.gia)
    at.text_input(key="case.new.subject").set_value("No sound").run()
    save(at)
    assert "Say whose case it is." in at.error[0].value
    assert at.text_input(key="case.new.subject").value == "No sound"
    assert added(people) is None


def test_a_complaint_says_what_about_and_whom(people, customer):
    at = dialog(body, people.gia, customer.id)
    assert "case.new.complaint_class" not in {box.key for box in at.selectbox}
    at.segmented_control(key="case.new.kind").set_value("complaint").run()
    at.text_input(key="case.new.subject").set_value("Nobody called back").run()
    save(at)
    assert "Say what the complaint is about." in at.error[0].value
    at.selectbox(key="case.new.complaint_class").set_value("service_quality")
    at.selectbox(key="case.new.responsible_unit_id").set_value(people.units["Sales East"])
    save(at)
    found = added(people)
    assert (found.complaint_class, found.responsible_unit_id) == ("service_quality", people.units["Sales East"])


def test_what_is_promised_follows_the_priority(people, customer):
    at = dialog(body, people.gia, customer.id)
    assert "First response by" in texts(at) and "Policy Usual" in texts(at)
    at.segmented_control(key="case.new.priority").set_value("high").run()
    assert "First response by" not in texts(at)
    assert "Resolution by" in texts(at) and "(1 h of working time)" in texts(at)


def test_what_is_open_already_is_one_click_away(people, customer):
    known = a_case(people.gia, customer, subject="No sound since Monday", opened_at=dt.datetime.combine(TODAY, dt.time(), dt.UTC))
    at = dialog(body, people.gia, customer.id)
    assert f"case.new.open.{known.id}" in keys(at)
    assert "No sound since Monday" in texts(at)


def test_articles_that_fit_stand_beside_what_is_typed(people, customer):
    with open_as(people.dana.actor) as session:
        article = write_article(
            session, ArticleInput(name="No sound after the update", text="Restart the amplifier.", language="en")
        )
        publish_article(session, article.id)
    at = dialog(body, people.gia, customer.id)
    assert not at.expander
    at.text_input(key="case.new.subject").set_value("no sound after the update").run()
    assert any("No sound after the update" in panel.label for panel in at.expander)


def test_contact_and_team(people, customer):
    contact = a_contact(customer)
    at = dialog(body, people.gia, customer.id)
    at.text_input(key="case.new.subject").set_value("No sound").run()
    at.selectbox(key=f"case.new.form.{customer.id}.contact_id").set_value(contact.id)
    at.selectbox(key=f"case.new.form.{customer.id}.team_id").set_value(people.units["Service"])
    save(at)
    found = added(people)
    assert (found.contact_id, found.team_id, found.owner_id) == (contact.id, people.units["Service"], None)


def test_who_only_reads_has_no_button(people):
    assert "case.new" in keys(opened(PAGE, people.gia))
    assert "case.new" not in keys(opened(PAGE, people.amir))
