import datetime as dt
from itertools import pairwise

import pytest
from scipy.special import hyp2f1

from crm.access import SYSTEM
from crm.customers.commands import refresh_summaries
from crm.errors import NotFound
from crm.insight.queries.outlook import chance_of_state, outlook, purchase_rows
from crm.session import open_as
from tests.factories import TODAY, a_customer, a_share, an_order
from tests.scored import BG_NBD, a_run, a_score

X, LAST, AGE = 2, 213, 272
"""The customer of the paper: x = 2, t_x = 30.43, T = 38.86 weeks, in days."""


def expected(weeks, x, t_x, T):
    """Fader, Hardie, Lee 2005, equation (10)."""
    r, alpha, a, b = BG_NBD.values()
    z = weeks / (alpha + T + weeks)
    grows = 1 - ((alpha + T) / (alpha + T + weeks)) ** (r + x) * hyp2f1(r + x, b + x, a + b + x - 1, z)
    return (a + b + x - 1) / (a - 1) * grows * alive(x, t_x, T)


def alive(x, t_x, T):
    r, alpha, a, b = BG_NBD.values()
    return 1 / (1 + (x > 0) * a / (b + max(x, 1) - 1) * ((alpha + T) / (alpha + t_x)) ** (r + x))


@pytest.fixture
def customer(people):
    """Bought on three days; given away and taken back do not count, and two orders of a day are one purchase."""
    found = a_customer(people.anna, name="Aurora")
    first = TODAY - dt.timedelta(AGE)
    for days, amounts in ((0, (40, 20)), (100, (30,)), (LAST, (50,))):
        for amount in amounts:
            an_order(found, amount, on=first + dt.timedelta(days))
    an_order(found, 0, on=TODAY - dt.timedelta(2))
    an_order(found, -30, on=TODAY - dt.timedelta(1))
    return found


def seen(person, customer, day=TODAY):
    with open_as(person.actor) as session:
        return outlook(session, customer.id, day)


def test_it_works(people, customer):
    run = a_run(people.anna.board_id)
    found = seen(people.anna, customer)
    assert (found.model, found.cutoff_on, found.customers, found.day) == ("bg_nbd", run.cutoff_on, 2357, TODAY)
    assert len(found.purchase_days) == 3
    assert expected(39, 2, 30.43, 38.86) == pytest.approx(1.226, abs=5e-4)  # as published
    history = X, LAST / 7, AGE / 7
    assert found.forecast.p_alive == pytest.approx(alive(*history), rel=1e-9)
    assert [one.orders for one in found.forecast.ahead] == pytest.approx([expected(weeks, *history) for weeks in (52, 104, 156)])


def test_no_model_no_forecast_and_that_of_another_board_is_not_his(people, customer):
    a_run(people.units["Machinery"])
    assert seen(people.anna, customer) is None


def test_a_stranger_learns_nothing(people, customer):
    a_run(people.anna.board_id)
    for nobody in (people.chen, people.emil, people.ada):
        with pytest.raises(NotFound):
            seen(nobody, customer)


def test_readers_see_the_same(people, customer):
    a_run(people.anna.board_id)
    a_share(customer, user_id=people.chen.id)
    assert seen(people.amir, customer) == seen(people.chen, customer) == seen(people.eve, customer)


def test_the_path_ends_at_today_and_rises_with_every_purchase_alone(people, customer):
    a_run(people.anna.board_id)
    found = seen(people.anna, customer)
    path = found.forecast.path
    assert (path[0][0], path[-1]) == (found.purchase_days[0], (TODAY, found.forecast.p_alive))
    risen = [later[0] for earlier, later in pairwise(path) if later[1] > earlier[1] + 1e-12]
    assert risen == [found.purchase_days[2]]  # after one purchase BG/NBD cannot doubt him, so the second changes nothing
    before = next(chance for day, chance in path if day == found.purchase_days[2])
    assert before == pytest.approx(alive(1, 100 / 7, LAST / 7))


def test_in_silence_he_falls_below_a_half_on_the_day_named(people, customer):
    a_run(people.anna.board_id)
    found = seen(people.anna, customer).forecast
    assert found.silence[0] == (TODAY, found.p_alive)
    assert all(later[1] < earlier[1] for earlier, later in pairwise(found.silence))
    assert seen(people.anna, customer, found.half_on - dt.timedelta(1)).forecast.p_alive >= 0.5
    assert seen(people.anna, customer, found.half_on).forecast.p_alive < 0.5
    assert seen(people.anna, customer, TODAY + dt.timedelta(2000)).forecast.half_on == found.half_on


