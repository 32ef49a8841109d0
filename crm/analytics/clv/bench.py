"""Time and memory of the customer-value engine, beside lifetimes in the same run on the same simulated base."""

import time
import tracemalloc
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import lifetimes
import numpy as np
import pandas as pd
from lifetimes.utils import ConvergenceError, summary_data_from_transaction_data

from crm.analytics.clv.fitters import BetaGeoFitter, GammaGammaFitter, ParetoNBDFitter
from crm.analytics.clv.simulate import START, simulate_gamma_gamma, simulate_pareto_nbd
from crm.analytics.clv.summary import rfm_summary
from crm.analytics.rfm import rfm_scores

PARETO = {"r": 0.553, "alpha": 10.578, "s": 0.606, "beta": 11.669}  # CDNOW
SPEND = {"p": 6.25, "q": 3.74, "v": 15.44}
WEEKS, ENTRY, MONTHS = 39, 12, 36
PURCHASES = 10  # per customer, for the summary
REPEATS = 3
MINUTES = 100.0  # lifetimes is left out where it would take longer than so many seconds
HISTORY = ["frequency", "recency", "T"]


@dataclass(frozen=True)
class Work:
    """What is done, by whom; how long lifetimes 0.11.3 takes for a million customers, roughly, in seconds."""

    name: str
    ours: Callable[[], object]
    theirs: Callable[[], object]
    theirs_per_million: float


def measure(sizes: Sequence[int], include_lifetimes: bool) -> pd.DataFrame:
    """sizes (customers) -> work, customers, lifetimes_s, ours_s, ratio, peak_mb (ours, beyond its input): a row for each work and
    size. Wall-clock seconds, ours the best of three; lifetimes_s is NaN where it was left out, or did not converge."""
    rows = [_row(work, size, include_lifetimes) for size in sizes for work in _works(size)]
    frame = pd.DataFrame(rows, columns=["work", "customers", "lifetimes_s", "ours_s", "peak_mb"])
    frame.insert(4, "ratio", frame["lifetimes_s"] / frame["ours_s"])
    return frame


def _row(work: Work, size: int, include_lifetimes: bool) -> tuple[str, int, float, float, float]:
    ours = min(_seconds(work.ours) for _ in range(REPEATS))
    affordable = work.theirs_per_million * size / 1e6 < MINUTES
    theirs = _seconds(work.theirs) if include_lifetimes and affordable else np.nan
    return work.name, size, theirs, ours, _peak(work.ours)


def _seconds(action: Callable[[], object]) -> float:
    start = time.perf_counter()
    try:
        action()
    except ConvergenceError:
        return np.nan
    return time.perf_counter() - start


def _peak(action: Callable[[], object]) -> float:
    tracemalloc.start()
    action()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak / 1e6


def _works(size: int) -> Iterable[Work]:
    base = _base(size)
    history = [base[name] for name in HISTORY]
    buyers = base[(base["frequency"] > 0) & (base["monetary_value"] > 0)]
    spend = [buyers["frequency"], buyers["monetary_value"]]
    model, money = BetaGeoFitter().fit(*history), GammaGammaFitter().fit(*spend)
    yield Work(
        "BG/NBD fit",
        lambda: BetaGeoFitter().fit(*history),
        lambda: lifetimes.BetaGeoFitter().fit(*history),
        14,
    )
    yield Work(
        "Pareto/NBD fit",
        lambda: ParetoNBDFitter().fit(*history),
        lambda: lifetimes.ParetoNBDFitter().fit(*history),
        230,
    )
    yield Work(
        "Gamma-Gamma fit",
        lambda: GammaGammaFitter().fit(*spend),
        lambda: lifetimes.GammaGammaFitter().fit(*spend),
        5,
    )
    months: Any = {"monetary_value": base["monetary_value"], "time": MONTHS, "discount_rate": 0.01, "freq": "W"}
    past: dict[str, Any] = dict(zip(HISTORY, history, strict=True))
    yield Work(
        f"CLV, {MONTHS} months",
        lambda: money.customer_lifetime_value(model, **past, **months),
        lambda: _theirs(money, "GammaGammaFitter").customer_lifetime_value(_theirs(model, "BetaGeoFitter"), **past, **months),
        65,
    )
    log, end = _transactions(size), START + timedelta(days=365)
    yield Work(
        f"Summary, {PURCHASES} purchases each",
        lambda: rfm_summary(log, "customer_id", "date", "amount", observation_period_end=end),
        lambda: summary_data_from_transaction_data(log, "customer_id", "date", "amount", observation_period_end=end),
        30,
    )
    scored = _recency_frequency_monetary(base)
    yield Work("RFM quintiles (beside pandas.qcut)", lambda: rfm_scores(scored), lambda: _quintiles(scored), 1)


def _base(size: int) -> pd.DataFrame:
    transactions, _ = simulate_pareto_nbd(PARETO, size, WEEKS, seed=1, entry=ENTRY)
    paid, _ = simulate_gamma_gamma(SPEND, transactions, seed=2)
    return rfm_summary(paid, "customer_id", "date", "amount", observation_period_end=START + timedelta(weeks=WEEKS))


def _transactions(size: int) -> pd.DataFrame:
    random = np.random.default_rng(3)
    rows = size * PURCHASES
    moments = pd.Timestamp(START) + pd.to_timedelta(random.integers(0, 365 * 86400, rows), unit="s")
    return pd.DataFrame({"customer_id": random.integers(0, size, rows), "date": moments, "amount": random.gamma(2, 20, rows)})


def _theirs(model: Any, name: str) -> Any:
    """The fitter of lifetimes with the same parameters, as after its fit."""
    fitter = getattr(lifetimes, name)()
    fitter.params_ = model.params_
    fitter.predict = getattr(fitter, "conditional_expected_number_of_purchases_up_to_time", None)
    return fitter


def _recency_frequency_monetary(base: pd.DataFrame) -> pd.DataFrame:
    days = ((base["T"] - base["recency"]) * 7).round().astype(np.int64)
    orders = base["frequency"].astype(np.int64) + 1
    mean = base["monetary_value"].where(base["frequency"] > 0, base["monetary_value"].mean())
    return pd.DataFrame({"recency_days": days, "frequency": orders, "monetary": orders * mean})


def _quintiles(frame: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame({name: pd.qcut(frame[name].rank(method="first"), 5, labels=False) for name in frame})
