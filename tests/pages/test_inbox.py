"""The inbox: everybody reads what is his, in his language, and does away with it; the bell counts what is new."""

import datetime as dt

import pytest

from crm.access import SYSTEM
from crm.office.commands import (
    AnnouncementInput,
    DemoDay,
    MessageInput,
    announce,
    remind,
    send_message,
    set_demo_today,
)
from crm.office.models import NoticeTopic
from crm.office.queries import announcements, notices, reminder_rules, sent_messages
from crm.office.queries.due import due_reminders
from crm.pipeline.models import Registration
from crm.session import open_as
from tests.factories import TODAY, a_customer, an_activity, an_opportunity
from tests.pages.opened import dialog, keys, opened, texts

PAGE = "pages/work/inbox.py"


@pytest.fixture
def told(people):
    """anna: a reminder that was passed up to ben, and a message of his about her customer Loyal."""
    loyal = a_customer(people.anna, name="Loyal")
    an_activity(loyal, people.anna, topic="Send the quote", planned_on=TODAY - dt.timedelta(10))
    with open_as(people.ada.actor) as session:
        set_demo_today(session, DemoDay(day=TODAY))
    with open_as(SYSTEM) as session:
        remind(session, NoticeTopic.ACTIVITY_DUE, due_reminders(session, TODAY, 0), TODAY)
    with open_as(people.ben.actor) as session:
        send_message(
            session, MessageInput(to=[people.anna.id], text="Ring *before* noon", subject_type="customer", subject_id=loyal.id)
        )
    return loyal


def bell(at):
    return at.button(key="bell").label


def rows(person):
    with open_as(person.actor) as session:
        return notices(session)


def pressed(at, start):
    (key,) = [key for key in keys(at) if key.startswith(start)]
    at.button(key=key).click().run()
    assert not at.exception
    return at


def test_what_is_told_is_read_and_leads_to_the_record(people, told):
    at = opened(PAGE, people.anna)
    assert "Loyal: “Send the quote” is due" in texts(at) and "10 days ago" in texts(at)
    assert r"Ben Okafor: Ring \*before\* noon" in texts(at)
    assert bell(at) == "**2**"
    (key,) = [button.key for button in at.button if button.label == "**Loyal: “Send the quote” is due**"]
    at.button(key=key).click().run()
    assert at.title[0].value == "Loyal"
    assert bell(at) == "**1**"


def test_in_the_language_of_the_reader(people, told):
    assert "Loyal：“Send the quote”到期" in texts(opened(PAGE, people.anna, "zh"))


def test_whose_matter_it_is_stands_at_what_was_passed_up(people, told):
    at = opened(PAGE, people.ben)
    assert "passed up from Anna Lindqvist" in texts(at)
    assert "Ring" not in texts(at)


def test_put_away_and_back(people, told):
    alerts = opened(PAGE, people.anna, about="alert")
    pressed(alerts, "notice.away.")
    assert "nothing is overdue" in texts(alerts)
    away = opened(PAGE, people.anna, about="alert", show="done")
    assert "Send the quote" in texts(away)
    pressed(away, "notice.back.")
    assert "Send the quote" in texts(opened(PAGE, people.anna, about="alert"))


def test_put_off_it_comes_back_on_its_day(people, told):
    at = opened(PAGE, people.anna, about="alert")
    (menu,) = [one for one in at.get("menu_button") if one.key.startswith("notice.later.")]
    menu.set_value(7).run()
    assert "Send the quote" not in texts(opened(PAGE, people.anna))
    with open_as(people.ada.actor) as session:
        set_demo_today(session, DemoDay(day=TODAY + dt.timedelta(7)))
    assert "Send the quote" in texts(opened(PAGE, people.anna))


def test_all_of_it_at_once(people, told):
    at = opened(PAGE, people.anna)
    at.button(key="inbox.read").click().run()
    assert bell(at) == "" and "inbox.read" not in keys(at)
    at.button(key="inbox.away").click().run()
    assert rows(people.anna).empty and "Nothing is new" in texts(at)


def test_a_category_shows_its_own(people, told):
    seen = texts(opened(PAGE, people.anna, about="message"))
    assert "Ring" in seen and "Send the quote" not in seen


def test_a_message_about_a_record_is_written_and_known_as_read(people, told):
    def form(customer_id):
        from crm.ui.inbox.messages import compose

        compose("customer", customer_id)

    at = dialog(form, people.anna, told.id)
    at.multiselect[0].set_value([people.ben.id])
    at.text_area[0].set_value("Done.")
    at.button[0].click().run()
    assert not at.exception
    assert rows(people.ben)["text"].dropna().tolist() == ["Done."]
    assert "not read yet" in texts(opened(PAGE, people.anna, show="sent"))
    pressed(opened(PAGE, people.ben, about="message"), "notice.about.")
    with open_as(people.anna.actor) as session:
        assert sent_messages(session)["read_at"].notna().all()


def test_what_waits_for_a_decision_counts_until_it_is_decided(people, told):
    an_opportunity(people.anna, told, name="Large deal", registration=Registration.ASKED)
    at = opened(PAGE, people.dana)
    assert r"Large deal" in texts(at) and "asks you to confirm this deal" in texts(at)
    assert bell(at) == "**1**"
    pressed(at, "waiting.open.")
    assert at.title[0].value == "Large deal"
    assert "Large deal" not in texts(opened(PAGE, people.anna, about="workflow"))


def test_announced_read_and_withdrawn(people, told):
    with open_as(people.dana.actor) as session:
        announce(session, AnnouncementInput(name="Stock count", text="On *Friday*.", team_id=people.units["Music"]))
    line = opened("pages/work/overview.py", people.anna)
    assert "Stock count" in texts(line)
    line.button(key="announcement.read").click().run()
    assert "Stock count" not in texts(line)
    at = opened(PAGE, people.anna, about="announcement")
    assert r"On \*Friday\*." in texts(at) and not [key for key in keys(at) if key.startswith("announcement.withdraw.")]
    assert "inbox.announce" not in keys(at)
    pressed(opened(PAGE, people.dana, about="announcement"), "announcement.withdraw.")
    assert "Nothing is announced" in texts(opened(PAGE, people.anna, about="announcement"))


def test_who_leads_announces(people, told):
    def form():
        from crm.ui.inbox.announcements import announce_dialog

        announce_dialog()

    at = dialog(form, people.ben)
    assert at.selectbox[0].options == ["Group / Music / Sales East"]
    at.text_input[0].set_value("Fair")
    at.text_area[0].set_value("Come.")
    at.selectbox[0].set_value(people.units["Sales East"])
    at.button[0].click().run()
    with open_as(people.anna.actor) as session:
        assert announcements(session, TODAY)["name"].tolist() == ["Fair"]


def test_nothing_for_a_stranger(people, told):
    at = opened(PAGE, people.emil)
    assert "Nothing is new" in texts(at) and bell(at) == ""


def test_the_rules_are_set(people, told):
    at = opened("pages/admin/settings.py", people.eve, view="reminders")
    at.toggle(key="reminders.birthday.on").set_value(False)
    at.number_input(key="reminders.activity_due.escalate").set_value(21)
    at.number_input(key="reminders.service_ends.before").set_value(45)
    next(one for one in at.button if one.label == "Save").click().run()
    assert not at.exception
    with open_as(people.eve.actor) as session:
        rules = reminder_rules(session)
    assert not rules[NoticeTopic.BIRTHDAY].on
    assert rules[NoticeTopic.ACTIVITY_DUE].escalate == 21
    assert rules[NoticeTopic.SERVICE_ENDS].before == 45
