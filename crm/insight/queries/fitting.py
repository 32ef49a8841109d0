"""Fits the settings of a run to a board's purchases, and computes the scores that follow for each customer."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from crm.analytics.clv.contest import MODELS, Contest, compare_models
from crm.analytics.clv.fitters import GammaGammaFitter
from crm.analytics.clv.fitters.base import BuyTillYouDie
from crm.analytics.clv.summary import rfm_summary
from crm.analytics.clv.value import clv_decomposition, value_at_risk
from crm.analytics.errors import AnalyticsError, TooLittleData
from crm.insight.queries.population import history, purchases
from crm.insight.queries.runs import WEEKS_A_MONTH, RunSettings, holdout_result
from crm.session import ScopedSession

YEAR = 52.0
"""Weeks, as the engine counts."""
LEVEL = 0.8
"""Of the two dates between which the next order falls."""
SHARES = ((1 - LEVEL) / 2, (1 + LEVEL) / 2)
SAMPLE = 50_000
"""Customers in a contest."""
FARTHEST = 3650
"""Days: who does not buy within them is not said to buy again."""
HISTORY = ["frequency", "recency", "T"]


@dataclass(frozen=True)
class Fit:
    """A fitted model, the spend model (None where it was refused), the histories they learned from, and up to which day."""

    settings: RunSettings
    model: BuyTillYouDie
    spend: GammaGammaFitter | None
    history: pd.DataFrame
    cutoff_on: dt.date

    def seen_on(self, session: ScopedSession, board_id: int, day: dt.date) -> Fit:
        """The same models, with the histories as they are on another day."""
        if day == self.cutoff_on:
            return self
        return replace(self, history=history(session, self.settings.population(board_id, day)), cutoff_on=day)

    def stored(self) -> dict[str, Any]:
        """As the columns of ModelRun keep it: model, cutoff_on, customers, settings, parameters, intervals, ..."""
        own, spend = _numbers(self.model), _numbers(self.spend) if self.spend else ({}, {})
        return {
            "model": self.settings.model,
            "cutoff_on": self.cutoff_on,
            "customers": len(self.history),
            "settings": self.settings.model_dump(mode="json", exclude_defaults=True),
            "parameters": own[0] | ({"spend": spend[0]} if self.spend else {}),
            "intervals": own[1] | ({"spend": spend[1]} if self.spend else {}),
            "log_likelihood": float(self.model.log_likelihood_),
            "diagnosis": self.model.diagnosis_,
        }


def fit_settings(session: ScopedSession, board_id: int, settings: RunSettings, until: dt.date) -> Fit:
    """The model of the settings, fitted to the purchases of their population up to a day.

    Errors: TooLittleData, with its reason, where there are not enough repeat buyers."""
    base = history(session, settings.population(board_id, until))
    if base.empty:
        raise TooLittleData("Nobody has bought anything yet.")
    model = MODELS[settings.model]().fit(*(base[name] for name in HISTORY))
    if model.refusal_:
        raise model.refusal_
    spend = GammaGammaFitter().fit(base["frequency"], base["monetary_value"])
    return Fit(settings, model, None if spend.refusal_ else spend, base, until)


def contest_of(session: ScopedSession, board_id: int, settings: RunSettings, until: dt.date) -> Contest:
    """All models and the simple rules on the last `holdout_days` before a day. Errors: TooLittleData."""
    start = until - dt.timedelta(settings.holdout_days)
    summary = history(session, settings.population(board_id, until), start)
    if summary.empty:
        raise TooLittleData("Nobody bought in the calibration period.")
    return compare_models(summary)


def tested(session: ScopedSession, board_id: int, settings: RunSettings, until: dt.date) -> dict[str, Any]:
    """What the holdout period says of the settings' model; empty without one, or with the reason why there is none."""
    if not settings.holdout_days:
        return {}
    try:
        contest = contest_of(session, board_id, settings, until)
    except AnalyticsError as error:
        return {"days": settings.holdout_days, "refusal": str(error)}
    return holdout_result(contest, settings.model, settings.holdout_days)


