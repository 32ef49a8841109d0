"""What people typed, inside markdown: text, never markup."""

from __future__ import annotations

import re
from typing import Any

_MARKS = re.compile(r"([\\*_`\[\]#<>$:~|&])")
_LINES = re.compile(r"^([ \t]*\d*)([-+=.)])(?=[\s\-=]|$)", re.MULTILINE)
"""What makes a list or a heading of a line by standing at its beginning."""

_SIGNS = re.compile(r":(?=[a-z+\-_][\w+\-/]*:)")
"""Begins the name of a picture, which is looked for when markdown is done: an invisible sign takes it apart."""


def literal(value: Any) -> str:
    """The text as it was typed, whatever markdown would make of it."""
    text = _SIGNS.sub(":\u2060", str(value))
    return _LINES.sub(r"\1\\\2", _MARKS.sub(r"\\\1", text)).replace("\n", "  \n")


def in_badge(value: Any) -> str:
    """The same for `st.badge`, which sets a backslash before brackets itself: two of them would let a link through."""
    return literal(value).replace("\\[", "[").replace("\\]", "]")


def typed(values: dict[str, Any]) -> dict[str, Any]:
    """The values of a sentence that is drawn as markdown: what people typed stays text."""
    return {name: literal(value) if isinstance(value, str) else value for name, value in values.items()}
