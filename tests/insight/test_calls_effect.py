import datetime as dt

import pytest

from crm.access import SYSTEM
from crm.insight.models import Call
from crm.insight.queries.effect import Measured, drawn_rows, periods, teams
from crm.session import open_as
from tests.factories import TODAY, a_customer, an_activity, an_order

DRAWN = TODAY - dt.timedelta(70)
END = DRAWN + dt.timedelta(20)


def a_call(customer, person, arm="call", share=0.5, drawn_on=DRAWN, until=END, **changes):
    with open_as(SYSTEM) as session:
        about = {"customer_id": customer.id, "user_id": person.id, "board_id": person.board_id, "kind": "call", "minutes": 10}
        session.add(Call(**about, arm=arm, control_share=share, drawn_on=drawn_on, until=until, rank_value=1.0, **changes))
    return customer


@pytest.fixture
def drawn(people):
    """Called bought after 40 days and sent a part back, Left bought at once; Listed was never in the lot."""
    called = a_call(a_customer(people.anna, name="Called"), people.anna)
    left = a_call(a_customer(people.chen, name="Left"), people.chen, arm="control")
    a_call(a_customer(people.anna, name="Listed"), people.anna, share=0.0)
    an_order(called, 999, on=DRAWN - dt.timedelta(1))
    an_order(called, 100, on=DRAWN + dt.timedelta(40))
    an_order(called, -30, on=DRAWN + dt.timedelta(45))
    an_order(left, 50, on=DRAWN)
    an_activity(called, people.anna, kind="call", happened_on=DRAWN + dt.timedelta(1))
    an_activity(left, people.chen, kind="visit", happened_on=END + dt.timedelta(1))
    return called, left


def rows(person, **changes):
    with open_as(person.actor) as session:
        return drawn_rows(session, Measured(**{"board_id": person.board_id, "until": TODAY} | changes)).set_index("name")


def test_it_works(people, drawn):
    found = rows(people.dana)
    assert set(found.index) == {"Called", "Left"}
    assert found["called"].to_dict() == {"Called": True, "Left": False}
    assert found["contacted"].to_dict() == {"Called": True, "Left": False}
    assert found.loc["Called", ["days", "ordered", "ordered_30", "ordered_60"]].tolist() == [40, True, False, True]
    assert found.loc["Called", ["revenue_30", "revenue_60"]].tolist() == [0.0, 70.0]
    assert found.loc["Left", ["days", "ordered_30", "revenue_30", "seen_days"]].tolist() == [0, True, 50.0, 70]


def test_whoever_has_not_ordered_counts_as_long_as_he_was_seen(people):
    a_call(a_customer(people.anna, name="Silent"), people.anna)
    found = rows(people.dana).loc["Silent"]
    assert (found["ordered"], found["days"], found["revenue_90"]) == (False, 70, 0.0)


def test_as_known_on_an_earlier_day(people, drawn):
    found = rows(people.dana, until=DRAWN + dt.timedelta(10))
    assert found["ordered"].to_dict() == {"Called": False, "Left": True}
    assert rows(people.dana, until=DRAWN - dt.timedelta(1)).empty


def test_of_a_period_and_of_a_team(people, drawn):
    a_call(drawn[0], people.anna, drawn_on=TODAY - dt.timedelta(5), until=TODAY)
    assert rows(people.dana, period_end=END)["drawn_on"].dt.date.tolist() == [DRAWN, DRAWN]
    assert len(rows(people.dana, period_end=TODAY)) == 1
    assert set(rows(people.dana, team_id=people.units["Sales West"]).index) == {"Left"}
    with open_as(people.dana.actor) as session:
        assert periods(session, people.dana.board_id) == [TODAY, END]
        assert set(teams(session, people.dana.board_id).values()) == {"Sales East", "Sales West"}


def test_only_of_customers_one_sees(people, drawn):
    assert set(rows(people.ben).index) == {"Called"}
    assert rows(people.emil, board_id=people.anna.board_id).empty
