"""Open deals drawn once for many groups and days: the same as deciding each deal in each run by itself."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from crm.analytics.deals_drawn import Drawn

START, END = dt.date(2026, 1, 1), dt.date(2026, 3, 31)
MIDDLE = dt.date(2026, 2, 10)
RUNS = 20_000
SHIFTS, RATIOS = (-10.0, 0.0, 15.0, 60.0), (0.5, 1.0, 1.2)


@pytest.fixture(scope="module")
def deals():
    random = np.random.default_rng(3)
    days = [START + dt.timedelta(int(one)) for one in random.integers(-20, 120, 40)]
    return pd.DataFrame(
        {
            "opportunity_id": np.arange(1, 41),
            "amount": random.lognormal(8, 1, 40),
            "probability": random.beta(2, 3, 40),
            "expected_close_on": pd.to_datetime(days),
        }
    )


def drawn(deals, **changes):
    return Drawn(deals, START, END, **{"shifts": SHIFTS, "ratios": RATIOS, "runs": RUNS, "seed": 1} | changes)


def one_by_one(deals, day):
    """As the definition says it: chance, shift and factor of each deal in each run."""
    random = np.random.default_rng(9)
    size = (RUNS, len(deals))
    ahead = np.maximum((deals["expected_close_on"] - pd.Timestamp(START)).dt.days.to_numpy(), 0)
    closes = ahead + random.choice(SHIFTS, size) <= (day - START).days
    wins = random.random(size) < deals["probability"].to_numpy()
    return (deals["amount"].to_numpy() * random.choice(RATIOS, size) * wins * closes).sum(axis=1)


@pytest.mark.parametrize("day", [MIDDLE, END])
def test_the_same_distribution_as_one_by_one(deals, day):
    found, right = drawn(deals).total(day), one_by_one(deals, day)
    assert found.mean() == pytest.approx(right.mean(), rel=0.02)
    assert found.std() == pytest.approx(right.std(), rel=0.03)
    shares = [0.05, 0.25, 0.5, 0.75, 0.95]
    assert np.quantile(found, shares) == pytest.approx(np.quantile(right, shares), abs=0.05 * right.std())


def test_a_group_turns_out_the_same_whoever_is_asked_for_beside_it(deals):
    groups = np.arange(40) % 3
    together, alone = drawn(deals, groups=groups), drawn(deals[groups == 1])
    assert (together.total(END, 1) == alone.total(END)).all()
    whole = sum(together.total(END, group) for group in range(3))
    right = one_by_one(deals, END)
    assert np.quantile(whole, [0.1, 0.5, 0.9]) == pytest.approx(np.quantile(right, [0.1, 0.5, 0.9]), abs=0.05 * right.std())


def test_groups_know_nothing_of_each_other(deals):
    twins = pd.concat([deals, deals.assign(opportunity_id=deals["opportunity_id"] + 100)])
    found = drawn(twins, groups=np.repeat([0, 1], 40))
    assert abs(np.corrcoef(found.total(END, 0), found.total(END, 1))[0, 1]) < 0.03


def test_no_run_loses_what_it_had_on_an_earlier_day(deals):
    found = drawn(deals)
    assert (found.total(MIDDLE) <= found.total(END)).all()
    assert found.total(MIDDLE).sum() < found.total(END).sum()


def test_a_group_without_deals_brings_nothing(deals):
    assert not drawn(deals).total(END, 7).any()
    assert not drawn(deals.head(0)).total(END).any()
