"""Intervals of shares, against published figures."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.analytics.errors import AnalyticsError
from crm.analytics.proportions import newcombe, wilson

# Newcombe 1998, Statistics in Medicine 17, 857-872, table I, method 3 (Wilson, uncorrected).
WILSON = [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)]
# Newcombe 1998, Statistics in Medicine 17, 873-890, table II, method 10.
DIFFERENCES = [(56, 70, 48, 80, 0.0524, 0.3339), (9, 10, 3, 10, 0.1705, 0.8090), (5, 56, 0, 29, -0.0381, 0.1926)]


@pytest.mark.parametrize(("hits", "n", "low", "high"), WILSON)
def test_wilson_as_published(hits, n, low, high):
    assert [float(one) for one in wilson(hits, n)] == pytest.approx([low, high], abs=5e-5)


@pytest.mark.parametrize(("a", "m", "b", "n", "low", "high"), DIFFERENCES)
def test_newcombe_as_published(a, m, b, n, low, high):
    found = newcombe(a, m, b, n)
    assert found.difference == pytest.approx(a / m - b / n)
    assert (found.low, found.high) == pytest.approx((low, high), abs=5e-5)
    assert found.is_clear == (low > 0)


@given(st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_share_lies_inside_and_the_interval_between_0_and_1(case):
    hits, n = case
    low, high = wilson(hits, n)
    assert 0 <= low <= hits / n <= high <= 1


def test_no_trial_says_nothing_and_more_hits_than_trials_are_refused():
    low, high = wilson([0, 1], [0, 2])
    assert str(low[0]) == str(high[0]) == "nan"
    assert low[1] < 0.5 < high[1]
    with pytest.raises(AnalyticsError, match="between 0 and"):
        wilson(3, 2)
    with pytest.raises(AnalyticsError, match="both sides"):
        newcombe(0, 0, 1, 2)
