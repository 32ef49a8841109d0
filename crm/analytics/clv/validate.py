"""Can a fitted model be believed: what it says against what happened.

`summary` is the frame of rfm_summary with a calibration period: frequency, recency, T, frequency_holdout, duration_holdout,
one row per customer. `model` is fitted on the first three, in the same unit of time.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.stats import chi2

from crm.analytics.checks import refuse_missing, require_columns
from crm.analytics.clv.fitters.base import BuyTillYouDie
from crm.analytics.errors import AnalyticsError, TooLittleData

Floats = npt.NDArray[np.float64]

HISTORY = ("frequency", "recency", "T")
HOLDOUT = (*HISTORY, "frequency_holdout", "duration_holdout")
LEAST_CHANCE = 1e-300


def tracking(
    model: BuyTillYouDie,
    transactions: pd.DataFrame,
    *,
    calibration_period_end: date,
    observation_period_end: date,
    days_per_period: int = 7,
) -> pd.DataFrame:
    """customer_id, date -> period (1, 2, ...), ends_on, calibration, actual, expected, actual_cumulative, expected_cumulative:
    repeat purchases of those who first bought in the calibration period, in periods of the model's unit of time.

    Purchases of one day count once; a last period that is not full is left out. expected = the sum of E[X(t)] over the
    customers by their own age. Source: Fader, Hardie, Lee 2005, Marketing Science 24(2)."""
    require_columns(transactions, ("customer_id", "date"))
    days = pd.DataFrame(
        {"customer_id": transactions["customer_id"], "day": transactions["date"].dt.normalize()}
    ).drop_duplicates()
    first = days.groupby("customer_id")["day"].transform("min")
    watched = days[(first <= pd.Timestamp(calibration_period_end)) & (days["day"] <= pd.Timestamp(observation_period_end))]
    first = first.loc[watched.index]
    if watched.empty:
        raise TooLittleData("Nobody bought in the calibration period.")
    start = first.min()
    ends = np.arange(days_per_period, (pd.Timestamp(observation_period_end) - start).days + 2, days_per_period)
    again = ((watched["day"] - start).dt.days + 1)[watched["day"] > first].to_numpy()
    births = np.bincount((first[watched["day"] == first] - start).dt.days.to_numpy() + 1)
    table = pd.DataFrame({"period": np.arange(1, len(ends) + 1), "ends_on": start + pd.to_timedelta(ends - 1, unit="D")})
    table["calibration"] = table["ends_on"] <= pd.Timestamp(calibration_period_end)
    actual = np.searchsorted(np.sort(again), ends, side="right")
    expected = _expected_by(model, births, ends, days_per_period)
    table["actual"], table["expected"] = np.diff(actual, prepend=0), np.diff(expected, prepend=0.0)
    return table.assign(actual_cumulative=actual, expected_cumulative=expected)


def conditional_expectation_table(model: BuyTillYouDie, summary: pd.DataFrame, most: int = 7) -> pd.DataFrame:
    """-> frequency (0, 1, ..., most and above), customers, actual, expected: mean holdout purchases of the customers with so many
    repeat purchases in the calibration period. Source: Fader, Hardie, Lee 2005, Marketing Science 24(2)."""
    groups = pd.DataFrame(
        {
            "frequency": np.minimum(summary["frequency"], most),
            "actual": summary["frequency_holdout"],
            "expected": expected_purchases(model, summary),
        }
    ).groupby("frequency")
    table = groups.mean().reset_index()
    table.insert(1, "customers", groups.size().to_numpy())
    return table


@dataclass(frozen=True)
class FrequencyFit:
    """table: frequency (0, 1, ..., most and above), actual, expected customers. p_value: a small one speaks against the model;
    None where the classes are too few to test."""

    table: pd.DataFrame
    chi_square: float
    degrees_of_freedom: int
    p_value: float | None


def frequency_fit(model: BuyTillYouDie, summary: pd.DataFrame, most: int = 7) -> FrequencyFit:
    """frequency, T of the calibration period -> customers by number of repeat purchases, actual against the model's
    P(X(T) = x) for each customer's own T, and the chi-square test over the classes. Source: Fader, Hardie, Lee 2005."""
    require_columns(summary, HISTORY)
    actual = np.bincount(np.minimum(summary["frequency"], most).astype(int), minlength=most + 1)
    ages = summary["T"].value_counts()
    count, age = np.meshgrid(np.arange(most), ages.index.to_numpy(), indexing="ij")
    chances = np.asarray(model.probability_of_n_purchases_up_to_time(age.ravel(), count.ravel())).reshape(count.shape)
    below = chances @ ages.to_numpy()
    expected = np.append(below, len(summary) - below.sum())
    table = pd.DataFrame({"frequency": np.arange(most + 1), "actual": actual, "expected": expected})
    chi_square = float(((actual - expected) ** 2 / np.maximum(expected, LEAST_CHANCE)).sum())
    freedom = most - len(model.params_)
    return FrequencyFit(table, chi_square, freedom, float(chi2.sf(chi_square, freedom)) if freedom > 0 else None)


