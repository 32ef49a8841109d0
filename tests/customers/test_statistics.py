import datetime as dt
from decimal import Decimal

import pytest

from crm.access import SYSTEM
from crm.customers.commands import refresh_base
from crm.customers.filters import CustomerFilter
from crm.customers.queries import (
    attention,
    base_by_cohort,
    by_dimension,
    customer_totals,
    daily_record,
    freshness,
    headline,
    latest_customers,
    movers,
    planned_activities,
    revenue_by_month,
    states,
    value_at_risk,
)
from crm.customers.queries import customer as one
from crm.customers.queries.statistics import DIMENSIONS
from crm.office.commands import LoggedActivity, log_activity
from crm.session import get, open_as
from crm.staff.models import User, UserState
from tests.factories import TODAY, a_customer, a_share, an_activity, an_order
from tests.scored import a_run, a_score

ORPHANED = CustomerFilter(owner_gone=True)


def ask(person, question, *arguments, **named):
    with open_as(person.actor) as session:
        return question(session, *arguments, **named)


@pytest.fixture
def traded(people):
    """Loyal bought this month, last month and last year; New this month; Gone a year and a half ago."""
    loyal, new, gone = (a_customer(people.anna, name=name) for name in ("Loyal", "New", "Gone"))
    for day, amount in ((TODAY, 100), (dt.date(2026, 5, 20), 40), (dt.date(2025, 6, 10), 30), (dt.date(2025, 6, 30), 1)):
        an_order(loyal, amount, on=day)
    an_order(new, 50, on=dt.date(2026, 6, 1))
    an_order(gone, 70, on=dt.date(2024, 12, 31))
    with open_as(people.eve.actor) as session:
        refresh_base(session, TODAY)
    return loyal, new, gone


def test_the_month_to_date_against_last_month_and_last_year(people, traded):
    found = ask(people.dana, headline, TODAY)
    assert found["revenue"] == (150.0, 40.0, 31.0)
    assert found["orders"] == (2, 1, 2)
    assert found["buyers"] == (2, 1, 1)
    assert found["new_customers"] == (1, 0, 1)
    assert found["spans"][1] == (dt.date(2026, 5, 1), dt.date(2026, 5, 30))
    assert ask(people.chen, headline, TODAY)["revenue"] == (0.0, 0.0, 0.0)


def test_whoever_only_sends_back_is_no_buyer(people, traded):
    an_order(traded[2], -5, on=TODAY)
    assert ask(people.dana, headline, TODAY)["buyers"][0] == 2


def test_only_the_days_so_far_are_compared(people, traded):
    assert ask(people.dana, headline, dt.date(2026, 6, 10))["revenue"] == (50.0, 0.0, 30.0)


def test_revenue_by_month_has_no_holes(people, traded):
    months = ask(people.dana, revenue_by_month, TODAY, months=3)
    assert months["period"].dt.strftime("%Y-%m").tolist() == ["2026-04", "2026-05", "2026-06"]
    assert months[["revenue", "orders"]].values.tolist() == [[0, 0], [40, 1], [150, 2]]
    assert ask(people.chen, revenue_by_month, TODAY)["revenue"].sum() == 0


def test_movers_up_and_down(people, traded):
    found = ask(people.dana, movers, dt.date(2026, 6, 30), days=30)
    assert found[["name", "before", "now", "change"]].values.tolist() == [["Loyal", 40, 100, 60], ["New", 0, 50, 50]]
    found = ask(people.dana, movers, dt.date(2026, 8, 20), days=60)
    assert found[["name", "change"]].values.tolist() == [["Loyal", 60], ["New", -50]]
    assert ask(people.chen, movers, TODAY).empty


def test_every_dimension_counts_every_customer_once(people, traded):
    for dimension in DIMENSIONS:
        found = ask(people.dana, by_dimension, dimension)
        assert (dimension, found["customers"].sum(), found["amount"].sum()) == (dimension, 3, 291)
        assert ask(people.chen, by_dimension, dimension).empty


def test_a_dimension_of_a_filter(people, traded):
    found = ask(people.dana, by_dimension, "life_cycle", CustomerFilter(life_cycle=("lost",)))
    assert found[["value", "customers", "orders", "amount"]].values.tolist() == [["lost", 1, 1, 70.0]]
    with pytest.raises(ValueError):
        ask(people.dana, by_dimension, "name")


def test_states_and_the_list_behind_them_agree(people, traded):
    found = ask(people.dana, states, board_id=people.units["Music"])
    for row in found.itertuples():
        assert ask(people.dana, customer_totals, CustomerFilter(life_cycle=(row.life_cycle,)))["customers"] == row.customers
    assert found["customers"].sum() == 3
    assert ask(people.eve, states, board_id=people.units["Machinery"]).empty


