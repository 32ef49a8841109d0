"""A finished figure on the page: in the reader's words, in the theme of the browser, and leading to its rows."""

from __future__ import annotations

from typing import Any

import plotly.graph_objects as go
import streamlit as st

from crm.charts.language import dressed, read_out
from crm.ui.text import literal
from crm.words import label, say
from crm.words.formats import percent, short_money

CONFIG = {"displaylogo": False, "modeBarButtons": [["toImage"]], "displayModeBar": "hover", "responsive": True}


def show(figure: go.Figure, *, key: str, height: int | None = None) -> list[Any]:
    """Draw a figure; -> customdata of the points a person selected, for the rows behind them."""
    event: Any = st.plotly_chart(
        _ready(figure, height), key=key, on_select="rerun", selection_mode="points", theme=None, config=CONFIG
    )
    points = ((event or {}).get("selection") or {}).get("points") or []
    return [point["customdata"] for point in points if point.get("customdata") is not None]


def plain(figure: go.Figure, *, key: str, height: int | None = None) -> None:
    """Draw a figure that leads nowhere further (a small trend beside its table)."""
    st.plotly_chart(_ready(figure, height), key=key, theme=None, config=CONFIG | {"displayModeBar": False})


def graph(dot: str) -> None:
    """Draw a DOT graph in the reader's words."""
    st.graphviz_chart(read_out(dot, label, short_money, percent), width="stretch")


def is_dark() -> bool:
    theme = getattr(st.context, "theme", None)
    return isinstance(getattr(theme, "type", None), str) and theme.type == "dark"  # type: ignore[union-attr]


def _ready(figure: go.Figure, height: int | None) -> go.Figure:
    ready = dressed(figure, is_dark(), label, short_money, percent)
    if height:
        ready.layout.height = height
    return ready


def heading(template: str, *, about: str | None = None, **values: Any) -> None:
    """The title of a chart or a block, stating the answer; `about` (definition, scope, as of) stands behind a small sign."""
    safe = {name: literal(value) if isinstance(value, str) else value for name, value in values.items()}
    st.markdown(f"**{say(template, **safe)}**", help=about)


def empty(template: str, **values: Any) -> None:
    """Nothing here yet: what will be shown, and what to do first."""
    safe = {name: literal(value) if isinstance(value, str) else value for name, value in values.items()}
    with st.container(border=True):
        st.markdown(f":gray[:material/inbox:] {say(template, **safe)}")
