"""Which habits go with winning: counted by hand."""

import datetime as dt
from decimal import Decimal

import pytest

from crm.access import SYSTEM
from crm.office.commands import LoggedActivity, log_activity
from crm.pipeline.commands import Losing, QuoteInput, QuoteLineInput, Winning, lose, new_quote, win
from crm.pipeline.filters import OpportunityFilter
from crm.pipeline.models import Quote
from crm.pipeline.queries.facts.behaviour import behaved, behaviour
from crm.session import get, open_as
from tests.factories import TODAY, a_customer, an_opportunity

BEGAN = TODAY - dt.timedelta(100)


def at(day):
    return BEGAN + dt.timedelta(day)


def a_deal(person, customer, won, ended, *touched, kind="call"):
    deal_id = an_opportunity(person, customer, created_on=BEGAN).id
    with open_as(person.actor) as session:
        for day in touched:
            log_activity(session, "opportunity", deal_id, LoggedActivity(kind=kind, happened_on=at(day), text="Talked"))
        if won:
            win(session, deal_id, Winning(reason="price", closed_on=at(ended)))
        else:
            lose(session, deal_id, Losing(reason="price", closed_on=at(ended)))


@pytest.fixture
def deals(people, customer, stages):
    """Of anna: a well cared for one (won), one called late (lost), one nobody called (lost), one that ended before the month"""
    a_deal(people.anna, customer, True, 60, 0, 5, 29, 45, kind="visit")
    a_deal(people.anna, customer, False, 60, 10, 31)
    a_deal(people.anna, customer, False, 60, 40)
    a_deal(people.anna, customer, True, 20, 1, 2, 3)


def told(person, habit, **where):
    with open_as(person.actor) as session:
        found = behaviour(session, OpportunityFilter(**where))
    rows = found[found["habit"] == habit]
    return {row.group: (row.won, row.lost) for row in rows.itertuples()}


def test_only_the_first_month_of_those_still_open_then_counts(people, deals):
    assert told(people.anna, "touches") == {"0": (0, 1), "1-2": (0, 1), "3-5": (1, 0), "6+": (0, 0)}
    assert told(people.anna, "first_touch") == {"0-2": (1, 0), "3-7": (0, 0), "8-30": (0, 1), "none": (0, 1)}
    assert told(people.anna, "met") == {"no": (0, 2), "yes": (1, 0)}


def test_a_quote_counts_from_the_day_it_was_sent(people, customer, stages):
    deal = an_opportunity(people.anna, customer, created_on=BEGAN)
    line = QuoteLineInput(description="Piano", quantity=Decimal(1), unit_price=Decimal(100))
    with open_as(people.anna.actor) as session:
        quote_id = new_quote(session, deal.id, QuoteInput(lines=[line])).id
        win(session, deal.id, Winning(reason="price", closed_on=at(80)))
    for day, group in ((29, "yes"), (31, "no")):
        with open_as(SYSTEM) as session:
            get(session, Quote, quote_id).sent_at = dt.datetime.combine(at(day), dt.time(12), dt.UTC)
        assert told(people.anna, "quoted")[group] == (1, 0)


def test_each_deal_stands_once_in_every_habit_and_shares_have_intervals(people, deals):
    with open_as(people.anna.actor) as session:
        found = behaviour(session)
    assert found.groupby("habit")[["won", "lost"]].sum().to_numpy().tolist() == [[1, 2]] * 4
    known = found[found["won"] + found["lost"] > 0]
    assert (known["low"] <= known["win_rate"]).all() and (known["win_rate"] <= known["high"]).all()


def test_only_what_i_see_and_what_the_filter_takes(people, deals):
    a_deal(people.emil, a_customer(people.emil), True, 60, 1)
    assert told(people.chen, "touches") == dict.fromkeys(("0", "1-2", "3-5", "6+"), (0, 0))
    assert told(people.emil, "touches")["1-2"] == (1, 0)
    assert told(people.eve, "touches", owner_id=(people.emil.id,)) == {"0": (0, 0), "1-2": (1, 0), "3-5": (0, 0), "6+": (0, 0)}


def test_each_row_leads_to_its_deals(people, deals):
    with open_as(people.anna.actor) as session:
        found = behaviour(session)
        for row in found.itertuples():
            ids = behaved(session, row.habit, row.group)
            assert len(ids) == row.won + row.lost
