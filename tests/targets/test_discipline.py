"""Who keeps the policy: on days written out by hand, on leads and deals as they were then."""

import datetime as dt

import pytest

from crm.access import SYSTEM
from crm.marketing.models import Lead, LeadEvent
from crm.office.commands import DemoDay, set_demo_today
from crm.office.models import Activity
from crm.pipeline.models import Opportunity, OpportunityChange
from crm.session import open_as
from crm.staff.absences import AbsenceDetails, add_absence
from crm.staff.models import Presence, SignInEvent, User
from crm.support.models import WorkingCalendar
from crm.targets.commands import PolicyInput, set_policy
from crm.targets.queries import discipline, discipline_counts, missing_days, presence, without_action
from tests.factories import TODAY, a_customer, an_opportunity

MAY, MAY_END = dt.date(2026, 5, 1), dt.date(2026, 5, 31)
JUNE = dt.date(2026, 6, 1)
WORKING_DAYS_OF_MAY = 21


@pytest.fixture(autouse=True)
def joined(people):
    """Everybody works here since March."""
    with open_as(SYSTEM) as session:
        for user in session.query(User):
            user.created_at = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)


def every_day(since, until):
    return [since + dt.timedelta(number) for number in range((until - since).days + 1)]


def was_here(person, *days):
    with open_as(SYSTEM) as session:
        session.add_all(Presence(user_id=person.id, day=day) for day in days)


def is_away(person, kind, since, until):
    with open_as(SYSTEM) as session:
        add_absence(session, AbsenceDetails(user_id=person.id, kind=kind, starts_on=since, ends_on=until))


def of(person, reader=None, since=MAY, until=MAY_END):
    with open_as((reader or person).actor) as session:
        return discipline(session, since, until, person_id=person.id).iloc[0]


def days_of(person, reader=None, since=MAY, until=MAY_END):
    with open_as((reader or person).actor) as session:
        found = presence(session, since, until, person_id=person.id)
        return dict(zip(found["day"], found["shown"], strict=True))


# ------------------------------------------------------------------------------------------------------- days


def test_it_works(people):
    was_here(people.anna, *every_day(MAY, dt.date(2026, 5, 27)))
    told = of(people.anna)
    assert (told["person"], told["team"], told["expected"], told["present"], told["missing"]) == (
        "Anna Lindqvist",
        "Sales East",
        WORKING_DAYS_OF_MAY,
        WORKING_DAYS_OF_MAY - 2,
        2,
    )
    assert not told["kept"] and told["last_here_on"] == dt.date(2026, 5, 27)
    with open_as(people.anna.actor) as session:
        assert missing_days(session, MAY, MAY_END)["missed_on"].tolist() == [dt.date(2026, 5, 29), dt.date(2026, 5, 28)]


def test_who_came_every_day_has_kept_it(people):
    was_here(people.anna, *every_day(MAY, MAY_END))
    told = of(people.anna)
    assert told["kept"] and told["missing"] == 0 and told["expected"] == WORKING_DAYS_OF_MAY


def test_whoever_leads_sees_his_people_a_rep_himself(people):
    def names(person):
        with open_as(person.actor) as session:
            return sorted(discipline(session, MAY, MAY_END)["person"])

    assert names(people.anna) == ["Anna Lindqvist"]
    assert names(people.ben) == ["Anna Lindqvist", "Ben Okafor"]
    assert names(people.dana) == ["Anna Lindqvist", "Ben Okafor", "Chen Wei", "Gia Rossi"]
    assert names(people.amir) == []
    with open_as(people.dana.actor) as session:
        assert len(discipline(session, MAY, MAY_END, team_id=people.units["Sales East"])) == 2
    with open_as(people.chen.actor) as session:
        assert discipline(session, MAY, MAY_END, person_id=people.anna.id).empty


def test_holidays_of_the_calendar_and_a_saturday_worked(people):
    week = [*["09:00-18:00"] * 5, "", ""]
    days = {"holidays": ["2026-05-01", "2026-05-04", "2026-05-05"], "extra_days": {"2026-05-09": "09:00-18:00"}}
    with open_as(SYSTEM) as session:
        session.add(WorkingCalendar(name="Firm", zone="Asia/Shanghai", week=week, **days))
    told = days_of(people.anna)
    assert of(people.anna)["expected"] == WORKING_DAYS_OF_MAY - 3 + 1
    assert told[dt.date(2026, 5, 4)] == "off" and told[dt.date(2026, 5, 9)] == "missing"


