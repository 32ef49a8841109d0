import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm.analytics.audit import (
    concentration,
    decile_migration,
    deciles,
    lens1_distribution,
    lens2_change,
    lens3_cohort,
    lens4_cohorts,
    lens5_c3,
    lorenz_curve,
    top_stability,
)
from crm.analytics.errors import AnalyticsError


def orders_of(spend: dict[str, list[float]], day: str = "2024-01-01") -> pd.DataFrame:
    rows = [(customer, pd.Timestamp(day), amount) for customer, amounts in spend.items() for amount in amounts]
    return pd.DataFrame(rows, columns=["customer_id", "date", "amount"])


BEFORE = orders_of({"ann": [500.0, 300.0], "bob": [100.0], "cat": [60.0], "dan": [30.0], "eve": [10.0]})
AFTER = orders_of({"ann": [50.0], "bob": [400.0, 200.0], "cat": [60.0], "fay": [250.0], "gus": [40.0]}, "2025-01-01")

spending = st.dictionaries(
    st.integers(1, 300), st.lists(st.integers(1, 99999).map(lambda c: c / 100), min_size=1, max_size=4), min_size=1
)


def test_lens_1_counts_customers_by_number_of_orders():
    table = lens1_distribution(BEFORE)
    assert table["orders"].tolist() == [1, 2]
    assert table["customers"].tolist() == [4, 1]
    assert table["share_customers"].tolist() == [0.8, 0.2]
    assert table["share_revenue"].tolist() == [0.2, 0.8]
    assert table["spend_per_customer"].tolist() == [50, 800]
    assert table["average_order_value"].tolist() == [50, 400]


def test_lens_2_tells_kept_lost_and_joined_apart():
    table = lens2_change(BEFORE, AFTER).set_index("group")
    assert table["customers"].to_dict() == {"kept": 3, "lost": 2, "joined": 2}
    assert table.loc["kept"].tolist() == [3, 4, 4, 960, 710, -250]
    assert table["change"].to_dict() == {"kept": -250, "lost": -40, "joined": 290}
    assert table["change"].sum() == AFTER["amount"].sum() - BEFORE["amount"].sum()


def test_lens_2_keeps_a_row_for_an_empty_group():
    same = lens2_change(BEFORE, BEFORE.assign(date=pd.Timestamp("2025-01-01"))).set_index("group")
    assert same["customers"].to_dict() == {"kept": 5, "lost": 0, "joined": 0}


def test_periods_that_overlap_are_refused():
    with pytest.raises(AnalyticsError, match="must end before"):
        lens2_change(AFTER, BEFORE)


def test_lenses_3_to_5_show_the_same_revenue_by_cohort():
    orders = pd.concat([BEFORE, AFTER, orders_of({"ann": [5.0]}, "2025-02-10")])
    own = lens3_cohort(orders, "2024", "Y")
    assert own["revenue"].tolist() == [1000, 715]
    assert own["active"].tolist() == [5, 3]
    assert own["orders_per_active"].tolist() == pytest.approx([6 / 5, 5 / 3])
    assert own["average_order_value"].tolist() == pytest.approx([1000 / 6, 715 / 5])
    chart = lens5_c3(orders, "Y")
    assert chart.to_numpy().tolist() == [[1000, 0], [715, 290]]
    side_by_side = lens4_cohorts(orders, 0, "Y")
    assert side_by_side["customers"].tolist() == [5]  # the cohort of 2025 has not completed its first year
    assert side_by_side["revenue_per_customer"].tolist() == [200]


def test_an_unknown_cohort_is_refused():
    with pytest.raises(AnalyticsError, match="2023"):
        lens3_cohort(BEFORE, "2023", "Y")


def test_deciles_of_twenty_customers():
    table = deciles(orders_of({f"c{n:02}": [float(n)] * (1 + n % 2) for n in range(1, 21)}))
    assert table["decile"].tolist() == list(range(1, 11))
    assert (table["customers"] == 2).all()
    # the odd numbers bought twice: 19 twice and 17 twice spend most
    assert table["revenue"].tolist()[:2] == [72, 56]
    assert table["cumulative_share_revenue"].iloc[-1] == pytest.approx(1)
    assert table["spend_per_customer"].tolist() == pytest.approx(table["orders_per_customer"] * table["average_order_value"])


