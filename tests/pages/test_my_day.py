"""My day: what is planned and when, what is late, whom to call, which deals and cases want something, what was done."""

import datetime as dt

import pytest

from crm.office.commands import DemoDay, set_demo_today
from crm.office.queries import activities_of
from crm.pipeline.models import Registration
from crm.session import open_as
from tests.factories import TODAY, a_case, a_customer, an_activity, an_opportunity
from tests.pages.opened import opened, texts

PAGE = "pages/work/overview.py"


@pytest.fixture
def day(people):
    with open_as(people.ada.actor) as session:
        set_demo_today(session, DemoDay(day=TODAY))
    loyal = a_customer(people.anna, name="Loyal")
    an_activity(loyal, people.anna, topic="Later", planned_on=TODAY, starts_at=dt.time(14, 30), place="Hall 3")
    an_activity(loyal, people.ben, topic="Early", planned_on=TODAY, starts_at=dt.time(9))
    an_activity(loyal, people.anna, topic="Some time", planned_on=TODAY)
    an_activity(loyal, people.anna, topic="Late *one*", planned_on=TODAY - dt.timedelta(2))
    an_activity(loyal, people.anna, topic="Tomorrow's", planned_on=TODAY + dt.timedelta(1))
    an_activity(loyal, people.anna, "Agreed on the price")
    return loyal


def due(at):
    """Captions below the planned ones, in order."""
    return [one.value for one in at.caption if any(word in one.value for word in ("Early", "Later", "Some time", "Late "))]


def test_the_plan_by_the_clock_and_then_what_is_late(people, day):
    at = opened(PAGE, people.anna)
    assert "3 planned for today, 1 overdue" in texts(at)
    assert due(at) == ["**09:00** · Early", "**14:30** · Later · Hall 3", "Some time", r":red[2 days ago] · Late \*one\*"]
    assert "Tomorrow's" not in texts(at)


def test_done_and_put_off_by_the_keyboard(people, day):
    at = opened(PAGE, people.anna)
    (first,) = [button for button in at.button if button.proto.shortcut.lower() == "alt+d"]
    first.click().run()
    assert "2 planned for today, 1 overdue" in texts(at) and "2 activities done today" in texts(at)
    at.button(key="due.tomorrow").click().run()
    assert "1 planned for today, 1 overdue" in texts(at)
    with open_as(people.anna.actor) as session:
        rows = activities_of(session, "customer", day.id).set_index("topic")
    assert rows.loc["Early", "happened_on"] == TODAY
    assert rows.loc["Later", "planned_on"] == TODAY + dt.timedelta(1)
    assert rows.loc["Later", "starts_at"] == dt.time(14, 30)


def test_deals_that_want_an_action_with_the_reason(people, day):
    refused = an_opportunity(people.anna, day, name="Refused deal", registration=Registration.REFUSED)
    an_opportunity(people.anna, day, name="Passed deal", expected_close_on=TODAY - dt.timedelta(1))
    an_opportunity(people.anna, day, name="Idle deal")
    an_opportunity(people.chen, a_customer(people.chen), name="Not mine")
    at = opened(PAGE, people.anna)
    seen = texts(at)
    assert "3 deals need an action" in seen and "Not mine" not in seen
    assert "A lead refused it" in seen and "Should have closed on 29 Jun 2026" in seen and "Nothing planned" in seen
    at.button(key=f"day.deal.{refused.id}").click().run()
    assert at.title[0].value == "Refused deal"
    at = opened(PAGE, people.anna)
    at.button(key="day.deals").click().run()
    assert at.title[0].value == "Pipeline" and len(at.dataframe[0].value) == 3


def test_cases_of_my_customers_lead_to_the_queue(people, day):
    a_case(people.gia, day, subject="Broken string")
    a_case(people.gia, a_customer(people.chen), subject="Of somebody else")
    at = opened(PAGE, people.anna)
    assert "1 open case of my customers" in texts(at)
    assert "Broken string" in texts(at) and "Of somebody else" not in texts(at)


def test_what_i_did_is_counted(people, day):
    at = opened(PAGE, people.anna)
    assert "1 activity done today" in texts(at) and "Agreed on the price" in texts(at)
    assert "0 activities done today" in texts(opened(PAGE, people.chen))


def test_an_empty_day_says_what_to_do(people, day):
    seen = texts(opened(PAGE, people.chen))
    assert "What you plan with a customer or a deal stands here on its day" in seen and "Loyal" not in seen


def test_planned_with_its_time_and_place_on_the_record(people, day):
    at = opened("pages/sales/customer.py", people.anna, customer=day.id)
    next(one for one in at.get("button_group") if one.key == "activities.mode").set_value("plan").run()
    at.text_input(key="activities.topic").set_value("Try the new bow")
    at.time_input(key="activities.at").set_value(dt.time(11, 15))
    at.text_input(key="activities.place").set_value("Shop")
    next(one for one in at.button if one.label == "Plan it").click().run()
    assert not at.exception
    with open_as(people.anna.actor) as session:
        row = activities_of(session, "customer", day.id).set_index("topic").loc["Try the new bow"]
    assert (row["starts_at"], row["place"], row["planned_on"]) == (dt.time(11, 15), "Shop", TODAY + dt.timedelta(1))
    assert "**11:15** · Shop" in texts(at)
