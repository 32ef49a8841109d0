"""How a target is coming on: what was to be expected by now, what it will be at the end of the period, and how likely each level.

Method. The end of a period = what is there + what the remaining working days bring. The remaining days are drawn from the days
behind us, in runs of a week (moving blocks, so that a quiet Friday stays beside its Thursday); each draw first draws its own
history out of the known one, so that few known days give a wide interval (a bootstrap of the mean as well as of the noise).
Where deals are known by name, they are decided one by one (crm.analytics.forecast) and the days stand only for the deals that
nobody knows yet, see `share_unknown`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from crm.analytics.errors import AnalyticsError, TooLittleData

Floats = npt.NDArray[np.float64]

BLOCK = 5
"""Working days that are drawn together."""
FEWEST = 20
"""Working days behind us without which nothing is told about those ahead."""
RUNS = 2000


def pace(base: float, elapsed: int, total: int) -> float:
    """What the target asks for by now, if every working day brought the same; all of it where there is no working day."""
    if not 0 <= elapsed <= total:
        raise AnalyticsError("{elapsed} of {total} working days cannot have passed.", elapsed=elapsed, total=total)
    return base * elapsed / total if total else base


@dataclass(frozen=True)
class Outlook:
    """actual: what is there; simulated: the end of the period, one value per run."""

    actual: float
    simulated: Floats = field(repr=False)

    def quantile(self, share: float) -> float:
        return float(np.quantile(self.simulated, share))

    def quantiles(self, shares: Sequence[float]) -> list[float]:
        found: list[float] = np.quantile(self.simulated, shares).tolist()
        return found

    def chance_of(self, level: float) -> float:
        """That the period ends at `level` or above."""
        return float((self.simulated >= level - 1e-9).mean())


def outlook(
    actual: float,
    days: npt.ArrayLike,
    remaining: int,
    *,
    known: Floats | None = None,
    runs: int = RUNS,
    seed: int = 20,
) -> Outlook:
    """A sum. actual: so far in the period; days: what each working day behind us brought, oldest first (up to today, in and
    before the period); remaining: working days ahead; known: simulated sums of what is known by name, `runs` of them.

    Raises TooLittleData for fewer than FEWEST days where some remain."""
    drawn = _drawn(np.asarray(days, dtype=np.float64)[:, None], remaining, runs, seed)[:, 0]
    if known is not None:
        drawn = drawn + known
    return Outlook(float(actual), actual + drawn)


def mean_outlook(
    total: float, count: int, totals: npt.ArrayLike, counts: npt.ArrayLike, remaining: int, *, runs: int = RUNS, seed: int = 20
) -> Outlook:
    """A mean, such as that of marks: their sum and number so far, and those of each working day behind us.

    Raises TooLittleData for fewer than FEWEST days where some remain, and where no mark is known at all."""
    pairs = np.column_stack((np.asarray(totals, dtype=np.float64), np.asarray(counts, dtype=np.float64)))
    if not count and not pairs[:, 1].any():
        raise TooLittleData("Nothing is known that a mean could be made of.")
    drawn = _drawn(pairs, remaining, runs, seed)
    weights = count + drawn[:, 1]
    now = total / count if count else pairs[:, 0].sum() / pairs[:, 1].sum()
    ends = np.divide(total + drawn[:, 0], weights, out=np.full(runs, now), where=weights > 0)
    return Outlook(now if count else np.nan, ends)


def _drawn(days: Floats, remaining: int, runs: int, seed: int) -> Floats:
    """Days by columns -> the sums of `remaining` further days, runs by columns."""
    if remaining < 0:
        raise AnalyticsError("A period does not end before today.")
    if not remaining:
        return np.zeros((runs, days.shape[1]))
    if len(days) < FEWEST:
        raise TooLittleData("{days} working days are known; {fewest} are needed.", days=len(days), fewest=FEWEST)
    summed = np.vstack((np.zeros((1, days.shape[1])), np.cumsum(days, axis=0)))
    blocks = -(-remaining // BLOCK)
    chosen = _chosen(len(days), blocks, runs, seed)
    last, rest = chosen[:, -1], remaining - BLOCK * (blocks - 1)
    found: Floats = (summed[BLOCK:] - summed[:-BLOCK])[chosen[:, :-1]].sum(axis=1) + summed[last + rest] - summed[last]
    return found


@lru_cache(maxsize=16)
def _chosen(known: int, blocks: int, runs: int, seed: int) -> npt.NDArray[np.int64]:
    """On which known days the blocks of each run begin. The same for all subjects with as many days: drawn once."""
    random = np.random.default_rng(seed)
    pool = random.integers(0, known - BLOCK + 1, (runs, known // BLOCK))
    return np.take_along_axis(pool, random.integers(0, pool.shape[1], (runs, blocks)), axis=1)


def share_unknown(age_days: npt.ArrayLike, left_days: float) -> Floats:
    """Of a deal that was won at an age: the chance that it was not yet there when `left_days` of a period remained, its day of
    winning lying anywhere in them. Past wins weighted so stand for the deals that nobody knows yet: older ones are known."""
    age = np.asarray(age_days, dtype=np.float64)
    return np.clip(1 - age / left_days, 0.0, 1.0) if left_days > 0 else np.zeros_like(age)


def must_close(contributions: npt.ArrayLike, gap: float) -> int:
    """Expected contributions of open deals, largest first, and what is missing -> how many of them cover it; all of them where
    they do not."""
    if gap <= 0:
        return 0
    reached = np.cumsum(np.asarray(contributions, dtype=np.float64)) >= gap
    return int(np.argmax(reached)) + 1 if reached.any() else len(reached)


def ranks(values: Sequence[float]) -> list[int]:
    """1 = highest; equal values share a place, missing ones come last."""
    known = np.nan_to_num(np.asarray(values, dtype=np.float64), nan=-np.inf)
    return [int((known > one).sum()) + 1 for one in known]
