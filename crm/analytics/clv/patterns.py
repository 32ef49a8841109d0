"""Purchase histories, checked and compressed: each distinct (frequency, recency, T) once, with its number of customers.

Dates are days, so recency and T lie on a grid of few values. Whatever depends on a time alone is computed once for each
grid value, whatever depends on the frequency alone once for each frequency; a fit then costs one exponential a pattern.
"""

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from crm.analytics.checks import refuse_rows
from crm.analytics.errors import AnalyticsError

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

GRID_STEPS = (1.0, 1 / 7, 12 / 365.25, 1 / 365.25, 0.01)  # days as unit; days in weeks, months, years; two decimals
GRID_LIMIT = 100_000
DENSE_CODES = 1 << 23


@dataclass(frozen=True)
class Patterns:
    """frequency (x), and recency and T as positions in `times`, for each pattern; customers[i] is the pattern of row i."""

    frequency: Integers
    recency_at: Integers
    age_at: Integers
    times: Floats
    weights: Floats
    customers: Integers
    step: float | None
    weighted: bool

    def __len__(self) -> int:
        return len(self.frequency)

    @cached_property
    def recency(self) -> Floats:
        return self.times[self.recency_at]

    @cached_property
    def T(self) -> Floats:  # noqa: N802 - the name in the literature
        return self.times[self.age_at]

    @cached_property
    def total(self) -> float:
        return float(self.weights.sum())

    @cached_property
    def by_frequency(self) -> Floats:
        """Number of customers for each frequency 0, 1, 2, ..."""
        return weighted_counts(self.frequency, self.weights)

    @cached_property
    def by_age(self) -> Floats:
        """Number of customers for each position in times."""
        return weighted_counts(self.age_at, self.weights, len(self.times))

    @cached_property
    def purchases_by_age(self) -> Floats:
        return weighted_counts(self.age_at, self.weights * self.frequency, len(self.times))

    @cached_property
    def histories(self) -> tuple[Integers, Integers]:
        """Positions of one example of each distinct (frequency, T), and for each pattern which of them it has."""
        return _distinct(*_packed(self.frequency, self.age_at))

    @property
    def purchases(self) -> float:
        return float(self.purchases_by_age.sum())

    @property
    def repeaters(self) -> float:
        return float(self.by_frequency[1:].sum())

    def thinned(self, limit: int) -> "Patterns":
        """Every k-th customer, so that about `limit` remain, each standing for k: the same base in small."""
        stride = len(self.customers) // limit
        if self.weighted or stride < 2 or len(self) <= limit:
            return self
        weights = np.bincount(self.customers[::stride], minlength=len(self)).astype(np.float64)
        kept = np.flatnonzero(weights)
        weights = weights[kept] * (self.total / weights.sum())
        return Patterns(
            self.frequency[kept], self.recency_at[kept], self.age_at[kept], self.times, weights, kept, self.step, True
        )


def compress(
    frequency: npt.ArrayLike, recency: npt.ArrayLike, T: npt.ArrayLike, weights: npt.ArrayLike | None = None
) -> Patterns:
    """frequency, recency, T (one unit of time) [, weights = number of customers of each row] -> Patterns.

    Errors: what check_history refuses."""
    x, t_x, age = check_history(frequency, recency, T)
    step, times, recency_at, age_at = _on_grid(t_x, age)
    code, width = _packed(x, recency_at, age_at)
    first, customers = _distinct(code, width)
    counted = None if weights is None else np.asarray(weights, dtype=np.float64)
    return Patterns(
        x[first],
        recency_at[first],
        age_at[first],
        times,
        np.bincount(customers, counted, len(first)).astype(np.float64),
        customers,
        step,
        weights is not None,
    )


def weighted_counts(positions: Integers, weights: Floats, size: int = 0) -> Floats:
    """Sum of the weights at each position 0, 1, 2, ..."""
    return np.bincount(positions, weights, size).astype(np.float64, copy=False)


