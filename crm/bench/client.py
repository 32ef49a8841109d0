"""What a browser says to Streamlit: one websocket, one message to ask for a run, many back until the script is finished."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import ClientConnection, connect
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


@dataclass(slots=True)
class Tab:
    """One tab of a browser."""

    connection: ClientConnection
    pages: dict[str, str] = field(default_factory=dict)
    """url path -> hash by which later runs name the page"""

    def open(self, page: str, query: str = "") -> Answer:
        """Ask for a page and read until it is drawn; raises when the page shows an exception."""
        message = BackMsg()
        message.rerun_script.query_string = query
        if page in self.pages:
            message.rerun_script.page_script_hash = self.pages[page]
        else:
            message.rerun_script.page_name = page
        answer, start = Answer(), time.perf_counter()
        self.connection.send(message.SerializeToString())
        while not self._read(answer):
            pass
        answer.seconds = time.perf_counter() - start
        return answer

    def _read(self, answer: Answer) -> bool:
        """One message -> was it the last of the run?"""
        content = self.connection.recv()
        message = ForwardMsg()
        message.ParseFromString(content if isinstance(content, bytes) else content.encode())
        answer.size += len(content)
        kind = message.WhichOneof("type")
        if kind == "navigation":
            self.pages |= {page.url_pathname: page.page_script_hash for page in message.navigation.app_pages}
        if kind == "delta" and message.delta.WhichOneof("type") == "new_element":
            drawn = message.delta.new_element
            answer.elements.append(str(drawn.WhichOneof("type")))
            if drawn.WhichOneof("type") == "exception":
                raise RuntimeError(f"The page failed: {drawn.exception.type} {drawn.exception.message}")
        return kind == "script_finished" and message.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN


@contextmanager
def tab(server: Server, cookie: str) -> Iterator[Tab]:
    address = f"ws://127.0.0.1:{server.port}/_stcore/stream"
    with connect(
        address,
        subprotocols=[Subprotocol("streamlit")],
        origin=Origin(server.address),
        additional_headers={"Cookie": cookie, "User-Agent": "bench"},
        max_size=None,
        ping_interval=None,
    ) as connection:
        yield Tab(connection)
