"""What attaining a target earns, line by line: each part of the attainment at the rate of its tier."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from itertools import pairwise
from typing import Literal

from crm.analytics.errors import AnalyticsError

CENT = Decimal("0.01")
Step = Literal["below_threshold", "tier", "cap"]


@dataclass(frozen=True)
class Tier:
    """What lies above this share of the target (1 = met) earns at this rate, up to the next tier."""

    from_share: Decimal
    rate: Decimal


@dataclass(frozen=True)
class Line:
    """One step of the reckoning: of a tier from share to share of the target, the `part` of the whole amount that lies in it, at
    `rate`; the cap takes away what is above it."""

    step: Step
    from_share: Decimal
    to_share: Decimal
    part: Decimal
    rate: Decimal
    amount: Decimal


@dataclass(frozen=True)
class Pay:
    share: Decimal
    """actual / target"""
    amount: Decimal
    lines: tuple[Line, ...]
    """Their amounts add up to the amount exactly."""


def check_tiers(tiers: Sequence[Tier]) -> None:
    """Raises AnalyticsError unless they begin at 0, go upwards, and no rate is below zero."""
    shares = [tier.from_share for tier in tiers]
    if not shares or shares[0] != 0 or any(later <= earlier for earlier, later in pairwise(shares)):
        raise AnalyticsError("Tiers begin at 0 and go upwards.")
    if any(tier.rate < 0 for tier in tiers):
        raise AnalyticsError("A rate is not below zero.")


def pay(
    actual: Decimal,
    target: Decimal,
    tiers: Sequence[Tier],
    *,
    whole: Decimal,
    threshold: Decimal = Decimal(0),
    cap: Decimal | None = None,
) -> Pay:
    """`whole`: what attaining the target exactly is counted with: the target itself for a commission, an amount for a bonus.

    Only what lies within a tier earns at its rate: a higher rate for what is above the target (an accelerator) never pays for
    what is below it. Below the threshold nothing is paid. Each line is rounded to the cent, half to even.

    Raises AnalyticsError for tiers that cannot be and for a target that is not above zero."""
    check_tiers(tiers)
    if target <= 0:
        raise AnalyticsError("A target of {target} cannot be shared in.", target=target)
    share = max(actual, Decimal(0)) / target
    if share < threshold:
        return Pay(share, Decimal(0), (Line("below_threshold", Decimal(0), share, whole * share, Decimal(0), Decimal(0)),))
    lines = []
    for place, tier in enumerate(tiers):
        end = tiers[place + 1].from_share if place + 1 < len(tiers) else share
        upper = min(end, share)
        if upper > tier.from_share or (place == 0 and share == 0):
            part = whole * (upper - tier.from_share)
            lines.append(Line("tier", tier.from_share, upper, part, tier.rate, _rounded(part * tier.rate)))
    total = sum((line.amount for line in lines), Decimal(0))
    if cap is not None and total > cap:
        lines.append(Line("cap", Decimal(0), share, total, Decimal(0), cap - total))
        total = cap
    return Pay(share, total, tuple(lines))


def _rounded(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, rounding=ROUND_HALF_EVEN)
