"""What is at stake in cases that are still open: the risk that a promise is broken, times what the customer is worth."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from functools import cache

import numpy as np
import numpy.typing as npt
import pandas as pd

from crm.analytics.durations import still_there

Floats = npt.NDArray[np.float64]
Lasted = list[tuple[float, bool]]

FEW = 30
"""A group with fewer finished cases than this goes by all of them."""


def breach_risk(past: Iterable[tuple[Hashable, float, bool]], waiting: Sequence[tuple[Hashable, float, float]]) -> Floats:
    """Past cases (group, seconds, has it ended?) and open ones (group, used, left; seconds) -> the chance, 0 to 1, that an open
    one is not done when what is left of its time is used up; in the order of `waiting`.

    P(T > used + left | T > used) by Kaplan-Meier, where the past ones that have not ended count as far as they have come. 1 where
    the time is used up already, 0 where nothing was promised (left is missing). Where no past case lasted as long as this one
    has: 1; without a past case that ended 0.5: nobody knows better."""
    lasted: dict[Hashable, Lasted] = defaultdict(list)
    for group, seconds, ended in past:
        lasted[group].append((seconds, ended))
    places: dict[Hashable, list[int]] = defaultdict(list)
    for place, (group, _, _) in enumerate(waiting):
        places[group].append(place)
    used, left = (np.array([row[number] for row in waiting], dtype=np.float64) for number in (1, 2))
    risk = np.full(len(waiting), 0.5)
    if any(ended for group in lasted.values() for _, ended in group):
        everything = cache(lambda: _curve([one for group in lasted.values() for one in group]))
        for group, here in places.items():
            curve = _curve(lasted[group]) if sum(ended for _, ended in lasted[group]) >= FEW else everything()
            risk[here] = _conditional(curve, used[here], np.nan_to_num(left[here]).clip(min=0))
    return np.where(np.isnan(left), 0.0, np.where(left <= 0, 1.0, risk))


def _curve(lasted: Lasted) -> tuple[Floats, Floats]:
    seconds, ended = zip(*lasted, strict=True)
    return still_there(seconds, ended)


def _conditional(curve: tuple[Floats, Floats], used: Floats, left: Floats) -> Floats:
    now, then = _still(curve, used), _still(curve, used + left)
    return np.where(now > 0, then / np.where(now > 0, now, 1.0), 1.0)


def _still(curve: tuple[Floats, Floats], at: Floats) -> Floats:
    durations, shares = curve
    return shares[np.searchsorted(durations, at, side="right") - 1]


def stake(risk: pd.Series, value: pd.Series) -> pd.DataFrame:
    """Risk, 0 to 1, and the value of the customer (money; missing = not known) -> risk, value (who is not known counts as the
    median of those who are, or 1 where nobody is), stake = risk x value; the same index."""
    known = value.astype("float64").clip(lower=0)
    middle = float(known.median()) if known.notna().any() else 1.0
    filled = known.fillna(middle)
    return pd.DataFrame({"risk": risk, "value": filled, "stake": risk * filled})