def check_history(frequency: npt.ArrayLike, recency: npt.ArrayLike, T: npt.ArrayLike) -> tuple[Integers, Floats, Floats]:
    """-> whole frequency, recency and T as equally long arrays.

    Errors (column and rows named): missing or infinite values, fractions or negatives in frequency, negative recency,
    T below recency. Without a repeat purchase there is no recency: it becomes 0."""
    columns = np.broadcast_arrays(*(np.asarray(values, dtype=np.float64) for values in (frequency, recency, T)))
    x, t_x, age = (values.ravel() for values in columns)
    if len(x) == 0:
        raise AnalyticsError("There are no customers.")
    whole = x.astype(np.int64) if np.isfinite(x.sum()) else np.zeros(len(x), dtype=np.int64)
    sound = x.min() >= 0 and t_x.min() >= 0 and (age - t_x).min() >= 0 and np.isfinite(age.max()) and np.array_equal(whole, x)
    if not sound:
        index = frequency.index if isinstance(frequency, pd.Series) else pd.RangeIndex(len(x))
        _refuse(pd.DataFrame(index=index), x, t_x, age)
    return whole, np.where(whole > 0, t_x, 0.0), age


def _refuse(rows: pd.DataFrame, x: Floats, t_x: Floats, age: Floats) -> None:
    for name, values in (("frequency", x), ("recency", t_x), ("T", age)):
        refuse_rows(rows, ~np.isfinite(values), "The column {column} is empty in rows {rows}.", name)
    fractions = (x < 0) | (x != np.floor(x))
    refuse_rows(rows, fractions, "The column {column} must hold whole numbers from 0 on, see rows {rows}.", "frequency")
    refuse_rows(rows, t_x < 0, "The column {column} is negative in rows {rows}.", "recency")
    refuse_rows(rows, age < t_x, "The column {column} is less than the recency in rows {rows}.", "T")


def _on_grid(t_x: Floats, age: Floats) -> tuple[float | None, Floats, Integers, Integers]:
    for step in GRID_STEPS:
        if _steps(age[:200], step) is None or _steps(t_x[:200], step) is None or age.max() / step > GRID_LIMIT:
            continue
        whole_age, whole_recency = _steps(age, step), _steps(t_x, step)
        if whole_age is not None and whole_recency is not None:
            times = np.asarray(np.arange(int(whole_age.max()) + 1) * step, dtype=np.float64)
            return step, times, whole_recency, whole_age
    times, at = np.unique(np.concatenate([t_x, age]), return_inverse=True)
    at = at.astype(np.int64, copy=False)
    return None, np.asarray(times, dtype=np.float64), at[: len(t_x)], at[len(t_x) :]


def _steps(values: Floats, step: float) -> Integers | None:
    """The values as whole numbers of steps, or None where they are none."""
    steps = values / step
    whole = np.rint(steps)
    steps -= whole
    return whole.astype(np.int64) if steps.max() < 1e-7 and steps.min() > -1e-7 else None


def _packed(*columns: Integers) -> tuple[Integers, int]:
    """One whole number for each row, from its parts, or from their ranks where their values leave too many gaps."""
    sizes = [int(values.max()) + 1 for values in columns]
    if math.prod(sizes) > _room(len(columns[0])):
        ranked = [_ranks(values) for values in columns]
        columns, sizes = tuple(ranks for ranks, _ in ranked), [size for _, size in ranked]
    code = columns[0]
    for values, size in zip(columns[1:], sizes[1:], strict=True):
        code = code * size + values
    return code, math.prod(sizes)


def _room(rows: int) -> int:
    """How large a table of all codes may be: for a few rows sorting them is quicker than an empty table."""
    return min(DENSE_CODES, max(4096, 64 * rows))


def _ranks(values: Integers) -> tuple[Integers, int]:
    if values.max() >= _room(len(values)):
        ranks, distinct = pd.factorize(values)
        return ranks, len(distinct)
    present = np.zeros(int(values.max()) + 1, dtype=np.int8)
    present[values] = 1
    positions = np.cumsum(present, dtype=np.int32)
    return (positions - 1)[values].astype(np.int64), int(positions[-1])


def _distinct(code: Integers, width: int) -> tuple[Integers, Integers]:
    """Positions of one example of each distinct code, and for each code which of them it is."""
    if width > _room(len(code)):
        groups, distinct = pd.factorize(code)
        groups, count = groups.astype(np.int64), len(distinct)
    else:
        groups, count = _ranks(code)
    example = np.empty(count, dtype=np.int64)
    example[groups] = np.arange(len(code))
    return example, groups
