"""Truth: Fader, Hardie 2007, How to Project Customer Retention, Journal of Interactive Marketing 21(1): two segments of a
subscription business, years 0 to 7 for the fit, 8 to 12 held out."""

import math

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import approx_fprime
from scipy.special import betaln, hyp2f1

from crm.analytics.clv.contractual import BetaDiscreteWeibull, ShiftedBetaGeometric
from crm.analytics.errors import AnalyticsError, TooLittleData

HIGH_END = [1000, 869, 743, 653, 593, 551, 517, 491, 468, 445, 427, 409, 394]
REGULAR = [1000, 631, 468, 382, 326, 289, 262, 241, 223, 207, 194, 183, 173]

MODELS = (ShiftedBetaGeometric, BetaDiscreteWeibull)


@pytest.mark.parametrize(
    ("survivors", "alpha", "beta", "log_likelihood"),
    [(HIGH_END, 0.668088, 3.806089, -1611.158147), (REGULAR, 0.704, 1.182, -1680.27)],
)
def test_published_parameters(survivors, alpha, beta, log_likelihood):
    model = ShiftedBetaGeometric().fit(survivors[:8])
    digits = 2e-5 if survivors is HIGH_END else 5e-4
    assert model.params_["alpha"] == pytest.approx(alpha, abs=digits)
    assert model.params_["beta"] == pytest.approx(beta, abs=digits)
    assert model.log_likelihood_ == pytest.approx(log_likelihood, abs=1e-6 if survivors is HIGH_END else 5e-3)
    assert model.diagnosis_ == "interior"


@pytest.mark.parametrize("survivors", [HIGH_END, REGULAR])
def test_no_point_nearby_is_more_likely(survivors):
    for model in MODELS:
        fitted = model().fit(survivors[:8])
        best = fitted.params_.to_numpy()
        for change in np.random.default_rng(3).normal(0, 0.02, (20, len(best))):
            assert fitted.log_likelihood(best * np.exp(change)) <= fitted.log_likelihood_


def test_the_log_likelihood_is_that_of_mpmath_with_forty_digits():
    rng = np.random.default_rng(11)
    model = BetaDiscreteWeibull().fit(REGULAR[:8])
    with mpmath.workdps(40):
        for alpha, beta, c in np.exp(rng.uniform([-2, -2, -1], [4, 4, 1], (15, 3))):
            survival = [mpmath.beta(alpha, beta + mpmath.mpf(t) ** c) / mpmath.beta(alpha, beta) for t in range(8)]
            truth = sum((REGULAR[t - 1] - REGULAR[t]) * mpmath.log(survival[t - 1] - survival[t]) for t in range(1, 8))
            truth += REGULAR[7] * mpmath.log(survival[7])
            assert model.log_likelihood([alpha, beta, c]) == pytest.approx(float(truth), rel=1e-10)


def test_standard_errors_come_from_the_curvature():
    model = ShiftedBetaGeometric().fit(HIGH_END[:8])

    def slope(params):
        return approx_fprime(params, model.log_likelihood, 1e-6)

    numeric = np.linalg.inv(-np.array([(slope(p) - slope(q)) / 2e-3 for p, q in _around(model.params_.to_numpy(), 1e-3)]))
    assert model.variance_matrix_.to_numpy() == pytest.approx(numeric, rel=2e-3)
    assert model.standard_errors_.to_numpy() == pytest.approx(np.sqrt(np.diag(numeric)), rel=1e-3)
    lower, upper = model.confidence_intervals_.to_numpy().T
    assert (lower > 0).all()
    assert ((lower < model.params_) & (model.params_ < upper)).all()
    band = model.parameter_interval(lambda fitted: fitted.survival(np.array([8, 12])), level=0.95, scale="logit")
    assert ((band["lower"] < model.survival([8, 12])) & (model.survival([8, 12]) < band["upper"])).all()


def _around(point, width):
    return [(point + step, point - step) for step in np.eye(len(point)) * width]


def test_the_free_shape_never_fits_worse_and_projects_the_held_out_years_better():
    """Fader et al. 2018: the beta-geometric projects the High End segment too low, the discrete Weibull does not."""
    plain, free = (model().fit(HIGH_END[:8]) for model in MODELS)
    assert free.log_likelihood_ > plain.log_likelihood_
    held_out = np.array(HIGH_END[8:]) / 1000
    years = np.arange(8, 13)
    assert np.abs(free.survival(years) - held_out).max() < 0.011
    assert np.abs(plain.survival(years) - held_out).max() > 0.015
    assert free.aic_ == pytest.approx(6 - 2 * free.log_likelihood_)
    assert free.bic_ == pytest.approx(3 * math.log(1000) - 2 * free.log_likelihood_)


def test_retention_grows_with_age_although_nobody_gets_more_loyal():
    model = ShiftedBetaGeometric().fit(HIGH_END[:8])
    alpha, beta = model.params_
    years = np.arange(1, 8)
    assert model.retention_rate(years) == pytest.approx((beta + years - 1) / (alpha + beta + years - 1))
    assert model.survival(years) == pytest.approx(np.cumprod(model.retention_rate(years)))
    assert model.survival(0) == 1


