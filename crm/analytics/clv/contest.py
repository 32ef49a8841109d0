"""The model contest: all models and some simple rules forecast the holdout; one model is named, or refused with its reason."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from crm.analytics.clv.fitters import BetaGeoFitter, ModifiedBetaGeoFitter, NBDFitter, ParetoNBDFitter
from crm.analytics.clv.fitters.base import FEWEST_REPEATERS, BuyTillYouDie
from crm.analytics.clv.summary import rfm_summary
from crm.analytics.clv.validate import (
    HISTORY,
    brier_score,
    chance_of_activity,
    expected_purchases,
    holdout_metrics,
    log_score,
)
from crm.analytics.errors import AnalyticsError, TooLittleData

Floats = npt.NDArray[np.float64]

MODELS: Mapping[str, type[BuyTillYouDie]] = {
    "bg_nbd": BetaGeoFitter,
    "mbg_nbd": ModifiedBetaGeoFitter,
    "pareto_nbd": ParetoNBDFitter,
    "nbd": NBDFitter,
}

AS_GOOD_AS_EQUAL = 1e-3  # of a log score, per customer


def same_rate(summary: pd.DataFrame) -> Floats:
    """Everybody goes on as often as so far."""
    age = summary["T"].to_numpy(dtype=np.float64)
    rate = summary["frequency"].to_numpy() / np.where(age > 0, age, 1.0)
    return np.asarray(rate * summary["duration_holdout"].to_numpy())


def same_for_all(summary: pd.DataFrame) -> Floats:
    """Everybody buys at the mean rate of all."""
    age = float(summary["T"].sum())
    rate = float(summary["frequency"].sum()) / age if age else 0.0
    return np.asarray(rate * summary["duration_holdout"].to_numpy(dtype=np.float64))


def hiatus(summary: pd.DataFrame) -> Floats:
    """As often as so far, and nothing from those who have been silent for longer than nine in ten repeat buyers usually wait.
    Source: Wuebben, Wangenheim 2008, Journal of Marketing 72(3)."""
    repeaters = summary[summary["frequency"] > 0]
    usual = (repeaters["recency"] / repeaters["frequency"]).quantile(0.9) if len(repeaters) else 0.0
    silent = (summary["T"] - summary["recency"]).to_numpy()
    return np.where(silent <= usual, same_rate(summary), 0.0)


RULES: Mapping[str, Callable[[pd.DataFrame], Floats]] = {"same_rate": same_rate, "same_for_all": same_for_all, "hiatus": hiatus}


@dataclass(frozen=True)
class Contest:
    """table: name, kind (model, rule), diagnosis, log_likelihood, bic (both on the calibration period), total_actual,
    total_expected, total_error, mae, rmse, correlation, log_score, brier, chosen. chosen: the model to use, or None with the
    reason in refusal. fitted: the models by name, fitted on the calibration period."""

    table: pd.DataFrame
    chosen: str | None
    refusal: AnalyticsError | None
    fitted: Mapping[str, BuyTillYouDie] = field(repr=False)


def compare_models(summary: pd.DataFrame, models: Mapping[str, type[BuyTillYouDie]] = MODELS) -> Contest:
    """frequency, recency, T, frequency_holdout, duration_holdout, one row per customer -> Contest.

    Refused: too few repeat buyers, nobody bought in the holdout, or no model with a smaller rmse than the best rule. Among the
    models that beat the rules the best log score wins, and where scores are as good as equal, the fewer parameters."""
    fitted = {name: kind().fit(*(summary[column] for column in HISTORY)) for name, kind in models.items()}
    rows = [_model_row(name, model, summary) for name, model in fitted.items()]
    rows += [_rule_row(name, rule(summary), summary) for name, rule in RULES.items()]
    table = pd.DataFrame(rows)
    refusal = _refusal(summary, table)
    chosen = None if refusal else _best(_able(table), fitted)
    return Contest(table.assign(chosen=table["name"] == chosen), chosen, refusal, fitted)


def backtest(
    transactions: pd.DataFrame,
    cutoffs: Iterable[date],
    holdout_days: int,
    models: Mapping[str, type[BuyTillYouDie]] = MODELS,
    time_unit: Literal["D", "W", "M", "Y"] = "W",
) -> pd.DataFrame:
    """customer_id, date -> the tables of compare_models one below the other, with cutoff, repeaters and refused in front.

    At each cut-off nothing later is known to the models; the next holdout_days are the test."""
    tables = []
    for cutoff in cutoffs:
        end = cutoff + timedelta(days=holdout_days)
        known = transactions[transactions["date"] < pd.Timestamp(end) + pd.Timedelta(days=1)]
        summary = rfm_summary(
            known, "customer_id", "date", time_unit=time_unit, observation_period_end=end, calibration_period_end=cutoff
        )
        contest = compare_models(summary, models)
        table = contest.table
        table.insert(0, "refused", contest.refusal is not None)
        table.insert(0, "repeaters", _repeaters(summary))
        table.insert(0, "cutoff", pd.Timestamp(cutoff))
        tables.append(table)
    if not tables:
        raise AnalyticsError("A backtest needs a cut-off date.")
    return pd.concat(tables, ignore_index=True)


def _model_row(name: str, model: BuyTillYouDie, summary: pd.DataFrame) -> dict[str, object]:
    row: dict[str, object] = {"name": name, "kind": "model", "diagnosis": model.diagnosis_}
    if model.params_.isna().any():
        return row
    active = summary["frequency_holdout"].to_numpy() > 0
    return {
        **row,
        "log_likelihood": model.log_likelihood_,
        "bic": model.bic_,
        **holdout_metrics(summary["frequency_holdout"], expected_purchases(model, summary)),
        "log_score": log_score(model, summary),
        "brier": brier_score(chance_of_activity(model, summary), active),
    }


def _rule_row(name: str, expected: Floats, summary: pd.DataFrame) -> dict[str, object]:
    """A rule calls a customer active when it expects any purchase of him."""
    active = summary["frequency_holdout"].to_numpy() > 0
    metrics = holdout_metrics(summary["frequency_holdout"], expected)
    return {"name": name, "kind": "rule", **metrics, "brier": brier_score(expected > 0, active)}


def _refusal(summary: pd.DataFrame, table: pd.DataFrame) -> AnalyticsError | None:
    repeaters = _repeaters(summary)
    if repeaters < FEWEST_REPEATERS:
        return TooLittleData("Not enough repeat buyers: {count}.", count=repeaters)
    if not summary["frequency_holdout"].any():
        return TooLittleData("Nobody bought in the holdout period.")
    rules = table[table["kind"] == "rule"].set_index("name")["rmse"]
    if _able(table).empty:
        return AnalyticsError("No model forecasts better than the simple rule {rule}.", rule=rules.idxmin())
    return None


def _able(table: pd.DataFrame) -> pd.DataFrame:
    """The models that forecast better than every rule."""
    limit = table.loc[table["kind"] == "rule", "rmse"].min()
    able: pd.DataFrame = table[(table["kind"] == "model") & (table["rmse"] < limit)]
    return able


def _best(able: pd.DataFrame, fitted: Mapping[str, BuyTillYouDie]) -> str:
    scores = able.set_index("name")["log_score"]
    close = scores[scores >= scores.max() - AS_GOOD_AS_EQUAL]
    return str(min(close.index, key=lambda name: (len(fitted[name].params_), -close[name])))


def _repeaters(summary: pd.DataFrame) -> int:
    return int((summary["frequency"] > 0).sum())
