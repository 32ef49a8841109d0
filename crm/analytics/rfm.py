"""Recency, frequency, monetary: scores, segments as data, migration between two dates, one customer's own rhythm."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise, product
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from crm.analytics.checks import refuse_duplicates, refuse_missing, refuse_rows, require_columns
from crm.analytics.errors import AnalyticsError
from crm.analytics.segments import DEFAULT_SEGMENTS, Segment

Cuts = Mapping[str, Sequence[float]]
Numbers = npt.NDArray[Any]  # int64 or float64

SCORED = {"r": "recency_days", "f": "frequency", "m": "monetary"}
JOINED = "joined"
LEFT = "left"
COUNTED = 1 << 16  # a count for each value is cheap up to here, however few the customers


def rfm_cuts(summary: pd.DataFrame, bins: int = 5) -> dict[str, list[float]]:
    """recency_days, frequency, monetary -> the quantile cut points {"r": [...], "f": [...], "m": [...]}, bins - 1 of each.

    r: at most so many days for the scores bins, bins - 1, ..., 2. f and m: at least so much for the scores 2, 3, ..., bins.
    A score of s means that at least (s - 1) / bins of all customers are strictly worse, so equal values can never be
    divided; a score that ties make unreachable has an infinite cut point.
    """
    _check_summary(summary, bins)
    return {score: _quantile_cuts(summary, score, bins) for score in SCORED}


def rfm_scores(summary: pd.DataFrame, bins: int = 5, cuts: Cuts | None = None) -> pd.DataFrame:
    """Adds r, f, m (1..bins, the highest is best) and rfm ("555") to one row per customer.

    recency_days: days from the last order to the date of the view; frequency: number of orders; monetary: TOTAL spend in
    one currency. Cut points (see rfm_cuts) replace the quantiles for the scores they name; give those of an earlier date
    to compare two dates on the same scale. Source: Hughes, Strategic Database Marketing (1994).
    """
    _check_summary(summary, bins)
    given = dict(cuts or {})
    _check_cuts(given, bins)
    scored = summary.copy(deep=False)
    for score in SCORED:
        scored[score] = _score(summary, score, given[score] if score in given else _quantile_cuts(summary, score, bins))
    names = ["".join(map(str, digits)) for digits in product(range(1, bins + 1), repeat=3)]
    scored["rfm"] = pd.Categorical.from_codes(_cells(scored, bins), categories=pd.Index(names))
    return scored


def rfm_segments(scores: pd.DataFrame, rules: Sequence[Segment] = DEFAULT_SEGMENTS, bins: int = 5) -> pd.DataFrame:
    """Adds segment (a category in the order of the rules) to r, f, m. The first rule that matches wins; a score that no
    rule covers is an error that names it."""
    require_columns(scores, ("r", "f", "m"))
    lookup = np.full(bins**3, -1, dtype=np.int16)
    grid = np.indices((bins, bins, bins)).reshape(3, -1) + 1
    for number, rule in reversed(list(enumerate(rules))):
        lookup[rule.covers(*grid)] = number
    cells = _cells(scores, bins)
    found = lookup[cells]
    if (found < 0).any():
        missing = sorted({"".join(map(str, grid[:, cell])) for cell in np.unique(cells[found < 0])})
        raise AnalyticsError("No segment rule covers the scores {scores}.", scores=", ".join(missing))
    return scores.assign(segment=pd.Categorical.from_codes(found, categories=pd.Index([rule.key for rule in rules])))


def segment_summary(scores: pd.DataFrame) -> pd.DataFrame:
    """segment, recency_days, frequency, monetary -> segment, customers, share, orders, revenue, share_revenue,
    median_recency_days; one row per segment in the order of the rules, the empty ones too."""
    require_columns(scores, ("segment", *SCORED.values()))
    groups = scores.groupby("segment", observed=False)
    summary = groups.agg(customers=("frequency", "size"), orders=("frequency", "sum"), revenue=("monetary", "sum"))
    summary.insert(1, "share", _share(summary["customers"]))
    summary["share_revenue"] = _share(summary["revenue"])
    summary["median_recency_days"] = groups["recency_days"].median()
    return summary.reset_index()


def migration_matrix(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """Two frames with segment, index = customer -> number of customers, rows = segment before, columns = segment after.

    The row "joined" holds those who were not customers before, the column "left" those who are missing after."""
    for frame in (before, after):
        require_columns(frame, ("segment",))
    both = pd.DataFrame({"before": before["segment"].astype(object)}).join(
        pd.DataFrame({"after": after["segment"].astype(object)}), how="outer"
    )
    order = list(dict.fromkeys([*_segment_order(before), *_segment_order(after)]))
    both = both.fillna({"before": JOINED, "after": LEFT})
    matrix = pd.crosstab(both["before"], both["after"])
    return matrix.reindex(index=[*order, JOINED], columns=[*order, LEFT], fill_value=0)


@dataclass(frozen=True)
class Rhythm:
    """One customer's own pace. Gaps are days between distinct order days; None where there is no second order day."""

    order_days: int
    last_order: date
    days_since_last: int
    median_gap_days: float | None
    expected_from: date | None
    expected_next: date | None
    expected_until: date | None
    overdue_factor: float | None