def test_cohorts_by_the_month_of_the_first_order(people, traded):
    found = ask(people.amir, base_by_cohort)
    assert found.assign(cohort=found["cohort"].dt.strftime("%Y-%m")).values.tolist() == [
        ["2024-12", "lost", 1, 70],
        ["2025-06", "active", 1, 171],
        ["2026-06", "active", 1, 50],
    ]
    assert ask(people.chen, base_by_cohort).empty


def test_what_is_due(people, customer):
    foreign = a_customer(people.chen)
    late = an_activity(customer, people.anna, topic="Send the quote", planned_on=TODAY - dt.timedelta(3))
    an_activity(customer, people.ben, topic="Ask again", planned_on=TODAY)
    an_activity(customer, people.anna, topic="Done", planned_on=TODAY, happened_on=TODAY)
    an_activity(customer, people.anna, topic="Later", planned_on=TODAY + dt.timedelta(1))
    an_activity(foreign, people.chen, topic="Foreign", planned_on=TODAY)
    found = ask(people.anna, planned_activities, TODAY)
    assert found[["topic", "author"]].values.tolist() == [
        ["Send the quote", "Anna Lindqvist"],
        ["Ask again", "Ben Okafor"],
    ]
    assert found.iloc[0]["activity_id"] == late.id
    assert len(ask(people.dana, planned_activities, TODAY)) == 3
    assert ask(people.dana, planned_activities, TODAY, owner_id=people.chen.id)["topic"].tolist() == ["Foreign"]
    assert ask(people.dana, planned_activities, TODAY, owner_id=people.ben.id)["topic"].tolist() == ["Ask again"]


def test_attention_counts_what_its_rows_show(people, traded):
    for number in range(4):
        an_order(a_customer(people.anna), 1 + number, on=TODAY)
    an_order(traded[2], 10_000, on=dt.date(2024, 12, 30))
    with open_as(people.eve.actor) as session:
        refresh_base(session, TODAY)
    an_activity(traded[2], people.anna, topic="Call", planned_on=TODAY - dt.timedelta(1))
    assert ask(people.dana, attention, TODAY) == {"valuable_silent": 1, "overdue": 1, "orphaned": 0}
    rows = CustomerFilter(contribution_rating=("A",), life_cycle=("dormant", "lost"))
    assert ask(people.dana, customer_totals, rows)["customers"] == 1
    with open_as(SYSTEM) as session:
        get(session, User, people.anna.id).state = UserState.FROZEN
    assert ask(people.dana, attention, TODAY)["orphaned"] == ask(people.dana, customer_totals, ORPHANED)["customers"] == 7
    assert ask(people.chen, attention, TODAY) == {"valuable_silent": 0, "overdue": 0, "orphaned": 0}


def test_the_record_of_a_day(people, customer):
    an_activity(customer, people.anna, "Called", kind="call")
    an_activity(customer, people.ben, "Visited", kind="visit")
    with open_as(people.anna.actor) as session:
        log_activity(session, "customer", customer.id, LoggedActivity(text="Yesterday", happened_on=TODAY - dt.timedelta(1)))
    assert ask(people.dana, daily_record, TODAY)[["author", "text"]].values.tolist() == [
        ["Anna Lindqvist", "Called"],
        ["Ben Okafor", "Visited"],
    ]
    assert ask(people.anna, daily_record, TODAY, author_id=people.anna.id)["text"].tolist() == ["Called"]
    assert ask(people.chen, daily_record, TODAY).empty


def test_my_latest_customers(people, customer):
    second = a_customer(people.anna, name="Borealis")
    a_share(a_customer(people.chen), user_id=people.anna.id)
    with open_as(people.anna.actor) as session:
        one(session, customer.id).region = "North"
    assert ask(people.anna, latest_customers, people.anna.id)["id"].tolist() == [customer.id, second.id]


def test_how_fresh_the_data_are(people, traded):
    found = ask(people.amir, freshness)
    assert (found["customers"], found["orders"], found["last_import"]) == (3, 6, None)
    assert (found["first_order"], found["last_order"]) == (dt.date(2024, 12, 31), TODAY)
    assert ask(people.chen, freshness)["orders"] == 0


def test_value_at_risk_of_a_list_is_the_sum_of_its_customers(people):
    run = a_run(people.anna.board_id)
    for risk in (75, 20, 0):
        a_score(a_customer(people.anna), run, value_at_risk=Decimal(risk))
    a_score(a_customer(people.chen), run, value_at_risk=Decimal(5))
    a_customer(people.anna)
    assert ask(people.anna, value_at_risk, CustomerFilter(risk_from=Decimal("0.0001"))) == {"CNY": 95}
    assert ask(people.dana, value_at_risk, CustomerFilter(risk_from=Decimal(20))) == {"CNY": 95}
    assert ask(people.emil, value_at_risk, CustomerFilter()) == {}
