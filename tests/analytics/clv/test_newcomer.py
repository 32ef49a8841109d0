"""Truth for the window: P(X(13, 39] = x) at the published Pareto/NBD parameters of CDNOW (weeks)."""

import numpy as np
import pytest

from crm.analytics.clv.aggregated import fit_pareto_nbd_from_histograms
from crm.analytics.clv.fitters import ParetoNBDFitter
from crm.analytics.clv.newcomer import histogram_fit, misplaced, newcomer_value, orders_by_period, window_distribution
from crm.analytics.errors import AnalyticsError

COUNTS = [[5200, 1900, 900, 500, 500], [6300, 1500, 600, 300, 300], [6900, 1200, 500, 200, 200]]
EDGES = [0, 1, 2, 3]


@pytest.fixture(scope="module")
def model():
    return fit_pareto_nbd_from_histograms(COUNTS, EDGES, last_or_more=True)


def test_expected_customers_add_up_in_every_period(model):
    fit = histogram_fit(model, COUNTS, EDGES, last_or_more=True)
    assert fit["actual"].tolist() == [count for row in COUNTS for count in row]
    sums = fit.groupby("period")[["actual", "expected"]].sum()
    assert sums["expected"].to_numpy() == pytest.approx(sums["actual"].to_numpy())
    assert 0 < misplaced(fit) < 0.05


def test_misplaced_is_the_share_that_would_have_to_move(model):
    fit = histogram_fit(model, COUNTS, EDGES, last_or_more=True).assign(actual=10.0, expected=10.0)
    fit.loc[[0, 1], "expected"] = [13.0, 7.0]
    assert misplaced(fit) == pytest.approx(3 / 150)


def test_the_published_window_and_its_parts():
    published = ParetoNBDFitter.from_params(r=0.553, alpha=10.578, s=0.606, beta=11.669)
    found = window_distribution(published, 13, 26, 6)
    truth = [0.7332122, 0.11647108, 0.05849841, 0.03352262, 0.02042921, 0.01289555]
    assert found["probability"].to_numpy()[:6] == pytest.approx(truth, abs=5e-8)
    assert found["dead_before"].tolist() == pytest.approx([1 - (11.669 / 24.669) ** 0.606, 0, 0, 0, 0, 0, 0])
    parts = found[["dead_before", "alive_throughout", "dies_inside"]]
    assert parts.to_numpy().sum() == pytest.approx(1)
    assert parts["alive_throughout"].sum() == pytest.approx((11.669 / 50.669) ** 0.606)


def test_the_first_year_begins_alive(model):
    found = window_distribution(model, 0, 1, 3)
    assert found["dead_before"].tolist() == [0, 0, 0, 0]
    assert found["n"].tolist() == [0, 1, 2, 3]


def test_orders_go_on_after_the_data(model):
    found = orders_by_period(model, COUNTS, EDGES, ahead=2)
    assert found["period"].tolist() == [0, 1, 2, 3, 4]
    assert found["actual"].tolist()[0] == pytest.approx((1900 + 2 * 900 + 3 * 500 + 4 * 500) / 9000)
    assert found["actual"].isna().tolist() == [False, False, False, True, True]
    assert (np.diff(found["expected"]) < 0).all()
    assert ((found["lower"] < found["expected"]) & (found["expected"] < found["upper"])).all()


def test_the_value_is_its_steps_and_its_factors(model):
    found = newcomer_value(model, order_value=40, margin=0.3, annual_discount_rate=0.1, horizon=5)
    assert found.first_order == pytest.approx(12)
    assert found.value == pytest.approx(found.first_order + found.if_all_stayed - found.left_later - found.discounted)
    product = found.orders_per_active_year * found.active_years * found.discounting
    assert found.value == pytest.approx(12 * (1 + product))
    assert found.lower < found.value < found.upper
    assert found.active_years < 5


def test_without_an_end(model):
    found = newcomer_value(model, order_value=40, margin=0.3, annual_discount_rate=0.1)
    ten = newcomer_value(model, order_value=40, margin=0.3, annual_discount_rate=0.1, horizon=10)
    assert found.value > ten.value
    assert found.discounted == 0
    assert found.value == pytest.approx(found.first_order + found.if_all_stayed - found.left_later)
    with pytest.raises(AnalyticsError, match="above 0"):
        newcomer_value(model, order_value=40, margin=0.3, annual_discount_rate=0)


def test_without_discount_nothing_is_lost_by_it(model):
    found = newcomer_value(model, order_value=40, margin=0.3, annual_discount_rate=0, horizon=5)
    assert found.discounted == pytest.approx(0, abs=1e-9)
