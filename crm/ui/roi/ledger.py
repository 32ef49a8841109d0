"""The six figures, each with what it is made of, how sure it is, how it went, and its rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd
import streamlit as st

from crm.office.queries import today
from crm.staff.sign_in import Board, SignedIn
from crm.targets import queries
from crm.targets.queries import DEFINITIONS, Definition, Metric
from crm.targets.queries.costs import quarters_up_to
from crm.ui.address import choice
from crm.ui.boards import one_board
from crm.ui.desk import figures
from crm.ui.roi.rows import rows_of_metric
from crm.ui.roi.spans import Span, amount_shown, definition, shown, span_before, span_in_address, title_of
from crm.ui.show import empty, heading
from crm.ui.tile import Tile, Tone, tile
from crm.words import label, say
from crm.words.formats import MISSING, change, date_short

IN_A_ROW = 3


@dataclass(frozen=True)
class Asked:
    board: Board
    name: str
    span: Span
    before: Span


def ledger(person: SignedIn) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key="roi.controls"):
        board = one_board(person, "roi.board")
        if board is not None:
            name, span = span_in_address(figures(today))
    if board is None:
        empty("You see no board yet. An administrator gives you one under People.")
        return
    metric = choice("metric", tuple(one.value for one in Metric), "")
    if metric:
        rows_of_metric(Metric(metric), board, name, span)
        return
    _figures(Asked(board, name, span, span_before(name, span)))


def _figures(of: Asked) -> None:
    spans = (of.span, of.before, *quarters_up_to(figures(today)))
    now, was, *past = (told.set_index("metric") for told in figures(queries.ledgers, board_id=of.board.id, spans=spans))
    quarters = pd.DataFrame([told["value"] for told in past])
    _answer(of, now, was)
    names = [one.value for one in Metric]
    for first in range(0, len(names), IN_A_ROW):
        cells = st.columns(IN_A_ROW, gap="medium")
        for cell, metric in zip(cells, names[first : first + IN_A_ROW], strict=True):
            with cell, st.container(border=True, height="stretch", key=f"roi.{metric}"):
                _figure(metric, of, now.loc[metric], was.loc[metric], [float(value) for value in quarters[metric]])


def _answer(of: Asked, now: pd.DataFrame, was: pd.DataFrame) -> None:
    both = now["value"].notna() & was["value"].notna()
    signs = pd.Series({one.value: DEFINITIONS[one].better for one in Metric})
    good = both & ((now["value"] - was["value"]) * signs.reindex(now.index) > 0)
    span = {"first": date_short(of.before[0]), "last": date_short(of.before[1])}
    if not both.any():
        heading("None of the six figures can be compared with {first} to {last}: one of the two periods is empty", **span)
        return
    heading(
        "Better than from {first} to {last}: {good} of {count:figure|figures}",
        good=int(good.sum()),
        count=int(both.sum()),
        **span,
    )


def _figure(metric: str, of: Asked, now: Any, was: Any, quarters: list[float]) -> None:
    told, currency = DEFINITIONS[Metric(metric)], of.board.currency
    text, direction = change(now["value"], was["value"])
    trend = [one for one in quarters if one == one]
    about = say("Before: {value}, from {first} to {last}.", value=shown(metric, was["value"], currency), **_days(of.before))
    where = {"show": "ledger", "board": of.board.id, "span": of.name, "metric": metric}
    tile(
        Tile(
            metric,
            title_of(metric),
            None if now["value"] != now["value"] else float(now["value"]),
            shown(metric, now["value"], currency),
            page="roi",
            where=where,
            total=None,
            about=f"{definition(metric)}  \n{about}",
            delta=text if direction != "same" else MISSING,
            tone=_tone(direction, told),
            beside=_beside(metric, was["value"], currency),
            caption=_interval(metric, now, currency),
            trend=tuple(float(one) for one in trend) if len(trend) > 1 else (),
        ),
        border=False,
    )
    st.markdown(f"{_side(metric, 'numerator', told.numerator, now, currency)}  \n÷ {_below(metric, told, now, currency)}")
    st.caption(definition(metric))


def _beside(metric: str, before: float, currency: str) -> str:
    known = before == before
    return say("on {value} before", value=shown(metric, before, currency)) if known else say("not known before")


def _below(metric: str, told: Definition, now: Any, currency: str) -> str:
    return _side(metric, "denominator", told.denominator, now, currency)


def _side(metric: str, side: str, name: str, now: Any, currency: str) -> str:
    return f"**{amount_shown(metric, side, float(now[side]), currency)}** {label(name)}".replace("$", "\\$")


def _tone(direction: str, told: Definition) -> Tone:
    if direction == "same":
        return "gray"
    return "green" if (direction == "up") == (told.better > 0) else "red"


def _interval(metric: str, now: Any, currency: str) -> str:
    if now["value"] != now["value"]:
        return say("Nothing to divide by in this period.")
    if now["low"] != now["low"]:
        return say("No interval: money alone.") if metric == Metric.MROI else say("Too few cases for an interval.")
    low, high = (shown(metric, now[one], currency) for one in ("low", "high"))
    return say("95 %: {low} to {high}", low=low, high=high)


def _days(span: Span) -> dict[str, str]:
    return {"first": date_short(span[0]), "last": date_short(span[1])}
