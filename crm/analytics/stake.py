"""What is at stake in cases that are still open: the risk that a promise is broken, times what the customer is worth."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from crm.analytics.checks import require_columns
from crm.analytics.durations import kaplan_meier

Floats = npt.NDArray[np.float64]

FEW = 30
"""A group with fewer finished cases than this goes by all of them."""


def breach_risk(past: pd.DataFrame, waiting: pd.DataFrame, by: Sequence[str] = ("kind", "priority")) -> pd.Series:
    """Past cases (the columns of `by`, seconds, ended) and open ones (the columns of `by`, used, left; seconds) -> the chance,
    0 to 1, that an open one is not done when what is left of its time is used up; index of `waiting`.

    P(T > used + left | T > used) by Kaplan-Meier, where the past ones that have not ended count as far as they have come. 1 where
    the time is used up already, 0 where nothing was promised (left is missing). Where no past case lasted as long as this one
    has: 1; without a past case that ended 0.5: nobody knows better."""
    require_columns(past, (*by, "seconds", "ended"))
    require_columns(waiting, (*by, "used", "left"))
    risk = np.full(len(waiting), 0.5)
    if not past["ended"].any():
        return _known(risk, waiting)
    everything = kaplan_meier(past["seconds"], past["ended"], None)
    groups = past.groupby(list(by)).indices
    for key, rows in waiting.groupby(list(by)).indices.items():
        part = past.iloc[groups[key]] if key in groups else past.iloc[:0]
        curve = kaplan_meier(part["seconds"], part["ended"], None) if part["ended"].sum() >= FEW else everything
        used, left = (waiting[name].to_numpy(dtype="float64")[rows] for name in ("used", "left"))
        risk[rows] = _conditional(curve, used, np.nan_to_num(left).clip(min=0))
    return _known(risk, waiting)


def _conditional(curve: pd.DataFrame, used: Floats, left: Floats) -> Floats:
    now, then = _still(curve, used), _still(curve, used + left)
    return np.where(now > 0, then / np.where(now > 0, now, 1.0), 1.0)


def _still(curve: pd.DataFrame, at: Floats) -> Floats:
    place = np.searchsorted(curve["duration"].to_numpy(), at, side="right") - 1
    return curve["still"].to_numpy(dtype="float64")[place]


def _known(risk: Floats, waiting: pd.DataFrame) -> pd.Series:
    left = waiting["left"].astype("float64")
    return pd.Series(risk, index=waiting.index).mask(left <= 0, 1.0).mask(left.isna(), 0.0)


def stake(risk: pd.Series, value: pd.Series) -> pd.DataFrame:
    """Risk, 0 to 1, and the value of the customer (money; missing = not known) -> risk, value (who is not known counts as the
    median of those who are, or 1 where nobody is), stake = risk x value; the same index."""
    known = value.astype("float64").clip(lower=0)
    middle = float(known.median()) if known.notna().any() else 1.0
    filled = known.fillna(middle)
    return pd.DataFrame({"risk": risk, "value": filled, "stake": risk * filled})
