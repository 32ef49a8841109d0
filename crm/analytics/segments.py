"""Customer segments as data: an ordered list of rules on the scores r, f and m; the first rule that matches wins."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from crm.analytics.errors import AnalyticsError

Range = tuple[int, int]

FIELDS = {"key", "label", "r", "f", "m"}


@dataclass(frozen=True)
class Segment:
    """Covers the scores from r[0] to r[1], f[0] to f[1] and m[0] to m[1], ends included."""

    key: str
    label: str
    r: Range = (1, 5)
    f: Range = (1, 5)
    m: Range = (1, 5)

    def covers(self, r: npt.NDArray[Any], f: npt.NDArray[Any], m: npt.NDArray[Any]) -> npt.NDArray[np.bool_]:
        inside = np.ones(r.shape, dtype=bool)
        for scores, (low, high) in ((r, self.r), (f, self.f), (m, self.m)):
            inside &= (scores >= low) & (scores <= high)
        return inside

    def to_dict(self) -> dict[str, Any]:
        return {"key": self.key, "label": self.label, "r": list(self.r), "f": list(self.f), "m": list(self.m)}

    @classmethod
    def from_dict(cls, rule: Mapping[str, Any], bins: int = 5) -> "Segment":
        """{"key", "label", "r": [low, high], ...} -> Segment; a range left out covers all scores."""
        key = str(rule.get("key") or "").strip()
        if not key:
            raise AnalyticsError("A segment rule has no key: {rule}.", rule=dict(rule))
        label = str(rule.get("label") or "").strip()
        if not label:
            raise AnalyticsError("The segment rule {rule} has no label.", rule=key)
        unknown = sorted(set(rule) - FIELDS)
        if unknown:
            raise AnalyticsError("The segment rule {rule} has unknown fields: {fields}.", rule=key, fields=", ".join(unknown))
        return cls(key, label, *(_range(rule, field, key, bins) for field in ("r", "f", "m")))


DEFAULT_SEGMENTS = (
    Segment("champions", "Champions", r=(4, 5), f=(4, 5), m=(4, 5)),
    Segment("loyal", "Loyal", r=(3, 5), f=(3, 5), m=(3, 5)),
    Segment("cannot_lose", "Cannot lose", r=(1, 2), f=(4, 5), m=(4, 5)),
    Segment("potential_loyalist", "Potential loyalist", r=(4, 5), f=(2, 5)),
    Segment("new", "New", r=(5, 5), f=(1, 1)),
    Segment("promising", "Promising", r=(4, 4), f=(1, 1)),
    Segment("need_attention", "Need attention", r=(3, 3), f=(2, 5)),
    Segment("about_to_sleep", "About to sleep", r=(3, 3), f=(1, 1)),
    Segment("at_risk", "At risk", r=(1, 2), f=(3, 5)),
    Segment("hibernating", "Hibernating", r=(2, 2)),
    Segment("lost", "Lost", r=(1, 1)),
)


def segments_to_dicts(rules: Sequence[Segment]) -> list[dict[str, Any]]:
    return [rule.to_dict() for rule in rules]


def segments_from_dicts(rules: Iterable[Mapping[str, Any]], bins: int = 5) -> tuple[Segment, ...]:
    """What segments_to_dicts wrote, or a person typed -> the rules; the first thing wrong is an error naming its rule."""
    segments = tuple(Segment.from_dict(rule, bins) for rule in rules)
    seen: set[str] = set()
    for segment in segments:
        if segment.key in seen:
            raise AnalyticsError("The segment rule {rule} stands here twice.", rule=segment.key)
        seen.add(segment.key)
    return segments


def _range(rule: Mapping[str, Any], field: str, key: str, bins: int) -> Range:
    given = rule.get(field, (1, bins))
    try:
        low, high = (int(end) for end in given)
    except (TypeError, ValueError):
        low, high = 0, 0
    if not 1 <= low <= high <= bins or [low, high] != list(given):
        raise AnalyticsError(
            "The segment rule {rule}: {field} must be two whole numbers, lowest and highest score, from 1 to {bins}.",
            rule=key,
            field=field,
            bins=bins,
        )
    return low, high
