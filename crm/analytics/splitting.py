"""One whole into parts that add up to it exactly, whatever the weights."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

from crm.analytics.errors import AnalyticsError

Weight = int | float | Decimal | Fraction


def split(whole: Decimal, weights: Sequence[Weight], unit: Decimal = Decimal("0.01")) -> list[Decimal]:
    """A whole in multiples of `unit`, and a weight for each part -> the parts, in their order, each within one unit of its exact
    share: what is left of rounding towards zero goes one by one to the largest remainders, the first of equal ones. Negative
    wholes are split like positive ones. Largest remainder method (Hamilton).

    Raises AnalyticsError for a weight below zero, for none above zero, and for a whole between two units."""
    exact = [Fraction(weight) for weight in weights]
    if any(weight < 0 for weight in exact) or not sum(exact):
        raise AnalyticsError("Weights are not below zero, and at least one is above it.")
    units = Fraction(whole) / Fraction(unit)
    if units.denominator != 1:
        raise AnalyticsError("{whole} cannot be split into parts of {unit}.", whole=whole, unit=unit)
    sign, count = (-1 if units < 0 else 1), abs(units.numerator)
    shares = [count * weight / sum(exact) for weight in exact]
    parts = [share.numerator // share.denominator for share in shares]
    order = sorted(range(len(parts)), key=lambda place: (parts[place] - shares[place], place))
    for place in order[: count - sum(parts)]:
        parts[place] += 1
    return [sign * part * unit for part in parts]


def raised(value: Decimal, percent: Decimal, unit: Decimal = Decimal("0.01")) -> Decimal:
    """By so many percent, rounded to a whole unit (half to even)."""
    return (value * (100 + percent) / 100 / unit).to_integral_value() * unit
