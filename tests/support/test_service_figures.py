import datetime as dt

import pytest

from crm.access import SYSTEM
from crm.session import open_as
from crm.support.filters import CaseFilter
from crm.support.queries import (
    arrivals_and_closures,
    case_ids,
    complaint_rate,
    complaint_rows,
    complaints,
    open_by_age,
    reopen_rate,
    times,
    top_causes,
    top_problems,
    within_sla,
)
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


def test_open_by_age_leads_to_its_cases(people, year):
    with open_as(people.dana.actor) as session:
        told = open_by_age(session).set_index("age")
        row = told.loc["4_to_7_days"]
        assert told["cases"].tolist() == [0, 0, 1, 0, 0]
        assert row["waiting"] == 1
        days = {"opened_from": row["opened_from"], "opened_to": row["opened_to"]}
        assert case_ids(session, CaseFilter(open=True, **days)) == [year[3]]
    with open_as(people.emil.actor) as session:
        assert open_by_age(session)["cases"].sum() == 0


def test_arrivals_closures_and_backlog(people, year):
    with open_as(people.dana.actor) as session:
        told = arrivals_and_closures(session, TODAY - dt.timedelta(21), TODAY)
    assert told["week"].dt.day_of_week.unique().tolist() == [0]
    assert (told["arrived"].sum(), told["ended"].sum(), told["backlog"].iloc[-1]) == (3, 2, 1)


def test_times_with_open_cases_as_far_as_they_have_come(people, year):
    with open_as(people.dana.actor) as session:
        told = times(session).set_index("measure")
        teams = times(session, by="team")
    assert (told.loc["resolution", "cases"], told.loc["resolution", "ended"]) == (4, 3)
    assert told.loc["first_response", "median"] == 2
    assert teams[teams["measure"] == "resolution"].set_index("name").loc["Sales West", "median"] == 48


def test_shares_with_intervals(people, year):
    with open_as(people.dana.actor) as session:
        kept = within_sla(session).set_index("name")
        again = reopen_rate(session).set_index("name")
        causes = top_causes(session)
        assert top_problems(session).empty
        assert case_ids(session, CaseFilter(made_sla=False)) == [year[1]]
        assert case_ids(session, CaseFilter(reopened=True)) == [year[2]]
    east = kept.loc["Sales East"]
    assert (east["decided"], east["kept"], east["share"]) == (2, 1, 0.5)
    assert 0 < east["low"] < 0.5 < east["high"] < 1
    assert (again.loc["Sales West", "share"], again.loc["Sales East", "share"]) == (1.0, 0.0)
    assert causes.iloc[0][["cause", "cases", "share"]].tolist() == ["Cable", 2, 0.5] or set(causes["cases"]) == {2}


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
        told = complaints(session, *week)
        assert told[["key", "complaints", "previous", "change", "open", "colour"]].values.tolist() == [
            ["product_quality", 3, 0, 3, 3, "red"],
            ["department", 1, 1, 0, 1, "amber"],
        ]
        products = complaints(session, *week, by="product")
        assert products[["name", "complaints"]].fillna("").values.tolist() == [["Violin", 3], ["", 1]]
        units = complaints(session, *week, by="unit").set_index("name")
        assert (units.loc["Service", "complaints"], units.loc["Service", "previous"]) == (1, 1)
        for by, key, found in (("complaint_class", "product_quality", 3), ("product", complained.id, 3), ("unit", None, 3)):
            assert len(case_ids(session, complaint_rows(*week, by, key))) == found
    with open_as(people.emil.actor) as session:
        assert complaints(session, *week).empty


def test_complaints_by_order(people, customer, complained):
    an_order(customer, on=TODAY)
    an_order(customer, on=TODAY)
    with open_as(people.anna.actor) as session:
        assert complaint_rate(session, TODAY - dt.timedelta(9), TODAY) == {"complaints": 4, "orders": 2, "rate": 2.0}
    with open_as(SYSTEM) as session:
        assert complaint_rate(session, dt.date(2020, 1, 1), dt.date(2020, 1, 2))["rate"] is None
