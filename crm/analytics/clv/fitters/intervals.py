"""Quantiles of the number of purchases to come."""

from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from crm.analytics.clv.fitters.futures import Future
from crm.analytics.clv.patterns import Patterns

Floats = npt.NDArray[np.float64]
Case = tuple[Floats, Callable[[Floats, Floats], Future]]  # P(alive) of each pattern; (x, T) -> the future if alive

BLOCK = 16
ROWS = 4096


def count_quantile(cases: Sequence[Case], patterns: Patterns, t: float, q: float) -> Floats:
    """Smallest n with P(at most n purchases in (T, T + t]) >= q, for each pattern; cases are averaged.

    P(at least n) = P(alive) P(at least n | alive), and the second factor only depends on (x, T)."""
    first, which = patterns.histories
    result = np.zeros(len(patterns))
    order = np.argsort(which, kind="stable")
    limits = np.searchsorted(which[order], np.arange(0, len(first) + ROWS, ROWS))
    for block, (start, end) in enumerate(pairwise(limits)):
        rows = order[start:end]
        histories = first[block * ROWS : (block + 1) * ROWS]
        result[rows] = _quantile_of_block(cases, patterns, rows, histories, which[rows] - block * ROWS, t, q)
    return result


def _quantile_of_block(
    cases: Sequence[Case],
    patterns: Patterns,
    rows: npt.NDArray[np.int64],
    histories: npt.NDArray[np.int64],
    which: npt.NDArray[np.int64],
    t: float,
    q: float,
) -> Floats:
    result = np.zeros(len(rows))
    open_rows, n = np.arange(len(rows)), 1
    while len(open_rows):
        used, place = np.unique(which[open_rows], return_inverse=True)
        x, T = patterns.frequency[histories[used]].astype(np.float64), patterns.T[histories[used]]
        counts = np.arange(n, n + BLOCK, dtype=np.float64)
        reached = np.zeros((len(open_rows), BLOCK))
        for alive, future in cases:
            at_least = future(x, T).by_customer().at_least(counts, np.asarray(t, dtype=np.float64))
            reached += alive[rows[open_rows], None] * at_least[place] / len(cases)
        above = reached > 1 - q
        result[open_rows] += above.sum(axis=1)
        open_rows, n = open_rows[above[:, -1]], n + BLOCK
    return result
