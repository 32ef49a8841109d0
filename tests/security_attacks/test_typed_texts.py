"""What is drawn as markdown carries no text of a person as markup: every element of every page, as the server sends it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from google.protobuf.message import Message
from streamlit.testing.v1 import AppTest

from crm.office.commands import CustomFieldInput, add_custom_field
from crm.session import open_as
from crm.settings import ROOT
from crm.staff.sign_in import open_browser_session
from crm.ui.menu import PAGES
from tests.conftest import proof
from tests.pages import tile_world
from tests.security_attacks.planted import plant

LOOSE = re.compile(r"(?<!\\)\[i\]|(?<!\\)\[press\]|(?<!\\)\$e|(?<!\\)&lt;q7")
NO_MARKDOWN = re.compile(
    r"^(Text|PlotlyChart|BidiComponent|Dataframe|Arrow|GraphVizChart)\.|\.(raw_value|raw_values|options|value|default|url|placeholder|"
    r"file_name|page|dialog_id|id|form_id|query_string|choices|columns|element_id|color|set_value|content)$"
)

BUTTONS = {"ButtonGroup.options.content", "Radio.options"}
"""What is chosen from by buttons is markdown as well; what is chosen from a list is not."""


def strings(message: Message, path: str = "") -> Iterator[tuple[str, str]]:
    """Every text within an element, with the names that lead to it."""
    for field, value in message.ListFields():
        at = f"{path}.{field.name}"
        several = value if field.is_repeated and not field.message_type else [value]
        if field.message_type and field.is_repeated:
            several = list(value.values()) if hasattr(value, "values") else list(value)
        for one in several:
            if isinstance(one, str):
                yield at, one
            elif isinstance(one, Message):
                yield from strings(one, at)


def loose(node: Any) -> Iterator[str]:
    proto = getattr(node, "proto", None)
    if isinstance(proto, Message):
        for path, text in strings(proto, type(proto).__name__):
            if (path in BUTTONS or not NO_MARKDOWN.search(path)) and (found := LOOSE.search(text)):
                yield f"{path}: {text[max(0, found.start() - 160) : found.end() + 5]!r}"
    for child in getattr(node, "children", {}).values():
        yield from loose(child)


@pytest.mark.parametrize("name", ["eve", "anna", "ada"] if proof() else ["eve"])
def test_no_element_takes_a_text_for_markup(people, name):
    records = tile_world.fill(people)
    with open_as(people.ada.actor) as session:
        for subject in ("customer", "opportunity", "lead", "service_case"):
            add_custom_field(session, subject, CustomFieldInput(label="Shoe size", kind="text", in_list=True))
    assert plant() > 1000
    at = AppTest.from_file(str(ROOT / "Home.py"), default_timeout=120)
    at.session_state["_token"], at.session_state["_language"] = open_browser_session(getattr(people, name).id), "en"
    at.run()
    wrong: list[str] = []
    for page in PAGES:
        at.switch_page(page.path)
        for record, number in records.items():
            at.query_params[record] = str(number)
        at.run()
        wrong += [f"{page.path} failed: {one.message[:200]}" for one in at.exception]
        wrong += [f"{page.path} {one}" for one in loose(at._tree)]
    assert not wrong, "\n".join(wrong)
