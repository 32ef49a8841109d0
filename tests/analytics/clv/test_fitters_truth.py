"""Published figures, on the CDNOW sample by exact days (weeks = days / 7) unless a test says otherwise."""

import lifetimes
import numpy as np
import pandas as pd
import pytest
from lifetimes.datasets import load_cdnow_summary, load_donations

from crm.analytics.clv.fitters import (
    BetaGeoBetaBinomFitter,
    BetaGeoFitter,
    GammaGammaFitter,
    ModifiedBetaGeoFitter,
    NBDFitter,
    ParetoNBDFitter,
)
from crm.analytics.clv.summary import rfm_summary

TIMES = np.array([0.1429, 1, 3, 31.8571, 32, 78])


def _columns(summary: pd.DataFrame) -> tuple["pd.Series[float]", "pd.Series[float]", "pd.Series[float]"]:
    return summary["frequency"], summary["recency"], summary["T"]


@pytest.fixture(scope="module")
def bg(cdnow_summary: pd.DataFrame) -> BetaGeoFitter:
    return BetaGeoFitter().fit(*_columns(cdnow_summary))


@pytest.fixture(scope="module")
def pareto(cdnow_summary: pd.DataFrame) -> ParetoNBDFitter:
    return ParetoNBDFitter().fit(*_columns(cdnow_summary))


def test_the_data_are_those_of_the_papers(cdnow_summary: pd.DataFrame) -> None:
    # Fader, Hardie, Lee 2005, Marketing Science 24(2), section 4.
    assert len(cdnow_summary) == 2357
    assert (cdnow_summary["frequency"] == 0).sum() == 1411
    assert cdnow_summary["frequency"].sum() == 2457
    assert cdnow_summary["frequency_holdout"].sum() == 1882


def test_bg_nbd(bg: BetaGeoFitter) -> None:
    # Fader, Hardie, Lee 2005, Marketing Science 24(2), table 2: .243 4.414 .793 2.426, -9582.4; more digits from exact days.
    assert bg.params_.to_dict() == pytest.approx({"r": 0.2425945, "alpha": 4.4136021, "a": 0.7929220, "b": 2.4259067}, rel=2e-7)
    assert bg.log_likelihood_ == pytest.approx(-9582.429207, abs=1e-6)
    assert bg.diagnosis_ == "interior"
    assert bg.refusal_ is None
    assert bg.score(bg.params_).abs().max() < 1e-6


def test_bg_nbd_on_rounded_times() -> None:
    # The csv of lifetimes: t_x and T rounded to two decimals, as in the spreadsheet of the paper (.243 4.414 .793 2.426).
    data = load_cdnow_summary(index_col=0)
    model = BetaGeoFitter().fit(data["frequency"], data["recency"], data["T"])
    assert model.params_.to_numpy() == pytest.approx([0.243, 4.414, 0.793, 2.426], abs=5e-4)
    assert model.log_likelihood_ == pytest.approx(-9582.4, abs=0.05)


def test_pareto_nbd(pareto: ParetoNBDFitter) -> None:
    # The same paper, table 2: .553 10.578 .606 11.669, -9595.0; errors from the inverse of the observed information.
    truth = {"r": 0.5532770, "alpha": 10.5776822, "s": 0.6062402, "beta": 11.6687424}
    assert pareto.params_.to_dict() == pytest.approx(truth, rel=1e-6)
    assert pareto.log_likelihood_ == pytest.approx(-9594.976179, abs=1e-6)
    assert pareto.standard_errors_.to_numpy() == pytest.approx([0.047627, 0.842719, 0.187266, 6.210548], rel=2e-4)


def test_mbg_nbd(cdnow_summary: pd.DataFrame) -> None:
    # Batislam, Denizel, Filiztekin 2007, IJRM 24(3), table 4: .525 6.183 .891 1.614.
    model = ModifiedBetaGeoFitter().fit(*_columns(cdnow_summary))
    assert model.params_.to_numpy() == pytest.approx([0.5248433, 6.1830860, 0.8913592, 1.6140017], rel=1e-6)
    assert model.log_likelihood_ == pytest.approx(-9582.135716, abs=1e-6)


def test_nbd(cdnow_summary: pd.DataFrame) -> None:
    # Same paper as BG/NBD, table 2 (.385 12.072, -9763.7).
    model = NBDFitter().fit(*_columns(cdnow_summary))
    assert model.params_.to_numpy() == pytest.approx([0.384759, 12.071594], rel=5e-5)
    assert model.log_likelihood_ == pytest.approx(-9763.657615, abs=1e-6)


