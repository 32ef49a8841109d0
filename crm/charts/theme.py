"""The look of every figure: colours by meaning, and the template for light and dark. Why: docs/decisions/003-look.md."""

from dataclasses import dataclass
from functools import cache
from typing import Any

import plotly.graph_objects as go

FONT = "Inter, 'Noto Sans SC', 'Noto Sans CJK SC', 'PingFang SC', 'Microsoft YaHei', sans-serif"

EVERGREEN, AMBER, INDIGO, SKY, BRICK, PLUM, SLATE, SAND = PALETTE = (
    "#1f7a5c",
    "#d77f0f",
    "#5c5cd6",
    "#0f97fb",
    "#c33c18",
    "#8f5c7f",
    "#9092a8",
    "#9a956c",
)
"""Eight categories that colour-blind people can tell apart, readable on both backgrounds; in this order."""

POSITIVE, NEGATIVE, WARNING, NEUTRAL = EVERGREEN, BRICK, AMBER, "#7c8a83"

SEQUENTIAL_LIGHT = (
    "#ecf6f1", "#c9e5d8", "#a7d4bf", "#86c2a7", "#66af90", "#489c7b", "#2b8967", "#0f7454", "#006043", "#004b33",
)  # fmt: skip
SEQUENTIAL_DARK = (
    "#1e2521", "#20392e", "#204d3b", "#1f624a", "#217859", "#2a8d6a", "#3ba27c", "#52b68f", "#6ecaa4", "#8dddba",
)  # fmt: skip
DIVERGING_LIGHT = (
    "#a83903", "#be6342", "#d28970", "#e3b09f", "#efd9d1", "#d1e0f0", "#9fc2e6", "#6fa3d9", "#3d84c8", "#0065b7",
)  # fmt: skip
DIVERGING_DARK = (
    "#ef825b", "#c46d4f", "#995a43", "#6f4739", "#453530", "#303b46", "#385573", "#41709f", "#4b8ccd", "#56aafb",
)  # fmt: skip

REMOVED = ["zoom", "pan", "select", "lasso", "zoomin", "zoomout", "autoscale", "resetscale", "sendcharttocloud"]
"""The buttons that do not make sense here, or would carry data out of the house. What stays is the download."""

MEANINGS: dict[str, dict[str, str]] = {
    "life_cycle": {"potential": SKY, "active": EVERGREEN, "dormant": AMBER, "lost": SLATE},
    "stage": {"potential": SKY, "transacting": EVERGREEN},
    "customer_kind": {"corporate": INDIGO, "retail": SAND},
    "order_kind": {"sale": EVERGREEN, "renewal": INDIGO, "return": BRICK},
    "level": {"vip": PLUM, "a": EVERGREEN, "b": SKY, "c": SAND, "d": SLATE},
    "ageing": {"1_to_30_days": SAND, "31_to_60_days": AMBER, "61_to_90_days": "#e0602f", "over_90_days": BRICK},
    "deal_state": {"won": EVERGREEN, "open": SKY, "lost": BRICK},
    "forecast_category": {"commit": EVERGREEN, "best_case": SKY, "pipeline": SAND, "omitted": SLATE},
    "entry": {
        "call": SKY,
        "visit": EVERGREEN,
        "meeting": INDIGO,
        "message": PLUM,
        "task": SLATE,
        "service": SAND,
        "contract": AMBER,
    },
    "user_state": {"active": EVERGREEN, "frozen": SKY, "left": SLATE},
    "segment": {
        "champions": "#0e5740",
        "loyal": EVERGREEN,
        "potential_loyalist": "#4a9d80",
        "new": SKY,
        "promising": "#5aa9e6",
        "need_attention": AMBER,
        "about_to_sleep": SAND,
        "at_risk": "#e0602f",
        "cannot_lose": BRICK,
        "hibernating": SLATE,
        "lost": NEUTRAL,
    },
}
"""A code keeps its colour on every page. Segments are more than eight: neighbours in meaning share a hue, always labelled."""


@dataclass(frozen=True)
class Ink:
    """What is drawn with on one background."""

    text: str
    muted: str
    line: str
    grid: str
    surface: str
    raised: str
    sequential: tuple[str, ...]
    diverging: tuple[str, ...]


LIGHT = Ink("#1c2622", "#5a6761", "#c9d2cd", "#eaeeec", "#ffffff", "#f3f6f4", SEQUENTIAL_LIGHT, DIVERGING_LIGHT)
DARK = Ink("#e4eae7", "#9aa8a1", "#3a4742", "#222b27", "#101614", "#18201d", SEQUENTIAL_DARK, DIVERGING_DARK)


def ink(dark: bool) -> Ink:
    return DARK if dark else LIGHT


def colour_of(meaning: str, code: str) -> str:
    """The fixed colour of a code (`colour_of("life_cycle", "active")`); neutral for a code without a meaning of its own."""
    return MEANINGS[meaning].get(code, NEUTRAL)


def faint(colour: str, alpha: float) -> str:
    """The same colour, lighter on either background."""
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return f"rgba({red},{green},{blue},{alpha})"


@cache
def template(dark: bool) -> go.layout.Template:
    """Faint horizontals only, no background, direct hover, nothing to zoom, and of the buttons only the download."""
    on = ink(dark)
    return go.layout.Template(
        layout={
            "font": {"family": FONT, "size": 13, "color": on.text},
            "title": {"font": {"size": 15, "weight": 600}, "x": 0, "xanchor": "left", "pad": {"b": 8}},
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "colorway": list(PALETTE),
            "colorscale": {"sequential": scale(on.sequential), "diverging": scale(on.diverging)},
            "margin": {"l": 8, "r": 16, "t": 16, "b": 8},
            "xaxis": _axis(on) | {"showgrid": False, "linecolor": on.line},
            "yaxis": _axis(on) | {"gridcolor": on.grid, "ticklabelstandoff": 6},
            "hoverlabel": {
                "bgcolor": on.raised,
                "bordercolor": on.line,
                "font": {"family": FONT, "size": 13, "color": on.text},
                "align": "left",
            },
            "legend": {"orientation": "h", "x": 0, "y": -0.12, "yanchor": "top", "title": {"text": ""}, "itemclick": False},
            "modebar": {
                "remove": REMOVED,
                "bgcolor": "rgba(0,0,0,0)",
                "color": on.muted,
                "activecolor": on.text,
            },
            "dragmode": False,
            "hovermode": "closest",
            "bargap": 0.28,
            "barcornerradius": 2,
        },
        data={"heatmap": [go.Heatmap(colorscale=scale(on.sequential), xgap=2, ygap=2)]},
    )


def scale(colours: tuple[str, ...]) -> list[list[Any]]:
    """Ten colours as plotly's pairs of position and colour."""
    return [[at / (len(colours) - 1), colour] for at, colour in enumerate(colours)]


def _axis(on: Ink) -> dict[str, Any]:
    return {
        "zeroline": False,
        "ticks": "",
        "fixedrange": True,
        "automargin": True,
        "tickfont": {"size": 12, "color": on.muted},
        "title": {"font": {"size": 12, "color": on.muted}, "standoff": 8},
    }
