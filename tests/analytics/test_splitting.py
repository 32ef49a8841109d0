from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.analytics.errors import AnalyticsError
from crm.analytics.splitting import raised, split

CENTS = st.integers(-(10**12), 10**12).map(lambda cents: Decimal(cents) / 100)
WEIGHTS = st.lists(st.one_of(st.integers(0, 1000), st.floats(0, 1e6, allow_nan=False)), min_size=1, max_size=40).filter(
    lambda weights: any(weights)
)


@given(CENTS, WEIGHTS)
def test_the_parts_add_up_to_the_cent(whole, weights):
    parts = split(whole, weights)
    assert sum(parts) == whole
    assert all(part % Decimal("0.01") == 0 for part in parts)
    total = sum(map(Fraction, weights))
    for part, weight in zip(parts, weights, strict=True):
        assert abs(Fraction(part) - Fraction(whole) * Fraction(weight) / total) < Fraction(1, 100)
        assert weight or not part


@given(st.integers(0, 10**6), WEIGHTS)
def test_counts_are_split_into_whole_ones(whole, weights):
    parts = split(Decimal(whole), weights, Decimal(1))
    assert sum(parts) == whole and all(part == int(part) >= 0 for part in parts)


def test_the_largest_remainders_get_what_is_left():
    assert split(Decimal(10), [1, 1, 1], Decimal(1)) == [4, 3, 3]
    assert split(Decimal(-10), [1, 1, 1], Decimal(1)) == [-4, -3, -3]
    assert split(Decimal("100.00"), [1, 2, 4]) == [Decimal("14.29"), Decimal("28.57"), Decimal("57.14")]
    assert split(Decimal(1), [0, 5, 0]) == [0, 1, 0]


@pytest.mark.parametrize("weights", [[], [0, 0], [1, -1]])
def test_weights_that_cannot_be(weights):
    with pytest.raises(AnalyticsError, match="Weights"):
        split(Decimal(1), weights)


def test_a_whole_between_two_units():
    with pytest.raises(AnalyticsError, match="cannot be split"):
        split(Decimal("1.005"), [1])


def test_so_much_more():
    assert raised(Decimal("1134672"), Decimal(10)) == Decimal("1248139.20")
    assert raised(Decimal(15), Decimal(10), Decimal(1)) == 16
    assert raised(Decimal(25), Decimal(10), Decimal(1)) == 28
