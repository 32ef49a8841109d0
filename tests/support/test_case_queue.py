import datetime as dt
from decimal import Decimal

import pandas as pd
import pytest

from crm.access import SYSTEM
from crm.customers.models import CustomerScore, ModelRun
from crm.session import open_as
from crm.support.commands import CalendarInput, PolicyInput, add_calendar, add_policy, escalate
from crm.support.models import CaseState
from crm.support.queries import escalations, queue
from crm.support.queries.queue import _past
from tests.factories import TODAY, a_case, a_customer

NOW = dt.datetime.combine(TODAY, dt.time(), dt.UTC)


@pytest.fixture(autouse=True)
def promises(people):
    with open_as(SYSTEM) as session:
        hours = add_calendar(session, CalendarInput(name="Always", zone="UTC", week=["00:00-24:00"] * 7)).id
        add_policy(session, PolicyInput(name="All", calendar_id=hours, resolution_seconds=100 * 3600))


def worth(customer, value):
    with open_as(SYSTEM) as session:
        run = ModelRun(
            board_id=customer.board_id, model="nbd", by_id=0, cutoff_on=TODAY, customers=1, settings={}, parameters={},
            intervals={}, log_likelihood=None, diagnosis="fine", holdout={},
        )  # fmt: skip
        session.add(run)
        session.flush()
        money = dict.fromkeys(("monetary_value", "expected_spend", "expected_value", "value_at_risk"), Decimal(1))
        known = {"as_of": TODAY, "frequency": 1, "recency": 1.0, "T": 2.0, "p_alive": 0.5, "expected_orders": 1.0}
        session.add(CustomerScore(customer_id=customer.id, model_run_id=run.id, lifetime_value=Decimal(value), **known, **money))


def ago(hours):
    return NOW - dt.timedelta(hours=hours)


@pytest.fixture
def cases(people):
    """Three of the same risk for customers of different worth, and one that is late."""
    small, large, unknown = (a_customer(people.anna) for _ in range(3))
    worth(small, 100)
    worth(large, 10_000)
    found = {name: a_case(people.anna, one, opened_at=ago(50)) for name, one in (("small", small), ("large", large))}
    found["unknown"] = a_case(people.anna, unknown, opened_at=ago(50))
    found["late"] = a_case(people.chen, small, opened_at=ago(120), team_id=people.units["Service"])
    return found


def test_it_works(people, cases):
    with open_as(people.dana.actor) as session:
        told = queue(session)
    assert told.rows["id"].tolist()[:2] == [cases["large"].id, cases["late"].id]
    late = told.rows.set_index("id").loc[cases["late"].id]
    assert (late["risk"], late["value"], late["stake"]) == (1.0, 100.0, 100.0)
    assert told.rows.set_index("id").loc[cases["unknown"].id, "value"] == 100.0
    assert (told.counts["cases"], told.counts["breached"]) == (4, 1)


def test_mine_and_those_that_nobody_has(people, cases):
    with open_as(people.anna.actor) as session:
        assert set(queue(session, "mine").rows["id"]) == {cases[name].id for name in ("small", "large", "unknown")}
        assert queue(session, "unassigned").rows["id"].tolist() == [cases["late"].id]
        assert len(queue(session, size=2).rows) == 2
        assert len(queue(session, page=2, size=3).rows) == 1
    with open_as(people.emil.actor) as session:
        empty = queue(session)
        assert (len(empty.rows), empty.counts["cases"], "stake" in empty.rows) == (0, 0, True)


def test_escalated_once_for_each_level(people, cases):
    with open_as(SYSTEM) as session:
        assert escalate(session, NOW) == 1
        assert escalate(session, NOW) == 0
        told = escalations(session, case_id=cases["late"].id)
        assert told[["clock", "level", "to"]].values.tolist() == [["resolution", "breached", "Dana Novak"]]
        later = NOW + dt.timedelta(hours=15)
        assert escalate(session, later) == 3
        assert escalate(session, later + dt.timedelta(hours=25)) == 3
    with open_as(people.ben.actor) as session:
        told = escalations(session, to_id=people.ben.id)
        assert sorted(told["level"]) == ["amber"] * 3 + ["red"] * 3
    with open_as(people.emil.actor) as session:
        assert escalations(session).empty


def test_a_unit_learns_from_what_it_solved_in_any_state(people, cases):
    """With every state named or not, the same cases are found."""
    solved = {"solved_at": ago(10), "worked_seconds": 3600}
    for state in CaseState:
        a_case(people.anna, a_customer(people.anna), state=state, **solved)
    a_case(people.emil, a_customer(people.emil), state="solved", **solved)
    for one in (people.ben, people.gia, people.anna):
        with open_as(one.actor) as session:
            found = [session.execute(_past(of_unit), {"since": ago(100)}).all() for of_unit in (True, False)]
        assert sorted(found[0]) == sorted(found[1]) and len(found[0]) == len(CaseState)


def test_without_cases_there_is_nothing_to_tell(people):
    with open_as(SYSTEM) as session:
        assert escalate(session, NOW) == 0
        assert isinstance(queue(session).rows, pd.DataFrame)
