"""What a browser says to Streamlit: one websocket, one message to ask for a run, many back until the script is finished."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from fnmatch import fnmatch
from typing import Any

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio import client as waiting
from websockets.sync import client as blocking
from websockets.typing import Origin, Subprotocol

from crm.bench.server import Server


@dataclass(slots=True)
class Answer:
    """One run of a page."""

    seconds: float = 0.0
    size: int = 0
    """Bytes."""
    elements: list[str] = field(default_factory=list)
    """The kinds of what was drawn, "arrow_data_frame"."""
    failure: str = ""
    """What the page says of an exception, or that there is no such page."""


@dataclass(slots=True)
class Widget:
    """Something on a page that can be used."""

    id: str
    kind: str
    fragment: str
    options: list[str]


@dataclass(slots=True)
class Screen:
    """What a browser knows of the page it shows, and the messages it makes of that."""

    pages: dict[str, str] = field(default_factory=dict)
    """url path -> hash by which later runs name the page"""
    page: str = ""
    """Hash of the page that is shown."""
    query: str = ""
    widgets: dict[str, Widget] = field(default_factory=dict)
    """By their key, or their label where they have none."""

    def visit(self, page: str, query: str) -> bytes:
        """The message of a click on the menu, or of an address typed in."""
        message = BackMsg()
        message.rerun_script.query_string = self.query = query
        if page in self.pages:
            message.rerun_script.page_script_hash = self.pages[page]
        else:
            message.rerun_script.page_name = page
        self.widgets.clear()
        return bytes(message.SerializeToString())

    def use(self, values: dict[str, Any]) -> bytes:
        """The message of widgets used at once, by their keys (`*` stands for anything); KeyError where one is not shown.

        A group of options takes the position of one of them, a button True, a text what is typed.
        """
        message = BackMsg()
        request = message.rerun_script
        request.query_string, request.page_script_hash = self.query, self.page
        for pattern, value in values.items():
            widget = next((found for key, found in self.widgets.items() if fnmatch(key, pattern)), None)
            if widget is None:
                raise KeyError(f"nothing called {pattern} is shown")
            state = request.widget_states.widgets.add(id=widget.id)
            if widget.kind == "button_group":
                state.string_array_value.data.append(widget.options[value])
            elif widget.kind == "button":
                state.trigger_value = value
            else:
                state.string_value = value
            request.fragment_id = widget.fragment
        return bytes(message.SerializeToString())

    def read(self, content: str | bytes, answer: Answer) -> bool:
        """One message from the server -> was it the last of the run?"""
        message = ForwardMsg()
        message.ParseFromString(content if isinstance(content, bytes) else content.encode())
        answer.size += len(content)
        kind = message.WhichOneof("type")
        if kind == "delta":
            if message.delta.WhichOneof("type") == "new_element":
                self._drawn(message.delta, answer)
        elif kind == "navigation":
            self.page = message.navigation.page_script_hash
            self.pages |= {page.url_pathname: page.page_script_hash for page in message.navigation.app_pages}
        elif kind == "page_not_found":
            answer.failure = "Page not found"
        return kind == "script_finished" and message.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN

    def _drawn(self, delta: Any, answer: Answer) -> None:
        kind = str(delta.new_element.WhichOneof("type"))
        answer.elements.append(kind)
        drawn = getattr(delta.new_element, kind)
        if kind == "exception":
            answer.failure = f"{drawn.type} {drawn.message}"
        elif kind in ("button", "button_group", "text_input", "text_area"):
            options = [option.content for option in drawn.options] if kind == "button_group" else []
            key = drawn.id.split("-", 2)[-1]
            self.widgets[drawn.label if key == "None" else key] = Widget(drawn.id, kind, delta.fragment_id, options)


@dataclass(slots=True)
class Tab:
    """One tab of a browser, for a measurement that waits for each answer."""

    connection: blocking.ClientConnection
    screen: Screen = field(default_factory=Screen)

    def open(self, page: str, query: str = "") -> Answer:
        """Ask for a page and read until it is drawn; raises when the page shows an exception."""
        answer, start = Answer(), time.perf_counter()
        self.connection.send(self.screen.visit(page, query))
        while not self.screen.read(self.connection.recv(), answer):
            pass
        answer.seconds = time.perf_counter() - start
        if answer.failure:
            raise RuntimeError(f"The page {page or 'overview'} failed: {answer.failure}")
        return answer


@dataclass(slots=True)
class LiveTab:
    """One tab among many of the same process."""

    connection: waiting.ClientConnection
    screen: Screen = field(default_factory=Screen)

    async def ask(self, message: bytes) -> Answer:
        """Send a message of the screen and read until the page is drawn; an exception in it stands in the answer."""
        answer, start = Answer(), time.perf_counter()
        await self.connection.send(message)
        while not self.screen.read(await self.connection.recv(), answer):
            pass
        answer.seconds = time.perf_counter() - start
        return answer


def _options(origin: str, cookie: str) -> dict[str, Any]:
    return {
        "subprotocols": [Subprotocol("streamlit")],
        "origin": Origin(origin),
        "additional_headers": {"Cookie": cookie, "User-Agent": "bench"},
        "max_size": None,
        "ping_interval": None,
    }


def _stream(address: str) -> str:
    return f"{address.replace('http', 'ws', 1)}/_stcore/stream"


@contextmanager
def tab(server: Server, cookie: str) -> Iterator[Tab]:
    with blocking.connect(_stream(server.address), **_options(server.address, cookie)) as connection:
        yield Tab(connection)


@asynccontextmanager
async def live_tab(address: str, cookie: str) -> AsyncIterator[LiveTab]:
    """A tab at `address` ("http://127.0.0.1:8501")."""
    async with waiting.connect(_stream(address), open_timeout=60, **_options(address, cookie)) as connection:
        yield LiveTab(connection)
