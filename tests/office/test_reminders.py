"""What the areas find due is told to whom it concerns, once, and put away when it is settled."""

import datetime as dt
from decimal import Decimal

import pytest

from crm import jobs
from crm.access import SYSTEM
from crm.contracts.models import ReceiptPlan
from crm.customers.queries import reminders as of_customers
from crm.errors import Refused
from crm.marketing.models import Lead
from crm.office.commands import put_away, remind, set_reminders
from crm.office.models import NoticeTopic
from crm.office.queries import notices, reminder_rules, today
from crm.office.reminding import Reminder, ReminderRule
from crm.session import get, open_as
from tests.factories import a_contact, a_contract, an_activity, an_opportunity


@pytest.fixture
def day(people):
    with open_as(SYSTEM) as session:
        return today(session)


def told(person, **asked) -> list[tuple[str, str]]:
    with open_as(person.actor) as session:
        found = notices(session, **asked)
    return sorted(zip(found["topic"], found["about"], strict=True))


def test_every_topic_that_comes_by_itself_has_a_rule_and_a_source(database):
    by_itself = set(NoticeTopic) - {NoticeTopic.MESSAGE, NoticeTopic.ANNOUNCEMENT}
    with open_as(SYSTEM) as session:
        assert set(reminder_rules(session)) == set(jobs.REMINDERS) == by_itself


def test_what_is_due_is_told_to_whoever_has_the_record(people, customer, day):
    a_contact(customer, birthday=dt.date(1960, day.month, day.day))
    an_activity(customer, people.ben, planned_on=day - dt.timedelta(1), happened_on=None)
    contract = a_contract(people.anna, customer, ends_on=day + dt.timedelta(200))
    deal = an_opportunity(people.anna, customer, expected_close_on=day - dt.timedelta(2))
    with open_as(SYSTEM) as session:
        session.add(ReceiptPlan(contract_id=contract.id, due_on=day, amount=Decimal(40), what="Deposit"))
        mine = {"owner_id": people.anna.id, "team_id": people.anna.unit_id, "board_id": people.anna.board_id}
        session.add(Lead(name="Borealis", name_key="borealis", state="invalid", second_follow_up_on=day, **mine))
    assert jobs.reminders() == {"told": 5, "passed_up": 0, "settled": 0}
    assert told(people.anna) == [
        ("activity_due", customer.name),
        ("birthday", customer.name),
        ("close_day_passed", deal.name),
        ("receipt_due", f"{contract.number} {contract.name}"),
        ("second_follow_up", "Borealis"),
    ]
    assert all(told(person) == [] for person in people if person is not people.anna)


def test_run_again_it_tells_nothing_new_and_what_is_settled_goes(people, customer, day):
    activity = an_activity(customer, people.anna, planned_on=day, happened_on=None)
    assert jobs.reminders()["told"] == 1
    assert jobs.reminders() == {"told": 0, "passed_up": 0, "settled": 0}
    with open_as(people.anna.actor) as session:
        get(session, type(activity), activity.id).happened_on = day
    assert jobs.reminders() == {"told": 0, "passed_up": 0, "settled": 1}
    assert told(people.anna) == [] and told(people.anna, done=True) == [("activity_due", customer.name)]


def test_what_the_reader_put_away_is_not_told_again(people, customer, day):
    an_activity(customer, people.anna, planned_on=day, happened_on=None)
    jobs.reminders()
    with open_as(people.anna.actor) as session:
        put_away(session, notices(session)["id"].tolist())
    assert jobs.reminders()["told"] == 0 and told(people.anna) == []


def test_what_stays_undone_is_passed_up_once(people, customer, day):
    an_activity(customer, people.anna, planned_on=day - dt.timedelta(7), happened_on=None)
    an_activity(customer, people.anna, planned_on=day - dt.timedelta(6), happened_on=None)
    assert jobs.reminders() == {"told": 2, "passed_up": 1, "settled": 0}
    assert jobs.reminders()["passed_up"] == 0
    with open_as(people.ben.actor) as session:
        row = notices(session).iloc[0]
    assert (row["over"], row["due_on"]) == ("Anna Lindqvist", day - dt.timedelta(7))


def test_a_topic_that_is_switched_off_is_silent_and_puts_away_what_it_told(people, customer, day):
    an_activity(customer, people.anna, planned_on=day, happened_on=None)
    jobs.reminders()
    with pytest.raises(Refused), open_as(people.anna.actor) as session:
        set_reminders(session, {NoticeTopic.ACTIVITY_DUE: ReminderRule(on=False)})
    with open_as(people.bao.actor) as session:
        set_reminders(session, {NoticeTopic.ACTIVITY_DUE: ReminderRule(on=False)})
        assert reminder_rules(session)[NoticeTopic.BIRTHDAY].before == 3
    assert jobs.reminders() == {"told": 0, "passed_up": 0, "settled": 1}


def test_an_earlier_day_is_left_alone(people, customer, day):
    an_activity(customer, people.anna, planned_on=day - dt.timedelta(5), happened_on=None)
    assert jobs.reminders(day - dt.timedelta(1))["told"] == 0


def test_who_has_left_is_not_reminded(people, customer, day):
    with open_as(SYSTEM) as session:
        gone = Reminder(999_999, "customer", customer.id, customer.name, day)
        assert remind(session, NoticeTopic.BIRTHDAY, [gone], day) == {"told": 0, "passed_up": 0, "settled": 0}


@pytest.mark.parametrize(
    ("born", "on", "found"),
    [
        (dt.date(1960, 2, 29), dt.date(2027, 2, 28), True),
        (dt.date(1960, 2, 29), dt.date(2028, 2, 28), False),
        (dt.date(1960, 2, 29), dt.date(2028, 2, 29), True),
        (dt.date(1960, 1, 2), dt.date(2027, 12, 31), True),
        (dt.date(1960, 1, 4), dt.date(2027, 12, 31), False),
    ],
)
def test_birthdays(people, customer, born, on, found):
    a_contact(customer, birthday=born)
    with open_as(SYSTEM) as session:
        before = 3 if on.month == 12 else 0
        assert len(of_customers.birthdays(session, on, before)) == found
