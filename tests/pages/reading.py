"""Every text that a page sends to the browser, wherever it stands in it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from google.protobuf.message import Message
from streamlit.testing.v1 import AppTest

from crm.words.catalogue import chinese


def sent(at: AppTest) -> set[str]:
    """All texts: labels, hints, options, headings of columns, cells of small tables."""
    return {text for node in _nodes(at._tree) for text in _texts(getattr(node, "proto", None))}


def english_left(at: AppTest) -> set[str]:
    """Texts of a Chinese page that have a Chinese line and stand there in English all the same."""
    lines = chinese()
    return {text for text in sent(at) if lines.get(text, text) != text and not text.islower()}


def _nodes(block: Any) -> Iterator[Any]:
    yield block
    for child in getattr(block, "children", {}).values():
        yield from _nodes(child)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, Message):
        for _, inner in value.ListFields():
            yield from _texts(inner)
    elif isinstance(value, str):
        yield from _texts(json.loads(value)) if _is_json(value) else [value.strip("* ")]
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list | tuple) or type(value).__name__.endswith(("Container", "Sequence")):
        for inner in value:
            yield from _texts(inner)


def _is_json(text: str) -> bool:
    if not text.startswith("{"):
        return False
    try:
        json.loads(text)
    except ValueError:
        return False
    return True
