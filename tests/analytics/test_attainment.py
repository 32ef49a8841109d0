import numpy as np
import pytest

from crm.analytics.attainment import FEWEST, mean_outlook, must_close, outlook, pace, ranks, share_unknown
from crm.analytics.errors import AnalyticsError, TooLittleData


def test_the_pace_goes_by_working_days():
    assert pace(2000, 5, 20) == 500
    assert pace(2000, 0, 0) == 2000
    with pytest.raises(AnalyticsError):
        pace(1, 3, 2)


def test_steady_days_leave_nothing_open():
    told = outlook(50, [2.0] * 60, 13)
    assert (told.simulated == 76).all()
    assert (told.chance_of(76), told.chance_of(76.01)) == (1, 0)


def test_the_last_day_ends_as_it_is():
    told = outlook(50, [], 0)
    assert (told.simulated == 50).all()


def test_the_mean_is_that_of_the_days_and_few_days_make_it_wide():
    random = np.random.default_rng(1)
    days = random.exponential(10, 240)
    many, few = outlook(0, days, 20, runs=8000), outlook(0, days[:25], 20, runs=8000)
    assert many.simulated.mean() == pytest.approx(20 * days.mean(), rel=0.02)
    width = [told.quantile(0.9) - told.quantile(0.1) for told in (many, few)]
    assert width[1] > 1.05 * width[0] * days[:25].std() / days.std()


def test_four_of_five_periods_end_within_the_interval():
    random = np.random.default_rng(5)
    inside = 0
    for _ in range(200):
        days = random.poisson(3, 120)
        told = outlook(0, days, 30, runs=400)
        inside += told.quantile(0.1) <= random.poisson(3, 30).sum() <= told.quantile(0.9)
    assert 0.7 < inside / 200 < 0.9


def test_weeks_are_drawn_whole():
    """Sales on Fridays alone: ten working days hold two of them, never none and never four."""
    days = [0, 0, 0, 0, 10.0] * 20
    assert set(np.unique(outlook(0, days, 10).simulated)) == {20}


def test_what_is_known_by_name_is_added():
    known = np.where(np.arange(2000) < 500, 100.0, 0.0)
    assert outlook(1, [0.0] * 30, 5, known=known).chance_of(100) == 0.25


def test_too_few_days():
    with pytest.raises(TooLittleData):
        outlook(0, [1.0] * (FEWEST - 1), 1)
    with pytest.raises(AnalyticsError, match="does not end"):
        outlook(0, [1.0] * 40, -1)


def test_a_mean_of_marks():
    told = mean_outlook(40, 10, [4.0] * 30, [1] * 30, 10)
    assert told.actual == 4 and (told.simulated == 4).all()
    worse = mean_outlook(50, 10, [3.0] * 30, [1] * 30, 10)
    assert (worse.simulated == 4).all()
    with pytest.raises(TooLittleData):
        mean_outlook(0, 0, [0.0] * 30, [0] * 30, 10)


def test_a_win_that_was_younger_than_the_period_may_not_have_been_known():
    assert share_unknown([0, 15, 30, 90], 30).tolist() == [1, 0.5, 0, 0]
    assert share_unknown([0], 0).tolist() == [0]


def test_how_many_deals_cover_a_gap():
    assert must_close([50, 30, 20], 80) == 2
    assert must_close([50, 30, 20], 0) == 0
    assert must_close([50, 30, 20], 500) == 3
    assert must_close([], 500) == 0


def test_ranks():
    assert ranks([0.5, 1.2, float("nan"), 1.2]) == [3, 1, 4, 1]