def test_the_day_is_that_of_the_firm(people):
    with open_as(SYSTEM) as session:
        session.add(WorkingCalendar(name="Firm", zone="Asia/Shanghai", week=["09:00-18:00"] * 7))
        at = dt.datetime(2026, 5, 11, 16, 30, tzinfo=dt.UTC)
        session.add(SignInEvent(user_id=people.anna.id, kind="signed_in", username="anna", created_at=at))
    told = days_of(people.anna)
    assert told[dt.date(2026, 5, 11)] == "missing" and told[dt.date(2026, 5, 12)] == "present"


def test_leave_asks_for_nothing(people):
    is_away(people.anna, "leave", dt.date(2026, 5, 11), dt.date(2026, 5, 17))
    told = of(people.anna)
    assert (told["expected"], told["leave_days"]) == (WORKING_DAYS_OF_MAY - 5, 5)
    assert set(days_of(people.anna, since=dt.date(2026, 5, 11), until=dt.date(2026, 5, 17)).values()) == {"leave"}


def test_twice_in_a_week_of_travel(people):
    monday = dt.date(2026, 5, 11)
    is_away(people.anna, "travel", monday, monday + dt.timedelta(6))
    was_here(people.anna, monday + dt.timedelta(2), monday + dt.timedelta(5))
    week = of(people.anna, since=monday, until=monday + dt.timedelta(6))
    assert (week["expected"], week["present"], week["missing"], week["travel_days"]) == (2, 2, 0, 5)
    assert days_of(people.anna)[monday] == "travel"


def test_who_joined_in_the_middle(people):
    with open_as(SYSTEM) as session:
        session.get(User, people.anna.id).created_at = dt.datetime(2026, 5, 20, 10, tzinfo=dt.UTC)
    told = of(people.anna)
    assert told["expected"] == 8
    assert days_of(people.anna)[dt.date(2026, 5, 19)] == "before"


def test_an_account_younger_than_the_day_of_a_demo_company_was_there_before(people):
    with open_as(SYSTEM) as session:
        session.get(User, people.anna.id).created_at = dt.datetime(2027, 1, 1, tzinfo=dt.UTC)
    assert of(people.anna)["expected"] == WORKING_DAYS_OF_MAY


@pytest.mark.parametrize("state", ["frozen", "left"])
def test_who_is_out_is_not_judged(people, state):
    with open_as(SYSTEM) as session:
        session.get(User, people.anna.id).state = state
    with open_as(people.ben.actor) as session:
        assert discipline(session, MAY, MAY_END)["person"].tolist() == ["Ben Okafor"]


def test_today_is_not_over(people):
    told = of(people.anna, since=dt.date(2026, 6, 29), until=dt.date(2026, 7, 5))
    assert (told["expected"], told["missing"]) == (1, 1)
    shown = days_of(people.anna, since=dt.date(2026, 6, 29), until=dt.date(2026, 7, 5))
    assert [shown[day] for day in every_day(dt.date(2026, 6, 29), dt.date(2026, 7, 2))] == ["missing", "ahead", "ahead", "ahead"]
    was_here(people.anna, TODAY)
    assert days_of(people.anna, since=TODAY, until=TODAY) == {TODAY: "present"}


def test_days_ahead_ask_for_nothing(people):
    told = of(people.anna, since=dt.date(2026, 8, 1), until=dt.date(2026, 8, 31))
    assert (told["expected"], told["deals"]) == (0, 0)


# -------------------------------------------------------------------------------------------------- the policy


def test_the_rules_of_each_week_are_those_that_held_then(people):
    values = {"name": "Policy", "text": "…", "reason": "First"}
    with open_as(people.eve.actor) as session:
        set_policy(session, PolicyInput(**values, starts_on=MAY, days_per_week=3))
        set_policy(session, PolicyInput(**values | {"text": "More"}, starts_on=dt.date(2026, 5, 18)))
    assert of(people.anna, since=dt.date(2026, 5, 11), until=dt.date(2026, 5, 17))["expected"] == 3
    assert of(people.anna, since=dt.date(2026, 5, 18), until=dt.date(2026, 5, 24))["expected"] == 5


