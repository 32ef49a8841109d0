"""Who was here on which day: a row for each person, a bar for each day that says something."""

from collections.abc import Sequence
from datetime import date

import pandas as pd
import plotly.graph_objects as go

from crm.charts.frames import drawn
from crm.charts.language import code, typed
from crm.charts.theme import AMBER, BRICK, EVERGREEN, INDIGO, PLUM, SAND, SKY, SLATE, faint

ROW, AROUND = 24, 64
TICKS = 10
"""About as many days as a phone has room to name."""
COLOURS = {
    "present": faint(EVERGREEN, 0.75),
    "missing": BRICK,
    "travel": SKY,
    "leave": SAND,
    "sickness": PLUM,
    "training": INDIGO,
    "other": AMBER,
    "free": faint(SLATE, 0.35),
}
"""What is drawn of a day, in the order of the legend; days off and days ahead stay empty."""


def presence_calendar(days: Sequence[date], found: pd.DataFrame) -> go.Figure:
    """found: person_id, person, day (of `days`), shown; the people in the order of the rows. customdata: person_id, ISO day."""
    people = found.drop_duplicates("person_id")
    place = {one: number for number, one in enumerate(people["person_id"])}
    column = {day: number for number, day in enumerate(days)}
    every = max(1, len(days) // TICKS)
    ticks = list(range(0, len(days), every))
    return drawn(
        ROW * max(len(place), 1) + AROUND,
        [
            _bars(part, name, place, column)
            for name in COLOURS
            if len(part := found[(found["shown"] == name) & found["day"].isin(column)])
        ],
        barmode="overlay",
        bargap=0.2,
        xaxis={"visible": True, "side": "top", "range": [-0.5, len(days) - 0.5], "tickvals": ticks, "tickangle": 0}
        | {"ticktext": [f"{days[number].day}" for number in ticks], "tickfont": {"size": 11}},
        yaxis={"visible": True, "range": [len(place) - 0.5, -0.5], "tickvals": list(place.values()), "showgrid": False}
        | {"ticktext": [typed(name) for name in people["person"]]},
        legend={"orientation": "h", "x": 0, "y": 0, "yanchor": "top", "traceorder": "normal"},
        margin={"t": 24, "l": 8, "r": 8, "b": 8},
    )


def _bars(part: pd.DataFrame, name: str, place: dict[int, int], column: dict[date, int]) -> go.Bar:
    word = code(name, "presence")
    return go.Bar(
        name=word,
        orientation="h",
        y=[place[one] for one in part["person_id"]],
        x=[0.86] * len(part),
        width=0.8,
        base=[column[day] - 0.43 for day in part["day"]],
        marker={"color": COLOURS[name], "cornerradius": 3},
        customdata=[[int(one), day.isoformat(), typed(who)] for one, day, who in part[["person_id", "day", "person"]].to_numpy()],
        hovertemplate=f"%{{customdata[2]}}  %{{customdata[1]}}<br>{word}<extra></extra>",
    )
