"""Figures carry no words: a code stands in braces, a figure with its sign. Whoever shows the figure has them read out.

{last_order} a word   {segment:lost} a code of a column   {=1234567.8} a short number   {%0.123} a share
The braces of plotly's own %{x} stay; braces in a name that a person typed are written as entities.
"""

import re
from collections.abc import Callable
from html import escape
from typing import Any

import plotly.graph_objects as go

from crm.charts.theme import template

MARK = re.compile(r"(?<!%)\{([=%]?)([^{}]+)\}")
ENTITIES = {ord("{"): "&#123;", ord("}"): "&#125;"}

Word = Callable[..., str]
"""A column or code, perhaps with the column it is a code of -> a word."""
Number = Callable[[float], str]


def code(name: str, of: str = "") -> str:
    """`of` names the column of a code, where one English word needs two others: {segment:lost}."""
    return "{" + (f"{of}:{name}" if of else name) + "}"


def short(value: float) -> str:
    return f"{{={float(value)!r}}}"


def share(value: float) -> str:
    return f"{{%{float(value)!r}}}"


def typed(name: object) -> str:
    """A name from the data, safe where plotly and graphviz read markup."""
    return escape(str(name), quote=False).translate(ENTITIES)


def read_out(text: str, word: Word, number: Number, percent: Number) -> str:
    """One text (a title, a DOT graph) with its marks replaced."""

    def said(found: re.Match[str]) -> str:
        sign, inside = found.groups()
        if sign:
            return number(float(inside)) if sign == "=" else percent(float(inside))
        of, _, name = inside.rpartition(":")
        return word(name, of) if of else word(name)

    return MARK.sub(said, text)


def dressed(figure: go.Figure, dark: bool, word: Word, number: Number, percent: Number) -> go.Figure:
    """The figure in its theme and in the reader's words: crm.words' label, short_money and percent fit the last three."""

    def walk(part: Any) -> Any:
        if isinstance(part, str):
            return read_out(part, word, number, percent) if "{" in part else part
        if isinstance(part, dict):
            return {key: walk(value) for key, value in part.items()}
        if isinstance(part, list | tuple):
            return [walk(value) for value in part]
        return part

    drawn = figure.to_dict()
    drawn["layout"].pop("template", None)
    said = walk(drawn)
    said["layout"]["template"] = template(dark).to_plotly_json()
    return go.Figure(said, _validate=False)  # checked when it was built; checking again costs 3 ms a figure