def chosen_automatically(session: ScopedSession, board_id: int, until: dt.date) -> tuple[RunSettings, dict[str, Any]]:
    """Where nobody has published: the contest's choice on the last third of the purchases, at most half a year.

    Of a large base every so many-th customer takes part: SAMPLE tell the models apart as well as all.
    Errors: TooLittleData, or the contest's own refusal."""
    bought = purchases(session, RunSettings().population(board_id, until))
    if bought.empty:
        raise TooLittleData("Nobody has bought anything yet.")
    number = pd.factorize(bought["customer_id"])[0]
    bought = bought[number % (number[-1] // SAMPLE + 1) == 0]
    span = (pd.Timestamp(until) - bought["date"].min()).days
    days = min(RunSettings().holdout_days, span // 3)
    start = until - dt.timedelta(days)
    contest = compare_models(
        rfm_summary(bought, "customer_id", "date", "amount", observation_period_end=until, calibration_period_end=start)
    )
    if contest.chosen is None:
        raise contest.refusal or TooLittleData("Nobody has bought anything yet.")
    settings = RunSettings.model_validate({"model": contest.chosen, "holdout_days": days})
    return settings, holdout_result(contest, contest.chosen, days)


def scores(
    base: pd.DataFrame, model: BuyTillYouDie, spend: GammaGammaFitter | None, settings: RunSettings, as_of: dt.date
) -> pd.DataFrame:
    """frequency, recency, T (weeks at as_of), monetary_value by customer -> these and p_alive, expected_orders (52 weeks),
    expected_spend (of a purchase day), expected_value (52 weeks), lifetime_value (the settings' horizon), value_at_risk (of it),
    next_order_from, next_order_until (datetime64; 80 % of the first orders between them, given that one comes within ten years).

    Values are discounted margin. Without a spend model a customer's own mean stands for his spend, and the mean of all where he
    has not bought again. The engine computes each distinct history once."""
    x, t_x, T = (base[name] for name in HISTORY)
    spending = spend or _OwnMean(base)
    asked: dict[str, Any] = {"annual_discount_rate": settings.annual_discount, "margin": settings.margin}
    year = clv_decomposition(model, spending, base, horizon=YEAR, **asked)  # type: ignore[arg-type]
    whole = clv_decomposition(model, spending, base, horizon=settings.horizon_months * WEEKS_A_MONTH, **asked)  # type: ignore[arg-type]
    found = base[[*HISTORY, "monetary_value"]].assign(
        expected_spend=year["spend"],
        p_alive=year["probability_alive"],
        expected_orders=model.predict(YEAR, x, t_x, T),
        expected_value=year["clv"],
        lifetime_value=whole["clv"],
        value_at_risk=value_at_risk(whole)["value_at_risk"],
    )
    early, late = (model.time_to_next_purchase(share, x, t_x, T, if_within=FARTHEST / 7) for share in SHARES)
    return found.assign(next_order_from=_dates(as_of, early), next_order_until=_dates(as_of, late))


class _OwnMean:
    """Stands where the spend model was refused."""

    def __init__(self, base: pd.DataFrame) -> None:
        repeated = base[base["monetary_value"] > 0]
        weights = repeated["frequency"].to_numpy()
        self.mean = float(np.average(repeated["monetary_value"], weights=weights)) if len(repeated) else 0.0

    def conditional_expected_average_profit(self, frequency: Any, monetary_value: Any) -> Any:
        return np.where(np.asarray(monetary_value) > 0, monetary_value, self.mean)


def _dates(as_of: dt.date, weeks: Any) -> Any:
    """An order on the day itself counts as within."""
    days = np.ceil(np.minimum(weeks * 7, FARTHEST))
    return np.datetime64(as_of, "s") + days.astype("timedelta64[D]")


def _numbers(model: Any) -> tuple[dict[str, float], dict[str, list[float] | None]]:
    """params_ and the 95 % intervals; None where the data did not tell how sure they are."""
    bounds = model.confidence_intervals_
    intervals = {name: None if row.isna().any() else [float(row.iloc[0]), float(row.iloc[1])] for name, row in bounds.iterrows()}
    return {name: float(value) for name, value in model.params_.items()}, intervals
