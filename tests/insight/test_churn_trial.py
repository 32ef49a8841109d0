import datetime as dt

import pandas as pd
import pytest

from crm.analytics.clv.simulate import simulate_bg_nbd
from crm.analytics.errors import TooLittleData
from crm.insight.queries.churn_trial import SILENT, cutoffs, trial, verdict

END = dt.date(2026, 6, 30)


def bought(*rows):
    frame = pd.DataFrame(rows, columns=["customer_id", "date"])
    return frame.assign(date=pd.to_datetime(frame["date"]), amount=1.0)


def test_cutoffs_have_a_holdout_of_their_own():
    found = cutoffs(bought((1, "2020-01-01")), END, 90)
    assert found == [END - dt.timedelta(90 * step) for step in (4, 3, 2, 1)]


def test_cutoffs_need_as_long_a_history():
    assert cutoffs(bought((1, "2025-10-01")), END, 90) == [END - dt.timedelta(180), END - dt.timedelta(90)]
    with pytest.raises(TooLittleData, match="needs twice that time"):
        cutoffs(bought((1, "2026-01-02")), END, 90)
    with pytest.raises(TooLittleData, match="Nobody has bought yet"):
        cutoffs(bought(), END, 90)


def test_rules_of_silence_by_hand():
    """At 2026-04-01 customers 1 and 2 have been silent for 1 day, 3 for 60; then 1 and 3 buy again."""
    rows = [(1, "2026-01-01"), (1, "2026-03-31"), (2, "2026-03-31"), (3, "2026-01-31"), (1, "2026-05-01"), (3, "2026-05-01")]
    found = trial(bought(*rows), dt.date(2026, 4, 1), 90, "nbd", (30, 60)).set_index(["name", "days"])
    short, long = found.loc[(SILENT, 30)], found.loc[(SILENT, 60)]
    assert (short["brier"], long["brier"]) == (pytest.approx(2 / 3), pytest.approx(1 / 3))
    assert short["wrong"] == short["brier"]
    assert (short["total_actual"], short["customers"]) == (2, 3)
    assert short["total_expected"] == pytest.approx(90 / 90)


@pytest.fixture(scope="module")
def simulated():
    """600 customers who really stop by BG/NBD"""
    params = {"r": 0.6, "alpha": 4.0, "a": 0.8, "b": 2.4}
    transactions, _ = simulate_bg_nbd(params, 600, 104.0, seed=4)
    return transactions


def test_on_data_that_follow_the_model_it_beats_silence(simulated):
    days = cutoffs(simulated, simulated["date"].max().date(), 90)
    found = pd.concat([trial(simulated, one, 90, "bg_nbd", (60, 180)) for one in days])
    judged = verdict(found)
    assert (judged["model"], judged["tests"], judged["wins"]) == ("bg_nbd", 4, 4)
    assert judged["wrong"] < judged["rival_wrong"]
    model = found[found["kind"] == "model"]
    assert (model["wrong"] < 0.5).all() and model["brier"].notna().all()


def test_it_does_not_beat_a_rule_that_is_always_right():
    rows = pd.DataFrame(
        {
            "cutoff": pd.to_datetime(["2026-01-01"] * 3),
            "name": ["bg_nbd", SILENT, SILENT],
            "kind": ["model", "rule", "rule"],
            "days": [None, 30, 60],
            "brier": [0.1, 0.2, 0.0],
            "wrong": [0.1, 0.2, 0.0],
        }
    )
    assert verdict(rows) == {"model": "bg_nbd", "tests": 1, "wins": 0, "wrong": 0.1, "rival_wrong": 0.0, "days": 60}


def test_a_better_brier_score_alone_is_no_win():
    rows = pd.DataFrame(
        {
            "cutoff": pd.to_datetime(["2026-01-01"] * 2),
            "name": ["bg_nbd", SILENT],
            "kind": ["model", "rule"],
            "days": [None, 30],
            "brier": [0.1, 0.2],
            "wrong": [0.2, 0.2],
        }
    )
    assert verdict(rows)["wins"] == 0


def test_a_model_that_cannot_be_fitted_is_not_judged():
    rows = [(number, f"2026-0{1 + number % 3}-01") for number in range(6)]
    found = trial(bought(*rows, (1, "2026-05-01")), dt.date(2026, 4, 1), 60, "bg_nbd", (30, 60))
    assert verdict(found)["tests"] == 0
    assert verdict(found)["wrong"] is None
