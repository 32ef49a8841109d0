"""A single customer gets the figures that he has in his base."""

import numpy as np
import pytest

from crm.analytics.clv.fitters import BetaGeoFitter, ModifiedBetaGeoFitter, NBDFitter, ParetoNBDFitter

MODELS = (
    BetaGeoFitter.from_params(r=0.6, alpha=4.0, a=0.8, b=2.5),
    ModifiedBetaGeoFitter.from_params(r=0.6, alpha=4.0, a=0.8, b=2.5),
    ParetoNBDFitter.from_params(r=0.55, alpha=10.6, s=0.6, beta=11.7),
    NBDFitter.from_params(r=0.6, alpha=4.0),
)
HISTORIES = ((0, 0.0, 0.0), (0, 0.0, 90.0), (1, 3 / 7, 30.0), (6, 40.0, 52.0), (180, 150.0, 160.0))
TIMES = np.array([13.0, 52.0, 156.0])
NEAR = {"rel": 1e-12, "abs": 1e-14}


@pytest.mark.parametrize("history", HISTORIES)
@pytest.mark.parametrize("model", MODELS, ids=lambda model: type(model).__name__)
def test_as_in_the_base(model, history):
    one, rows = model.prospect(*history), [np.full(len(TIMES), part) for part in history]
    assert one.alive == model.conditional_probability_alive(*history)
    assert one.expected(TIMES) == pytest.approx(model.predict(TIMES, *rows), **NEAR)
    discounted = [model.expected_residual_transactions(0.002, *history, horizon=until) for until in TIMES]
    assert one.discounted(0.002, TIMES) == pytest.approx(discounted, **NEAR)
    counts = np.arange(4.0)
    chances = [[model.conditional_probability_of_n_purchases_up_to_time(n, until, *history) for n in counts] for until in TIMES]
    assert one.chances(counts, TIMES) == pytest.approx(np.array(chances), **NEAR)
    for until, row in zip(TIMES, one.quantiles(TIMES, (0.1, 0.9)), strict=True):
        assert model.interval(until, *history, level=0.8).iloc[0].tolist() == row.tolist()
    next_ones = [model.time_to_next_purchase(share, *history, if_within=500.0) for share in (0.1, 0.9)]
    assert one.next_purchase((0.1, 0.9), 500.0) == pytest.approx(next_ones, **NEAR)
