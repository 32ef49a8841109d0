import numpy as np
import pandas as pd
import pytest

from crm.analytics.clv.aggregated import fit_pareto_nbd_from_histograms, histogram_objective, window_probabilities
from crm.analytics.clv.fitters import ParetoNBDFitter
from crm.analytics.clv.simulate import simulate_pareto_nbd
from crm.analytics.errors import AnalyticsError, TooLittleData

TRUTH = {"r": 0.9, "alpha": 0.6, "s": 1.2, "beta": 2.0}  # in years
EDGES = [0, 1, 2, 3, 4, 5]


def _histograms(customers: int, seed: int) -> np.ndarray:
    transactions, _ = simulate_pareto_nbd(TRUTH, customers, 5, seed=seed, days_per_period=365.25)
    repeats = transactions[transactions["time"] > 0]
    year = np.minimum(repeats["time"].astype(int), 4)
    counts = repeats.groupby(["customer_id", year]).size().unstack(fill_value=0)
    counts = counts.reindex(range(1, customers + 1), fill_value=0).reindex(columns=range(5), fill_value=0)
    return np.array([np.bincount(np.minimum(counts[period], 12), minlength=13) for period in range(5)])


def test_yearly_counts_give_the_parameters_and_the_value_of_a_new_customer() -> None:
    model = fit_pareto_nbd_from_histograms(_histograms(20_000, 1), EDGES, last_or_more=True)
    assert model.diagnosis_ == "interior"
    assert model.refusal_ is None
    away = (np.log(model.params_) - np.log(pd.Series(TRUTH))) / (model.standard_errors_ / model.params_)
    assert away.abs().max() < 4
    right = ParetoNBDFitter.from_params(**TRUTH).expected_residual_transactions(np.log(1.1))
    assert model.expected_residual_transactions(np.log(1.1)) == pytest.approx(right, rel=0.05)


def test_the_window_is_that_of_the_fitter() -> None:
    model = ParetoNBDFitter.from_params(r=0.553, alpha=10.578, s=0.606, beta=11.669)
    params = model.params_.to_numpy()
    chances = window_probabilities(params, 6, np.array([0.0, 13.0]), np.array([13.0, 26.0]))
    for row, (t, tau) in enumerate([(0, 13), (13, 26)]):
        expected = model.probability_of_n_purchases_in_interval(np.arange(6), t, tau)["probability"]
        assert chances[row] == pytest.approx(expected.to_numpy(), rel=1e-10)


def test_the_gradient_is_exact() -> None:
    objective = histogram_objective(_histograms(500, 2).astype(float), np.array(EDGES, dtype=float), True)
    point = np.log(np.array(list(TRUTH.values())))
    slopes = [(objective(point + h)[0] - objective(point - h)[0]) / 2e-6 for h in 1e-6 * np.eye(4)]
    assert objective(point)[1] == pytest.approx(slopes, rel=1e-5, abs=1e-4)


def test_a_base_without_repeat_purchases_is_refused_with_its_reason() -> None:
    model = fit_pareto_nbd_from_histograms([[50, 0, 0], [50, 0, 0]], [0, 1, 2])
    assert model.diagnosis_ == "no repeat buyers"
    assert isinstance(model.refusal_, TooLittleData)
    few = fit_pareto_nbd_from_histograms([[48, 2, 0], [49, 1, 0]], [0, 1, 2])
    assert str(few.refusal_) == "Not enough repeat buyers: 3."


@pytest.mark.parametrize(
    ("counts", "edges"), [([[5, -1]], [0, 1]), ([[5, np.nan]], [0, 1]), ([[5, 1]], [0, 1, 2]), ([[5, 1], [5, 1]], [0, 2, 1])]
)
def test_wrong_tables_are_refused(counts: list[list[float]], edges: list[float]) -> None:
    with pytest.raises(AnalyticsError):
        fit_pareto_nbd_from_histograms(counts, edges)
