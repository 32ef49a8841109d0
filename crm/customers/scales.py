"""Scores by cut points somebody chose, as conditions: which customers are in a cell today."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, or_, select

from crm.customers.models import Customer
from crm.office.queries import today
from crm.session import ScopedSession

CELL = r"^[1-9]-[1-9](-[1-9])?$"
"""r-f or r-f-m"""
SCALE = r"^[0-9.,;=a-z+\-]*$"
OLDEST = 36_500
"""Days; an older order is as old as this one."""


@dataclass(frozen=True)
class Scale:
    """The cut points of r (days), f (orders) and m (amount), as crm.analytics.rfm has them, for the customers' summaries."""

    r: tuple[float, ...]
    f: tuple[float, ...]
    m: tuple[float, ...]

    @classmethod
    def by(cls, cuts: Mapping[str, Sequence[float]]) -> Scale:
        return cls(tuple(cuts["r"]), tuple(cuts["f"]), tuple(cuts["m"]))

    def written(self) -> str:
        """As it stands in a filter and in an address: r=30,90;f=2,3;m=100,500."""
        return ";".join(f"{name}=" + ",".join(f"{point:.15g}" for point in getattr(self, name)) for name in "rfm")

    @classmethod
    def parse(cls, text: str) -> Scale:
        """Raises ValueError for what `text` did not write."""
        found = dict(part.split("=", 1) for part in text.split(";"))
        r, f, m = (tuple(float(point) for point in found.get(name, "nan").split(",")) for name in "rfm")
        if set(found) - set("rfm") or any(math.isnan(point) for point in (*r, *f, *m)):
            raise ValueError(text)
        return cls(r, f, m)


def seen_on(session: ScopedSession, board_id: int | None) -> dt.date:
    """Today, or the day of the board's newest purchase where that lies later: the demo's day stands still, real files do not."""
    newest = select(func.max(Customer.last_order_on))
    newest = newest.where(Customer.board_id == board_id) if board_id else newest
    return max(today(session), session.scalar(newest) or dt.date.min)


def in_cells(session: ScopedSession, cells: Sequence[str], scale: str, board_ids: Sequence[int]) -> ColumnElement[bool]:
    """Customers in any of the cells: by their stored scores, or by the text of a scale, seen from today."""
    if not scale:
        return _among(cells, Customer.r_score, Customer.f_score, Customer.m_score)
    day = seen_on(session, board_ids[0] if len(board_ids) == 1 else None)
    return and_(Customer.order_count > 0, _among(cells, *_scores(Scale.parse(scale), day)))


def _among(cells: Sequence[str], r: Any, f: Any, m: Any) -> ColumnElement[bool]:
    """Cells of two digits leave m open."""
    digits = [[int(digit) for digit in cell.split("-")] for cell in cells]
    pairs = [10 * cell[0] + cell[1] for cell in digits if len(cell) == 2]
    triples = [100 * cell[0] + 10 * cell[1] + cell[2] for cell in digits if len(cell) == 3]
    found = [(10 * r + f).in_(pairs)] if pairs else []
    return or_(*found, *([(100 * r + 10 * f + m).in_(triples)] if triples else []))


def _scores(scale: Scale, day: dt.date) -> tuple[Any, Any, Any]:
    earliest = [day - dt.timedelta(min(math.floor(cut), OLDEST)) for cut in scale.r if cut >= 0]
    amounts = [Decimal(repr(cut)) for cut in scale.m if math.isfinite(cut)]
    return (
        _reached([Customer.last_order_on >= start for start in earliest]),
        _reached([Customer.order_count >= math.ceil(cut) for cut in scale.f if math.isfinite(cut)]),
        _reached([Customer.order_amount >= cut for cut in amounts]),
    )


def _reached(steps: Sequence[Any]) -> Any:
    """1 and one more for each step: the score."""
    score: Any = 1
    for step in steps:
        score = score + case((step, 1), else_=0)
    return score


__all__ = ["CELL", "SCALE", "Scale", "in_cells", "seen_on"]
