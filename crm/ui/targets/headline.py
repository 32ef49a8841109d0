"""The chosen target in five figures: reached, pace, where it will end, how likely, what is missing."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from crm.targets.measures import rule_of
from crm.ui.targets.controls import Asked
from crm.ui.targets.leading import leads
from crm.ui.text import literal
from crm.ui.tile import Tile, tiles
from crm.words import label, say
from crm.words.formats import MISSING, number, percent, short_money


@dataclass(frozen=True)
class _Target:
    """A row of `expected`, in words."""

    of: Asked
    row: Any

    def amount(self, value: float | None) -> str:
        return self.of.amount(self.row.measure, value)

    def signed(self, value: float) -> str:
        return ("+" if value >= 0 else "−") + _plain(self.row.measure, abs(value))


def headline(of: Asked, row: Any) -> None:
    told = _Target(of, row)
    page, where, total = leads(of, row)
    counted = [replace(one, page=page, where=where) for one in (_reached(told), _actual(told, total))]
    tiles([*counted, _pace(told), _end(told), _gap(told)], "attainment.headline")


def _about(told: _Target) -> str:
    row = told.row
    scope = {"subject": literal(row.subject), "measure": label(row.measure, of="measure"), "period": told.of.span}
    return say("{subject} · {measure} · {period}", **scope)


def _reached(told: _Target) -> Tile:
    row = told.row
    about = say("What is reached, divided by the base target. {scope}", scope=_about(told))
    caption = say("of {base}", base=told.amount(row.base))
    return Tile(
        "attainment.share", say("Attainment"), _known(row.share), percent(row.share), total=None, about=about, caption=caption
    )


def _actual(told: _Target, total: str | None) -> Tile:
    row = told.row
    counted = say("{count:row|rows}", count=int(row.rows)) if row.rows else None
    about = say("All that counts for the target up to today. {scope}", scope=_about(told))
    if not row.whole:
        about = say("Only the total: you do not see all the rows behind it. {scope}", scope=_about(told))
        counted = say("total only")
    return Tile(
        "attainment.actual",
        label("actual"),
        _known(row.actual),
        told.amount(row.actual),
        total=total,
        about=about,
        caption=counted,
    )


def _pace(told: _Target) -> Tile:
    row = told.row
    days = say("{elapsed} of {days:working day|working days}", elapsed=int(row.elapsed), days=int(row.days))
    about = say(
        "What is reached, less what the target asks for by now if every working day brought the same ({pace}).",
        pace=told.amount(row.pace),
    )
    if row.ahead != row.ahead:
        return Tile("attainment.pace", say("Pace"), None, MISSING, total=None, about=about, caption=days)
    title = say("Ahead of the pace") if row.ahead >= 0 else say("Behind the pace")
    ahead = told.signed(row.ahead)
    return Tile("attainment.pace", title, float(row.ahead), ahead, total=None, about=about, caption=days)


def _end(told: _Target) -> Tile:
    row = told.row
    about = say(
        "Where the period will end: with equal chance more or less. In 80 of 100 cases it ends between the two figures below."
        " Drawn from the working days behind us, and from the open deals where deals are counted."
    )
    if row.state == "over":
        met = say("base met") if row.actual >= row.base else say("base missed")
        ended = told.amount(row.actual)
        return Tile("attainment.end", say("Ended at"), _known(row.actual), ended, total=None, about=about, caption=met)
    if row.p50 != row.p50:
        why = say("The period has not begun.") if row.state == "future" else say("Too few days are known to tell.")
        return Tile("attainment.end", say("Forecast"), None, MISSING, total=None, about=about, caption=why)
    band = say("{low} to {high}", low=told.amount(row.p10), high=told.amount(row.p90))
    likely = told.amount(row.p50)
    return Tile("attainment.end", say("Forecast"), float(row.p50), likely, total=None, about=about, caption=band)


def _gap(told: _Target) -> Tile:
    row = told.row
    about = say(
        "What is missing to the base target, and the chance that it is there by the end of the period. {chances}",
        chances=_chances(row),
    )
    open_ = row.state == "running" and row.chance_base == row.chance_base
    caption = say("{chance} chance to reach it", chance=percent(row.chance_base, 0)) if open_ else MISSING
    title, gap = label("gap", of="target"), told.amount(row.gap)
    return Tile("attainment.gap", title, float(row.gap), gap, total=None, about=about, caption=caption)


def _chances(row: Any) -> str:
    told = (("base", row.chance_base), ("stretch", row.chance_stretch), ("challenge", row.chance_challenge))
    return " · ".join(f"{label(name, of='target')} {percent(value, 0)}" for name, value in told if value == value)


def _plain(measure: str, value: float) -> str:
    """Without the currency, which the other tiles say."""
    return short_money(value) if rule_of(measure).money else number(value, None if rule_of(measure).adds_up else 2)


def _known(value: float) -> float | None:
    return float(value) if value == value else None


__all__ = ["headline"]
