"""Customers by segment and from segment to segment: a treemap, a matrix, a Sankey diagram; and cells that can be picked.

Plotly tells no selection in heat maps and treemaps, but in bars: so areas are drawn as bars, or have bars laid over them.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from crm.charts.distribution import rfm_heat
from crm.charts.frames import drawn, floats
from crm.charts.language import code, share, short
from crm.charts.theme import AMBER, colour_of, faint

Box = tuple[float, float, float, float]
"""x, y, width, height"""

WIDE = 2.2
"""Width of a treemap to its height."""
GAP = 0.006
NAMED_FROM = (0.2, 0.09)
"""Width and height from which a box has room for its name."""
CLEAR = "rgba(0,0,0,0)"
TALL, PAD = 500, 18
"""Pixels: the height of streams, and between two of their nodes, so that the names keep apart."""


def rfm_cells(frame: pd.DataFrame, value: str, picked: Collection[str] = ()) -> go.Figure:
    """`r`, `f`, `customers`, `revenue` as rfm_heat draws them, coloured by `value`; `picked` ("5-4": r, f) are outlined.
    A click gives [r, f, customers, revenue]."""
    figure = rfm_heat(frame, value)
    hover = (
        code("recency") + " %{customdata[0]} · " + code("frequency") + " %{customdata[1]}<br>" + code("customers")
        + ": <b>%{customdata[2]:,}</b><br>" + code("revenue") + ": %{customdata[3]:,.2f}<extra></extra>"
    )  # fmt: skip
    return _pickable(figure, hover, [(float(one[0]), float(one[2])) for one in picked])


def treemap(frame: pd.DataFrame, size: str, picked: Collection[str] = ()) -> go.Figure:
    """`segment`, `customers`, `revenue`, `share`, `share_revenue`: a box for each segment by `size`, in its fixed colour; those
    `picked` are framed. A click gives [segment, customers, revenue, share, share_revenue]."""
    amounts = frame.assign(size=floats(frame[size]))
    boxes = amounts[amounts["size"] > 0].sort_values("size", ascending=False, kind="stable")
    if boxes.empty:
        return drawn(380)
    places = squarified(boxes["size"].tolist(), WIDE, 1.0)
    names = [str(name) for name in boxes["segment"]]
    part = "share_revenue" if size == "revenue" else "share"
    bar = go.Bar(
        x=[x + width / 2 for x, _, width, _ in places],
        base=[y + GAP for _, y, _, _ in places],
        y=[height - 2 * GAP for *_, height in places],
        width=[width - 2 * GAP for _, _, width, _ in places],
        marker={
            "color": [colour_of("segment", name) for name in names],
            "line": {"color": AMBER, "width": [4 if name in picked else 0 for name in names]},
        },
        text=[_inside(box, *about) for box, about in zip(places, zip(names, boxes[size], boxes[part], strict=True), strict=True)],
        textposition="inside",
        insidetextanchor="middle",
        textangle=0,
        textfont={"size": 14},
        customdata=[
            [name, *(float(one) for one in row)]
            for name, row in zip(names, boxes[["customers", "revenue", "share", "share_revenue"]].to_numpy(), strict=True)
        ],
        hovertext=[_segment(name) for name in names],
        hovertemplate=(
            "<b>%{hovertext}</b><br>" + code("customers") + ": %{customdata[1]:,.0f} (%{customdata[3]:.1%})<br>"
            + code("revenue") + ": %{customdata[2]:,.2f} (%{customdata[4]:.1%})<extra></extra>"
        ),
        selected={"marker": {"opacity": 1}},
        unselected={"marker": {"opacity": 1}},
    )  # fmt: skip
    hidden = {"visible": False, "fixedrange": True}
    return drawn(
        380,
        [bar],
        barmode="overlay",
        bargap=0,
        margin={"l": 0, "r": 0, "t": 0, "b": 0},
        xaxis=hidden | {"range": [0, WIDE]},
        yaxis=hidden | {"range": [1, 0]},
    )


def migration(frame: pd.DataFrame, order: Sequence[str], picked: Collection[str] = ()) -> go.Figure:
    """`before`, `after`, `customers`: a row for each segment before, a column for each after, in this order; who stayed stands on
    the diagonal. `picked` ("before>after") are outlined. A click gives [before, after, customers]."""
    rows = [name for name in order if name in set(frame["before"])]
    columns = [name for name in order if name in set(frame["after"])]
    height = max(len(rows) * 34 + 110, 160)
    if frame.empty:
        return drawn(height)
    counts = dict(zip(zip(frame["before"], frame["after"], strict=True), floats(frame["customers"]), strict=True))
    cells = [[counts.get((row, column), 0.0) for column in columns] for row in rows]
    heat = go.Heatmap(
        z=[[count or None for count in line] for line in cells],
        x=list(range(len(columns))),
        y=list(range(len(rows))),
        zmin=0,
        text=[[f"{count:,.0f}" if count else "" for count in line] for line in cells],
        texttemplate="%{text}",
        customdata=[
            [[row, column, count] for column, count in zip(columns, line, strict=True)]
            for row, line in zip(rows, cells, strict=True)
        ],
        hoverongaps=False,
        showscale=False,
    )
    figure = drawn(
        height,
        [heat],
        xaxis={"visible": True, "side": "top", "title": {"text": code("to_segment")}, "showline": False, "tickangle": -35}
        | _names(columns),
        yaxis={"visible": True, "autorange": "reversed", "title": {"text": code("from_segment")}, "showgrid": False}
        | _names(rows),
    )
    marked = [tuple(one.split(">")) for one in picked]
    places = [(float(columns.index(b)), float(rows.index(a))) for a, b in marked if a in rows and b in columns]
    hover = "%{hovertext}: <b>%{customdata[2]:,.0f}</b><extra></extra>"
    return _pickable(figure, hover, places, [f"{_segment(row)} → {_segment(column)}" for row in rows for column in columns])


def flows(frame: pd.DataFrame, order: Sequence[str]) -> go.Figure:
    """`before`, `after`, `customers`: streams from the segments before (left) to those after (right), in their fixed colours."""
    moved = frame[frame["customers"] > 0]
    if moved.empty:
        return drawn(TALL)
    left = [name for name in order if name in set(moved["before"])]
    right = [name for name in order if name in set(moved["after"])]
    sums = moved.groupby("before")["customers"].sum(), moved.groupby("after")["customers"].sum()
    most = max(len(left), len(right))
    names = [*((name, sums[0][name]) for name in left), *((name, sums[1][name]) for name in right)]
    sankey = go.Sankey(
        arrangement="fixed",
        node={
            "label": [f"{_segment(name)} {count:,.0f}" for name, count in names],
            "color": [colour_of("segment", name) for name, _ in names],
            "x": [0.001] * len(left) + [0.999] * len(right),
            "y": [*_middles(sums[0][left], most), *_middles(sums[1][right], most)],
            "pad": PAD,
            "thickness": 16,
            "line": {"width": 0},
            "hovertemplate": "%{label}<extra></extra>",
        },
        link={
            "source": [left.index(name) for name in moved["before"]],
            "target": [len(left) + right.index(name) for name in moved["after"]],
            "value": floats(moved["customers"]),
            "color": [faint(colour_of("segment", name), 0.32) for name in moved["before"]],
            "hovertemplate": "%{source.label} → %{target.label}<br><b>%{value:,}</b><extra></extra>",
        },
    )
    return drawn(TALL, [sankey], margin={"l": 4, "r": 4, "t": 12, "b": 12})


def squarified(sizes: Sequence[float], width: float, height: float) -> list[Box]:
    """Sizes, largest first -> boxes that fill width x height, each near to a square. Source: Bruls, Huizing, van Wijk (2000)."""
    area = width * height / sum(sizes)
    left, found = [size * area for size in sizes], []
    x = y = 0.0
    while left:
        short_side = min(width, height)
        taken = 1
        while taken < len(left) and _worst(left[: taken + 1], short_side) <= _worst(left[:taken], short_side):
            taken += 1
        row, left = left[:taken], left[taken:]
        thick, along = sum(row) / short_side, 0.0
        for size in row:
            long = size / thick
            found.append((x, y + along, thick, long) if height <= width else (x + along, y, long, thick))
            along += long
        x, y, width, height = (x + thick, y, width - thick, height) if height <= width else (x, y + thick, width, height - thick)
    return found


def _worst(row: Sequence[float], side: float) -> float:
    """The ratio of the sides of the least square box of a row along `side`."""
    total = sum(row) ** 2
    return max(side**2 * max(row) / total, total / (side**2 * min(row)))


def _segment(name: str) -> str:
    return code(name, of="segment")


def _inside(box: Box, name: str, amount: float, part: float) -> str:
    if box[2] < NAMED_FROM[0] or box[3] < NAMED_FROM[1]:
        return ""
    return f"<b>{_segment(name)}</b><br>{short(amount)} · {share(part)}"


def _pickable(
    figure: go.Figure, hover: str, picked: Collection[tuple[float, float]], texts: Sequence[str] | None = None
) -> go.Figure:
    """A heat map on number axes whose cells answer a click and a touch: clear bars lie over them."""
    if not figure.data:
        return figure
    heat = figure.data[0]
    heat.hovertemplate, heat.hoverinfo = None, "skip"
    cells: list[tuple[Any, Any, Any]] = [
        (x, y, data) for y, line in zip(heat.y, heat.customdata, strict=True) for x, data in zip(heat.x, line, strict=True)
    ]
    figure.add_bar(
        x=[x for x, _, _ in cells],
        y=[1] * len(cells),
        base=[y - 0.5 for _, y, _ in cells],
        width=1,
        marker={"color": CLEAR},
        customdata=[list(data) for *_, data in cells],
        hovertext=texts,
        hovertemplate=hover,
        selected={"marker": {"color": faint(AMBER, 0.3)}},
        unselected={"marker": {"color": CLEAR}},
    )
    line = {"color": AMBER, "width": 3}
    figure.layout.shapes = [
        {"type": "rect", "x0": x - 0.48, "x1": x + 0.48, "y0": y - 0.47, "y1": y + 0.47, "line": line} for x, y in picked
    ]
    figure.layout.barmode, figure.layout.bargap, figure.layout.showlegend = "overlay", 0, False
    return figure


def _names(names: Sequence[str]) -> dict[str, Any]:
    return {"tickvals": list(range(len(names))), "ticktext": [_segment(name) for name in names]}


def _middles(sizes: pd.Series[Any], most: int) -> list[float]:
    """Where the nodes of one side stand, from the top; the side with the `most` nodes fills the height."""
    gap = PAD / (TALL - 24)
    scale = (1 - (most - 1) * gap) / sizes.sum()
    top = (1 - scale * sizes.sum() - (len(sizes) - 1) * gap) / 2
    found = []
    for size in sizes:
        found.append(min(max(top + size * scale / 2, 0.001), 0.999))
        top += size * scale + gap
    return found
