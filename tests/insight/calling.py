"""Customers with scores, and a day of somebody's calls."""

import datetime as dt
from decimal import Decimal

from sqlalchemy import select

from crm.access import SYSTEM
from crm.customers.models import CustomerScore, ModelRun
from crm.insight.calling import CallSettings
from crm.insight.commands import draw_calls, set_call_settings
from crm.insight.models import Call
from crm.insight.queries.calls import queue
from crm.session import open_as
from tests.factories import TODAY, a_customer


def a_run(board_id):
    with open_as(SYSTEM) as session:
        known = {"settings": {}, "parameters": {}, "intervals": {}, "holdout": {}, "diagnosis": "well_determined"}
        run = ModelRun(board_id=board_id, model="bg_nbd", by_id=0, cutoff_on=TODAY, customers=1, **known)
        session.add(run)
    return run


def at_risk(run, owner, name, value, p_alive=0.5, orders=2.0, last=TODAY - dt.timedelta(100), **changes):
    """A customer of `owner` whose value at risk is `value`; silent for longer than usual."""
    summary = {"first_order_on": last - dt.timedelta(200), "last_order_on": last, "order_count": 4, "order_amount": Decimal(400)}
    found = a_customer(owner, name=name, life_cycle="active", **summary | changes)
    with open_as(SYSTEM) as session:
        session.add(
            CustomerScore(
                customer_id=found.id,
                model_run_id=run.id,
                as_of=TODAY,
                frequency=3,
                recency=20.0,
                T=30.0,
                p_alive=p_alive,
                expected_orders=orders,
                value_at_risk=Decimal(value),
                **dict.fromkeys(("monetary_value", "expected_spend", "expected_value", "lifetime_value"), Decimal(100)),
            )
        )
    return found


def decided(person, **changes):
    """Nobody is left out, unless the test says so."""
    with open_as(person.actor) as session:
        set_call_settings(session, person.board_id, CallSettings(**{"control_percent": 0} | changes), 0)


def draw(person, day=TODAY, owner=None):
    with open_as(person.actor) as session:
        return draw_calls(session, (owner or person).id, (owner or person).board_id, day)


def waiting(person, day=TODAY, owner=None):
    with open_as(person.actor) as session:
        return queue(session, (owner or person).id, (owner or person).board_id, day)


def names(person, day=TODAY, owner=None):
    return waiting(person, day, owner)["name"].tolist()


def drawn():
    """Every row that was drawn, of both arms."""
    with open_as(SYSTEM) as session:
        return list(session.scalars(select(Call).order_by(Call.id)))
