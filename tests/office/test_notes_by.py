import datetime as dt

from crm.office.commands import DemoDay, NoteInput, add_note, set_demo_today
from crm.office.queries import notes_by
from crm.session import open_as
from tests.factories import TODAY, a_customer, a_note

YESTERDAY = TODAY - dt.timedelta(days=1)


def test_the_daily_record_of_an_employee(people, customer):
    with open_as(people.ada.actor) as session:
        set_demo_today(session, DemoDay(day=TODAY))
    with open_as(people.anna.actor) as session:
        add_note(session, "customer", customer.id, NoteInput(happened_on=YESTERDAY, text="before"))
    first, second = a_note(customer, people.anna, "morning"), a_note(customer, people.anna, "evening")
    by_ben = a_note(customer, people.ben, "by Ben")
    with open_as(people.ben.actor) as session:
        assert notes_by(session, TODAY, TODAY, people.anna.id)["id"].tolist() == [second.id, first.id]
        assert notes_by(session, TODAY, TODAY)["id"].tolist() == [by_ben.id, second.id, first.id]
        assert len(notes_by(session, YESTERDAY, TODAY, people.anna.id)) == 3


def test_only_of_customers_i_see(people, customer):
    a_note(customer, people.anna)
    hers = a_note(a_customer(people.chen), people.chen)
    with open_as(people.chen.actor) as session:
        assert notes_by(session, TODAY, TODAY)["id"].tolist() == [hers.id]
