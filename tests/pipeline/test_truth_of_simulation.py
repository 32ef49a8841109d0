"""What the funnel, the win model and the forecast find in simulated deals is what they were drawn from."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from crm.analytics import forecast, funnel, winning
from crm.demo import simulation
from crm.demo.simulation import MEDIAN_DAYS, OPEN, PASSING, WON, chances, conversions, draw, known

START, DAYS = dt.date(1996, 1, 1), 900
STAGES = len(PASSING)
LATE = START + dt.timedelta(DAYS + 1000)
"""All deals are decided."""


@pytest.fixture(scope="module")
def history():
    return draw(12_000, START, DAYS, seed=5)


def facts(history, day):
    """-> deals and events as crm.analytics.funnel takes them."""
    found = known(history, day)
    deals = found.deals.rename_axis("opportunity_id").reset_index()
    return deals, found.events.rename(columns={"deal": "opportunity_id"})


def true_rates(history) -> np.ndarray:
    """Of each stage, over the facts of all deals: the share of those who come so far that come further."""
    come = np.cumprod(conversions(history.deals["lift"]), axis=1)
    before = np.column_stack([np.ones(len(come)), come[:, :-1]])
    return come.sum(axis=0) / before.sum(axis=0)


def test_the_funnel_finds_the_rates_inside_its_intervals(history):
    table = funnel.funnel(*facts(history, LATE), STAGES, level=0.999)
    truth = true_rates(history)
    assert ((table["low"] <= truth) & (truth <= table["high"])).all()
    assert (table["high"] - table["low"]).max() < 0.05


def test_its_intervals_hold_as_often_as_they_say():
    inside = []
    for seed in range(40):
        history = draw(600, START, DAYS, seed)
        table = funnel.funnel(*facts(history, LATE), STAGES)
        truth = true_rates(history)
        inside += ((table["low"] <= truth) & (truth <= table["high"])).tolist()
    assert 0.92 <= np.mean(inside) <= 0.985


@pytest.mark.parametrize("day", [START + dt.timedelta(100), START + dt.timedelta(500), LATE])
def test_won_lost_and_open_are_all_that_entered(history, day):
    deals, events = facts(history, day)
    table = funnel.funnel(deals, events, STAGES)
    assert (table["went_on"] + table["lost"] + table["open"] == table["entered"]).all()
    assert table["lost"].sum() + table["open"].sum() + table["went_on"].iloc[-1] == table["entered"].iloc[0] == len(deals)


def test_time_in_stage_is_right_although_many_are_there_still(history):
    day = START + dt.timedelta(400)
    deals, events = facts(history, day)
    found = funnel.time_in_stage(funnel.stays(deals, events, day), STAGES)
    assert found["open"].min() > 15
    assert found["median_days"].to_numpy() == pytest.approx(np.asarray(MEDIAN_DAYS), rel=0.12, abs=1)


def looks(history, until: int, every: int = 21) -> pd.DataFrame:
    """Deals decided by a day as they stood every so many days, and the true chance of each."""
    deals = history.deals[history.deals["ended"] <= until]
    counts = 1 + (np.maximum(deals["ended"] - deals["created"] - 1, 0) // every).to_numpy()
    deal = np.repeat(deals.index.to_numpy(), counts)
    step = np.arange(deal.size) - np.repeat(np.cumsum(counts) - counts, counts)
    day = np.repeat(deals["created"].to_numpy(), counts) + step * every
    grid = pd.DataFrame({"deal": deal, "day": day}).sort_values("day", kind="stable")
    stays = history.stays.sort_values("begin", kind="stable")[["deal", "begin", "position", "left_alone"]]
    calls = history.calls.sort_values("day", kind="stable").rename(columns={"day": "called"})
    stood = pd.merge_asof(grid, stays, left_on="day", right_on="begin", by="deal")
    stood = pd.merge_asof(stood, calls, left_on="day", right_on="called", by="deal")
    about = deals.loc[stood["deal"]].reset_index(drop=True)
    return pd.DataFrame(
        {
            "opportunity_id": stood["deal"],
            "day": pd.Timestamp(START) + pd.to_timedelta(stood["day"], unit="D"),
            "won": about["won"],
            "position": stood["position"],
            "days_in_stage": stood["day"] - stood["begin"],
            "age_days": stood["day"] - about["created"],
            "silent_days": stood["day"] - stood[["begin", "called"]].max(axis=1),
            "amount": about["first_amount"],
            "source": about["source"],
            "owner": about["rep"].astype(str),
            "true": chances(about["lift"], stood["position"], stood["left_alone"]),
        }
    )


def test_the_win_model_beats_the_base_rate_and_is_calibrated():
    """Deals come in all the time, and those are known that are decided by a day."""
    days = 2_000
    snapshots = looks(draw(14_000, START, days, seed=5), days)
    model = winning.fit(snapshots, ("owner", "source"))
    assert model.refusal is None
    assert model.brier is not None
    assert model.brier < model.brier_base - 0.005
    told = pd.Series(model.chances(snapshots), index=snapshots.index)
    tenth = pd.qcut(told.rank(method="first"), 10)
    gaps = told.groupby(tenth, observed=True).mean() - snapshots["true"].groupby(tenth, observed=True).mean()
    assert gaps.abs().max() < 0.04
    assert np.corrcoef(told, snapshots["true"])[0, 1] > 0.85


def quarter(history, first: int, days: int = 90) -> tuple[forecast.Forecast, float]:
    """What was forecast on a day of the deals open then, with their true chances, and what they brought within so many days."""
    day = START + dt.timedelta(first)
    now, later = known(history, day).deals, known(history, day + dt.timedelta(days)).deals
    held = now[now["state"] == OPEN]
    chance = chances(history.deals.loc[held.index, "lift"], held["position"], held["left_alone"])
    told = held.assign(probability=chance).rename_axis("opportunity_id").reset_index()
    ended = now[now["state"] == WON].index
    expected = history.dates.drop_duplicates("deal").set_index("deal")["expected"]
    misses = (history.deals["ended"] - expected).loc[ended].to_numpy()
    ratios = (later["amount"].loc[ended] / history.deals["first_amount"].loc[ended]).to_numpy()
    end = day + dt.timedelta(days)
    found = forecast.simulate(told, day, end, shifts=misses, ratios=ratios, runs=600, seed=first)
    came = later.loc[held.index]
    return found, float(came.loc[came["state"] == WON, "amount"].sum())


def test_the_forecast_covers_what_comes_as_often_as_it_says():
    inside = []
    for seed in range(30):
        history = draw(900, START, DAYS, seed)
        for first in (500, 620, 740):
            told, came = quarter(history, first)
            inside.append(told.quantile(0.1) <= came <= told.quantile(0.9))
    assert 0.7 <= np.mean(inside) <= 0.92


def test_the_draw_is_the_same_every_time():
    one, two = (draw(300, START, 200, 7) for _ in range(2))
    pd.testing.assert_frame_equal(one.deals, two.deals)
    pd.testing.assert_frame_equal(one.stays, two.stays)
    assert not draw(300, START, 200, 8).deals.equals(one.deals)


def test_what_a_day_knows_does_not_depend_on_what_comes(history):
    """Told on a day and cut later, the events up to that day are the same."""
    day = START + dt.timedelta(300)
    early, late = known(history, day), known(history, LATE)
    until = pd.Timestamp(day) + pd.Timedelta(days=1)
    pd.testing.assert_frame_equal(early.events, late.events[late.events["at"] < until].reset_index(drop=True))
    assert set(early.deals["state"]) == {OPEN, WON, simulation.LOST}