def test_the_policy_is_for_the_roles_it_names(people):
    values = {"name": "Policy", "text": "…", "reason": "First", "starts_on": MAY, "roles": ["rep"]}
    with open_as(people.eve.actor) as session:
        set_policy(session, PolicyInput(**values))
    with open_as(people.dana.actor) as session:
        assert discipline(session, MAY, MAY_END)["person"].tolist() == ["Anna Lindqvist", "Chen Wei"]


# ------------------------------------------------------------------------------------------------------ silent


@pytest.mark.parametrize(("last", "silent"), [(17, True), (18, False)])
def test_two_silent_weeks(people, last, silent):
    was_here(people.anna, dt.date(2026, 5, last))
    told = of(people.anna)
    assert (told["silent_days"], told["silent"]) == (31 - last, silent)


def test_who_was_on_leave_was_not_silent(people):
    was_here(people.anna, dt.date(2026, 5, 4))
    is_away(people.anna, "sickness", dt.date(2026, 5, 5), dt.date(2026, 5, 24))
    assert (of(people.anna)["silent_days"], of(people.anna)["silent"]) == (7, False)


def test_who_travels_is_not_excused(people):
    was_here(people.anna, dt.date(2026, 5, 4))
    is_away(people.anna, "travel", dt.date(2026, 5, 5), dt.date(2026, 5, 31))
    assert of(people.anna)["silent"]


# ----------------------------------------------------------------------------------------------------- actions


def a_deal(owner, **changes):
    values = {"created_on": dt.date(2026, 4, 1)}
    deal = an_opportunity(owner, a_customer(owner), name=changes.pop("name", "Deal"))
    with open_as(SYSTEM) as session:
        found = session.get(Opportunity, deal.id)
        for name, value in (values | changes).items():
            setattr(found, name, value)
    return deal


def a_lead(owner, **changes):
    values = {"name": "Lead", "board_id": owner.board_id, "owner_id": owner.id, "team_id": owner.unit_id, "name_key": "lead"}
    values |= {"state": "assigned", "created_at": dt.datetime(2026, 4, 1, tzinfo=dt.UTC)}
    with open_as(SYSTEM) as session:
        lead = Lead(**values | changes)
        session.add(lead)
    return lead


def acted(kind, record, author, *days):
    with open_as(SYSTEM) as session:
        about = {"subject_type": kind, "subject_id": record.id, "author_id": author.id, "text": "Called"}
        session.add_all(Activity(**about, kind="call", happened_on=day) for day in days)


def idle(person, kind, reader=None, since=MAY, until=MAY_END):
    with open_as((reader or person).actor) as session:
        found = without_action(session, kind, since, until)
        counts = discipline_counts(session, since, until)
        assert counts["deals_without_action" if kind == "opportunity" else "leads_without_action"] == len(found)
        return found["id"].tolist()


def test_an_action_a_month_on_every_open_deal(people):
    idle_one, worked = a_deal(people.anna), a_deal(people.anna)
    acted("opportunity", worked, people.anna, dt.date(2026, 5, 31))
    acted("opportunity", idle_one, people.anna, dt.date(2026, 4, 30), JUNE)
    was_here(people.anna, *every_day(MAY, MAY_END))
    told = of(people.anna)
    assert (told["deals"], told["deals_without_action"], told["kept"]) == (2, 1, False)
    with open_as(people.ben.actor) as session:
        row = without_action(session, "opportunity", MAY, MAY_END).iloc[0]
    assert (row["id"], row["person"], row["last_action_on"]) == (idle_one.id, "Anna Lindqvist", dt.date(2026, 4, 30))
    assert idle(people.chen, "opportunity") == []


def test_a_planned_activity_is_no_action(people):
    deal = a_deal(people.anna)
    with open_as(SYSTEM) as session:
        about = {"subject_type": "opportunity", "subject_id": deal.id, "author_id": people.anna.id}
        session.add(Activity(**about, kind="call", planned_on=dt.date(2026, 5, 5)))
    assert idle(people.anna, "opportunity") == [deal.id]


def test_open_as_it_was_then(people):
    held = a_deal(people.anna, state="won", closed_on=JUNE)
    a_deal(people.anna, state="lost", closed_on=MAY_END)
    a_deal(people.anna, created_on=dt.date(2026, 5, 2))
    assert idle(people.anna, "opportunity") == [held.id]
    assert of(people.anna)["deals"] == 1


