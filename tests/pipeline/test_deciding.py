"""What waits for the word of who approves, and which deals of somebody want an action."""

import datetime as dt

from crm.access import SYSTEM
from crm.office.commands import DemoDay, set_demo_today
from crm.pipeline.models import Registration
from crm.pipeline.queries import decisions, needing, registrations_to_confirm
from crm.session import open_as
from tests.factories import TODAY, a_customer, an_activity, an_opportunity


def test_large_deals_wait_for_who_approves_and_for_nobody_else(people):
    deal = an_opportunity(people.anna, a_customer(people.anna), name="Large", registration=Registration.ASKED)
    an_opportunity(people.ben, a_customer(people.ben), name="Of ben himself", registration=Registration.ASKED)
    for person, names in (
        (people.ben, ["Large"]),
        (people.dana, ["Large", "Of ben himself"]),
        (people.anna, []),
        (people.emil, []),
    ):
        with open_as(person.actor) as session:
            assert sorted(registrations_to_confirm(session)["name"]) == names, person.username
            assert decisions(session) == len(names), person.username
    with open_as(SYSTEM) as session:
        session.get(type(deal), deal.id).registration = Registration.CONFIRMED
    with open_as(people.ben.actor) as session:
        assert decisions(session) == 0


def test_deals_that_want_an_action_the_most_urgent_reason_first(people):
    with open_as(people.ada.actor) as session:
        set_demo_today(session, DemoDay(day=TODAY))
    of = a_customer(people.anna)
    an_opportunity(people.anna, of, name="Idle")
    an_opportunity(people.anna, of, name="Passed", expected_close_on=TODAY - dt.timedelta(1))
    an_opportunity(people.anna, of, name="Refused", registration=Registration.REFUSED)
    well = an_opportunity(people.anna, of, name="Well")
    an_activity(of, people.anna, planned_on=TODAY + dt.timedelta(5), subject_type="opportunity", subject_id=well.id)
    with open_as(people.anna.actor) as session:
        found = needing(session, people.anna.id)
    assert found[["name", "why"]].values.tolist() == [["Refused", "refused"], ["Passed", "passed"], ["Idle", "unplanned"]]
