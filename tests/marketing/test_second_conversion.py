import datetime as dt

from crm.marketing.commands import Conversion, Invalidation, convert_lead, invalidate_lead, reopen_lead
from crm.marketing.filters import LeadFilter
from crm.marketing.queries import lead_list, lies_in, second_conversion_totals
from crm.session import open_as
from tests.marketing.collecting import TODAY, a_lead, done


def day_of(days):
    return dt.datetime.combine(TODAY + dt.timedelta(days), dt.time(8), dt.UTC)


def fail(person, lead, **more):
    with open_as(person.actor) as session:
        invalidate_lead(session, lead.id, Invalidation(reason="No budget", **more))


def test_how_many_came_back_and_were_converted(people, day):
    gone, later, back, won = (a_lead(people.anna, name=name) for name in ("Gone", "Later", "Back", "Won"))
    first = a_lead(people.anna, name="First")
    for lead in (gone, back, won):
        fail(people.anna, lead)
    fail(people.anna, later, second_follow_up_on=TODAY.replace(year=TODAY.year + 1))
    with open_as(people.anna.actor) as session:
        reopen_lead(session, back.id, "Budget again")
        reopen_lead(session, won.id, "Budget again")
        for lead in (won, first):
            convert_lead(session, lead.id, Conversion())
    with open_as(people.anna.actor) as session:
        totals = second_conversion_totals(session)
        assert totals == {"failed": 4, "dated": 1, "taken_up": 2, "converted_again": 1, "converted": 2}
        assert second_conversion_totals(session, LeadFilter(search="Won"))["failed"] == 1
    with open_as(people.chen.actor) as session:
        assert set(second_conversion_totals(session).values()) == {0}


def test_since_when_a_lead_is_silent(people, day):
    _, spoken = (a_lead(people.anna, name=name, created_at=day_of(-20), assigned_at=day_of(-10)) for name in ("Quiet", "Spoken"))
    done(spoken, people.anna, TODAY)
    with open_as(people.anna.actor) as session:
        found = lead_list(session, columns=("name", "touched_on")).set_index("name")["touched_on"]
    assert found.to_dict() == {"Quiet": day_of(-10).date(), "Spoken": TODAY}


def test_where_it_lies(people, day):
    lead = a_lead(people.anna)
    fail(people.anna, lead)
    with open_as(people.anna.actor) as session:
        found = lies_in(session, lead_id=lead.id)
        assert (found["pool"], found["remark"]) == ("invalid", "No budget")
        assert lies_in(session, customer_id=1) is None
