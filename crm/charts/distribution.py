"""How something is spread: a histogram already counted, and two-way counts as heat maps with the numbers in the cells."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import plotly.graph_objects as go

from crm.charts.frames import SMALL, drawn, floats, plain, value_axis
from crm.charts.language import code, short
from crm.charts.theme import EVERGREEN, NEUTRAL, faint

WIDEST_WITH_NUMBERS = 24
TOO_CLOSE = 0.12
"""Of the width: two marks nearer than this have their names one above the other."""


def histogram(
    edges: Sequence[float], counts: Sequence[int], quantiles: Mapping[float, float], value: str = "amount"
) -> go.Figure:
    """n + 1 bin edges, n counts, share -> value of the quantiles to mark. A click gives the bin as [from, to)."""
    if not len(counts):
        return drawn(260)
    low, high = floats(edges[:-1]), floats(edges[1:])
    bar = go.Bar(
        x=(low + high) / 2,
        y=floats(counts),
        width=high - low,
        marker={"color": faint(EVERGREEN, 0.75), "line": {"color": "rgba(0,0,0,0)", "width": 1}, "cornerradius": 0},
        customdata=[[float(start), float(end)] for start, end in zip(low, high, strict=True)],
        hovertemplate="%{customdata[0]:,.6~g} – %{customdata[1]:,.6~g}<br>" + code("count") + ": <b>%{y:,}</b><extra></extra>",
    )
    return drawn(
        260,
        [bar],
        bargap=0,
        shapes=[_line(at) for at in quantiles.values()],
        annotations=_names(quantiles, width=float(high[-1] - low[0])),
        xaxis=value_axis(low[0], high[-1]) | {"title": {"text": code(value)}, "range": [low[0], high[-1]]},
        yaxis=value_axis(0, max(counts)),
        margin={"t": 40},
    )


def _line(at: float) -> dict[str, Any]:
    line = {"color": NEUTRAL, "width": 1, "dash": "dot"}
    return {"type": "line", "x0": at, "x1": at, "y0": 0, "y1": 1, "yref": "paper", "line": line}


def _names(quantiles: Mapping[float, float], width: float) -> list[dict[str, Any]]:
    names, previous, raised = [], -np.inf, False
    for part, at in sorted(quantiles.items()):
        raised = not raised and at - previous < width * TOO_CLOSE
        previous = at
        text = code("median") if part == 0.5 else f"P{part * 100:g}"
        place = {"x": at, "y": 1, "yref": "paper", "yanchor": "bottom", "yshift": 14 if raised else 0}
        names.append({"text": text, "hovertext": short(at)} | place | SMALL)
    return names


def cohort_heat(frame: pd.DataFrame, as_share: bool = True) -> go.Figure:
    """`cohort` (first day of its month), `age` (months since), `value` (a share of one, or an amount): a row a cohort.

    The oldest stands on top. A click gives [cohort, age].
    """
    height = max(frame["cohort"].nunique() * 24 + 60, 120)
    if frame.empty:
        return drawn(height)
    grid = frame.assign(value=floats(frame["value"])).pivot(index="cohort", columns="age", values="value").sort_index()
    rows = [str(key)[:7] for key in grid.index]
    ages, amounts = [int(age) for age in grid.columns], grid.to_numpy()
    written = [[_cell(amount, as_share) for amount in row] for row in amounts]
    heat = go.Heatmap(
        z=[[None if np.isnan(amount) else float(amount) for amount in row] for row in amounts],
        x=ages,
        y=rows,
        zmin=0,
        zmax=_strongest(amounts, ages),
        text=written,
        texttemplate="%{text}" if len(ages) <= WIDEST_WITH_NUMBERS else "",
        textfont={"size": 12 if len(ages) <= 13 else 10},
        customdata=[[[key, age] for age in ages] for key in plain(grid.index)],
        hovertemplate="%{y}, " + code("age_in_months") + " %{x}: <b>%{text}</b><extra></extra>",
        hoverongaps=False,
        showscale=False,
    )
    return drawn(
        height,
        [heat],
        xaxis={"visible": True, "side": "top", "title": {"text": code("age_in_months")}, "showline": False} | _ticks(ages),
        yaxis={"visible": True, "autorange": "reversed", "type": "category", "showgrid": False},
    )


def rfm_heat(frame: pd.DataFrame, value: str = "customers") -> go.Figure:
    """`r`, `f` (scores from 1), `customers`, `revenue`: customers in each cell, their revenue under it.

    `value` (customers, revenue, or mean: revenue of one customer) gives the colour, the more the stronger, and stands first;
    the best are at the top right. A click gives [r, f, customers, revenue].
    """
    if frame.empty:
        return drawn(340)
    pairs = zip(frame["r"].astype(int), frame["f"].astype(int), strict=True)
    by = dict(zip(pairs, zip(floats(frame["customers"]), floats(frame["revenue"]), strict=True), strict=True))
    scores = list(range(1, max(max(pair) for pair in by) + 1))
    cells = [[by.get((r, f)) for r in scores] for f in scores]
    heat = go.Heatmap(
        z=[[_worth(cell, value) if cell else None for cell in row] for row in cells],
        x=scores,
        y=scores,
        zmin=0,
        text=[[_both(cell, value) if cell else "" for cell in row] for row in cells],
        texttemplate="%{text}",
        customdata=[[[r, f, *(by.get((r, f)) or (0, 0))] for r in scores] for f in scores],
        hovertemplate=(
            code("recency") + " %{x} · " + code("frequency") + " %{y}<br>" + code("customers") + ": <b>%{customdata[2]:,}</b><br>"
            + code("revenue") + ": %{customdata[3]:,.2f}<extra></extra>"
        ),
        hoverongaps=False,
        showscale=False,
    )  # fmt: skip
    return drawn(
        340,
        [heat],
        xaxis={"visible": True, "title": {"text": code("recency")}, "dtick": 1, "showline": False},
        yaxis={"visible": True, "title": {"text": code("frequency")}, "dtick": 1, "showgrid": False},
    )


def _worth(cell: tuple[float, float], value: str) -> float:
    customers, revenue = cell
    return customers if value == "customers" else revenue if value == "revenue" else revenue / customers


def _both(cell: tuple[float, float], value: str) -> str:
    if value == "customers":
        return f"<b>{cell[0]:,.0f}</b><br>{short(cell[1])}"
    return f"<b>{short(_worth(cell, value))}</b><br>{cell[0]:,.0f}"


def _cell(amount: float, as_share: bool) -> str:
    if np.isnan(amount):
        return ""
    return f"{amount:.0%}" if as_share else short(amount)


def _strongest(amounts: npt.NDArray[np.float64], ages: list[int]) -> float:
    """The strongest colour is the highest value after the first month, where every cohort is whole."""
    later = amounts[:, np.array(ages) > 0]
    known = later[~np.isnan(later)]
    return float(known.max()) if known.size and known.max() > 0 else 1.0


def _ticks(ages: list[int]) -> dict[str, int]:
    return {"dtick": 1 if len(ages) <= WIDEST_WITH_NUMBERS else 6}
