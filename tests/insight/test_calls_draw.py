import datetime as dt
from decimal import Decimal

import pytest

from crm import jobs
from crm.access import SYSTEM
from crm.analytics.contact import left_out_by_lot
from crm.customers.commands import GroupDetails, create_group, refresh_base
from crm.customers.filters import CustomerFilter
from crm.customers.models import Loss
from crm.errors import NotFound, Refused
from crm.insight.calling import CallSettings
from crm.insight.commands import draw_calls, set_call_settings
from crm.insight.queries.calls import call_settings
from crm.office.commands import DemoDay, set_demo_today
from crm.session import history_of, open_as
from tests.factories import TODAY, a_customer, an_activity, an_order
from tests.insight.calling import a_run, at_risk, decided, draw, drawn, names, waiting

NEXT_DAY = TODAY + dt.timedelta(1)


@pytest.fixture
def run(people):
    with open_as(SYSTEM) as session:
        set_demo_today(session, DemoDay(day=TODAY))
    return a_run(people.anna.board_id)


def test_it_works(people, run):
    decided(people.dana, minutes_a_day=20)
    for name, value in (("Small", 10), ("Big", 1000), ("Middle", 100)):
        at_risk(run, people.anna, name, value)
    assert draw(people.anna) == 2
    assert names(people.anna) == ["Big", "Middle"]
    assert waiting(people.anna)["because"].tolist() == ["at_risk", "at_risk"]


def test_a_day_is_drawn_once(people, run):
    decided(people.dana, minutes_a_day=20)
    for number in range(4):
        at_risk(run, people.anna, f"No {number}", 100 - number)
    draw(people.anna)
    assert draw(people.anna) == 0
    assert names(people.anna) == ["No 0", "No 1"]
    assert len(drawn()) == 2


def test_what_waits_leaves_no_room_for_more(people, run):
    decided(people.dana, minutes_a_day=20)
    for number in range(4):
        at_risk(run, people.anna, f"No {number}", 100 - number)
    draw(people.anna)
    assert draw(people.anna, NEXT_DAY) == 0
    assert names(people.anna, NEXT_DAY) == ["No 0", "No 1"]


def test_refused_for_a_stranger(people, run):
    at_risk(run, people.anna, "Hers", 100)
    assert draw(people.chen, owner=people.anna) == 0
    assert names(people.chen, owner=people.anna) == []


def test_refused_for_a_reader(people, run):
    at_risk(run, people.anna, "Hers", 100)
    with pytest.raises((Refused, NotFound)):
        draw(people.amir, owner=people.anna)
    assert drawn() == []


def test_the_lead_may_draw_her_day(people, run):
    decided(people.dana)
    at_risk(run, people.anna, "Hers", 100)
    assert draw(people.ben, owner=people.anna) == 1
    assert names(people.anna) == ["Hers"]


def test_whom_contact_cannot_help_comes_last(people, run):
    """The same at risk: one is gone almost surely, one would order tomorrow anyway."""
    decided(people.dana)
    at_risk(run, people.anna, "Gone", 100, p_alive=0.02)
    at_risk(run, people.anna, "Orders anyway", 100, p_alive=0.9, orders=100.0)
    at_risk(run, people.anna, "Undecided", 100, p_alive=0.5, orders=1.0)
    draw(people.anna)
    assert names(people.anna)[0] == "Undecided"


def test_who_is_visited_costs_an_hour(people, run):
    decided(people.dana)
    visited = at_risk(run, people.anna, "Visited", 300)
    an_activity(visited, people.anna, kind="visit", happened_on=TODAY - dt.timedelta(200))
    at_risk(run, people.anna, "Called", 100)
    draw(people.anna)
    found = waiting(people.anna)
    assert found[["name", "kind", "minutes"]].values.tolist() == [["Called", "call", 10], ["Visited", "visit", 60]]


def test_nobody_is_bothered(people, run):
    """Contacted lately, ordered lately, planned already, given up, within his rhythm, or left to a list."""
    decided(people.dana)
    an_activity(at_risk(run, people.anna, "Contacted", 100), people.anna, kind="call", happened_on=TODAY - dt.timedelta(3))
    an_activity(at_risk(run, people.anna, "Planned", 100), people.anna, planned_on=TODAY + dt.timedelta(3))
    at_risk(run, people.anna, "Ordered", 100, last=TODAY - dt.timedelta(3))
    lost = at_risk(run, people.anna, "Lost", 100)
    with open_as(SYSTEM) as session:
        session.add(Loss(customer_id=lost.id, lost_on=TODAY, reason="price", direction="nobody", by_id=people.anna.id))
    assert draw(people.anna) == 0


def test_without_a_model_the_rhythm_stands_in(people):
    decided(people.dana)
    late, in_time = a_customer(people.anna, name="Late"), a_customer(people.anna, name="In time")
    for days in (300, 270, 240, 210):
        an_order(late, 100, on=TODAY - dt.timedelta(days))
    for days in (130, 85, 40):
        an_order(in_time, 5000, on=TODAY - dt.timedelta(days))
    an_order(a_customer(people.anna, name="Once"), 100, on=TODAY - dt.timedelta(100))
    with open_as(SYSTEM) as session:
        refresh_base(session, TODAY)
    assert draw(people.anna) == 1
    assert names(people.anna) == ["Late"]
    assert waiting(people.anna)["p_alive"].isna().all()


# --------------------------------------------------------------------------------------------------------- the lot


