"""The forecast adds up, covers what comes, and its changes are told to the last cent."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm.analytics import forecast
from crm.analytics.errors import AnalyticsError

START, END = dt.date(2026, 1, 1), dt.date(2026, 3, 31)


def deals(*rows, **more):
    frame = pd.DataFrame(rows, columns=["opportunity_id", "amount", "probability", "expected_close_on"])
    return frame.assign(expected_close_on=pd.to_datetime(frame["expected_close_on"]), **more)


def test_mean_is_the_weighted_pipeline_when_nothing_moves():
    open_ = deals(
        (1, 100.0, 0.5, "2026-02-01"), (2, 300.0, 0.2, "2026-03-31"), (3, 900.0, 0.9, "2026-04-01"), (4, 50.0, 0.9, None)
    )
    found = forecast.simulate(open_, START, END, won=1000.0, seed=1, runs=20_000)
    assert found.weighted == 1000 + 50 + 60
    assert found.simulated.mean() == pytest.approx(found.weighted, rel=0.01)
    assert set(np.unique(found.simulated)) == {1000.0, 1100.0, 1300.0, 1400.0}
    assert found.quantile(0.1) <= found.quantile(0.5) <= found.quantile(0.9)
    assert found.chance_of(1300) == pytest.approx(0.2, abs=0.02)


def test_late_closers_and_shrinking_amounts_lower_it():
    open_ = deals(*((n, 100.0, 1.0, "2026-03-20") for n in range(50)))
    told = forecast.simulate(open_, START, END, shifts=[0, 30], ratios=[1.0, 0.5], seed=1)
    assert told.simulated.mean() == pytest.approx(50 * 100 * 0.5 * 0.75, rel=0.02)


def test_the_interval_covers_what_comes():
    random = np.random.default_rng(5)
    inside = 0
    for season in range(60):
        chance = random.beta(2, 3, 80)
        amount = random.lognormal(8, 1, 80)
        open_ = deals(*zip(range(80), amount, chance, ["2026-02-01"] * 80, strict=True))
        came = amount[random.random(80) < chance].sum()
        told = forecast.simulate(open_, START, END, seed=season, runs=1000)
        inside += told.quantile(0.1) <= came <= told.quantile(0.9)
    assert 40 <= inside <= 56  # 80 % of 60, within chance


def test_thousands_of_small_deals_are_drawn_together_and_spread_the_same():
    random = np.random.default_rng(2)
    rows = zip(range(3000), random.lognormal(8, 0.7, 3000), random.beta(2, 3, 3000), ["2026-02-01"] * 3000, strict=True)
    open_ = deals(*rows)
    chance, amount = open_["probability"], open_["amount"]
    told = forecast.simulate(open_, START, END, seed=1, ratios=[0.8, 1.0])
    mean, second = (amount * chance * 0.9).sum(), 0.82
    assert told.simulated.mean() == pytest.approx(mean, rel=0.005)
    assert told.simulated.std() == pytest.approx(np.sqrt((amount**2 * (chance * second - (chance * 0.9) ** 2)).sum()), rel=0.05)


def test_a_period_ahead_counts_nothing_that_closes_before_it():
    open_ = deals((1, 100.0, 1.0, "2026-03-20"), (2, 100.0, 1.0, "2026-04-20"))
    next_ = dt.date(2026, 6, 30)
    told = forecast.simulate(open_, START, next_, opens=dt.date(2026, 4, 1), shifts=[0, 30], seed=1)
    assert told.weighted == 100
    assert told.simulated.mean() == pytest.approx(150, rel=0.03)  # the first slips into it in half of the runs


def test_the_path_ends_where_the_simulation_does():
    open_ = deals(*((n, 100.0, 0.5, f"2026-0{1 + n % 3}-15") for n in range(90)))
    days = [dt.date(2026, 1, 31), dt.date(2026, 2, 28), END]
    path = forecast.path(open_, START, days, won=500.0, shifts=[-5, 0, 20], seed=1, runs=4000)
    assert path["p50"].is_monotonic_increasing
    told = forecast.simulate(open_, START, END, won=500.0, shifts=[-5, 0, 20], seed=1)
    for name, share in (("p10", 0.1), ("p50", 0.5), ("p90", 0.9)):
        assert path[name].iloc[-1] == pytest.approx(told.quantile(share), rel=0.03)


def test_refusals():
    with pytest.raises(AnalyticsError, match="probability"):
        forecast.simulate(deals((1, 1.0, 1.5, None)), START, END, seed=1)
    with pytest.raises(AnalyticsError, match="ends before"):
        forecast.simulate(deals((1, 1.0, 0.5, None)), END, START, seed=1)


def test_every_reason_of_a_change_by_hand():
    before = deals(
        (1, 100.0, 0.5, "2026-02-01"),  # won with more
        (2, 100.0, 0.5, "2026-02-01"),  # lost
        (4, 100.0, 0.5, "2026-06-01"),  # comes into the period
        (5, 100.0, 0.5, "2026-02-01"),  # leaves it
        (6, 100.0, 0.5, "2026-02-01"),  # grows and gets likelier
        (7, 100.0, 0.5, "2026-02-01"),  # stays
        state="open",
    )
    after = deals(
        (1, 120.0, 0.5, "2026-01-20"),
        (2, 100.0, 0.5, "2026-02-01"),
        (3, 80.0, 0.25, "2026-02-01"),  # new
        (4, 100.0, 0.5, "2026-03-01"),
        (5, 100.0, 0.5, "2026-06-01"),
        (6, 200.0, 0.75, "2026-02-01"),
        (7, 100.0, 0.5, "2026-02-01"),
        state=["won", "lost", "open", "open", "open", "open", "open"],
    )
    changes = forecast.what_changed(before, after, START, END)
    assert {tuple(row) for row in changes.to_numpy().tolist()} == {
        (1, "won", 70.0), (2, "lost", -50.0), (3, "new", 20.0), (4, "pulled_in", 50.0),
        (5, "pushed_out", -50.0), (6, "amount_up", 50.0), (6, "more_likely", 50.0),
    }  # fmt: skip
    fall = forecast.waterfall(changes, forecast.expected(before, START, END))
    assert fall["step"].tolist() == list(forecast.STEPS)
    assert fall["total"].iloc[-1] == forecast.expected(after, START, END) == 390.0


DEALS = st.lists(
    st.tuples(
        st.integers(0, 12),
        st.integers(0, 1000).map(float),
        st.integers(0, 4).map(lambda n: n / 4),
        st.sampled_from(["2025-12-01", "2026-02-01", "2026-05-01", None]),
        st.sampled_from(["open", "won", "lost"]),
    ),
    min_size=1, max_size=12, unique_by=lambda deal: deal[0],
)  # fmt: skip


@settings(max_examples=100)
@given(DEALS, DEALS)
def test_the_waterfall_adds_up_whatever_happened(one, two):
    before, after = (deals(*(deal[:4] for deal in part), state=[deal[4] for deal in part]) for part in (one, two))
    opening, closing = (forecast.expected(part, START, END) for part in (before, after))
    fall = forecast.waterfall(forecast.what_changed(before, after, START, END), opening)
    assert fall["total"].iloc[-1] == pytest.approx(closing, abs=1e-6)


def test_accuracy_by_horizon():
    told = pd.DataFrame(
        {
            "taken_on": pd.to_datetime(["2026-03-28", "2026-03-10", "2026-01-05"]),
            "period_to": pd.Timestamp(END),
            "p10": [90.0, 95.0, 20.0],
            "p50": [100.0, 110.0, 50.0],
            "p90": [105.0, 120.0, 80.0],
            "weighted": [100.0, 120.0, 60.0],
        }
    )
    table = forecast.accuracy(told, pd.DataFrame({"period_to": [pd.Timestamp(END)], "won": [100.0]})).set_index("days_before")
    assert table["error"].tolist() == pytest.approx([0.0, 0.1, -0.5])
    assert table["inside"].tolist() == [1.0, 1.0, 0.0]