def holdout_metrics(actual: npt.ArrayLike, expected: npt.ArrayLike) -> dict[str, float]:
    """Holdout purchases of each customer, actual and expected -> total_actual, total_expected, total_error (share of the actual
    total), mae, rmse (purchases per customer), correlation (NaN where one side does not vary)."""
    seen, said = (np.asarray(values, dtype=np.float64) for values in (actual, expected))
    error, total = said - seen, float(seen.sum())
    varies = len(seen) > 1 and seen.std() > 0 and said.std() > 0
    return {
        "total_actual": total,
        "total_expected": float(said.sum()),
        "total_error": float(error.sum()) / total if total else np.nan,
        "mae": float(np.abs(error).mean()),
        "rmse": float(np.sqrt((error**2).mean())),
        "correlation": float(np.corrcoef(seen, said)[0, 1]) if varies else np.nan,
    }


def reliability(chance: npt.ArrayLike, active: npt.ArrayLike, bins: int = 10) -> pd.DataFrame:
    """Said chance to be active in the holdout and what happened (0 or 1), per customer -> lower, upper, customers, expected
    (mean chance), actual (share who were active), error_of_actual (its standard error); empty bins are left out.

    A model is reliable when actual follows expected. Source: Murphy, Winkler 1977, Applied Statistics 26(1)."""
    said, happened = np.asarray(chance, dtype=np.float64), np.asarray(active, dtype=np.float64)
    if np.isnan(said).any() or ((said < 0) | (said > 1)).any():
        raise AnalyticsError("A chance must lie between 0 and 1.")
    place = np.minimum((said * bins).astype(int), bins - 1)
    groups = pd.DataFrame({"expected": said, "actual": happened}).groupby(place)
    table = groups.mean()
    table.insert(0, "customers", groups.size())
    table.insert(0, "upper", (table.index + 1) / bins)
    table.insert(0, "lower", table.index / bins)
    table["error_of_actual"] = np.sqrt(table["expected"] * (1 - table["expected"]) / table["customers"])
    return table.reset_index(drop=True)


def brier_score(chance: npt.ArrayLike, active: npt.ArrayLike) -> float:
    """Mean squared distance of the chance from what happened: 0 is perfect. Source: Brier 1950, Monthly Weather Review 78."""
    return float(((np.asarray(chance, dtype=np.float64) - np.asarray(active, dtype=np.float64)) ** 2).mean())


def log_score(model: BuyTillYouDie, summary: pd.DataFrame) -> float:
    """Mean log of the chance that the model gave to each customer's holdout purchases: the higher the better.
    Source: Gneiting, Raftery 2007, Journal of the American Statistical Association 102(477)."""
    columns = list(HOLDOUT)
    patterns = summary.groupby(columns).size().rename("customers").reset_index()
    x, t_x, age, later, ahead = (patterns[column].to_numpy() for column in columns)
    chance = np.asarray(model.conditional_probability_of_n_purchases_up_to_time(later, ahead, x, t_x, age))
    return float(np.average(np.log(np.maximum(chance, LEAST_CHANCE)), weights=patterns["customers"]))


def expected_purchases(model: BuyTillYouDie, summary: pd.DataFrame) -> Floats:
    """Expected holdout purchases of each customer."""
    _check(summary)
    history = (summary[column].to_numpy() for column in HISTORY)
    return np.asarray(model.conditional_expected_number_of_purchases_up_to_time(_duration(summary), *history))


def chance_of_activity(model: BuyTillYouDie, summary: pd.DataFrame) -> Floats:
    """P(at least one holdout purchase) of each customer."""
    _check(summary)
    history = (summary[column].to_numpy() for column in HISTORY)
    none = np.asarray(model.conditional_probability_of_n_purchases_up_to_time(0, _duration(summary), *history))
    return np.asarray(np.clip(1 - none, 0.0, 1.0))


def bootstrap(model: BuyTillYouDie, summary: pd.DataFrame, *, samples: int = 200, seed: int) -> pd.DataFrame:
    """frequency, recency, T -> one row of params_ per sample of as many customers, drawn with replacement and fitted anew by a
    model of the same kind. Source: Efron 1979, Annals of Statistics 7(1)."""
    require_columns(summary, HISTORY)
    patterns = summary.groupby(list(HISTORY)).size().rename("customers").reset_index()
    x, t_x, age, customers = (patterns[column].to_numpy() for column in (*HISTORY, "customers"))
    draws = np.random.default_rng(seed).multinomial(len(summary), customers / len(summary), size=samples)
    fits = (type(model)().fit(x[drawn > 0], t_x[drawn > 0], age[drawn > 0], drawn[drawn > 0]) for drawn in draws)
    return pd.DataFrame([fit.params_ for fit in fits]).reset_index(drop=True)


def _expected_by(
    model: BuyTillYouDie, births: npt.NDArray[np.int64], ends: npt.NDArray[np.int64], days_per_period: int
) -> Floats:
    """Expected repeat purchases until the end of each day in `ends`; births[day] first purchases on day 1, 2, ..."""
    grown = (
        np.asarray(model.expected_number_of_purchases_up_to_time(np.arange(ends[-1] + 1) / days_per_period))
        if len(ends)
        else births
    )
    ages = np.maximum(ends[:, None] - np.arange(len(births))[None, :], 0)
    return np.asarray(grown[ages] @ births, dtype=np.float64)


def _duration(summary: pd.DataFrame) -> float | Floats:
    """One number where all customers share it: predictions are then computed once per history."""
    durations = summary["duration_holdout"].to_numpy(dtype=np.float64)
    return float(durations[0]) if (durations == durations[0]).all() else durations


def _check(summary: pd.DataFrame) -> None:
    require_columns(summary, HOLDOUT)
    refuse_missing(summary, HOLDOUT)
    if summary.empty:
        raise TooLittleData("There is no customer in the calibration period.")
