"""The lab of customer-base models: the contest on a population's purchases, and each fitted model as a page can keep it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from pydantic import BaseModel, ConfigDict
from sqlalchemy import select

from crm.analytics.clv.contest import MODELS, Contest, compare_models
from crm.analytics.clv.fitters import GammaGammaFitter
from crm.analytics.clv.fitters.base import BuyTillYouDie
from crm.analytics.clv.fitters.report import Reported
from crm.analytics.clv.summary import rfm_summary
from crm.analytics.clv.validate import chance_of_activity, expected_purchases
from crm.analytics.errors import AnalyticsError, TooLittleData
from crm.customers.models import Customer
from crm.database import frame
from crm.session import ScopedSession

HISTORY = ["frequency", "recency", "T"]


class LabPlan(BaseModel):
    """How models are tested: what they learn from, and the days after it that they forecast."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    calibration_until: dt.date
    holdout_days: int
    models: tuple[str, ...] = tuple(MODELS)

    @property
    def holdout_until(self) -> dt.date:
        return self.calibration_until + dt.timedelta(self.holdout_days)


@dataclass(frozen=True)
class Fit:
    """A fitted model without its data. report: parameter, estimate, standard_error, lower, upper (95 %; NaN where the data say
    nothing of them). model is None where nothing could be estimated."""

    name: str
    model: BuyTillYouDie | None
    report: pd.DataFrame
    log_likelihood: float
    aic: float
    bic: float
    customers: int
    diagnosis: str
    refusal: AnalyticsError | None


@dataclass(frozen=True)
class SpendFit:
    """The Gamma-Gamma model without its data; correlation is that of frequency and spend, mean the expected spend of the base."""

    model: GammaGammaFitter | None
    report: pd.DataFrame
    correlation: float
    customers: int
    mean: float
    diagnosis: str
    refusal: AnalyticsError | None


@dataclass(frozen=True)
class Lab:
    """A contest and what it was held on. calibration: one row per customer with his holdout; contest.fitted: without data."""

    plan: LabPlan
    calibration: pd.DataFrame
    contest: Contest
    fits: Mapping[str, Fit]

    @property
    def repeaters(self) -> int:
        return int((self.calibration["frequency"] > 0).sum())


def hold_contest(bought: pd.DataFrame, plan: LabPlan) -> Lab:
    """customer_id, date, amount (crm.insight.queries.purchases) -> Lab.

    Refused: nobody bought in the calibration period. Too few repeat buyers are no error but the contest's refusal."""
    seen = bought[bought["date"] < pd.Timestamp(plan.holdout_until) + pd.Timedelta(days=1)]
    if seen.empty or seen["date"].min() > pd.Timestamp(plan.calibration_until):
        raise TooLittleData("Nobody bought in the calibration period.")
    summary = rfm_summary(
        seen,
        "customer_id",
        "date",
        "amount",
        observation_period_end=plan.holdout_until,
        calibration_period_end=plan.calibration_until,
    )
    contest = compare_models(summary, {name: MODELS[name] for name in plan.models})
    fits = {name: _without_data(name, model, len(summary)) for name, model in contest.fitted.items()}
    known = {name: fit.model for name, fit in fits.items() if fit.model is not None}
    return Lab(plan, summary, replace(contest, fitted=known), fits)


def whole_history(bought: pd.DataFrame, until: dt.date) -> pd.DataFrame:
    """customer_id, date, amount -> frequency, recency, T, monetary_value until a day, for everybody who bought by then."""
    seen = bought[bought["date"] < pd.Timestamp(until) + pd.Timedelta(days=1)]
    return rfm_summary(seen, "customer_id", "date", "amount", observation_period_end=until)


def fit_again(name: str, summary: pd.DataFrame) -> Fit:
    """The model `name` on the whole history: what forecasts and values are made with."""
    model = MODELS[name]().fit(*(summary[column] for column in HISTORY))
    return _without_data(name, model, len(summary))


def fit_spend(summary: pd.DataFrame) -> SpendFit:
    """frequency, monetary_value -> the spend model. The mean is that of the model, or as seen where the model is refused."""
    model = GammaGammaFitter().fit(summary["frequency"], summary["monetary_value"])
    buyers = summary[(summary["frequency"] > 0) & (summary["monetary_value"] > 0)]
    seen = float(np.average(buyers["monetary_value"], weights=buyers["frequency"])) if len(buyers) else 0.0
    known = _known(model, GammaGammaFitter) if model.refusal_ is None else None
    mean = float(np.asarray(known.conditional_expected_average_profit(0, 0.0))) if known else seen
    return SpendFit(known, _report(model), model.correlation_, len(buyers), mean, model.diagnosis_, model.refusal_)


def _without_data(name: str, model: BuyTillYouDie, customers: int) -> Fit:
    likelihood = (model.log_likelihood_, model.aic_, float(model.bic_))
    return Fit(name, _known(model, MODELS[name]), _report(model), *likelihood, customers, model.diagnosis_, model.refusal_)


def _known(model: Any, kind: Any) -> Any:
    """The same model by its parameters alone, or None: what is kept for a page is small."""
    return kind.from_params(**model.params_) if np.all(model.params_ > 0) else None


def _report(model: Reported) -> pd.DataFrame:
    intervals = model.confidence_intervals_
    columns = {
        "parameter": model.params_.index,
        "estimate": model.params_.to_numpy(),
        "standard_error": model.standard_errors_.to_numpy(),
        "lower": intervals["lower 95% bound"].to_numpy(),
        "upper": intervals["upper 95% bound"].to_numpy(),
    }
    return pd.DataFrame(columns)


# ------------------------------------------------------------------------------------------- the rows of a chart

CALIBRATION_ROWS = ("code", "name", "frequency", "recency", "T", "frequency_holdout", "expected", "p_active")
HISTORY_ROWS = ("code", "name", "frequency", "recency", "T", "monetary_value", "p_alive", "expected")


def calibration_rows(session: ScopedSession, lab: Lab, name: str) -> pd.DataFrame:
    """-> CALIBRATION_ROWS: each customer's history, what followed in the holdout, and what the model `name` expected."""
    model = lab.fits[name].model
    rows = lab.calibration
    if model is not None:
        rows = rows.assign(expected=expected_purchases(model, rows), p_active=chance_of_activity(model, rows))
    return _named(session, rows, CALIBRATION_ROWS)


def history_rows(session: ScopedSession, summary: pd.DataFrame, fit: Fit, weeks: float) -> pd.DataFrame:
    """-> HISTORY_ROWS: each customer's history until today, P(alive) and the purchases expected in so many weeks."""
    rows = summary
    if fit.model is not None:
        past = [summary[column] for column in HISTORY]
        alive = fit.model.conditional_probability_alive(*past)
        expected = fit.model.conditional_expected_number_of_purchases_up_to_time(weeks, *past)
        rows = summary.assign(p_alive=alive, expected=expected)
    return _named(session, rows, HISTORY_ROWS)


def _named(session: ScopedSession, rows: pd.DataFrame, columns: tuple[str, ...]) -> pd.DataFrame:
    """With the names of those customers that whoever asks may see."""
    names = frame(session, select(Customer.id, Customer.code, Customer.name)).set_index("id")
    return names.join(rows, how="inner").reindex(columns=list(columns)).reset_index(drop=True)


__all__ = [
    "CALIBRATION_ROWS",
    "HISTORY_ROWS",
    "Fit",
    "Lab",
    "LabPlan",
    "SpendFit",
    "calibration_rows",
    "fit_again",
    "fit_spend",
    "history_rows",
    "hold_contest",
    "whole_history",
]
