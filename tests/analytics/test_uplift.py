import numpy as np
import pandas as pd
import pytest
from scipy.stats import ttest_ind

from crm.analytics.errors import AnalyticsError, TooLittleData
from crm.analytics.proportions import newcombe
from crm.analytics.uplift import customers_needed, mean_effect, ordered_by_day, share_effect


def arms(called, control, stratum=0.1):
    """The outcomes of both arms, as rows."""
    outcome = [*called, *control]
    return pd.DataFrame({"called": [True] * len(called) + [False] * len(control), "stratum": stratum, "outcome": outcome})


def shares(hits, n, control_hits, control_n, stratum=0.1):
    return arms([True] * hits + [False] * (n - hits), [True] * control_hits + [False] * (control_n - control_hits), stratum)


def test_published_interval_of_newcombe():
    """Newcombe 1998, table II (a): 56/70 against 48/80, method 10."""
    found = share_effect(shares(56, 70, 48, 80))
    assert (found.called_n, found.control_n, found.called, found.control) == (70, 80, 0.8, 0.6)
    assert (found.difference, found.low, found.high) == pytest.approx((0.2, 0.0524, 0.3339), abs=5e-5)
    assert found.is_clear


def test_too_few_to_tell():
    assert not share_effect(shares(3, 10, 1, 5)).is_clear


def test_another_chance_to_be_left_out_is_compared_apart():
    """In each stratum nothing differs; thrown together it would look like an effect."""
    rows = pd.concat([shares(10, 100, 10, 100, 0.5), shares(450, 900, 50, 100, 0.1)])
    found = share_effect(rows)
    assert found.difference == pytest.approx(0)
    mixed = newcombe(460, 1000, 60, 200)
    assert mixed.difference == pytest.approx(0.16)
    assert mixed.is_clear and not found.is_clear


def test_two_equal_strata_say_the_same_more_surely():
    one = share_effect(shares(30, 100, 20, 100))
    two = share_effect(pd.concat([shares(30, 100, 20, 100, 0.1), shares(30, 100, 20, 100, 0.2)]))
    assert two.difference == pytest.approx(one.difference)
    assert (two.high - two.low) == pytest.approx((one.high - one.low) / np.sqrt(2))


def test_a_stratum_with_one_arm_says_nothing():
    alone = pd.concat([shares(30, 100, 20, 100, 0.1), shares(50, 50, 0, 0, 0.2)])
    assert share_effect(alone) == share_effect(shares(30, 100, 20, 100))
    with pytest.raises(TooLittleData):
        share_effect(shares(5, 5, 0, 0))


def test_revenue_by_welch():
    random = np.random.default_rng(3)
    called, control = random.gamma(1, 100, 200), random.gamma(1, 80, 40)
    found = mean_effect(arms(called, control))
    expected = ttest_ind(called, control, equal_var=False).confidence_interval(0.95)
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high))
    assert found.difference == pytest.approx(called.mean() - control.mean())


def test_revenue_of_nobody_has_no_width():
    found = mean_effect(arms([0.0, 0.0, 0.0], [0.0, 0.0]))
    assert (found.difference, found.low, found.high) == (0, 0, 0)
    with pytest.raises(TooLittleData):
        mean_effect(arms([1.0, 2.0], [3.0]))


def test_its_interval_holds_what_it_promises():
    """Nine in ten customers buy nothing: of 400 trials about 95 % contain the true difference."""
    random = np.random.default_rng(11)
    held = 0
    for _ in range(400):
        called = random.random(180) < 0.30
        control = random.random(20) < 0.22
        found = share_effect(arms(called, control))
        held += found.low <= 0.08 <= found.high
    assert 0.92 < held / 400 < 0.985


def test_how_many_are_needed():
    """Fleiss, Levin, Paik 2003: 0.25 against 0.40, equal groups, 5 % and 80 %: 152 each without continuity correction."""
    assert customers_needed(0.25, 0.15, 0.5) == pytest.approx(2 * 152, abs=3)
    assert customers_needed(0.25, 0.15, 0.1) > 2 * customers_needed(0.25, 0.15, 0.5)
    assert customers_needed(0.25, 0.05, 0.1) > 5 * customers_needed(0.25, 0.15, 0.1)
    for share, difference in ((0.0, 0.05), (0.1, 0.0)):
        with pytest.raises(AnalyticsError):
            customers_needed(0.2, difference, share)


def test_as_many_as_said_do_show_it():
    random = np.random.default_rng(5)
    n = customers_needed(0.2, 0.1, 0.2)
    control = round(n * 0.2)
    clear = sum(share_effect(arms(random.random(n - control) < 0.3, random.random(control) < 0.2)).is_clear for _ in range(300))
    assert 0.74 < clear / 300 < 0.88


def test_the_curves_rise_with_each_first_order():
    days = pd.DataFrame(
        {
            "called": [True] * 4 + [False] * 2,
            "days": [0, 10, 90, 90, 5, 20],
            "ordered": [True, True, False, False, True, False],
        }
    )
    found = ordered_by_day(days, 60)
    called = found[found["called"]]
    assert called["day"].tolist() == [0, 0, 10, 60]
    assert called["share"].tolist() == pytest.approx([0, 0.25, 0.5, 0.5])
    control = found[~found["called"]]
    assert control[["day", "share"]].values.tolist() == [[0, 0], [5, 0.5], [20, 0.5]]
    assert ((found["low"] <= found["share"]) & (found["share"] <= found["high"])).all()


def test_who_was_not_seen_long_enough_counts_as_far_as_he_was():
    days = pd.DataFrame({"called": [True] * 4, "days": [5, 5, 10, 40], "ordered": [False, False, True, False]})
    assert ordered_by_day(days, 90)["share"].iloc[-1] == pytest.approx(0.5)


def test_nobody_has_no_curve():
    empty = pd.DataFrame({"called": pd.Series(dtype=bool), "days": pd.Series(dtype=int), "ordered": pd.Series(dtype=bool)})
    assert ordered_by_day(empty, 90).empty
