"""What the RFM explorer looks at: whose customers, on which day, by which cut points and segments. The controls at its left."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass
from typing import Any

import pandas as pd
import streamlit as st

from crm.analytics.rfm import rfm_cuts
from crm.analytics.segments import Segment, segments_from_dicts
from crm.customers.filters import CustomerFilter
from crm.customers.scales import Scale
from crm.insight.queries.rfm import BINS, rfm_base, rfm_day, rfm_scored, rfm_settings
from crm.staff.sign_in import Board, SignedIn
from crm.ui.desk import figures, load
from crm.ui.insight.population import chosen_population
from crm.ui.insight.selected import these
from crm.words import say
from crm.words.formats import date_short, number

Cuts = dict[str, list[float]]
RULES = "rfm.rules"
"""Where the segments that somebody tries, and has not saved, are kept."""
EDITOR = "rfm.cuts_editor"


@dataclass(frozen=True)
class Lens:
    board: Board
    where: CustomerFilter
    """The board and perhaps one group of it."""
    day: dt.date
    by_orders: bool
    """Seen from an earlier day: by the orders up to it."""
    base: pd.DataFrame
    given: Cuts | None
    """None = quintiles."""
    segments: tuple[Segment, ...]
    saved: dict[str, Any]
    """What the firm uses."""

    @property
    def cuts(self) -> Cuts:
        return self.given or rfm_cuts(self.base, BINS)

    @property
    def scored(self) -> pd.DataFrame:
        return rfm_scored(self.base, self.segments, self.given)

    @property
    def is_preview(self) -> bool:
        return self.given != self.saved["cuts"] or self.segments != segments_from_dicts(self.saved["segments"], BINS)

    @property
    def scope(self) -> str:
        """In the reader's words."""
        return say("customers of {board} that you see", board=self.board.name)

    def in_cells(self, cells: tuple[str, ...]) -> CustomerFilter:
        """The customers of cells: today by a rule on their summaries, on an earlier day as those who were in them."""
        if not self.by_orders:
            return self.where.model_copy(update={"rfm": cells, "rfm_scale": Scale.by(self.cuts).written()})
        scored = self.scored
        pairs = scored["r"].astype(str) + "-" + scored["f"].astype(str)
        inside = pairs.isin(cells) | (pairs + "-" + scored["m"].astype(str)).isin(cells)
        return these(scored.index[inside])


def chosen_lens(person: SignedIn) -> Lens | None:
    """The controls; None for somebody without a board. Tells what is wrong with cut points and shows the saved ones instead."""
    population = chosen_population(person, "rfm", days=False)
    if population is None:
        return None
    board = next(board for board in person.boards if board.id == population.board_id)
    where = CustomerFilter(board_id=(board.id,), group_id=(population.group_id,) if population.group_id else ())
    newest = figures(rfm_day, board_id=board.id)
    day = _day(newest)
    base = load(rfm_base, where=where, board_id=board.id, day=day, by_orders=day < newest)
    saved = figures(rfm_settings)
    given = _given(saved["cuts"])
    rules = segments_from_dicts(st.session_state.get(RULES) or saved["segments"], BINS)
    lens = Lens(board, where, day, day < newest, base, given, rules, saved)
    if len(base):
        _thresholds(lens)
    return lens


def _day(newest: dt.date) -> dt.date:
    asked = st.query_params.get("as_of", "")
    try:
        day = min(dt.date.fromisoformat(asked), newest)
    except ValueError:
        day = newest
    st.session_state["rfm.as_of"] = day
    st.date_input(
        say("As of"), key="rfm.as_of", min_value=dt.date(1990, 1, 1), max_value=newest, format="YYYY-MM-DD", on_change=_day_chosen
    )
    if day < newest:
        st.caption(say("By the orders up to {day}.", day=date_short(day)))
    return day


def _day_chosen() -> None:
    st.query_params["as_of"] = st.session_state["rfm.as_of"].isoformat()


# ------------------------------------------------------------------------------------------------- cut points


def _given(saved: Cuts | None) -> Cuts | None:
    """The cut points in the address, else the firm's."""
    text = st.query_params.get("cuts", "")
    if text == "quintiles":
        return None
    try:
        scale = Scale.parse(text)
    except ValueError:
        return saved
    given = {name: list(getattr(scale, name)) for name in "rfm"}
    return given if all(len(points) == BINS - 1 and points == sorted(points) for points in given.values()) else saved


def _thresholds(lens: Lens) -> None:
    options = {"quintiles": say("Quintiles"), "points": say("Cut points")}
    st.session_state["rfm.by"] = "points" if lens.given else "quintiles"
    st.segmented_control(
        say("Thresholds"),
        list(options),
        format_func=lambda one: options[one],
        key="rfm.by",
        on_change=_way_chosen,
        args=(lens.cuts,),
        help=say("Quintiles: each score holds about a fifth of the customers. Cut points: you say from where a score begins."),
    )
    if lens.given is None:
        _quintiles(lens.cuts)
        return
    with st.form("rfm.cuts", border=False):
        edited = st.data_editor(_as_table(lens.cuts), **_columns(), key=f"{EDITOR}.{hash(str(lens.cuts))}")
        if st.form_submit_button(say("Apply cut points"), icon=":material/check:", width="stretch"):
            _apply(edited)


def _quintiles(cuts: Cuts) -> None:
    """Where a fifth ends, from the best score to the second."""
    reached = {name: [number(point, 0) for point in cuts[name] if abs(point) != math.inf] for name in "rfm"}
    days, orders, money = (reached["r"], reached["f"][::-1], reached["m"][::-1])
    st.caption(say("R ≤ {points} days", points=days))
    st.caption(say("F ≥ {points} orders", points=orders))
    st.caption(say("M ≥ {points}", points=money))


def _way_chosen(cuts: Cuts) -> None:
    st.query_params["cuts"] = Scale.by(cuts).written() if st.session_state["rfm.by"] == "points" else "quintiles"


def _as_table(cuts: Cuts) -> pd.DataFrame:
    """A row for each score from the best to the second: recency at most, orders and amount at least."""
    rows = pd.DataFrame({"score": [5, 4, 3, 2], "r": cuts["r"], "f": cuts["f"][::-1], "m": cuts["m"][::-1]}, dtype="float64")
    return rows.where(rows.abs() != math.inf)


def _columns() -> dict[str, Any]:
    column = st.column_config
    heads = {
        "r": (say("R ≤"), say("Days since the last order, at most")),
        "f": (say("F ≥"), say("Orders, at least")),
        "m": (say("M ≥"), say("Amount, at least")),
    }
    config: dict[str, Any] = {
        name: column.NumberColumn(head, help=hint, format="localized", min_value=0, width=75)
        for name, (head, hint) in heads.items()
    }
    config["score"] = column.NumberColumn("", format="%d", width=30)
    return {"column_config": config, "hide_index": True, "disabled": ["score"], "width": "stretch"}


def _apply(edited: pd.DataFrame) -> None:
    """An empty field is a score that nobody reaches."""
    cuts = {
        "r": edited["r"].fillna(-math.inf).tolist(),
        "f": edited["f"].fillna(math.inf).tolist()[::-1],
        "m": edited["m"].fillna(math.inf).tolist()[::-1],
    }
    if any(points != sorted(points) for points in cuts.values()):
        st.error(say("A better score needs fewer days, more orders and a higher amount. The cut points stay as they were."))
        return
    st.query_params["cuts"] = Scale.by(cuts).written()
    st.rerun()


__all__ = ["RULES", "Cuts", "Lens", "chosen_lens"]
