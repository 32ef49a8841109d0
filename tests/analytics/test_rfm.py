from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm.analytics.errors import AnalyticsError
from crm.analytics.orders import customer_totals, usable_orders
from crm.analytics.rfm import migration_matrix, rfm_cuts, rfm_scores, rfm_segments, rhythm, segment_summary
from crm.analytics.segments import DEFAULT_SEGMENTS, Segment

TEN = pd.DataFrame(
    {
        "recency_days": [1, 3, 3, 10, 20, 40, 80, 160, 320, 640],
        "frequency": [9, 1, 1, 7, 1, 1, 2, 1, 1, 4],
        "monetary": [900.0, 10.0, 20.0, 700.0, 30.0, 40.0, 50.0, 60.0, 70.0, 80.0],
    },
    index=pd.Index(list("abcdefghij"), name="customer_id"),
)

bases = st.lists(
    st.tuples(st.integers(0, 60), st.integers(1, 12), st.integers(-500, 5000).map(lambda cents: cents / 100)),
    min_size=1,
    max_size=80,
).map(lambda rows: pd.DataFrame(rows, columns=["recency_days", "frequency", "monetary"]))


def test_ten_customers_are_scored_by_quintile():
    scores = rfm_scores(TEN)
    assert scores["r"].tolist() == [5, 4, 4, 4, 3, 3, 2, 2, 1, 1]
    assert scores["m"].tolist() == [5, 1, 1, 5, 2, 2, 3, 3, 4, 4]
    assert scores.loc["a", "rfm"] == "555"
    assert scores.index.equals(TEN.index)


def test_six_one_time_buyers_of_ten_share_the_lowest_frequency_score():
    f = rfm_scores(TEN)["f"]
    assert f[TEN["frequency"] == 1].tolist() == [1] * 6
    assert f[["g", "j", "d", "a"]].tolist() == [4, 4, 5, 5]


@given(bases, st.integers(2, 9))
def test_equal_values_get_equal_scores_and_better_values_never_lower_ones(base, bins):
    scores = rfm_scores(base, bins)
    for score, column, sign in (("r", "recency_days", -1), ("f", "frequency", 1), ("m", "monetary", 1)):
        ranked = scores.assign(goodness=sign * scores[column]).sort_values("goodness")
        assert ranked.groupby("goodness")[score].nunique().max() == 1
        assert ranked[score].is_monotonic_increasing
        assert ranked[score].between(1, bins).all()


@given(bases, st.integers(2, 9))
def test_a_score_says_what_share_of_all_is_strictly_worse(base, bins):
    scores = rfm_scores(base, bins)
    worse = [(base["monetary"] < spent).sum() for spent in base["monetary"]]
    assert scores["m"].tolist() == [1 + bins * count // len(base) for count in worse]


@given(bases, st.randoms(use_true_random=False))
def test_scores_do_not_depend_on_the_order_of_the_rows(base, random):
    shuffled = base.sample(frac=1, random_state=random.randrange(1000))
    pd.testing.assert_frame_equal(rfm_scores(shuffled).sort_index(), rfm_scores(base))


@given(bases)
def test_the_quintile_cut_points_given_explicitly_give_the_same_scores(base):
    pd.testing.assert_frame_equal(rfm_scores(base, cuts=rfm_cuts(base)), rfm_scores(base))


def test_without_ties_the_scores_are_those_of_qcut():
    rng = np.random.default_rng(5)
    base = pd.DataFrame({"recency_days": rng.permutation(1000), "frequency": 1, "monetary": rng.permutation(1000) + 0.5})
    scores = rfm_scores(base)
    assert (scores["m"] == pd.qcut(base["monetary"], 5, labels=False) + 1).all()
    assert (scores["r"] == pd.qcut(-base["recency_days"], 5, labels=False) + 1).all()


@given(bases, st.integers(2, 9))
def test_days_and_orders_may_come_as_fractions_or_far_apart(base, bins):
    as_fractions = base.astype({"recency_days": float, "frequency": float})
    assert rfm_cuts(as_fractions, bins) == rfm_cuts(base, bins)
    far_apart = base.assign(frequency=base["frequency"] * 10**9)
    assert (rfm_scores(far_apart, bins)["rfm"] == rfm_scores(base, bins)["rfm"]).all()


def test_explicit_cut_points_are_at_most_days_and_at_least_orders():
    scores = rfm_scores(TEN, cuts={"r": [3, 10, 40, 320], "f": [2, 4, 7, 9], "m": [20, 60, 80, 700]})
    assert scores["r"].tolist() == [5, 5, 5, 4, 3, 3, 2, 2, 2, 1]
    assert scores["f"].tolist() == [5, 1, 1, 4, 1, 1, 2, 1, 1, 3]
    assert scores["m"].tolist() == [5, 1, 2, 5, 2, 2, 2, 3, 3, 4]


def test_a_single_customer_can_be_scored():
    assert rfm_scores(TEN.iloc[:1])["rfm"].tolist() == ["111"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"recency_days": [-1, *[3] * 9]}, "recency_days is negative in rows a"),
        ({"frequency": [0, *[1] * 9]}, "frequency is below 1 in rows a"),
        ({"monetary": [*[1.0] * 9, np.nan]}, "monetary is empty in rows j"),
    ],
)
def test_bad_values_are_refused_with_their_column_and_rows(change, message):
    with pytest.raises(AnalyticsError, match=message):
        rfm_scores(TEN.assign(**change))


