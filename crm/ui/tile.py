"""A figure in the headline of a page, and the list it leads to. Both say what they add up to, so that the two can be compared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import streamlit as st

from crm.ui.desk import go
from crm.words import say

COUNT = "count"
"""How many rows there are; any other total is the sum of a column."""

Tone = Literal["green", "red", "gray"]


@dataclass(frozen=True, slots=True)
class Tile:
    """`total` names what the rows at `page` with `where` in the address add up to: `count`, or the column whose sum it is.
    A rate or a mean leads to rows too, but is no sum of them: its `total` is None."""

    name: str
    title: str
    """In the reader's words, as are the other texts."""
    value: float | None
    shown: str
    page: str | None = None
    where: dict[str, Any] = field(default_factory=dict)
    total: str | None = COUNT
    about: str | None = None
    """Definition, scope, as of: behind the small sign."""
    delta: str | None = None
    tone: Tone = "gray"
    beside: str | None = None
    """What the change is measured against."""
    caption: str | None = None
    trend: tuple[float, ...] = ()


def tiles(found: Sequence[Tile], key: str) -> None:
    """A row of them, all of one height."""
    with st.container(horizontal=True, key=key):
        for one in found:
            with st.container(border=True, width="stretch", height="stretch", key=f"{key}.{one.name}"):
                tile(one, border=False)


def tile(one: Tile, *, border: bool = True) -> None:
    """Draw it; the arrow opens its rows: beside the figure, or at the end of the line below where there is one."""
    _kept("_tiles")[one.name] = one
    with st.container(border=border, key=f"tile.{one.name}", gap=None):
        if one.caption is None:
            with st.container(horizontal=True, gap=None):
                _figure(one)
                _arrow(one)
            return
        _figure(one)
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption(one.caption, width="stretch")
            _arrow(one)


def _figure(one: Tile) -> None:
    more: dict[str, Any] = {"chart_data": list(one.trend), "chart_type": "line"} if one.trend else {}
    st.metric(
        one.title,
        one.shown,
        delta=one.delta,
        delta_color=one.tone,
        delta_arrow="off",
        delta_description=one.beside if one.delta else None,
        help=one.about,
        **more,
    )


def _arrow(one: Tile) -> None:
    if one.page is not None and st.button(
        "", icon=":material/arrow_forward:", key=f"lead.{one.name}", type="tertiary", help=say("Show the rows")
    ):
        go(one.page, **one.where)


def told(page: str, totals: dict[str, float]) -> None:
    """A list says what all of its rows, not only those on this page, add up to: their `count`, and sums by column."""
    _kept("_totals")[page] = totals


def _kept(name: str) -> dict[str, Any]:
    kept: dict[str, Any] = st.session_state.setdefault(name, {})
    return kept


__all__ = ["COUNT", "Tile", "tile", "tiles", "told"]
