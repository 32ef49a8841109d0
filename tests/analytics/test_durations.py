"""Durations with unfinished cases, against a published table and against lifelines."""

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm.analytics.durations import incidence, kaplan_meier, quantile_of, quantiles_by
from crm.analytics.errors import AnalyticsError

# Remission of leukaemia under 6-MP, weeks (Freireich et al. 1963, Blood 21), as in Kalbfleisch, Prentice 2002, table 1.1.
WEEKS = [6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35]
ENDED = [1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0]

CASES = st.lists(st.tuples(st.integers(1, 30), st.integers(0, 2)), min_size=1, max_size=60)


def test_the_published_curve():
    curve = kaplan_meier(WEEKS, ENDED)
    assert curve["duration"].tolist() == [0, 6, 7, 10, 13, 16, 22, 23]
    assert curve["at_risk"].tolist() == [21, 21, 17, 15, 12, 11, 7, 6]
    assert curve["ended"].tolist() == [0, 3, 1, 1, 1, 1, 1, 1]
    published = [1, 0.8571, 0.8067, 0.7529, 0.6902, 0.6275, 0.5378, 0.4482]
    assert curve["still"].tolist() == pytest.approx(published, abs=5e-5)
    assert quantile_of(curve) == 23
    assert quantile_of(curve, 0.6) is None


@settings(max_examples=40)
@given(CASES)
def test_as_lifelines_and_all_shares_add_up(cases):
    lifelines = pytest.importorskip("lifelines")
    time, cause = np.array(cases).T
    curve = kaplan_meier(time, cause > 0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        oracle = lifelines.KaplanMeierFitter().fit(time, cause > 0)
    assert curve["still"].to_numpy() == pytest.approx(np.atleast_1d(oracle.predict(curve["duration"])), abs=1e-9)
    shares = incidence(time, cause, 2)
    assert (shares["still"] + shares["cause_1"] + shares["cause_2"]).to_numpy() == pytest.approx(1, abs=1e-12)


@settings(max_examples=80)
@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 12), st.booleans()), min_size=1, max_size=60))
def test_many_groups_at_once_as_a_curve_for_each(cases):
    groups, time, ended = (np.array(column) for column in zip(*cases, strict=True))
    told = quantiles_by(groups, time, ended)
    assert told["group"].tolist() == sorted(set(groups.tolist()))
    for row in told.to_dict("records"):
        here = groups == row["group"]
        assert (row["cases"], row["ended"]) == (here.sum(), ended[here].sum())
        curve = kaplan_meier(time[here], ended[here], level=None)
        for share in (0.5, 0.9):
            expected = quantile_of(curve.assign(still=curve["still"].round(9)), round(share, 9))
            assert (None if np.isnan(row[f"{share:g}"]) else row[f"{share:g}"]) == expected


def test_competing_causes_as_lifelines():
    lifelines = pytest.importorskip("lifelines")
    random = np.random.default_rng(7)
    time, cause = random.exponential(30, 400), random.integers(0, 3, 400)  # no ties: lifelines would jitter them
    shares = incidence(time, cause, 2)
    for one in (1, 2):
        oracle = lifelines.AalenJohansenFitter(calculate_variance=False).fit(time, cause, event_of_interest=one)
        expected = oracle.cumulative_density_[f"CIF_{one}"].to_numpy()
        assert shares[f"cause_{one}"].to_numpy() == pytest.approx(expected, abs=1e-9)


def test_nothing_ended_nothing_measured_and_nonsense():
    curve = kaplan_meier([3, 4], [False, False])
    assert curve["still"].tolist() == [1.0] and quantile_of(curve) is None
    for bad in ([], [-1.0], [float("nan")]):
        with pytest.raises(AnalyticsError):
            kaplan_meier(bad, [True] * len(bad))
    with pytest.raises(AnalyticsError, match="from 1 to 2"):
        incidence([1], [3], 2)