def test_a_missing_column_and_a_doubled_customer_are_refused():
    with pytest.raises(AnalyticsError, match="monetary"):
        rfm_scores(TEN.drop(columns="monetary"))
    with pytest.raises(AnalyticsError, match="more than once: a"):
        rfm_scores(pd.concat([TEN, TEN.iloc[:1]]))
    with pytest.raises(AnalyticsError, match="no customer"):
        rfm_scores(TEN.iloc[:0])


@pytest.mark.parametrize("cuts", [{"r": [1, 2, 3]}, {"m": [5, 4, 3, 2]}, {"x": [1, 2, 3, 4]}])
def test_wrong_cut_points_are_refused(cuts):
    with pytest.raises(AnalyticsError):
        rfm_scores(TEN, cuts=cuts)


def test_the_default_segments_cover_all_125_scores():
    every = pd.DataFrame([(r, f, m) for r in range(1, 6) for f in range(1, 6) for m in range(1, 6)], columns=["r", "f", "m"])
    segments = rfm_segments(every)["segment"]
    assert set(segments) == {rule.key for rule in DEFAULT_SEGMENTS}
    named = dict(zip(every.astype(str).sum(axis=1), segments, strict=True))
    assert named["555"] == "champions"
    assert named["155"] == "cannot_lose"
    assert named["511"] == "new"
    assert named["111"] == "lost"
    assert named["133"] == "at_risk"


def test_the_first_matching_rule_wins_and_a_gap_is_refused():
    scores = rfm_scores(TEN)
    first = (Segment("big", "Big", m=(5, 5)), Segment("others", "Others"))
    assert rfm_segments(scores, first)["segment"].value_counts().to_dict() == {"big": 2, "others": 8}
    assert (rfm_segments(scores, first[::-1])["segment"] == "others").all()
    with pytest.raises(AnalyticsError, match="covers the scores 244"):
        rfm_segments(scores.loc[["a", "d", "g"]].assign(m=[5, 5, 4]), first[:1])


def test_summary_of_segments_counts_customers_orders_and_revenue():
    rules = (Segment("big", "Big", m=(5, 5)), Segment("none", "None", m=(5, 5)), Segment("others", "Others"))
    summary = segment_summary(rfm_segments(rfm_scores(TEN), rules))
    expected = pd.DataFrame(
        {
            "segment": pd.Categorical(["big", "none", "others"], categories=["big", "none", "others"]),
            "customers": [2, 0, 8],
            "share": [0.2, 0.0, 0.8],
            "orders": [16, 0, 12],
            "revenue": [1600.0, 0.0, 360.0],
            "share_revenue": [1600 / 1960, 0.0, 360 / 1960],
            "median_recency_days": [5.5, np.nan, 60.0],
        }
    )
    pd.testing.assert_frame_equal(summary, expected, check_dtype=False, check_categorical=False)


