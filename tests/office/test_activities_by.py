import datetime as dt

from crm.office.commands import DemoDay, LoggedActivity, log_activity, set_demo_today
from crm.office.queries import activities_by
from crm.session import open_as
from tests.factories import TODAY, a_customer, an_activity

YESTERDAY = TODAY - dt.timedelta(days=1)


def test_the_daily_record_of_an_employee(people, customer):
    with open_as(people.ada.actor) as session:
        set_demo_today(session, DemoDay(day=TODAY))
    with open_as(people.anna.actor) as session:
        log_activity(session, "customer", customer.id, LoggedActivity(happened_on=YESTERDAY, text="before"))
    first, second = an_activity(customer, people.anna, "morning"), an_activity(customer, people.anna, "evening")
    by_ben = an_activity(customer, people.ben, "by Ben")
    with open_as(people.ben.actor) as session:
        assert activities_by(session, TODAY, TODAY, people.anna.id)["id"].tolist() == [second.id, first.id]
        assert activities_by(session, TODAY, TODAY)["id"].tolist() == [by_ben.id, second.id, first.id]
        assert len(activities_by(session, YESTERDAY, TODAY, people.anna.id)) == 3


def test_only_of_customers_i_see(people, customer):
    an_activity(customer, people.anna)
    hers = an_activity(a_customer(people.chen), people.chen)
    with open_as(people.chen.actor) as session:
        assert activities_by(session, TODAY, TODAY)["id"].tolist() == [hers.id]
