"""When a firm works: the blocks of each of some days, as a wall calendar has them."""

import math
from collections.abc import Sequence
from datetime import date

import pandas as pd
import plotly.graph_objects as go

from crm.charts.frames import SMALL, drawn, floats
from crm.charts.language import code
from crm.charts.theme import EVERGREEN, INDIGO, faint

HEIGHT = 230
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
COLOURS = {"usual": EVERGREEN, "extra": INDIGO}


def working_days(days: Sequence[date], blocks: pd.DataFrame, holidays: Sequence[date]) -> go.Figure:
    """`blocks`: day (of `days`), start and end (hours since midnight), kind (usual, extra). `holidays` are named."""
    if blocks.empty:
        return drawn(HEIGHT)
    place = {day: number for number, day in enumerate(days)}
    low, high = math.floor(blocks["start"].min()), math.ceil(blocks["end"].max())
    ticks = [f"{{{WEEKDAYS[day.weekday()]}}}<br>{day.day}" for day in days]
    names = [{"text": code("holiday"), "x": place[day], "y": (low + high) / 2, "textangle": -90} | SMALL for day in holidays]
    return drawn(
        HEIGHT,
        [_bars(part, str(kind), place) for kind, part in blocks.groupby("kind", sort=False)],
        annotations=names,
        barmode="overlay",
        bargap=0.18,
        showlegend=False,
        xaxis={"visible": True, "tickvals": list(range(len(days))), "ticktext": ticks, "range": [-0.5, len(days) - 0.5]}
        | {"tickfont": {"size": 10}, "tickangle": 0},
        yaxis={"visible": True, "range": [high + 0.3, low - 0.3], "dtick": 2 if high - low <= 14 else 4, "ticksuffix": ":00"},
        margin={"t": 4, "l": 8, "r": 8, "b": 8},
    )


def _bars(part: pd.DataFrame, kind: str, place: dict[date, int]) -> go.Bar:
    start, end = floats(part["start"]), floats(part["end"])
    return go.Bar(
        x=[place[day] for day in part["day"]],
        y=(end - start).tolist(),
        base=start.tolist(),
        marker={"color": faint(COLOURS[kind], 0.6), "cornerradius": 3},
        customdata=[[str(day), _clock(one), _clock(two)] for day, one, two in zip(part["day"], start, end, strict=True)],
        hovertemplate="%{customdata[0]}  %{customdata[1]}–%{customdata[2]}<extra></extra>",
    )


def _clock(hours: float) -> str:
    minutes = round(hours * 60)
    return f"{minutes // 60:02}:{minutes % 60:02}"
