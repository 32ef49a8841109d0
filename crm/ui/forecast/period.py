"""What the forecast page asks first: which span, whose deals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import streamlit as st

from crm.office.queries import today
from crm.pipeline import queries
from crm.pipeline.filters import OpportunityFilter
from crm.pipeline.periods import KINDS, Kind, Span, before, span
from crm.pipeline.queries.outlook import Outlook, outlook
from crm.staff.sign_in import Board
from crm.ui.desk import figures
from crm.ui.forecast.controls import whose
from crm.ui.forecast.shown import ROWS
from crm.ui.insight.about import about
from crm.ui.insight.cohort_controls import option
from crm.ui.text import literal
from crm.words import say
from crm.words.formats import date_short, short_money


@dataclass(frozen=True)
class Period:
    """What the controls say, and the forecast of it."""

    board: Board
    kind: Kind
    span: Span
    where: OpportunityFilter
    whole: bool
    """All of the board that the person sees."""
    scope: str
    told: Outlook

    @property
    def due(self) -> OpportunityFilter:
        """The open deals that are expected in it, or before it once it has begun."""
        start, end = self.span
        since = None if start <= self.told.day else start
        return self.where.model_copy(update={"state": ("open",), "expected_from": since, "expected_to": end})

    @property
    def won(self) -> OpportunityFilter:
        return self.where.model_copy(update={"state": ("won",), "closed_from": self.span[0], "closed_to": self.span[1]})

    def money(self, amount: float | None) -> str:
        return short_money(amount, self.board.currency)


def period_of(board: Board) -> Period:
    titles = {
        "quarter": say("This quarter"),
        "next_quarter": say("Next quarter"),
        "month": say("This month"),
        "year": say("This year"),
    }
    with st.container(horizontal=True, vertical_alignment="bottom", key="forecast.controls"):
        day = figures(today)
        first = "next_quarter" if span("quarter", day)[1] == day else "quarter"  # on its last day a quarter is history
        chosen = option("period", titles, first, title=say("Period"), key="forecast", draw=st.segmented_control)
        where, name = whose(board.id, "forecast")
    kind = next(one for one in KINDS if one == chosen)
    asked = span(kind, day)
    told = figures(outlook, start=asked[0], end=asked[1], compared=before(asked), where=where)
    scope = say(
        "{board} · {whose} · {first} to {last}",
        board=literal(board.name),
        whose=literal(name),
        first=date_short(asked[0]),
        last=date_short(asked[1]),
    )
    return Period(board, kind, asked, where, where == OpportunityFilter(board_id=(board.id,)), scope, told)


def sign(
    of: Period, key: str, definition: str, n: int, *, where: OpportunityFilter | None = None, columns: Sequence[str] = ROWS
) -> None:
    """The panel of a chart, with the deals behind it."""
    rows = partial(queries.export_rows, where=where or of.due)
    about(key, definition=definition, scope=of.scope, as_of=of.told.day, n=n, rows=rows, columns=columns)


__all__ = ["Period", "period_of", "sign"]
