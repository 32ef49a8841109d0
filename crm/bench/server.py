"""The product as a process of its own on a free port of this machine, and a browser session that may use it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from typing import IO, Any

import psutil  # type: ignore[import-untyped]
from sqlalchemy import select

from crm.access import SYSTEM
from crm.bench.place import Place
from crm.session import open_as
from crm.settings import ROOT
from crm.staff.models import User
from crm.staff.sign_in import COOKIE, open_browser_session

_PATIENCE = 60.0
"""Seconds that a start may take."""
LOG = "server.log"
"""What the process that was started last told, in the folder of the benchmark."""


@dataclass(frozen=True, slots=True)
class Server:
    port: int
    process: Any
    started: float
    """`time.perf_counter()` of the moment before the process began."""

    def cpu(self) -> float:
        """Seconds of processor time that the server took until now."""
        times = self.process.cpu_times()
        return float(times.user + times.system)

    def memory(self) -> float:
        """Megabytes that the server holds now."""
        return float(self.process.memory_info().rss) / 1e6

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def running(place: Place) -> Iterator[Server]:
    """`streamlit run asgi.py`, as `python -m crm serve` starts it, until the end of the block."""
    port, started = free_port(), time.perf_counter()
    command = [sys.executable, "-m", "streamlit", "run", "asgi.py", f"--server.port={port}", "--server.address=127.0.0.1"]
    environment = os.environ | place.environment
    with (
        (place.folder / LOG).open("w+b") as told,
        subprocess.Popen(command, cwd=ROOT, env=environment, stdout=told, stderr=told) as process,
    ):
        try:
            server = Server(port, psutil.Process(process.pid), started)
            _wait(server, process, told)
            yield server
        finally:
            process.terminate()


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def _wait(server: Server, process: subprocess.Popen[bytes], told: IO[bytes]) -> None:
    while not _answers(server):
        if process.poll() is not None:
            told.seek(0)
            raise RuntimeError(told.read().decode()[-2000:])
        if time.perf_counter() - server.started > _PATIENCE:
            raise TimeoutError(f"The server did not answer within {_PATIENCE:.0f} s.")
        time.sleep(0.01)


def _answers(server: Server) -> bool:
    connection = HTTPConnection("127.0.0.1", server.port, timeout=5)
    try:
        connection.request("GET", "/_stcore/health")
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def cookie_of(username: str) -> str:
    """Sign a person in without a password, as the command line may -> the Cookie header of a browser. In an opened place."""
    with open_as(SYSTEM) as session:
        user_id = session.scalars(select(User.id).where(User.username == username)).one()
    return f"{COOKIE}={open_browser_session(user_id)}"