@pytest.mark.parametrize("discount", [0.02, 0.1, 0.15, 1.0])
def test_discounted_lifetimes_are_the_closed_forms(discount):
    """Fader, Hardie 2010, Marketing Science 29(1): DEL and DERL of the sBG as Gauss hypergeometric functions."""
    model = ShiftedBetaGeometric().fit(HIGH_END[:8])
    alpha, beta = model.params_
    assert model.del_(discount) == pytest.approx(hyp2f1(1, beta, alpha + beta, 1 / (1 + discount)), rel=1e-10)
    n = np.array([5, 1, 2, 5])
    form = (beta + n - 1) / (alpha + beta + n - 1) * hyp2f1(1, beta + n, alpha + beta + n, 1 / (1 + discount))
    assert model.derl(n, discount) == pytest.approx(form, rel=1e-10)


def test_monthly_contracts_use_the_same_annual_rate():
    model = BetaDiscreteWeibull().fit(HIGH_END[:8])
    monthly = sum(float(model.survival(t)) / 1.15 ** (t / 12) for t in range(3000))
    assert model.del_(0.15, periods_per_year=12) == pytest.approx(monthly, rel=1e-6)


@settings(max_examples=20)
@given(
    st.lists(st.integers(0, 500), min_size=4, max_size=9).filter(lambda drops: sum(drops) > 0),
    st.integers(0, 500),
    st.sampled_from(MODELS),
)
def test_whatever_the_survivors_the_answer_is_a_survival_curve(drops, left, model):
    survivors = [left + sum(drops[number:]) for number in range(len(drops) + 1)]
    fitted = model().fit(survivors)
    curve = fitted.survival(np.arange(20))
    assert np.isfinite(fitted.log_likelihood_)
    assert curve[0] == 1
    assert ((curve >= 0) & (curve <= 1)).all()
    assert (np.diff(curve) <= 1e-12).all()
    assert np.isfinite(fitted.derl([1, 4], 0.1)).all()


@pytest.mark.parametrize(
    ("survivors", "diagnosis"),
    [
        ([10, 10, 10, 10], "nobody left"),
        ([100_000, 80_000, 64_000, 51_200, 40_960], "homogeneous churn"),
        ([1000, 600, 600, 600, 600], "polarised churn"),
        ([1000, 800, 500, 100], "homogeneous churn"),
    ],
)
def test_a_maximum_on_the_boundary_is_named_and_has_no_standard_errors(survivors, diagnosis):
    model = ShiftedBetaGeometric().fit(survivors)
    assert model.diagnosis_ == diagnosis
    assert model.standard_errors_.isna().all()
    assert np.isfinite(model.survival([1, 2, 3])).all()


def test_cohorts_of_different_age_are_fitted_together():
    rng = np.random.default_rng(4)
    theta = rng.beta(0.8, 3.0, 60_000)
    tenure = rng.geometric(theta)
    cohorts = [
        [int((group > renewals).sum()) for renewals in range(age + 1)] for age, group in enumerate(np.split(tenure, 5), start=1)
    ]
    model = ShiftedBetaGeometric().fit(cohorts)
    assert np.abs((model.params_ - [0.8, 3.0]) / model.standard_errors_).max() < 3


def test_one_cohort_in_a_list_is_that_cohort():
    assert ShiftedBetaGeometric().fit([REGULAR]).params_.equals(ShiftedBetaGeometric().fit(REGULAR).params_)


def test_recovery_of_duration_dependence():
    rng = np.random.default_rng(8)
    theta = rng.beta(0.8, 3.0, 200_000)
    lasted = (np.log(rng.random(200_000)) / np.log1p(-theta)) ** (1 / 1.4)  # P(lasted > t | theta) = (1 - theta)^(t^1.4)
    model = BetaDiscreteWeibull().fit([int((lasted > renewals).sum()) for renewals in range(10)])
    assert np.abs((model.params_ - [0.8, 3.0, 1.4]) / model.standard_errors_).max() < 3


def test_too_few_renewals_are_refused_with_their_number():
    with pytest.raises(TooLittleData, match="Not enough renewals: 1, needed: 2"):
        ShiftedBetaGeometric().fit([1000, 800])
    with pytest.raises(TooLittleData, match="Not enough renewals: 2, needed: 3"):
        BetaDiscreteWeibull().fit([1000, 800, 700])


@pytest.mark.parametrize(
    "survivors", [[100, 110, 90, 80], [0, 0, 0, 0], [100, -1, -2, -3], [100, math.nan, 50, 20], [[100, 90, 80], [50, 60, 40]]]
)
def test_survivors_that_grow_or_are_no_counts_are_refused(survivors):
    with pytest.raises(AnalyticsError, match="Cohort"):
        ShiftedBetaGeometric().fit(survivors)


def test_a_discount_of_nothing_and_a_period_before_the_first_are_refused():
    model = ShiftedBetaGeometric().fit(REGULAR)
    with pytest.raises(AnalyticsError, match="discount"):
        model.del_(0.0)
    with pytest.raises(AnalyticsError, match="number 1"):
        model.derl(0, 0.1)
    with pytest.raises(AnalyticsError, match="number 1"):
        model.retention_rate(0)


def test_survival_is_the_ratio_of_beta_functions():
    model = BetaDiscreteWeibull().fit(REGULAR[:8])
    alpha, beta, c = model.params_
    assert model.survival(5) == pytest.approx(math.exp(betaln(alpha, beta + 5**c) - betaln(alpha, beta)))
