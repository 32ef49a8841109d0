import datetime as dt

import pytest

from crm.access import SYSTEM
from crm.session import open_as
from crm.support.filters import CaseFilter
from crm.support.models import Escalation
from crm.support.queries import case_ids, complaint_months, complaint_rate, complaint_rows, complaints, escalated, service_figures
from tests.factories import TODAY, a_case, a_customer, a_product, an_order


def on(days_ago, hour=8):
    return dt.datetime.combine(TODAY - dt.timedelta(days_ago), dt.time(hour), dt.UTC)


@pytest.fixture
def year(people, customer):
    """Two solved in Sales East (one in time), one in Sales West that was reopened, one open."""
    solved = {"state": "solved", "cause": "Cable"}
    one = a_case(people.anna, customer, opened_at=on(20), answered_at=on(20, 10), solved_at=on(18), made_sla=True, **solved)
    two = a_case(people.anna, customer, opened_at=on(10), answered_at=on(9), solved_at=on(2), made_sla=False, **solved)
    west = a_customer(people.chen)
    three = a_case(
        people.chen, west, opened_at=on(30), answered_at=on(30), solved_at=on(28), made_sla=True, reopened=1, state="closed"
    )
    four = a_case(people.anna, customer, opened_at=on(3), state="waiting_customer")
    return [one.id, two.id, three.id, four.id]


QUARTER = (TODAY - dt.timedelta(40), TODAY)


def test_open_by_age_leads_to_its_cases(people, year):
    with open_as(people.dana.actor) as session:
        told = service_figures(session, *QUARTER)
        row = told.ages.set_index("age").loc["4_to_7_days"]
        assert told.ages["cases"].tolist() == [0, 0, 1, 0, 0]
        assert row["waiting"] == 1
        days = {"opened_from": row["opened_from"], "opened_to": row["opened_to"]}
        assert case_ids(session, CaseFilter(open=True, **days)) == [year[3]]
    with open_as(people.emil.actor) as session:
        assert service_figures(session, *QUARTER).ages["cases"].sum() == 0


def test_arrivals_closures_and_backlog(people, year):
    with open_as(people.dana.actor) as session:
        told = service_figures(session, TODAY - dt.timedelta(21), TODAY)
        before = service_figures(session, TODAY - dt.timedelta(30), TODAY - dt.timedelta(11)).weeks
    weeks = told.weeks
    assert weeks["week"].dt.day_of_week.unique().tolist() == [0]
    assert (weeks["arrived"].sum(), weeks["ended"].sum(), weeks["backlog"].iloc[-1]) == (3, 2, 1)
    assert told.numbers["open"] == (1, 0)
    assert (told.numbers["arrivals"], told.numbers["closures"]) == ((3, 1), (2, 1))
    assert (before["arrived"].sum(), before["ended"].sum(), before["backlog"].iloc[-1]) == (2, 2, 0)


def test_closures_lead_to_exactly_their_cases(people, customer, year):
    without = a_case(people.anna, customer, opened_at=on(8), closed_at=on(4), state="closed")
    later = a_case(people.anna, customer, opened_at=on(38), solved_at=on(35), closed_at=on(6), state="closed")
    since = TODAY - dt.timedelta(21)
    with open_as(people.dana.actor) as session:
        told = service_figures(session, since, TODAY)
        rows = case_ids(session, CaseFilter(ended_from=since, ended_to=TODAY))
        assert set(rows) == {*year[:2], without.id} and later.id not in rows
        assert told.numbers["closures"][0] == told.weeks["ended"].sum() == len(rows)
        for week in told.weeks.itertuples():
            first, last = max(week.week.date(), since), min(week.week.date() + dt.timedelta(6), TODAY)
            assert len(case_ids(session, CaseFilter(ended_from=first, ended_to=last))) == week.ended


def test_times_with_open_cases_as_far_as_they_have_come(people, year):
    with open_as(people.dana.actor) as session:
        told = service_figures(session, *QUARTER)
    times = told.times.set_index("measure")
    assert (times.loc["resolution", "cases"], times.loc["resolution", "ended"]) == (4, 3)
    assert times.loc["first_response", "median"] == 2
    assert told.groups.set_index("name").loc["Sales West", "median"] == 48