def rhythm(order_dates: Iterable[date], today: date) -> Rhythm:
    """Dates of one customer's orders -> his Rhythm on the day `today`.

    expected_next = last order + median gap, expected_from and expected_until the same with the quartiles of his gaps;
    overdue_factor = days since the last order / median gap (above 1: later than usual)."""
    days = np.unique(np.array(list(order_dates), dtype="datetime64[D]"))
    if not len(days):
        raise AnalyticsError("There is no order.")
    last: date = days[-1].item()
    silent = (today - last).days
    if silent < 0:
        raise AnalyticsError("The order of {date} lies after {today}.", date=last.isoformat(), today=today.isoformat())
    if len(days) == 1:
        return Rhythm(1, last, silent, None, None, None, None, None)
    early, median, late = np.quantile(np.diff(days) / np.timedelta64(1, "D"), [0.25, 0.5, 0.75])
    earliest, expected, latest = (last + timedelta(days=round(gap)) for gap in (early, median, late))
    return Rhythm(len(days), last, silent, float(median), earliest, expected, latest, silent / float(median))


def _quantile_cuts(summary: pd.DataFrame, score: str, bins: int) -> list[float]:
    goodness = _goodness(summary, score)
    ends = [-(-step * len(goodness) // bins) - 1 for step in range(1, bins + 1)]
    ranked = _ranked(goodness, ends)
    cuts: list[float] = []
    above = np.inf
    for below, end in reversed(list(pairwise(ends))):
        between = ranked[below + 1 : end + 1]
        between = between[between > ranked[below]]
        above = float(between.min()) if len(between) else above
        cuts.insert(0, above)
    return [-cut for cut in reversed(cuts)] if score == "r" else cuts


def _ranked(goodness: Numbers, ends: Sequence[int]) -> Numbers:
    """In rising order, at least at these places: whole numbers by counting, amounts by partition."""
    lowest = goodness.min()
    if goodness.dtype.kind == "f" or goodness.max() - lowest > len(goodness) + COUNTED:
        return np.partition(goodness, ends)
    counts = np.bincount(goodness - lowest)
    return np.repeat(np.arange(len(counts)) + lowest, counts)


def _goodness(summary: pd.DataFrame, score: str) -> Numbers:
    column = summary[SCORED[score]]
    values: Numbers = column.to_numpy(dtype=np.int64 if pd.api.types.is_integer_dtype(column) else np.float64)
    return -values if score == "r" else values


def _score(summary: pd.DataFrame, score: str, cuts: Sequence[float]) -> npt.NDArray[np.int8]:
    goodness = _goodness(summary, score)
    reached = np.ones(len(goodness), dtype=np.int8)
    for cut in cuts:
        reached += goodness >= (-cut if score == "r" else cut)
    return reached


def _cells(scores: pd.DataFrame, bins: int) -> npt.NDArray[np.int16]:
    """The place of each (r, f, m) among the bins ** 3 cells, r first."""
    cells = np.zeros(len(scores), dtype=np.int16)
    for score in SCORED:
        digits = scores[score].to_numpy()
        bad = (digits < 1) | (digits > bins)
        refuse_rows(scores, bad, "The column {column} holds no score in rows {rows}.", score)
        cells = cells * np.int16(bins) + (digits - 1).astype(np.int16)
    return cells


def _segment_order(frame: pd.DataFrame) -> list[str]:
    segments = frame["segment"]
    return list(segments.cat.categories if isinstance(segments.dtype, pd.CategoricalDtype) else sorted(segments.unique()))


def _share(column: pd.Series) -> pd.Series:
    total = column.sum()
    return column / total if total else column * 0.0


def _check_summary(summary: pd.DataFrame, bins: int) -> None:
    require_columns(summary, SCORED.values())
    if not 2 <= bins <= 9:
        raise AnalyticsError("The number of scores must be from 2 to 9, not {bins}.", bins=bins)
    if summary.empty:
        raise AnalyticsError("There is no customer to score.")
    refuse_missing(summary, SCORED.values())
    refuse_duplicates(summary)
    early = summary["recency_days"].to_numpy() < 0
    refuse_rows(
        summary, early, "The column {column} is negative in rows {rows}: an order after the date of the view.", "recency_days"
    )
    none = summary["frequency"].to_numpy() < 1
    refuse_rows(summary, none, "The column {column} is below 1 in rows {rows}: a customer without an order.", "frequency")


def _check_cuts(cuts: Cuts, bins: int) -> None:
    for score, points in cuts.items():
        if score not in SCORED:
            raise AnalyticsError("Cut points are for r, f and m, not for {score}.", score=score)
        if len(points) != bins - 1 or any(low > high for low, high in pairwise(points)):
            raise AnalyticsError(
                "The cut points of {score} must be {count} numbers in rising order.", score=score, count=bins - 1
            )
