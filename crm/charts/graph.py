"""Graphs as DOT text for st.graphviz_chart: who reports to whom, who belongs together."""

from typing import Any

import pandas as pd

from crm.charts.language import code, typed
from crm.charts.theme import EVERGREEN, FONT, LIGHT, Ink


def reports_to_chart(contacts: pd.DataFrame, ink: Ink = LIGHT) -> str:
    """`id`, `name`, `title`, `reports_to_id` (may be missing): a box a person, the superior above."""
    known = set(contacts["id"])
    boxes = [_node(row.id, typed(row.name), typed(row.title) if _given(row.title) else "") for row in _rows(contacts)]
    lines = [
        f"{_id(row.reports_to_id)} -> {_id(row.id)}"
        for row in _rows(contacts)
        if _given(row.reports_to_id) and row.reports_to_id in known and row.reports_to_id != row.id
    ]
    return _graph("TB", ink, boxes + lines, 'arrowhead="none"')


def relations_graph(nodes: pd.DataFrame, edges: pd.DataFrame, centre: int | None = None, ink: Ink = LIGHT) -> str:
    """Nodes `id`, `name`; edges `from_id`, `to_id`, `kind` (a code). The node `centre` is outlined."""
    known = set(nodes["id"])
    boxes = [_node(row.id, typed(row.name), "", EVERGREEN if row.id == centre else "") for row in _rows(nodes)]
    lines = [
        f"{_id(row.from_id)} -> {_id(row.to_id)} [label={_quoted(code(str(row.kind)))}]"
        for row in _rows(edges)
        if row.from_id in known and row.to_id in known
    ]
    return _graph("LR", ink, boxes + lines, 'arrowsize="0.6"')


def _graph(direction: str, ink: Ink, statements: list[str], edge: str) -> str:
    font = f'fontname={_quoted(FONT.replace(chr(39), ""))} fontsize="11"'
    head = [
        f'graph [rankdir="{direction}" bgcolor="transparent" nodesep="0.3" ranksep="0.45"]',
        f'node [shape="box" style="rounded,filled" {font} margin="0.18,0.09" penwidth="1"'
        f' color="{ink.line}" fillcolor="{ink.raised}" fontcolor="{ink.text}"]',
        f'edge [{font} color="{ink.muted}" fontcolor="{ink.muted}" {edge}]',
    ]
    return "digraph {\n" + "\n".join(f"  {line}" for line in head + statements) + "\n}"


def _node(key: Any, name: str, second: str, accent: str = "") -> str:
    text = _quoted(f"{name}\n{second}" if second else name)
    outline = f' color="{accent}" penwidth="2"' if accent else ""
    return f"{_id(key)} [label={text}{outline}]"


def _id(key: Any) -> str:
    return _quoted(f"n{int(key)}")


def _quoted(text: str) -> str:
    """A DOT string: nothing in it can end it early or be read as an escape."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\r", "").replace("\n", "\\n") + '"'


def _rows(frame: pd.DataFrame) -> Any:
    return frame.itertuples(index=False)


def _given(value: Any) -> bool:
    return not pd.isna(value) and value != ""
