"""Risk of a broken promise from the past, and what is at stake."""

import numpy as np
import pandas as pd
import pytest

from crm.analytics.satisfaction import scores
from crm.analytics.stake import breach_risk, stake


def past(group, seconds, ended=True):
    return [(group, one, ended) for one in seconds]


def test_the_chance_is_that_of_past_cases_which_lasted_as_long() -> None:
    """Of 100 cases that took 1, 2, ... 100 seconds, 50 lasted longer than 50, and 25 of these longer than 75."""
    found = breach_risk(past("normal", range(1, 101)), [("normal", 50, 25), ("normal", 0, 25), ("normal", 0, 100)])
    assert found.round(9).tolist() == [0.5, 0.75, 0.0]


def test_what_is_late_is_certain_and_what_is_not_promised_is_no_risk() -> None:
    found = breach_risk(past("normal", range(1, 101)), [("normal", 50, -5), ("normal", 500, 5), ("normal", 5, np.nan)])
    assert found.tolist() == [1.0, 1.0, 0.0]


def test_a_small_group_goes_by_all_cases() -> None:
    told = [*past("normal", range(1, 101)), *past("high", [1000.0] * 5)]
    assert breach_risk(told, [("high", 0, 50)])[0] == pytest.approx(55 / 105)


def test_cases_that_have_not_ended_count_as_far_as_they_have_come() -> None:
    told = [*past("normal", [10.0] * 50), *past("normal", [5.0] * 50, ended=False)]
    assert breach_risk(told, [("normal", 0, 7)])[0] == 1.0


def test_without_a_past_nobody_knows() -> None:
    assert breach_risk([], [("normal", 1, 1), ("normal", 1, -1)]).tolist() == [0.5, 1.0]


def test_stake_is_risk_times_value_and_the_median_stands_for_the_unknown() -> None:
    found = stake(pd.Series([0.5, 0.5, 1.0]), pd.Series([100.0, np.nan, 300.0]))
    assert found["stake"].tolist() == [50.0, 100.0, 300.0]
    assert stake(pd.Series([0.5]), pd.Series([np.nan]))["stake"].tolist() == [0.5]


def test_scores_of_marks() -> None:
    """Marks 5, 4, 1; two promoters and a detractor among three."""
    row = {"sent": 6, "answered": 3, "csat_sum": 10, "csat_squares": 42, "satisfied": 2}
    nobody = {**dict.fromkeys(row, 0), "sent": 2}
    likely = {"asked_nps": 3, "promoters": 2, "detractors": 1}
    found = scores(pd.DataFrame([{**row, **likely}, {**nobody, **dict.fromkeys(likely, 0)}]))
    first, second = found.iloc[0], found.iloc[1]
    assert (first["response_rate"], round(first["csat"], 4), round(first["nps"], 2)) == (0.5, 3.3333, 33.33)
    half = 4.302653 * np.sqrt((42 - 3 * (10 / 3) ** 2) / 2 / 3)  # Student, two degrees of freedom
    assert first["csat_low"] == pytest.approx(max(1, 10 / 3 - half), rel=1e-6)
    assert first["nps_low"] < 33 < first["nps_high"]
    assert second["response_rate"] == 0 and second[["csat", "nps", "satisfied_share"]].isna().all()
