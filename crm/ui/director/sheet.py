"""The director's screen as one page to send: the same figures and sentences."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd

from crm.exchange.sheet import Box, Cells, Sheet, Way
from crm.staff.sign_in import Board
from crm.targets.queries.standing import Standing
from crm.targets.queries.watch import Watch
from crm.ui.director.attention import lines
from crm.ui.director.sentences import SHOWN, answer, column_title, map_answer, period_word, way_answer
from crm.ui.tile import Tile
from crm.words import say
from crm.words.formats import date_short, percent, short_money


def sheet_of(told: Standing, seen: Watch, board: Board, found: list[Tile], author: str) -> Sheet:
    """`found` are the tiles of the page."""
    listed = lines(seen, board)
    scope = say(
        "{name} · this {period}, {first} to {last}",
        name=told.name,
        period=period_word(told),
        first=date_short(told.start),
        last=date_short(told.end),
    )
    return Sheet(
        title=say("Will the {period} be made?", period=period_word(told)),
        scope=scope,
        answer=answer(told, board.currency),
        boxes=tuple(_box(one) for one in found),
        cells=_cells(told),
        way=_way(told, board),
        listed=tuple(one.text for one in listed),
        listed_title=say("{count:thing needs|things need} attention", count=len(listed)),
        foot=say("As of {day} · made by {name}, as far as this person sees", day=date_short(told.day), name=author),
        author=author,
    )


def _box(one: Tile) -> Box:
    beside = one.beside if one.delta else None
    return Box(one.title, one.shown, one.delta or "", one.tone, beside or "", one.caption or "")


def _cells(told: Standing) -> Cells:
    frame = told.periods[told.periods.groupby("starts_on")["share"].transform("count") > 0]
    if frame.empty:
        return Cells(say("No target holds for this period"))
    starts = list(dict.fromkeys(zip(frame["starts_on"], frame["period"], strict=True)))
    by_part = {name: part.set_index("starts_on") for name, part in frame.groupby("subject", sort=False)}
    rows = []
    for name in told.parts["subject"].head(SHOWN):
        part = by_part[name]
        pairs: list[tuple[Any, Any]] = [(part.at[start, "share"], part.at[start, "to_pace"]) for start, _ in starts]
        rows.append(
            (str(name), tuple((percent(share, 0), _known(pace)) if share == share else ("", None) for share, pace in pairs))
        )
    return Cells(map_answer(told), tuple(column_title(*one).replace("<br>", " ") for one in starts), tuple(rows))


def _known(value: float) -> float | None:
    return float(value) if value == value else None


def _way(told: Standing, board: Board) -> Way:
    path = told.path
    seen, ahead = path[path["actual"].notna()], path[path["p50"].notna()]
    came = tuple((_place(told, day), float(value)) for day, value in zip(seen["day"], seen["actual"], strict=True))
    columns = (ahead[name] for name in ("day", "p10", "p50", "p90"))
    band = tuple((_place(told, day), float(a), float(b), float(c)) for day, a, b, c in zip(*columns, strict=True))
    marks = () if told.base is None else ((told.base, say("Target {amount}", amount=short_money(told.base, board.currency))),)
    ends = date_short(told.start), date_short(told.end)
    return Way(way_answer(told, board.currency), came, band, told.base, ends, marks)


def _place(told: Standing, day: dt.date) -> float:
    """Where in the period a day lies, from 0 to 1."""
    start, end = pd.Timestamp(told.start), pd.Timestamp(told.end)
    return float((pd.Timestamp(day) - start) / (end - start))


__all__ = ["sheet_of"]
