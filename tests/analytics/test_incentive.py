from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.analytics.errors import AnalyticsError
from crm.analytics.incentive import Tier, pay

D = Decimal
TIERS = [Tier(D(0), D("0.02")), Tier(D("0.8"), D("0.03")), Tier(D(1), D("0.06"))]


def test_each_part_at_the_rate_of_its_tier():
    told = pay(D(120_000), D(100_000), TIERS, whole=D(100_000))
    assert [(line.part, line.amount) for line in told.lines] == [(80_000, 1600), (20_000, 600), (20_000, 1200)]
    assert (told.share, told.amount) == (D("1.2"), 3400)


def test_a_bonus_goes_by_the_share():
    tiers = [Tier(D(0), D(0)), Tier(D("0.5"), D(2))]
    assert pay(D(9), D(10), tiers, whole=D(1000)).amount == 800
    assert pay(D(5), D(10), tiers, whole=D(1000)).amount == 0
    assert pay(D(10), D(10), tiers, whole=D(1000)).amount == 1000


def test_threshold_and_cap():
    assert pay(D(49), D(100), TIERS, whole=D(100), threshold=D("0.5")).lines[0].step == "below_threshold"
    told = pay(D(200_000), D(100_000), TIERS, whole=D(100_000), cap=D(5000))
    assert (told.amount, told.lines[-1].step, told.lines[-1].amount) == (5000, "cap", -3200)


def test_nothing_reached_earns_nothing():
    assert pay(D(-5), D(100), TIERS, whole=D(100)).amount == 0


@pytest.mark.parametrize("tiers", [[], [Tier(D(1), D(1))], [Tier(D(0), D(1)), Tier(D(0), D(2))], [Tier(D(0), D(-1))]])
def test_tiers_that_cannot_be(tiers):
    with pytest.raises(AnalyticsError):
        pay(D(1), D(1), tiers, whole=D(1))


def test_a_target_of_nothing():
    with pytest.raises(AnalyticsError, match="cannot be shared in"):
        pay(D(1), D(0), TIERS, whole=D(1))


MONEY = st.integers(1, 10**9).map(lambda cents: D(cents) / 100)


@given(MONEY, MONEY, st.one_of(st.none(), MONEY))
def test_the_lines_add_up_and_more_never_earns_less(actual, target, cap):
    told, more = (pay(one, target, TIERS, whole=target, cap=cap) for one in (actual, actual + 1))
    assert sum(line.amount for line in told.lines) == told.amount
    assert more.amount >= told.amount
    assert cap is None or told.amount <= cap