@given(spending)
def test_deciles_fall_and_hold_everybody(spend):
    table = deciles(orders_of(spend))
    assert table["customers"].sum() == len(spend)
    assert table["customers"].max() - table["customers"].min() <= 1
    assert (table["spend_per_customer"].diff().dropna() < 1e-9).all()


def test_decile_migration_counts_everybody_once():
    matrix = decile_migration(BEFORE, AFTER)
    assert matrix.to_numpy().sum() == 7
    assert matrix["lost"].sum() == 2
    assert matrix.loc["joined"].sum() == 2
    assert matrix.loc[1, 7] == 1  # ann, best of five before, fourth of five after


def test_concentration_of_equal_customers_is_zero():
    equal = concentration(orders_of({"a": [10.0], "b": [5.0, 5.0], "c": [10.0], "d": [10.0]}), top=0.25)
    assert equal.gini == pytest.approx(0)
    assert equal.top_share_revenue == pytest.approx(0.25)
    assert equal.customers_for_80 == pytest.approx(0.8)


def test_concentration_of_five_customers_by_hand():
    found = concentration(BEFORE)
    assert (found.customers, found.revenue) == (5, 1000)
    assert found.top_share_revenue == pytest.approx(0.8)
    assert found.customers_for_80 == pytest.approx(0.2)
    differences = sum(abs(x - y) for x in (800, 100, 60, 30, 10) for y in (800, 100, 60, 30, 10))
    assert found.gini == pytest.approx(differences / (2 * 5 * 5 * 200))


@settings(max_examples=50)
@given(spending)
def test_the_lorenz_curve_hangs_below_the_diagonal(spend):
    curve = lorenz_curve(orders_of(spend))
    assert curve.iloc[[0, -1]].to_numpy().ravel() == pytest.approx([0, 0, 1, 1])
    assert (curve["share_revenue"] <= curve["share_customers"] + 1e-12).all()
    assert (curve["share_revenue"].diff().dropna() >= -1e-12).all()


@pytest.mark.parametrize("top", [0, 1, -0.1, 20])
def test_the_top_group_is_a_share(top):
    with pytest.raises(AnalyticsError):
        concentration(BEFORE, top)


def test_the_best_of_last_year_need_not_be_the_best_of_this_year():
    stability = top_stability(BEFORE, AFTER, top=0.4)
    assert stability.top_customers == 2  # ann and bob
    assert (stability.still_top, stability.fallen, stability.gone) == (1, 1, 0)
    assert (stability.risen, stability.joined) == (0, 1)  # fay is new
    assert stability.share_revenue_before == pytest.approx(0.9)
    assert stability.share_revenue_after == pytest.approx(0.65)


@settings(max_examples=50)
@given(spending, spending, st.sampled_from([0.1, 0.2, 0.5]))
def test_everybody_of_the_top_group_stays_falls_or_goes(before, after, top):
    stability = top_stability(orders_of(before), orders_of(after, "2025-01-01"), top)
    assert stability.still_top + stability.fallen + stability.gone == stability.top_customers
    assert stability.still_top + stability.risen + stability.joined == max(1, round(top * len(after)))


@pytest.mark.real_data
def test_online_retail_is_no_stable_80_20(online_retail_orders):
    """Published with the data: 4,338 buying customers, 8,911,407.90 GBP, the top 20 % bring 74.6 %."""
    found = concentration(online_retail_orders)
    assert found.customers == 4338
    assert found.revenue == pytest.approx(8_911_407.90, abs=0.01)
    assert found.top_share_revenue == pytest.approx(0.746, abs=5e-4)
    first, second = (
        online_retail_orders[part]
        for part in (online_retail_orders["date"] < "2011-06-01", online_retail_orders["date"] >= "2011-06-01")
    )
    stability = top_stability(first, second)
    assert (stability.top_customers, stability.still_top, stability.gone) == (544, 350, 47)
    assert stability.share_revenue_before == pytest.approx(0.705, abs=5e-4)
    assert stability.share_revenue_after == pytest.approx(0.521, abs=5e-4)
