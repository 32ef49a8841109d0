"""The director's screen: attainment of the parts from period to period, and the way to the target."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from crm.charts.bands import expected
from crm.charts.cohorts import over_cells
from crm.charts.frames import SMALL, drawn, floats, plain, value_axis
from crm.charts.language import code, share, short, typed
from crm.charts.theme import AMBER, BRICK, EVERGREEN, NEUTRAL, faint

RAMP = [(0.0, faint(BRICK, 0.6)), (0.3, faint(BRICK, 0.3)), (0.55, faint(AMBER, 0.14)), (0.7, faint(EVERGREEN, 0.2))]
RAMP += [(1.0, faint(EVERGREEN, 0.6))]
"""Of 40 to 140 per cent of the target; light enough for the text of either theme."""
LOWEST, HIGHEST = 0.4, 1.4
LONGEST, MOST_WRITTEN = 18, 14


def attainment_map(frame: pd.DataFrame, height: int = 260) -> go.Figure:
    """`subject` (its name), `key` and `start` (what a click gives), `column` (the title of the period), `share` of
    the base, `to_pace` (what the running period is coloured by), `actual`, `base`: parts down, periods across. Without a target a
    cell is empty, and periods in which nobody had one are left out. The numbers are per cent."""
    if frame.empty or not frame["share"].notna().any():
        return drawn(height)
    aimed = frame.groupby("column")["share"].transform("count") > 0
    frame = frame[aimed]
    columns = list(dict.fromkeys(frame["column"]))
    rows = list(dict.fromkeys(zip(frame["key"], frame["subject"], strict=True)))
    place = {(row.key, row.column): row for row in frame.itertuples()}
    cells = [[place.get((key, column)) for column in columns] for key, _ in rows]
    colour = [[_number(cell, "to_pace") for cell in line] for line in cells]
    heat = go.Heatmap(
        x=list(range(len(columns))),
        y=list(range(len(rows))),
        z=np.array(colour, dtype="float64"),
        zmin=LOWEST,
        zmax=HIGHEST,
        colorscale=RAMP,
        showscale=False,
        xgap=2,
        ygap=2,
        hoverinfo="skip",
    )
    known: list[tuple[int, int, Any]] = [
        (at, up, cell) for up, line in enumerate(cells) for at, cell in enumerate(line) if _number(cell, "share") is not None
    ]
    clear = over_cells(
        [(float(at), float(up)) for at, up, _ in known],
        [[cell.key, cell.start] for _, _, cell in known],
        [_said(cell) for _, _, cell in known],
    )
    return drawn(
        height,
        [heat, clear],
        barmode="overlay",
        bargap=0,
        showlegend=False,
        margin={"l": 8, "r": 4, "t": 4, "b": 4},
        annotations=[_written(*one) for one in known] if len(columns) <= MOST_WRITTEN else [],
        xaxis={"visible": True, "tickvals": list(range(len(columns))), "ticktext": columns, "tickangle": 0, "side": "bottom"},
        yaxis={"visible": True, "range": [len(rows) - 0.5, -0.5], "showgrid": False, "tickvals": list(range(len(rows)))}
        | {"ticktext": [_cut(typed(name)) for _, name in rows]},
    )


def _written(at: int, up: int, cell: Any) -> dict[str, Any]:
    return {"x": at, "y": up, "text": f"{float(cell.share) * 100:.0f}", "showarrow": False, "font": {"size": 11}}


def _number(cell: Any, name: str) -> float | None:
    value = getattr(cell, name, None)
    return None if value is None or value != value else float(value)


def _said(cell: Any) -> str:
    about = f"{typed(cell.subject)} · {cell.column.replace('<br>', ' ')}"
    return f"<b>{about}: {share(cell.share)}</b><br>{short(cell.actual)} / {short(cell.base)}"


def _cut(name: str) -> str:
    return name if len(name) <= LONGEST else name[: LONGEST - 1].rstrip() + "…"


def way(frame: pd.DataFrame, today: date, end: date, base: float | None, height: int = 260) -> go.Figure:
    """`day`, `actual` (empty ahead), `p10`, `p50`, `p90` (empty behind): what came, what is to be expected, and the target, to
    which a thin line leads by even steps. A click gives the day."""
    if frame.empty:
        return drawn(height)
    seen, ahead = frame[frame["actual"].notna()], frame[frame["p50"].notna()]
    start = pd.to_datetime(frame["day"]).min().date()
    highest = float(np.nanmax([*floats(frame["actual"]), *floats(frame["p90"]), base or 0.0]))
    traces = [*expected(ahead), _came(seen)]
    lines, notes = [], []
    if base:
        traces.insert(0, _even(start, end, base))
        lines.append(_across(base))
        notes.append(
            SMALL | {"text": f"{code('target')} {short(base)}", "x": 0.01, "xref": "paper", "y": base, "yshift": 9} | _LEFT
        )
    if len(ahead):
        last = ahead.iloc[-1]
        text = f"<b>{short(last['p50'])}</b>"
        notes.append(SMALL | {"text": text, "x": end.isoformat(), "y": float(last["p50"]), "xanchor": "left", "xshift": 4})
        lines.append(_upright(today))
    return drawn(
        height,
        traces,
        showlegend=False,
        margin={"l": 8, "r": 72 if len(ahead) else 12, "t": 12, "b": 4},
        shapes=lines,
        annotations=notes,
        xaxis={"visible": True, "type": "date", "nticks": 4, "tickformat": "%m-%d", "tickangle": 0}
        | {"range": [start.isoformat(), end.isoformat()]},
        yaxis=value_axis(0, highest),
    )


_LEFT = {"xanchor": "left"}


def _came(seen: pd.DataFrame) -> go.Scatter:
    return go.Scatter(
        x=plain(pd.to_datetime(seen["day"])),
        y=floats(seen["actual"]),
        mode="lines",
        line={"color": EVERGREEN, "width": 3},
        hovertemplate="%{x}<br>" + code("actual") + ": <b>%{y:,.3~s}</b><extra></extra>",
    )


def _even(start: date, end: date, base: float) -> go.Scatter:
    days: Sequence[str] = [start.isoformat(), end.isoformat()]
    line = {"color": NEUTRAL, "width": 1, "dash": "dot"}
    return go.Scatter(x=days, y=[0.0, base], mode="lines", line=line, hoverinfo="skip")


def _across(base: float) -> dict[str, Any]:
    line = {"color": NEUTRAL, "width": 1.5}
    return {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": base, "y1": base, "line": line}


def _upright(day: date) -> dict[str, Any]:
    at = day.isoformat()
    return {"type": "line", "x0": at, "x1": at, "y0": 0, "y1": 1, "yref": "paper", "line": {"color": NEUTRAL, "width": 1}}


__all__ = ["attainment_map", "way"]
