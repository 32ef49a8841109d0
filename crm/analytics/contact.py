"""Whom contact can still win: the chance that it helps, the order of a queue, and the lot that leaves some out."""

from collections.abc import Iterable
from hashlib import sha256

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
YEAR = 365.0


def chance_to_help(p_alive: npt.ArrayLike, expected_orders: npt.ArrayLike, days: float) -> Floats:
    """P(alive), orders expected in the next 365 days (P(alive) included) and the days that a contact is given -> the chance that
    contact can still change anything, 0 to 1: he is still a customer, and would not have ordered in these days anyway.

        P(alive) * exp(-rate * days / 365),   rate = expected_orders / P(alive), the orders of a year if he is alive

    For one who is gone contact comes too late; for one who is about to order it changes nothing. What is left is an upper bound:
    of those whom contact could win, it wins some. How many is not known before it is measured (crm.analytics.uplift), so this is
    a prior; a common factor would not change the order of a queue. Purchases while alive are Poisson, as in the models."""
    alive, orders = np.asarray(p_alive, dtype=np.float64), np.asarray(expected_orders, dtype=np.float64)
    rate = np.divide(orders, alive, out=np.zeros_like(alive), where=alive > 0)
    return alive * np.exp(-rate * days / YEAR)


def alive_by_rhythm(gap_days: npt.ArrayLike, silent_days: npt.ArrayLike) -> Floats:
    """Usual gap between orders and silence, in days -> a stand-in for P(alive) where no model has scored a customer: 1 up to his
    usual gap, halved with every further gap of silence. A rule of thumb, not an estimate."""
    gap, silent = np.asarray(gap_days, dtype=np.float64), np.asarray(silent_days, dtype=np.float64)
    late = np.maximum(silent / gap - 1, 0)
    return np.asarray(0.5**late)


def value_per_minute(value_at_risk: npt.ArrayLike, helps: npt.ArrayLike, minutes: npt.ArrayLike) -> Floats:
    """What a queue is sorted by: value at risk x chance that contact helps, per minute that the contact takes."""
    value, chance, cost = (np.asarray(part, dtype=np.float64) for part in (value_at_risk, helps, minutes))
    return value * chance / cost


def left_out_by_lot(ids: Iterable[int], period: str, share: float) -> npt.NDArray[np.bool_]:
    """Ids and the name of a period -> who is left out in it: about `share` of them.

    The lot is a hash of both: the same for everybody who asks, at any hour, on any machine; new in the next period. Nobody can
    choose who is drawn, and the values of customers play no part."""
    return np.array([_lot(one, period) < share for one in ids], dtype=bool)


def _lot(one: int, period: str) -> float:
    """Uniform on [0, 1)."""
    return int.from_bytes(sha256(f"left out {period} {one}".encode()).digest()[:8]) / 2**64


def fitting_in(minutes: Iterable[int], left_out: Iterable[bool], most: float) -> list[int]:
    """Minutes by rank, who of them is left out, and the minutes of a day -> the places that are drawn, in order.

    One after the other, whoever still fits into the day; who is left out takes none of its minutes. Whether a place is drawn
    never depends on its own lot: else the two groups could not be compared."""
    drawn, free = [], float(most)
    for place, (needed, out) in enumerate(zip(minutes, left_out, strict=True)):
        if needed <= free:
            drawn.append(place)
            free -= 0 if out else needed
    return drawn