def test_gamma_gamma(cdnow_orders: pd.DataFrame) -> None:
    # Fader, Hardie 2013, The Gamma-Gamma Model of Monetary Value, section 4: 6.25 3.74 15.44. JMR 2005 leaves out sum of ln x.
    summary = rfm_summary(
        cdnow_orders[cdnow_orders["date"] <= "1997-09-30"],
        "customer_id",
        "date",
        "amount",
        observation_period_end="1997-09-30",
    )
    model = GammaGammaFitter().fit(summary["frequency"], summary["monetary_value"])
    buyers = summary[summary["frequency"] > 0]
    assert len(buyers) == 946
    assert model.params_.to_numpy() == pytest.approx([6.249571, 3.744225, 15.443525], rel=1e-6)
    assert model.log_likelihood_ == pytest.approx(-4055.917695, abs=1e-6)
    assert model.log_likelihood_ - np.log(buyers["frequency"]).sum() == pytest.approx(-4659.290238, abs=1e-6)
    assert model.correlation_ == pytest.approx(0.11, abs=0.01)


def test_bg_bb_donations() -> None:
    # Fader, Hardie, Shang 2010, Marketing Science 29(6), table 3: 1.204 .750 .657 2.783, -33,225.6; 11,104 donors.
    data = load_donations()
    model = BetaGeoBetaBinomFitter().fit(data["frequency"], data["recency"], data["periods"], data["weights"])
    assert data["weights"].sum() == 11104
    assert model.params_.to_numpy() == pytest.approx([1.2035224, 0.7497164, 0.6567182, 2.7834420], rel=1e-6)
    assert model.log_likelihood_ == pytest.approx(-33225.581274, abs=1e-6)


def test_expected_purchases_of_one_customer() -> None:
    # Fader, Hardie, Lee 2005, Implementing the BG/NBD Model in Excel: customer 1 of the sample, 39 weeks ahead.
    model = BetaGeoFitter.from_params(r=0.243, alpha=4.414, a=0.793, b=2.426)
    assert model.predict(39, 2, 30.43, 38.86) == pytest.approx(1.226, abs=5e-4)


def test_log_likelihood_of_two_customers(bg: BetaGeoFitter) -> None:
    # The same note, column ln(.), customers 1 and 4 of the spreadsheet.
    assert bg.individual_log_likelihood(2, 213 / 7, 272 / 7) == pytest.approx(-9.4596, abs=5e-5)
    assert bg.individual_log_likelihood(7, 206 / 7, 272 / 7) == pytest.approx(-21.8644, abs=5e-5)


def test_expected_purchases_of_a_new_customer(bg: BetaGeoFitter, pareto: ParetoNBDFitter) -> None:
    # Equation (9) of Fader, Hardie, Lee 2005; Schmittlein, Morrison, Colombo 1987, equation (17).
    truth = [0.007816, 0.053185, 0.150632, 1.040494, 1.043737, 1.857972]
    assert bg.expected_number_of_purchases_up_to_time(TIMES) == pytest.approx(truth, rel=2e-5)
    truth = [0.007447, 0.051007, 0.146135, 1.052909, 1.056271, 1.909881]
    assert pareto.expected_number_of_purchases_up_to_time(TIMES) == pytest.approx(truth, rel=2e-5)


@pytest.mark.parametrize(("model_name", "truth"), [("bg", 4.821108), ("pareto", 11.990013)])
def test_frequency_fit(model_name: str, truth: float, cdnow_summary: pd.DataFrame, request: pytest.FixtureRequest) -> None:
    # Chi-square of Fader, Hardie, Lee 2005, figure 2, in classes 0 .. 6 and 7+ (4.82 and 11.99).
    model = request.getfixturevalue(model_name)
    counts = np.arange(7)
    ages, customers = np.unique(cdnow_summary["T"], return_counts=True)
    chances = [customers @ model.probability_of_n_purchases_up_to_time(ages, int(n)) for n in counts]
    expected = np.append(chances, len(cdnow_summary) - np.sum(chances))
    actual = np.bincount(np.minimum(cdnow_summary["frequency"].astype(int), 7), minlength=8)
    assert ((actual - expected) ** 2 / expected).sum() == pytest.approx(truth, abs=1e-4)


