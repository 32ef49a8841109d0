"""Who is away, why, and who may say so."""

import datetime as dt

import pytest

from crm.access import SYSTEM
from crm.errors import Invalid, NotFound, Refused, Stale
from crm.session import open_as
from crm.staff.absences import AbsenceDetails, absence, absences, add_absence, away, edit_absence, remove_absence
from tests.people import TODAY

NEXT_WEEK = TODAY + dt.timedelta(7)


def days(person, kind="leave", since=TODAY, until=NEXT_WEEK, note=None):
    return AbsenceDetails(user_id=person.id, kind=kind, starts_on=since, ends_on=until, note=note)


def entered(by, *arguments, **changes):
    with open_as(by.actor) as session:
        return add_absence(session, days(*arguments, **changes))


def test_it_works(people):
    entered(people.anna, people.anna, "travel", note="Fair in Shanghai")
    with open_as(people.chen.actor) as session:
        found = absences(session, TODAY)
    assert found[["name", "kind", "note"]].values.tolist() == [["Anna Lindqvist", "travel", "Fair in Shanghai"]]


def test_who_leads_the_unit_enters_it_for_his_people_nobody_else(people):
    entered(people.ben, people.anna)
    for stranger in (people.chen, people.amir):
        with pytest.raises(Refused):
            entered(stranger, people.ben)


def test_who_travels_is_given_work_all_the_same(people):
    entered(people.anna, people.anna, "travel")
    entered(people.chen, people.chen, "training")
    with open_as(SYSTEM) as session:
        assert away(session, TODAY) == {people.chen.id}
        assert away(session, NEXT_WEEK + dt.timedelta(1)) == set()


def test_days_are_entered_once(people):
    entered(people.anna, people.anna)
    with pytest.raises(Invalid, match="overlap"):
        entered(people.anna, people.anna, "travel", since=NEXT_WEEK, until=NEXT_WEEK)
    entered(people.ben, people.ben)
    entered(people.anna, people.anna, "travel", since=NEXT_WEEK + dt.timedelta(1), until=NEXT_WEEK + dt.timedelta(1))


def test_edit(people):
    added = entered(people.anna, people.anna)
    with open_as(people.anna.actor) as session:
        edit_absence(session, added.id, days(people.anna, "sickness", until=TODAY), added.version)
    with open_as(people.anna.actor) as session:
        now = absence(session, added.id)
        assert (now.kind, now.ends_on, now.version) == ("sickness", TODAY, 2)
    with pytest.raises(Stale), open_as(people.ben.actor) as session:
        edit_absence(session, added.id, days(people.anna, "other"), added.version)
    with pytest.raises(Refused), open_as(people.chen.actor) as session:
        edit_absence(session, added.id, days(people.anna, "other"), 2)
    with pytest.raises(Invalid, match="stays with its person"), open_as(people.ben.actor) as session:
        edit_absence(session, added.id, days(people.ben), 2)
    with pytest.raises(Invalid, match="before the first"), open_as(people.ben.actor) as session:
        edit_absence(session, added.id, days(people.anna, until=TODAY - dt.timedelta(1)), 2)


def test_remove(people):
    added = entered(people.anna, people.anna)
    with open_as(people.anna.actor) as session:
        remove_absence(session, added.id)
    with open_as(people.anna.actor) as session:
        assert absences(session, TODAY).empty
        with pytest.raises(NotFound):
            absence(session, added.id)
    entered(people.anna, people.anna)


def test_of_some_days_and_some_people(people):
    entered(people.anna, people.anna)
    entered(people.chen, people.chen, since=NEXT_WEEK + dt.timedelta(3), until=NEXT_WEEK + dt.timedelta(5))
    with open_as(people.dana.actor) as session:
        assert absences(session, TODAY)["name"].tolist() == ["Anna Lindqvist", "Chen Wei"]
        assert absences(session, TODAY, NEXT_WEEK)["name"].tolist() == ["Anna Lindqvist"]
        assert absences(session, NEXT_WEEK + dt.timedelta(1))["name"].tolist() == ["Chen Wei"]
        assert absences(session, TODAY, user_ids=(people.chen.id,))["name"].tolist() == ["Chen Wei"]
