"""A product that is attacked: the server on a port of its own, its log, and what strangers and browsers say to it."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

from crm.access import SYSTEM
from crm.session import open_as
from crm.settings import ROOT
from crm.staff.sign_in import COOKIE
from tests.conftest import pointed_at
from tests.people import People, people_of

KEY = "the-marked-key-of-this-installation-" + "k" * 20
HERE = "127.0.0.1"


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    cookies: tuple[str, ...]
    body: str


@dataclass(frozen=True)
class Target:
    port: int
    people: People
    log: Path

    @property
    def address(self) -> str:
        return f"http://{HERE}:{self.port}"

    def ask(self, method: str, path: str, body: str | bytes | None = None, **headers: str) -> Answer:
        with closing(HTTPConnection(HERE, self.port, timeout=30)) as connection:
            connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
            got = connection.getresponse()
            text = got.read().decode("utf-8", "replace")
            named = {name.lower(): value for name, value in got.getheaders()}
            return Answer(got.status, named, tuple(got.msg.get_all("set-cookie") or ()), text)

    @contextmanager
    def tab(self, token: str = "", *, origin: str | None = None, **headers: str) -> Iterator[Tab]:
        sent = {"Cookie": f"{COOKIE}={token}"} if token else {}
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        with connect(
            f"ws://{HERE}:{self.port}/_stcore/stream",
            subprotocols=[Subprotocol("streamlit")],
            origin=Origin(self.address if origin is None else origin),
            additional_headers=sent | named,
            max_size=None,
        ) as connection:
            yield Tab(connection)


@dataclass
class Tab:
    """A tab of a browser without its screen: asks for a page and keeps what the server wrote."""

    connection: ClientConnection
    session_id: str = ""

    def read(self, page: str = "", query: str = "", **chosen: str) -> str:
        """-> what the server wrote. `chosen`: id of an element -> what was chosen there."""
        asked = BackMsg()
        for widget, value in chosen.items():
            asked.rerun_script.widget_states.widgets.add(id=widget, string_value=value)
        asked.rerun_script.page_name, asked.rerun_script.query_string = page, query
        self.connection.send(asked.SerializeToString())
        parts = []
        while True:
            message = ForwardMsg()
            content = self.connection.recv(timeout=60)
            message.ParseFromString(content if isinstance(content, bytes) else content.encode())
            kind = message.WhichOneof("type")
            if kind == "new_session":
                self.session_id = message.new_session.initialize.session_id or self.session_id
            if kind == "delta":
                parts.append(str(message))
            if kind == "script_finished" and message.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN:
                return "\n".join(parts)


@contextmanager
def serving(people: People, folder: Path, **environment: str) -> Iterator[Target]:
    """`python -m crm serve` on the database that is pointed at."""
    with socket.socket() as free:
        free.bind((HERE, 0))
        port = int(free.getsockname()[1])
    log = folder / "server.log"
    command = [sys.executable, "-m", "crm", "serve", "--port", str(port), "--address", HERE]
    with log.open("w") as out:
        running = subprocess.Popen(command, cwd=ROOT, env=os.environ | environment, stdout=out, stderr=out)
    try:
        asked = ["curl", "-sf", "--retry", "120", "--retry-delay", "0", "--retry-all-errors", "--retry-max-time", "60"]
        if subprocess.run([*asked, f"http://{HERE}:{port}/healthz"], capture_output=True).returncode:
            pytest.fail(f"The server did not start:\n{log.read_text()}")
        yield Target(port, people, log)
    finally:
        running.terminate()
        running.wait(20)


@contextmanager
def attacked(template: Path, folder: Path) -> Iterator[People]:
    """The product works on a copy of the template, with a key that one would know again -> its people."""
    shutil.copyfile(template, folder / "crm.db")
    with pytest.MonkeyPatch.context() as patch, pointed_at(f"sqlite:///{folder / 'crm.db'}", folder):
        patch.setenv("CRM_SECRET_KEY", KEY)
        with open_as(SYSTEM) as session:
            people = people_of(session)
        yield people