def test_holdout_correlations(bg: BetaGeoFitter, pareto: ParetoNBDFitter, cdnow_summary: pd.DataFrame) -> None:
    # Fader, Hardie, Lee 2005, section 4.2: .626, .630, .996.
    actual = cdnow_summary["frequency_holdout"]
    first, second = (model.predict(39, *_columns(cdnow_summary)) for model in (bg, pareto))
    assert np.corrcoef([actual, first, second])[0, 1:] == pytest.approx([0.625647, 0.630223], abs=2e-6)
    assert np.corrcoef(first, second)[0, 1] == pytest.approx(0.995534, abs=2e-6)
    nothing_yet = cdnow_summary["frequency"] == 0
    means = [float(column[nothing_yet].mean()) for column in (actual, first, second)]
    assert means == pytest.approx([0.236712, 0.225087, 0.138447], abs=2e-6)


def test_purchases_in_a_later_window() -> None:
    # Fader, Hardie, Jerath 2007, Journal of Interactive Marketing 21(3), equation (5): weeks 13 to 39.
    model = ParetoNBDFitter.from_params(r=0.553, alpha=10.578, s=0.606, beta=11.669)
    parts = model.probability_of_n_purchases_in_interval(np.arange(6), 13, 26)
    truth = [0.7332122, 0.11647108, 0.05849841, 0.03352262, 0.02042921, 0.01289555]
    assert parts["probability"].to_numpy() == pytest.approx(truth, abs=5e-8)
    assert parts["dead_before"].to_numpy() == pytest.approx([1 - (11.669 / 24.669) ** 0.606, 0, 0, 0, 0, 0])
    total = parts["dead_before"] + parts["alive_throughout"] + parts["dies_inside"]
    assert parts["probability"].to_numpy() == pytest.approx(total.to_numpy())


def test_discounted_expected_residual_transactions(cdnow_orders: pd.DataFrame) -> None:
    # Fader, Hardie, Lee 2005, JMR 42(4), figure 2 and table 1; customers seen for 78 weeks (545 days), 15 % a year.
    truth = {"r": 0.5630037, "alpha": 12.5591691, "s": 0.4081073, "beta": 10.5145447}
    summary = rfm_summary(cdnow_orders, "customer_id", "date", observation_period_end="1998-06-30")
    fitted = ParetoNBDFitter().fit(*_columns(summary))
    assert fitted.params_.to_dict() == pytest.approx(truth, rel=1e-6)
    model = ParetoNBDFitter.from_params(**truth)
    values = model.expected_residual_transactions(np.log(1.15) / 52, np.array([0, 1, 4, 14]), np.array([0, 30, 65, 77]), 545 / 7)
    assert values == pytest.approx([0.366027, 2.206845, 10.218074, 35.601058], abs=1e-6)


def test_what_lifetimes_cannot_compute() -> None:
    # By 40-digit arithmetic; lifetimes 0.11.3 gives NaN or infinity for each of them.
    base = BetaGeoFitter.from_params(r=0.11, alpha=2.24, a=0.31, b=0.5)
    assert base.predict(520, 0, 0, 38.86) == pytest.approx(0.7104524, abs=5e-8)
    model = ParetoNBDFitter.from_params(r=0.5694, alpha=1.3787, s=0.9136, beta=58.83)
    assert model.individual_log_likelihood(409, 10.4611, 34.8705) == pytest.approx(1031.4245, abs=5e-4)


def test_it_is_a_lifetimes_model(bg: BetaGeoFitter) -> None:
    assert isinstance(bg, lifetimes.BetaGeoFitter)
    assert list(bg.summary.columns) == ["coef", "se(coef)", "lower 95% bound", "upper 95% bound"]
    assert repr(bg).startswith("<lifetimes.BetaGeoFitter: fitted with 2357 subjects")


def test_the_variance_is_the_inverse_of_the_observed_information(bg: BetaGeoFitter) -> None:
    # In lifetimes it is not symmetric.
    values = bg.params_.to_numpy()
    curvature = []
    for place, value in enumerate(values):
        step = np.zeros(4)
        step[place] = 1e-5 * value
        curvature.append((bg.score(values - step) - bg.score(values + step)).to_numpy() / (2e-5 * value))
    assert bg.variance_matrix_.to_numpy() == pytest.approx(np.linalg.inv(curvature), rel=1e-4)
    assert bg.variance_matrix_.to_numpy() == pytest.approx(bg.variance_matrix_.to_numpy().T)
    bounds = bg.confidence_intervals_
    assert (bounds["lower 95% bound"] > 0).all()
    assert np.sqrt(bounds.prod(axis=1)).to_numpy() == pytest.approx(values)  # symmetric in logs
    assert bg.aic_ == pytest.approx(8 + 2 * 9582.429207)
    assert bg.bic_ == pytest.approx(4 * np.log(2357) + 2 * 9582.429207)