def test_migration_counts_who_stayed_moved_joined_and_left():
    before = pd.DataFrame({"segment": ["loyal", "loyal", "lost"]}, index=["a", "b", "c"])
    after = pd.DataFrame({"segment": ["loyal", "lost", "new"]}, index=["a", "b", "d"])
    matrix = migration_matrix(before, after)
    assert matrix.loc["loyal"].to_dict() == {"lost": 1, "loyal": 1, "new": 0, "left": 0}
    assert matrix.loc["lost", "left"] == 1
    assert matrix.loc["joined", "new"] == 1
    assert matrix.to_numpy().sum() == 4


def test_migration_between_two_dates_of_the_same_orders_on_the_same_scale(cdnow_orders):
    paid, _ = usable_orders(cdnow_orders)
    early, late = (customer_totals(paid, day) for day in (date(1997, 9, 30), date(1998, 6, 30)))
    cuts = rfm_cuts(early)
    matrix = migration_matrix(*(rfm_segments(rfm_scores(totals, cuts=cuts)) for totals in (early, late)))
    assert matrix.to_numpy().sum() == late.shape[0] == 2349
    assert matrix.loc["new", "new"] == 0
    assert matrix["left"].sum() == 0


def test_rhythm_of_a_customer_who_buys_every_two_weeks():
    orders = [date(2024, 1, 1), date(2024, 1, 15), date(2024, 1, 29), date(2024, 2, 12), date(2024, 2, 12)]
    own = rhythm(orders, date(2024, 3, 25))
    assert own.order_days == 4
    assert own.median_gap_days == 14
    assert (own.expected_from, own.expected_next, own.expected_until) == (date(2024, 2, 26),) * 3
    assert own.days_since_last == 42
    assert own.overdue_factor == 3


def test_an_uneven_rhythm_expects_the_next_order_within_its_quartiles():
    days = [date(2024, 1, 1), date(2024, 1, 5), date(2024, 1, 13), date(2024, 1, 25), date(2024, 2, 10), date(2024, 3, 1)]
    own = rhythm(days, date(2024, 3, 1))  # gaps of 4, 8, 12, 16 and 20 days
    assert (own.expected_from, own.expected_next, own.expected_until) == (date(2024, 3, 9), date(2024, 3, 13), date(2024, 3, 17))


def test_rhythm_of_a_one_time_buyer_expects_nothing():
    own = rhythm([date(2024, 1, 1)], date(2024, 1, 31))
    assert (own.days_since_last, own.expected_next, own.overdue_factor) == (30, None, None)


def test_rhythm_refuses_orders_of_the_future_and_no_orders():
    with pytest.raises(AnalyticsError, match="2024-02-01"):
        rhythm([date(2024, 2, 1)], date(2024, 1, 31))
    with pytest.raises(AnalyticsError):
        rhythm([], date(2024, 1, 31))


@settings(max_examples=30)
@given(st.lists(st.dates(date(2020, 1, 1), date(2023, 12, 31)), min_size=2, unique=True))
def test_the_expected_range_lies_around_the_expected_day(days):
    own = rhythm(days, date(2024, 1, 1))
    assert max(days) < own.expected_from <= own.expected_next <= own.expected_until
    assert own.overdue_factor == pytest.approx(own.days_since_last / own.median_gap_days)


@pytest.mark.real_data
def test_online_retail_champions(online_retail_orders):
    summary = segment_summary(rfm_segments(rfm_scores(customer_totals(online_retail_orders, date(2011, 12, 9)))))
    assert summary["customers"].sum() == 4338
    assert summary["revenue"].sum() == pytest.approx(8_911_407.90, abs=0.01)
    champions = summary.set_index("segment").loc["champions"]
    assert champions["share"] == pytest.approx(0.2065, abs=5e-5)
    assert champions["share_revenue"] == pytest.approx(0.6336, abs=5e-5)