def test_ranges_hold_the_means_and_value_at_risk_is_what_doubt_costs(people, customer):
    a_run(people.anna.board_id)
    found = seen(people.anna, customer).forecast
    for one in found.ahead:
        assert one.orders_low < one.orders < one.orders_high
        assert one.value_low < one.value < one.value_high
    assert found.ahead[2].value == pytest.approx(found.lifetime_value)
    worth_if_alive = found.lifetime_value / found.p_alive
    assert found.value_at_risk == pytest.approx((1 - found.p_alive) * worth_if_alive)
    assert TODAY < found.next_from < found.next_until


def test_margin_discount_and_horizon_are_those_of_the_run(people, customer):
    a_run(people.anna.board_id, settings={"margin": 0.3, "annual_discount": 0.0})
    a_run(people.chen.board_id)
    base = seen(people.anna, customer).forecast
    a_run(people.anna.board_id, settings={"margin": 0.6, "annual_discount": 0.0, "horizon_months": 12})
    found = seen(people.anna, customer).forecast
    assert found.lifetime_value == pytest.approx(found.ahead[0].value)
    assert found.ahead[2].value / found.ahead[2].orders == pytest.approx(found.ahead[0].value / found.ahead[0].orders)
    assert found.lifetime_value > base.ahead[0].value


def test_without_a_spend_model_his_own_mean_stands_for_it_and_has_no_range(people, customer):
    a_run(people.anna.board_id, parameters=BG_NBD, settings={"margin": 0.5, "annual_discount": 0.0})
    one = seen(people.anna, customer).forecast.ahead[0]
    assert one.value == pytest.approx(0.5 * (30 + 50) / 2 * one.orders)
    assert (one.value_low, one.value_high) == (None, None)


def test_a_customer_without_a_purchase_is_told_what_newcomers_do(people):
    a_run(people.anna.board_id)
    found = seen(people.anna, a_customer(people.anna))
    assert found.forecast is None
    assert found.newcomer.orders == pytest.approx(expected(52, 0, 0, 0))
    assert found.newcomer.value > 0


def test_after_one_purchase_the_model_cannot_doubt_him(people):
    a_run(people.anna.board_id)
    once = a_customer(people.anna)
    an_order(once, 10, on=TODAY - dt.timedelta(300))
    found = seen(people.anna, once).forecast
    assert (found.p_alive, found.half_on, found.value_at_risk) == (1.0, None, 0.0)


def test_a_model_of_a_part_of_the_board_says_nothing_of_the_others(people, customer):
    a_run(people.anna.board_id, settings={"where": {"kind": ["retail"]}})
    found = seen(people.anna, customer)
    assert (found.outside, found.forecast) == (True, None)


def test_real_files_do_not_stand_still(people, customer):
    a_run(people.anna.board_id)
    an_order(customer, 10, on=TODAY + dt.timedelta(20))
    found = seen(people.anna, customer)
    assert found.day == found.purchase_days[-1] == TODAY + dt.timedelta(20)


def test_the_rows_behind_it(people, customer):
    with open_as(people.anna.actor) as session:
        rows = purchase_rows(session, customer.id, TODAY)
    assert rows["amount"].tolist() == [40.0, 20.0, 30.0, 50.0]
    with open_as(people.chen.actor) as session:
        assert purchase_rows(session, customer.id, TODAY).empty


def test_what_made_his_state(people, customer):
    run = a_run(people.anna.board_id)
    with open_as(SYSTEM) as session:
        refresh_summaries(session, [customer.id], TODAY)
    with open_as(people.anna.actor) as session:
        assert chance_of_state(session, customer.id) is None
    a_score(customer, run, recency=LAST / 7, T=AGE / 7, p_alive=0.7)
    with open_as(people.anna.actor) as session:
        assert chance_of_state(session, customer.id) == pytest.approx(0.7)
    an_order(customer, 10, on=TODAY)
    with open_as(people.anna.actor) as session:
        assert chance_of_state(session, customer.id) is None
