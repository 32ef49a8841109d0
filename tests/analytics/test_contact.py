import numpy as np
import pytest

from crm.analytics.contact import alive_by_rhythm, chance_to_help, fitting_in, left_out_by_lot, value_per_minute


def test_contact_helps_neither_who_is_gone_nor_who_orders_anyway():
    chance = chance_to_help([0.0, 0.5, 1.0, 1.0], [0.0, 1.0, 0.0, 1000.0], 28)
    assert chance == pytest.approx([0, 0.5 * np.exp(-2 * 28 / 365), 1, 0], abs=1e-12)


def test_a_longer_period_leaves_less_to_win():
    short, long = (chance_to_help([0.6], [3.0], days)[0] for days in (7, 90))
    assert 0 < long < short < 0.6


def test_by_rhythm_silence_halves_the_chance_with_every_gap():
    assert alive_by_rhythm([30, 30, 30, 30], [0, 30, 60, 120]).tolist() == [1, 1, 0.5, 0.125]


def test_value_per_minute():
    assert value_per_minute([100, 100], [0.5, 0.5], [10, 60]).tolist() == pytest.approx([5, 100 * 0.5 / 60])


def test_the_lot_is_the_same_for_everybody_and_new_in_the_next_period():
    ids = list(range(10_000))
    first = left_out_by_lot(ids, "28x1", 0.1)
    assert (first == left_out_by_lot(ids, "28x1", 0.1)).all()
    again = left_out_by_lot(ids, "28x2", 0.1)
    assert 0.09 < first.mean() < 0.11
    assert 0.07 < again[first].mean() < 0.13
    assert left_out_by_lot([7], "28x1", 0.1) == left_out_by_lot([3, 7], "28x1", 0.1)[1]


def test_a_larger_share_keeps_who_was_out():
    ids = list(range(1000))
    small, large = (left_out_by_lot(ids, "28x1", share) for share in (0.1, 0.3))
    assert large[small].all()
    assert not left_out_by_lot(ids, "28x1", 0.0).any()
    assert left_out_by_lot(ids, "28x1", 1.0).all()


def test_who_is_left_out_takes_no_minutes_and_later_short_ones_still_fit():
    assert fitting_in([10, 60, 10, 10], [True, False, False, False], 25) == [0, 2, 3]
    assert fitting_in([10, 10], [False, False], 0) == []


def test_whether_one_is_drawn_never_depends_on_his_own_lot():
    minutes = [10, 20, 10, 30, 10, 10]
    for place in range(6):
        for others in range(64):
            lots = [bool(others >> at & 1) for at in range(6)]
            with_, without = lots.copy(), lots.copy()
            with_[place], without[place] = True, False
            assert (place in fitting_in(minutes, with_, 45)) == (place in fitting_in(minutes, without, 45))
