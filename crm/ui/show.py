"""A finished figure on the page: in the reader's words, in the theme of the browser, and leading to its rows."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import plotly.graph_objects as go
import streamlit as st
from plotly.basedatatypes import BaseFigure

from crm.charts.language import dressed, read_out
from crm.ui.content import Content
from crm.ui.text import typed
from crm.words import Language, label, language, say, speaking
from crm.words.formats import percent, short_money

CONFIG = {"displaylogo": False, "modeBarButtons": [["toImage"]], "displayModeBar": "hover", "responsive": True}


class Finished(BaseFigure):  # type: ignore[misc]
    """A figure as the browser gets it: Streamlit asks for nothing else."""

    def __init__(self, figure: go.Figure) -> None:
        self._content: dict[str, Any] = figure.to_dict()

    def to_dict(self) -> dict[str, Any]:
        return self._content


class Built(Content):
    """A figure of a function of `crm.charts` and its arguments. It is drawn once for the same content of the arguments, whoever
    asks, for drawing takes plotly ten times as long as looking the content up."""

    def __init__(self, build: Callable[..., go.Figure], *arguments: Any, **named: Any) -> None:
        super().__init__(build, arguments, named)

    def draw(self) -> go.Figure:
        build, arguments, named = self.values
        return build(*arguments, **named)


@lru_cache(maxsize=400)
def _finished(built: Built, dark: bool, spoken: Language, height: int | None) -> Finished:
    """About 30 kB each."""
    with speaking(spoken):
        return Finished(_dressed(built.draw(), dark, height))


def show(figure: go.Figure | Built, *, key: str, height: int | None = None) -> list[Any]:
    """Draw a figure; -> customdata of the points a person selected, for the rows behind them."""
    event: Any = st.plotly_chart(
        _ready(figure, height), key=key, on_select="rerun", selection_mode="points", theme=None, config=CONFIG
    )
    points = ((event or {}).get("selection") or {}).get("points") or []
    return [point["customdata"] for point in points if point.get("customdata") is not None]


def plain(figure: go.Figure | Built, *, key: str, height: int | None = None) -> None:
    """Draw a figure that leads nowhere further (a small trend beside its table)."""
    st.plotly_chart(_ready(figure, height), key=key, theme=None, config=CONFIG | {"displayModeBar": False})


def graph(dot: str) -> None:
    """Draw a DOT graph in the reader's words."""
    st.graphviz_chart(read_out(dot, label, short_money, percent), width="stretch")


def is_dark() -> bool:
    theme = getattr(st.context, "theme", None)
    return isinstance(getattr(theme, "type", None), str) and theme.type == "dark"  # type: ignore[union-attr]


def _ready(figure: go.Figure | Built, height: int | None) -> BaseFigure:
    if isinstance(figure, Built):
        return _finished(figure, is_dark(), language(), height)
    return _dressed(figure, is_dark(), height)


def _dressed(figure: go.Figure, dark: bool, height: int | None) -> go.Figure:
    ready = dressed(figure, dark, label, short_money, percent)
    if height:
        ready.layout.height = height
    return ready


def heading(template: str, *, about: str | None = None, **values: Any) -> None:
    """The title of a chart or a block, stating the answer; `about` (definition, scope, as of) stands behind a small sign."""
    st.markdown(f"**{say(template, **typed(values))}**", help=about)


def empty(template: str, **values: Any) -> None:
    """Nothing here yet: what will be shown, and what to do first."""
    with st.container(border=True):
        st.markdown(f":gray[:material/inbox:] {say(template, **typed(values))}")
