"""The customer-value engine beside lifetimes, as a table."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Sequence
from typing import Any

from crm.analytics.clv import bench
from crm.bench.report import table


def measure(sizes: Sequence[int], tell: Callable[[str], None] = print) -> str:
    """-> the section of the report."""
    tell(f"{', '.join(f'{size:,}' for size in sizes)} customers; this takes some minutes ...")
    rows = [_row(found) for found in bench.measure(sizes, include_lifetimes=True).to_dict("records")]
    text = table(("Work", "Customers", "lifetimes 0.11.3", "Here", "Faster", "Most memory"), rows)
    tell(text)
    return text + "\n\nSimulated bases; — means that lifetimes would have taken too long, or did not converge."


def _row(found: dict[Hashable, Any]) -> list[str]:
    times = [_seconds(found["lifetimes_s"]), _seconds(found["ours_s"]), _times(found["ratio"])]
    return [found["work"], f"{found['customers']:,}", *times, f"{found['peak_mb']:,.0f} MB"]


def _seconds(value: float) -> str:
    return "—" if math.isnan(value) else f"{value:.3f} s"


def _times(ratio: float) -> str:
    return "—" if math.isnan(ratio) else f"{ratio:,.0f} ×"
