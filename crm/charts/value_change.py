"""How the worth of customers came about between two days, and whether sales went with it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from crm.charts.frames import SMALL, THIN, drawn, floats, plain, value_axis
from crm.charts.language import code, short, typed
from crm.charts.theme import EVERGREEN, NEGATIVE, NEUTRAL, POSITIVE, faint

ENDS = ("opening", "closing")
CUT = 0.55
"""Totals that stay above this share of the highest one are drawn from a later start, so that the steps can be seen."""


def fall(frame: pd.DataFrame, picked: str = "") -> go.Figure:
    """`step` (opening, the parts, closing), `change`, `total` (after it), `customers`: rows from top to bottom, each where the
    one before it ended; `picked` is framed. Where all totals are far from zero the axis begins later, and so do the ends.
    A click gives the step."""
    shown = frame[(frame["change"] != 0) | frame["step"].isin(ENDS)].reset_index(drop=True)
    height = max(len(shown) * 36 + 30, 140)
    if shown.empty:
        return drawn(height)
    change, total = floats(shown["change"]), floats(shown["total"])
    names, whole = [str(one) for one in shown["step"]], shown["step"].isin(ENDS).to_numpy()
    start = _start(total, change, whole)
    base = np.where(whole, start, np.minimum(total, total - change))
    size = np.where(whole, total - start, np.abs(change))
    colours = [NEUTRAL if end else POSITIVE if value >= 0 else NEGATIVE for end, value in zip(whole, change, strict=True)]
    bar = go.Bar(
        orientation="h",
        base=base,
        x=size,
        y=list(range(len(names))),
        width=0.62,
        marker={
            "color": [faint(colour, 0.55) if end else colour for colour, end in zip(colours, whole, strict=True)],
            "line": {"color": NEUTRAL, "width": [2 if name == picked else 0 for name in names]},
        },
        text=[short(total[at]) if whole[at] else _signed(change[at]) for at in range(len(names))],
        textposition="outside",
        cliponaxis=False,
        customdata=names,
        hovertext=[
            code(name, of="part") + ("" if end else f" · {int(count):,} " + code("customers"))
            for name, end, count in zip(names, whole, shown["customers"], strict=True)
        ],
        hovertemplate="<b>%{hovertext}</b>: %{text}<extra></extra>",
        selected={"marker": {"opacity": 1}},
        unselected={"marker": {"opacity": 1}},
    )
    reach = float((base + size).max())
    low = float(min(base.min(), start))
    span = max(reach - low, 1.0)
    lines = [
        {"type": "line", "x0": total[at], "x1": total[at], "y0": at - 0.31, "y1": at + 1.31} | THIN
        for at in range(len(names) - 1)
    ]
    return drawn(
        height,
        [bar],
        margin={"r": 24, "t": 4},
        shapes=lines,
        xaxis={"visible": False, "range": [low, reach + span * 0.22]},
        yaxis={"visible": True, "autorange": "reversed", "showgrid": False}
        | {"tickvals": list(range(len(names))), "ticktext": [code(name, of="part") for name in names]},
    )


def _start(total: np.ndarray, change: np.ndarray, whole: np.ndarray) -> float:
    """Where the axis begins: at zero, or below the lowest point where that would hide the steps."""
    touched = np.concatenate([total, (total - change)[~whole]])
    lowest, highest = float(touched.min()), float(touched.max())
    if lowest <= 0 or lowest < highest * CUT:
        return 0.0
    return max(0.0, lowest - (highest - lowest) * 0.5)


def _signed(amount: float) -> str:
    return ("+" if amount >= 0 else "−") + short(abs(amount))


def assets_and_volume(frame: pd.DataFrame, picked: int | None = None) -> go.Figure:
    """`person_id`, `person`, `revenue`, `worth_change`: a point for each, right what he sold, up what his customers became worth
    more; below the line he sold while his customers lost. A click gives the person."""
    if frame.empty:
        return drawn(300)
    x, y = floats(frame["revenue"]), floats(frame["worth_change"])
    ids = plain(frame["person_id"])
    colours = [POSITIVE if value >= 0 else NEGATIVE for value in y]
    middle = float(np.median(x))
    points = go.Scatter(
        x=x,
        y=y,
        mode="markers+text",
        marker={
            "size": 13,
            "color": colours,
            "line": {"width": [3 if one == picked else 0 for one in ids], "color": EVERGREEN},
        },
        text=[typed(name) for name in frame["person"]],
        textposition=_beside(x),
        textfont={"size": 11},
        cliponaxis=False,
        customdata=ids,
        hovertext=[
            f"<b>{typed(name)}</b><br>" + code("worth_change") + f": {_signed(up)}<br>" + code("revenue") + f": {short(sold)}"
            for name, up, sold in zip(frame["person"], y, x, strict=True)
        ],
        hovertemplate="%{hovertext}<extra></extra>",
        selected={"marker": {"opacity": 1}},
        unselected={"marker": {"opacity": 1}},
    )
    across, up = value_axis(0, float(x.max())), value_axis(float(y.min()), float(y.max()))
    axes = {"title": {"text": code("revenue")}, "showgrid": False, "nticks": 5}
    corner = {"xref": "paper", "yref": "paper"} | SMALL
    return drawn(
        320,
        [points],
        margin={"t": 16, "r": 20},
        shapes=[
            {"type": "line", "x0": 0, "x1": 1, "xref": "paper", "y0": 0, "y1": 0, "line": {"color": NEUTRAL, "width": 1.5}},
            {"type": "line", "x0": middle, "x1": middle, "y0": 0, "y1": 1, "yref": "paper"}
            | {"line": {"color": NEUTRAL, "width": 1, "dash": "dot"}},
        ],
        annotations=[
            corner | {"x": 1, "y": 1, "xanchor": "right", "yanchor": "bottom", "text": code("sells_and_grows")},
            corner | {"x": 1, "y": 0, "xanchor": "right", "yanchor": "bottom", "text": code("only_sells")},
        ],
        xaxis=across | axes,
        yaxis=up | {"title": {"text": code("worth_change")}},
    )


def _beside(x: np.ndarray) -> list[str]:
    """Names stand where there is room for them: at the left of points that lie far right."""
    far = float(x.max()) or 1.0
    return ["middle left" if value > far * 0.7 else "middle right" for value in x]


__all__ = ["assets_and_volume", "fall"]