def handed(deal, before, after, at):
    with open_as(SYSTEM) as session:
        values = {"field": "owner_id", "before": str(before.id), "after": str(after.id), "by_id": after.id}
        session.add(OpportunityChange(opportunity_id=deal.id, at=at, **values))


def test_whose_it_was_then(people):
    deal = a_deal(people.ben)
    handed(deal, people.anna, people.ben, dt.datetime(2026, 6, 3, tzinfo=dt.UTC))
    with open_as(people.ben.actor) as session:
        assert without_action(session, "opportunity", MAY, MAY_END)["person"].tolist() == ["Anna Lindqvist"]
    assert of(people.ben)["deals"] == 0


def test_who_got_it_within_the_month_is_not_blamed(people):
    deal = a_deal(people.ben)
    handed(deal, people.anna, people.ben, dt.datetime(2026, 5, 28, tzinfo=dt.UTC))
    assert idle(people.ben, "opportunity") == []


def test_leads_too(people):
    late = a_lead(people.anna)
    a_lead(people.anna, state="invalid", closed_at=dt.datetime(2026, 5, 20, tzinfo=dt.UTC))
    then = a_lead(people.anna, state="converted", closed_at=dt.datetime(2026, 6, 2, tzinfo=dt.UTC))
    a_lead(people.anna, created_at=dt.datetime(2026, 5, 2, tzinfo=dt.UTC))
    a_lead(people.anna, owner_id=None)
    worked = a_lead(people.anna)
    acted("lead", worked, people.anna, dt.date(2026, 5, 1))
    got = a_lead(people.anna)
    with open_as(SYSTEM) as session:
        at = dt.datetime(2026, 5, 3, tzinfo=dt.UTC)
        about = {"from_state": "assigned", "to_state": "assigned", "from_owner_id": people.ben.id}
        session.add(LeadEvent(lead_id=got.id, at=at, **about, to_owner_id=people.anna.id, by_id=people.ben.id))
    assert idle(people.anna, "lead") == [late.id, then.id]
    assert (of(people.anna)["leads"], of(people.anna)["leads_without_action"]) == (3, 2)


def test_a_running_month_is_not_broken_yet(people):
    a_deal(people.anna)
    was_here(people.anna, *every_day(JUNE, TODAY))
    told = of(people.anna, since=JUNE, until=TODAY)
    assert told["deals_without_action"] == 1 and told["kept"]
    with open_as(SYSTEM) as session:
        set_demo_today(session, DemoDay(day=dt.date(2026, 7, 1)))
    assert not of(people.anna, since=JUNE, until=TODAY)["kept"]


def test_twice_a_month_or_never(people):
    deal = a_deal(people.anna)
    acted("opportunity", deal, people.anna, dt.date(2026, 5, 5))
    values = {"name": "Policy", "text": "…", "reason": "First", "starts_on": MAY}
    with open_as(people.eve.actor) as session:
        set_policy(session, PolicyInput(**values, actions_per_month=2))
    assert idle(people.anna, "opportunity") == [deal.id]
    with open_as(people.eve.actor) as session:
        set_policy(session, PolicyInput(**values, actions_per_month=0))
    assert idle(people.anna, "opportunity") == []


# ------------------------------------------------------------------------------------------------------- sums


def test_the_counts_are_the_sums_of_the_rows(people):
    for person in (people.anna, people.chen):
        a_deal(person)
        a_lead(person)
    was_here(people.anna, *every_day(MAY, MAY_END))
    with open_as(people.dana.actor) as session:
        rows, counts = discipline(session, MAY, MAY_END), discipline_counts(session, MAY, MAY_END)
        assert counts["missing"] == len(missing_days(session, MAY, MAY_END)) == rows["missing"].sum() == 3 * WORKING_DAYS_OF_MAY
        assert counts["deals_without_action"] == len(without_action(session, "opportunity", MAY, MAY_END)) == 2
        assert counts["leads_without_action"] == len(without_action(session, "lead", MAY, MAY_END)) == 2
        assert (counts["people"], counts["kept"], counts["not_kept"], counts["silent"]) == (4, 0, 4, 3)
        assert (rows["expected"] == rows["present"] + rows["missing"]).all()
        east = discipline_counts(session, MAY, MAY_END, people.units["Sales East"])
    assert (east["people"], east["missing"]) == (2, WORKING_DAYS_OF_MAY)