def test_some_are_left_out_by_lot(people, run):
    decided(people.dana, control_percent=50, minutes_a_day=600)
    known = {at_risk(run, people.anna, f"No {number}", 100 + number).id for number in range(20)}
    draw(people.anna)
    rows = drawn()
    control = {row.customer_id for row in rows if row.arm == "control"}
    period = CallSettings().period(TODAY)
    asked = sorted(known)
    assert control == {one for one, out in zip(asked, left_out_by_lot(asked, period.name, 0.5), strict=True) if out}
    assert 0 < len(control) < 20
    assert set(waiting(people.anna)["customer_id"]) == known - control
    assert {row.control_share for row in rows} == {0.5}
    assert {row.until for row in rows} == {period.end}


def test_who_was_left_out_stays_out_for_the_period_and_is_drawn_anew_in_the_next(people, run):
    decided(people.dana, control_percent=50)
    for number in range(12):
        at_risk(run, people.anna, f"No {number}", 100 + number)
    draw(people.anna)
    left_out = {row.customer_id for row in drawn() if row.arm == "control"}
    for day in range(1, 5):
        draw(people.anna, TODAY + dt.timedelta(day))
        assert not left_out & set(waiting(people.anna, TODAY + dt.timedelta(day))["customer_id"])
    draw(people.anna, CallSettings().period(TODAY).end + dt.timedelta(1))
    again = [row for row in drawn() if row.customer_id in left_out]
    assert len(again) > len(left_out)
    assert {row.arm for row in again} == {"call", "control"}


def test_the_owner_learns_nothing_of_the_lot(people, run):
    """Not from her queue, not from the history of the customer."""
    decided(people.dana, control_percent=50)
    known = [at_risk(run, people.anna, f"No {number}", 100 + number) for number in range(12)]
    draw(people.anna)
    with open_as(people.anna.actor) as session:
        told = [entry for customer in known for entry in history_of(session, customer) if entry.record_type == "call"]
    assert told == []


# ----------------------------------------------------------------------------------------------- lists and plans


def a_list(person, *customers, until=NEXT_DAY, name="Win back"):
    with open_as(person.actor) as session:
        details = GroupDetails(name=name, purpose="call_list", until=until)
        return create_group(session, details, CustomerFilter(ids=tuple(one.id for one in customers))).id


def test_plans_and_lists_come_first_and_are_not_left_out(people, run):
    decided(people.dana, control_percent=50, minutes_a_day=30)
    listed = [at_risk(run, people.anna, f"Listed {number}", 1) for number in range(2)]
    a_list(people.dana, *listed)
    planned = at_risk(run, people.anna, "Planned", 1)
    an_activity(planned, people.ben, topic="Send the quote", planned_on=TODAY - dt.timedelta(2))
    at_risk(run, people.anna, "Rich", 100_000)
    draw(people.anna)
    found = waiting(people.anna)
    assert found["because"].tolist() == ["planned", "listed", "listed"]
    assert found["name"].tolist()[0] == "Planned"
    assert found.iloc[0][["topic", "author"]].tolist() == ["Send the quote", "Ben Okafor"]
    assert set(found["list_name"].dropna()) == {"Win back"}
    assert {(row.arm, row.control_share) for row in drawn()} == {("call", 0.0)}


def test_a_list_that_is_over_is_forgotten(people, run):
    decided(people.dana, control_percent=0)
    a_list(people.dana, at_risk(run, people.anna, "Listed", 1))
    draw(people.anna)
    assert waiting(people.anna, NEXT_DAY)["because"].tolist() == ["listed"]
    assert names(people.anna, NEXT_DAY + dt.timedelta(1)) == []


def test_another_owner_takes_the_customer_along(people, run):
    decided(people.dana)
    mine = at_risk(run, people.anna, "Moves", 100)
    draw(people.anna)
    with open_as(SYSTEM) as session:
        session.get(type(mine), mine.id).owner_id = people.ben.id
    assert names(people.anna) == []


# -------------------------------------------------------------------------------------------- job and settings


def test_the_job_draws_for_everybody(people, run):
    decided(people.dana)
    at_risk(run, people.anna, "Hers", 100)
    at_risk(run, people.chen, "His", 100)
    assert jobs.calls(TODAY) == {"people": 2, "drawn": 2}
    assert jobs.calls(TODAY) == {"people": 2, "drawn": 0}
    assert (names(people.anna), names(people.chen)) == (["Hers"], ["His"])


def test_settings_are_for_those_who_publish(people):
    with pytest.raises(Refused), open_as(people.anna.actor) as session:
        set_call_settings(session, people.anna.board_id, CallSettings(minutes_a_day=600), 0)
    with pytest.raises(Refused), open_as(people.dana.actor) as session:
        set_call_settings(session, people.emil.board_id, CallSettings(minutes_a_day=600), 0)
    decided(people.amir, minutes_a_day=45)
    with open_as(people.anna.actor) as session:
        assert call_settings(session, people.anna.board_id).minutes_a_day == 45
        assert call_settings(session, people.emil.board_id).minutes_a_day == CallSettings().minutes_a_day


def test_money_comes_back_as_it_was(people, run):
    decided(people.dana)
    at_risk(run, people.anna, "Exact", Decimal("1234.5678"))
    draw(people.anna)
    assert waiting(people.anna)["value_at_risk"].tolist() == [1234.5678]


def test_draw_calls_without_customers(people):
    with open_as(people.anna.actor) as session:
        assert draw_calls(session, people.anna.id, people.anna.board_id, TODAY) == 0