def test_shares_with_intervals(people, year):
    with open_as(people.dana.actor) as session:
        told = service_figures(session, *QUARTER)
        assert told.problems.empty
        assert case_ids(session, CaseFilter(made_sla=False)) == [year[1]]
        assert case_ids(session, CaseFilter(reopened=True)) == [year[2]]
    teams = told.groups.set_index("name")
    east = teams.loc["Sales East"]
    assert (east["decided"], east["kept"], east["share"]) == (2, 1, 0.5)
    assert 0 < east["low"] < 0.5 < east["high"] < 1
    assert (teams.loc["Sales West", "again"], teams.loc["Sales East", "again"]) == (1.0, 0.0)
    assert told.causes.set_index("key").loc["Cable", ["cases", "share"]].tolist() == [2, 0.5]


def test_who_was_told_in_the_period(people, year):
    late = {"clock": "resolution", "level": "red", "case_id": year[1], "to_id": people.ben.id}
    with open_as(SYSTEM) as session:
        session.add_all(Escalation(since=on(days), at=on(days), **late) for days in (3, 50))
    with open_as(people.dana.actor) as session:
        assert escalated(session, *QUARTER)[["id", "to", "total"]].values.tolist() == [[year[1], "Ben Okafor", 1]]
    with open_as(people.emil.actor) as session:
        assert escalated(session, *QUARTER).empty


@pytest.fixture
def complained(people, customer):
    product = a_product(name="Violin")
    about = {"kind": "complaint", "complaint_class": "product_quality", "product_id": product.id}
    for days_ago in (1, 2, 3):
        a_case(people.anna, customer, opened_at=on(days_ago), **about)
    unit = {"responsible_unit_id": people.units["Service"]}
    a_case(people.anna, customer, kind="complaint", complaint_class="department", opened_at=on(1), **unit)
    a_case(people.anna, customer, kind="complaint", complaint_class="department", opened_at=on(12), state="closed", **unit)
    a_case(people.anna, customer, opened_at=on(1))
    return product


def test_complaints_by_class_beside_the_period_before(people, complained):
    week = (TODAY - dt.timedelta(9), TODAY)
    with open_as(people.amir.actor) as session:
        every = complaints(session, *week)
        told = every["complaint_class"]
        assert told[["key", "complaints", "previous", "change", "open", "colour"]].values.tolist() == [
            ["product_quality", 3, 0, 3, 3, "red"],
            ["department", 1, 1, 0, 1, "amber"],
        ]
        products = every["product"]
        assert products[["name", "complaints"]].fillna("").values.tolist() == [["Violin", 3], ["", 1]]
        units = every["unit"].set_index("name")
        assert (units.loc["Service", "complaints"], units.loc["Service", "previous"]) == (1, 1)
        for by, key, found in (("complaint_class", "product_quality", 3), ("product", complained.id, 3), ("unit", None, 3)):
            assert len(case_ids(session, complaint_rows(*week, by, key))) == found
    with open_as(people.emil.actor) as session:
        assert complaints(session, *week)["unit"].empty


def test_complaints_by_order(people, customer, complained):
    an_order(customer, on=TODAY)
    an_order(customer, on=TODAY)
    with open_as(people.anna.actor) as session:
        assert complaint_rate(session, TODAY - dt.timedelta(9), TODAY) == {"complaints": 4, "orders": 2, "rate": 2.0}
    with open_as(SYSTEM) as session:
        assert complaint_rate(session, dt.date(2020, 1, 1), dt.date(2020, 1, 2))["rate"] is None


def test_complaints_by_month_beside_the_orders(people, customer, complained):
    an_order(customer, on=TODAY)
    with open_as(people.anna.actor) as session:
        told = complaint_months(session, TODAY - dt.timedelta(9), TODAY)
    assert len(told) == 12
    assert (told["complaints"].iloc[-1], told["complaints"].sum()) == (5, 5)
