"""How long things take when some are not finished yet: those count as far as they have come."""

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.stats import CensoredData, ecdf

from crm.analytics.errors import AnalyticsError

Floats = npt.NDArray[np.float64]


def kaplan_meier(durations: npt.ArrayLike, ended: npt.ArrayLike, level: float | None = 0.95) -> pd.DataFrame:
    """Durations and whether each ended -> duration, at_risk, ended, still (share not yet ended), low, high; a row for each
    duration at which one ended, after a first row at 0. Interval: log-log (Kalbfleisch, Prentice 2002); without a level
    there is none, which is quicker for very many curves."""
    time, done = _checked(durations, ended)
    points, ends, curve, at = _survival(time, done)
    first = {"duration": 0.0, "at_risk": time.size, "ended": 0, "still": 1.0, "low": 1.0, "high": 1.0}
    if not points.size:
        return pd.DataFrame([first])
    low, high = _interval(curve, at, level) if level is not None else (np.nan, np.nan)
    ordered = np.sort(time)
    frame = pd.DataFrame(
        {
            "duration": points,
            "at_risk": time.size - np.searchsorted(ordered, points, side="left"),
            "ended": ends,
            "still": curve.probabilities[at],
            "low": low,
            "high": high,
        }
    )
    return pd.concat([pd.DataFrame([first]), frame], ignore_index=True)


def still_there(durations: npt.ArrayLike, ended: npt.ArrayLike) -> tuple[Floats, Floats]:
    """The columns duration and still of `kaplan_meier`, as arrays: much quicker for small samples."""
    points, _, curve, at = _survival(*_checked(durations, ended))
    return np.append(0.0, points), np.append(1.0, curve.probabilities[at] if points.size else [])


def _survival(time: Floats, done: npt.NDArray[np.bool_]) -> tuple[Floats, npt.NDArray[np.intp], Any, npt.NDArray[np.intp]]:
    """-> durations at which one ended, how many did, the curve, and the places of these durations in it."""
    points, ends = np.unique(time[done], return_counts=True)
    curve: Any = ecdf(CensoredData(uncensored=time[done], right=time[~done])).sf
    return points, ends, curve, np.searchsorted(curve.quantiles, points)


def _interval(curve: Any, at: npt.NDArray[np.intp], level: float) -> tuple[Floats, Floats]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # where all have ended there is no interval: it is drawn to 0
        interval = curve.confidence_interval(level, method="log-log")
    low, high = (np.nan_to_num(one.probabilities[at], nan=0.0) for one in (interval.low, interval.high))
    return low, high


def quantile_of(curve: pd.DataFrame, share_ended: float = 0.5) -> float | None:
    """The duration by which the share has ended; None when the data do not reach so far."""
    reached = curve[curve["still"] <= 1 - share_ended]
    return None if reached.empty else float(reached["duration"].iloc[0])


def quantiles_by(
    groups: npt.ArrayLike, durations: npt.ArrayLike, ended: npt.ArrayLike, shares: Sequence[float] = (0.5, 0.9)
) -> pd.DataFrame:
    """Durations of many groups (whole numbers) and whether each ended -> group, cases, ended, and a column for each share: the
    duration by which it has ended by Kaplan-Meier, missing where the data do not reach so far. All groups in one pass: a curve
    for each takes a hundred times as long."""
    group = np.asarray(groups, dtype=np.int64)
    time, done = _checked(durations, ended)
    order = np.lexsort((~done, time, group))  # among equal durations those that ended come first
    group, time, done = group[order], time[order], done[order]
    number, first, size = np.unique(group, return_index=True, return_counts=True)
    at_risk = np.repeat(first + size, size) - np.arange(time.size)
    steps = np.where(done & (at_risk > 1), np.log1p(-1.0 / np.maximum(at_risk, 2)), 0.0)
    summed = np.cumsum(steps)
    still = np.exp(summed - np.repeat(summed[first] - steps[first], size))
    still[done & (at_risk == 1)] = 0.0
    told = {"group": number, "cases": size, "ended": np.add.reduceat(done.astype(np.int64), first)}
    return pd.DataFrame(told | {f"{share:g}": _reached(still <= 1 - share + 1e-9, time, first, size) for share in shares})


def _reached(there: npt.NDArray[np.bool_], time: Floats, first: npt.NDArray[Any], size: npt.NDArray[Any]) -> Floats:
    """Of each group the first duration at which the share has ended: from there on it stays so."""
    missing = size - np.add.reduceat(there.astype(np.int64), first)
    at = np.minimum(first + missing, first + size - 1)
    return np.where(missing < size, time[at], np.nan)


def incidence(durations: npt.ArrayLike, cause: npt.ArrayLike, causes: int) -> pd.DataFrame:
    """Durations and what ended each (1, 2, ... causes; 0 = not ended) -> duration, still, cause_1, cause_2, ...: the share that
    has ended by each cause. Unlike one minus Kaplan-Meier of a single cause these add up: still + all causes = 1.
    Source: Aalen, Johansen 1978, Scandinavian Journal of Statistics 5."""
    time = np.asarray(durations, dtype=np.float64)
    what = np.asarray(cause, dtype=np.int64)
    _checked(time, what > 0)
    if what.size and (what.min() < 0 or what.max() > causes):
        raise AnalyticsError("A cause must be a number from 1 to {causes}, or 0 for what has not ended.", causes=causes)
    points, place = np.unique(time, return_inverse=True)
    events = np.zeros((points.size, causes + 1))
    np.add.at(events, (place, what), 1.0)
    at_risk = np.cumsum(events.sum(axis=1)[::-1])[::-1]
    still = np.cumprod(1 - events[:, 1:].sum(axis=1) / at_risk)
    before = np.concatenate(([1.0], still[:-1]))
    shares = np.cumsum(before[:, None] * events[:, 1:] / at_risk[:, None], axis=0)
    columns = {f"cause_{number}": np.concatenate(([0.0], shares[:, number - 1])) for number in range(1, causes + 1)}
    start = {"duration": np.concatenate(([0.0], points)), "still": np.concatenate(([1.0], still))}
    return pd.DataFrame({**start, **columns})


def _checked(durations: npt.ArrayLike, ended: npt.ArrayLike) -> tuple[Floats, npt.NDArray[np.bool_]]:
    time, done = np.asarray(durations, dtype=np.float64), np.asarray(ended, dtype=bool)
    if time.size == 0:
        raise AnalyticsError("There is nothing to measure yet.")
    if not np.isfinite(time).all() or (time < 0).any():
        raise AnalyticsError("A duration is missing or negative.")
    return time, done
