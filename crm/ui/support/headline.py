"""The numbers on top: each beside the period before, each leading to its cases."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd
import streamlit as st

from crm.support.filters import CaseFilter
from crm.support.queries import ServiceFigures
from crm.ui.address import parameters
from crm.ui.support.quality import KEPT, Asked, cases_of
from crm.ui.tile import COUNT, Tile, Tone, tile
from crm.words import say
from crm.words.formats import ARROWS, MISSING, change, number, percent

Good = Literal["up", "down", "neither"]
ROW = 5
"""Numbers in a row."""


@dataclass(frozen=True)
class Leads:
    """Where the rows of a number stand, and, where it is a count of them, how many there must be."""

    page: str
    where: dict[str, Any]
    count: float | None = None


def to_cases(where: CaseFilter, count: float | None = None) -> Leads:
    return Leads("cases", cases_of(where), count)


@dataclass(frozen=True)
class Number:
    key: str
    title: str
    text: str
    delta: str
    direction: Literal["up", "down", "same"]
    good: Good
    about: str
    leads: Leads | None


def hours(value: Any) -> str:
    """Hours of a clock on the wall -> 35 min, 5.2 h, 3.4 days."""
    if value is None or pd.isna(value):
        return MISSING
    if value < 1:
        return say("{minutes} min", minutes=number(round(value * 60), 0))
    return say("{hours} h", hours=number(value, 1)) if value < 72 else say("{days} days", days=number(value / 24, 1))


def headline(of: Asked, told: ServiceFigures) -> None:
    found = _numbers(of, told)
    for first in range(0, len(found), ROW):
        row = st.container(horizontal=True, key=f"figures.headline.{first}")
        for one in found[first : first + ROW]:
            _tile(row, one, "figures")


def tiles(found: list[Number], key: str) -> None:
    """One row of numbers."""
    row = st.container(horizontal=True, key=f"{key}.headline")
    for one in found:
        _tile(row, one, key)


def _tile(row: Any, one: Number, key: str) -> None:
    with row.container(border=True, width="stretch", height="stretch", key=f"{key}.number.{one.key}"):
        neutral = one.good == "neither" or one.direction == "same"
        tone: Tone = "gray" if neutral else "green" if one.direction == one.good else "red"
        about: dict[str, Any] = {"delta": one.delta or None, "tone": tone, "about": one.about}
        if one.leads is not None:
            counted = one.leads.count is not None
            about |= {"page": one.leads.page, "where": one.leads.where, "total": COUNT if counted else None}
        value = one.leads.count if one.leads is not None else None
        tile(Tile(f"{key}.{one.key}", one.title, value, one.text, **about), border=False)


def _numbers(of: Asked, told: ServiceFigures) -> list[Number]:
    now, beside = told.now, told.numbers
    before = say("Compared with the {days} days before.", days=of.days)
    ended = of.where.model_copy(update={"ended_from": of.since, "ended_to": of.until})
    late = {"show": "queue", "whose": "all", "shade": "breached"} | parameters(of.where)
    return [
        _count("open", say("Open now"), beside["open"], "down", say("Compared with the day on which the period began."),
            of.open()),
        Number("unassigned", say("Unassigned"), number(now["unassigned"], 0), _of_open(now, "unassigned"), "same", "neither",
            say("Open cases that nobody has taken yet."), to_cases(of.open(owner_id=(0,)), now["unassigned"])),
        Number("breached", say("Late now"), number(now["breached"], 0), _of_open(now, "breached"), "same", "neither",
            say("Open cases of which a clock has used up the time allowed."), Leads("cases", late, now["breached"])),
        _count("arrivals", say("Arrivals"), beside["arrivals"], "neither", before, of.list()),
        _count("closures", say("Closures"), beside["closures"], "neither",
            say("Solved, or closed without. {before}", before=before), ended),
        _hours("first_response", say("First response"), beside["first_response"], before, of),
        _hours("resolution", say("Resolution"), beside["resolution"], before, of),
        _share("within_sla", say("Within the SLA"), beside["within_sla"], "up",
            say("Of the cases opened in the period that are solved and to which something was promised. {before}", before=before),
            to_cases(of.list(made_sla=False))),
        _share("reopened", say("Reopened"), beside["reopened"], "down",
            say("Of the cases opened in the period that were solved at least once. {before}", before=before),
            to_cases(of.list(reopened=True))),
        csat(beside["csat"], before, Leads("service", _kept("satisfaction"))),
    ]  # fmt: skip


def _of_open(now: dict[str, int], name: str) -> str:
    return say("{share} of what is open", share=percent(now[name] / now["open"], 0)) if now["open"] else ""


def _kept(side: str) -> dict[str, str]:
    return {name: st.query_params[name] for name in KEPT if name in st.query_params} | {"show": side}


Pair = tuple[float | None, float | None]


def _count(key: str, title: str, pair: Pair, good: Good, about: str, where: CaseFilter) -> Number:
    text, direction = change(*pair)
    leads = to_cases(where, pair[0])
    return Number(key, title, number(pair[0], 0), text if direction != "same" else "", direction, good, about, leads)


def _hours(key: str, title: str, pair: Pair, before: str, of: Asked) -> Number:
    text, direction = change(*pair)
    about = say(
        "Median: half have it within this time, day and night; open cases count as far as they have come. {before}", before=before
    )
    return Number(key, title, hours(pair[0]), text if direction != "same" else "", direction, "down", about, to_cases(of.list()))


def _share(key: str, title: str, pair: Pair, good: Good, about: str, leads: Leads) -> Number:
    delta, direction = _step(pair, 100, 1)
    text = say("{change} points", change=delta) if delta else ""
    return Number(key, title, percent(pair[0]), text, direction, good, about, leads)


def csat(pair: Pair, before: str, leads: Leads | None) -> Number:
    delta, direction = _step(pair, 1, 2)
    about = say("Mean mark of the surveys sent in the period, 1 (bad) to 5 (very good). {before}", before=before)
    return Number("csat", say("Satisfaction"), number(pair[0], 2), delta, direction, "up", about, leads)


def _step(pair: Pair, scale: float, digits: int) -> tuple[str, Literal["up", "down", "same"]]:
    """The difference to the period before, with its arrow."""
    now, before = pair
    if now is None or before is None or round((now - before) * scale, digits) == 0:
        return "", "same"
    direction: Literal["up", "down"] = "up" if now > before else "down"
    return ARROWS[direction] + number(abs(now - before) * scale, digits), direction


__all__ = ["Leads", "Number", "csat", "headline", "hours", "tiles", "to_cases"]
