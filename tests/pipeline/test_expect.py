import datetime as dt

import pytest

from crm.errors import Invalid, NotFound, Refused
from crm.pipeline.commands import Expectation, Winning, expect, win
from crm.pipeline.queries import changes, opportunity
from crm.session import open_as
from tests.factories import TODAY, an_opportunity

LATER = TODAY + dt.timedelta(40)


@pytest.fixture
def two(people, day, customer):
    return [an_opportunity(people.anna, customer, name=name).id for name in ("Grand", "Organ")]


def test_it_works(people, two):
    with open_as(people.anna.actor) as session:
        assert expect(session, two, Expectation(forecast_category="commit", expected_close_on=LATER)) == 2
        assert expect(session, two, Expectation(expected_close_on=LATER)) == 0
    with open_as(people.anna.actor) as session:
        deal = opportunity(session, two[1])
        assert (deal.forecast_category, deal.expected_close_on) == ("commit", LATER)
        assert sorted(changes(session, two[1])["field"]) == ["expected_close_on", "forecast_category"]


def test_what_is_left_empty_stays(people, two):
    with open_as(people.anna.actor) as session:
        expect(session, two, Expectation(expected_close_on=LATER))
        expect(session, two, Expectation(forecast_category="omitted"))
        assert opportunity(session, two[0]).expected_close_on == LATER


def test_a_closed_one_stops_all(people, two):
    with open_as(people.anna.actor) as session:
        win(session, two[1], Winning(reason="price"))
    with pytest.raises(Invalid, match="Organ"), open_as(people.anna.actor) as session:
        expect(session, two, Expectation(forecast_category="commit"))
    with open_as(people.anna.actor) as session:
        assert opportunity(session, two[0]).forecast_category == "pipeline"


def test_refused_for_a_stranger_and_a_reader(people, two):
    with pytest.raises(NotFound), open_as(people.chen.actor) as session:
        expect(session, two, Expectation(forecast_category="commit"))
    with pytest.raises(Refused), open_as(people.amir.actor) as session:
        expect(session, two, Expectation(forecast_category="commit"))
