"""Many browsers in one process: each person acts in a rhythm of his own, and every answer is timed until the page is drawn."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.client import HTTPConnection
from random import Random
from urllib.parse import urlsplit

import psutil  # type: ignore[import-untyped]
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from crm.bench.client import Answer, LiveTab, live_tab
from crm.bench.load_people import Person, Step, steps

JOIN = 0.3
"""Seconds between the arrivals of two people."""
SETTLE = 10.0
"""Seconds between the last arrival and the measurement."""
PATIENCE = 30.0
"""Seconds after which a person takes an answer for lost."""


@dataclass(frozen=True, slots=True)
class Load:
    """What is asked of a server, or of several behind one address."""

    address: str
    processes: list[int]
    people: list[Person]
    seconds: float
    every: float
    """Seconds between two actions of a person."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One action."""

    at: float
    """Seconds since the beginning at which it was asked for."""
    seconds: float
    name: str
    role: str
    wrote: bool
    error: str = ""


@dataclass(slots=True)
class Usage:
    """Of all server processes, and of this one, at one moment."""

    at: float
    cpu: list[float]
    memory: float
    """Megabytes."""
    client: float


@dataclass(slots=True)
class Outcome:
    """What happened between the two moments of the measurement."""

    samples: list[Sample] = field(default_factory=list)
    usage: list[Usage] = field(default_factory=list)
    """Before anybody came, at the beginning and at the end of the measurement."""


def work(load: Load) -> Outcome:
    """For a process of its own: everybody comes, works, and leaves."""
    return asyncio.run(_everybody(load))


async def _everybody(load: Load) -> Outcome:
    crowd = _Crowd(load)
    crowd.measure()
    tasks = [asyncio.create_task(crowd.work(number, person)) for number, person in enumerate(load.people)]
    for moment in (crowd.begins, crowd.ends):
        await crowd.until(moment)
        crowd.measure()
    await asyncio.gather(*tasks)
    crowd.outcome.samples = [one for one in crowd.outcome.samples if crowd.begins <= one.at < crowd.ends or one.error]
    return crowd.outcome


class _Crowd:
    """Everybody who works, and the clock they share."""

    def __init__(self, load: Load) -> None:
        self.load, self.outcome, self.started = load, Outcome(), time.perf_counter()
        self.servers, self.own = [psutil.Process(pid) for pid in load.processes], psutil.Process()
        self.begins = len(load.people) * JOIN + min(SETTLE, load.seconds / 5)
        self.ends = self.begins + load.seconds

    def now(self) -> float:
        return time.perf_counter() - self.started

    async def until(self, moment: float) -> None:
        await asyncio.sleep(max(0.0, moment - self.now()))

    def measure(self) -> None:
        cpu = [_cpu(server) for server in self.servers]
        memory = sum(server.memory_info().rss for server in self.servers) / 1e6
        self.outcome.usage.append(Usage(self.now(), cpu, memory, _cpu(self.own)))

    async def work(self, number: int, person: Person) -> None:
        """From the arrival to the end of the measurement, in one tab. Whoever loses his connection does not come back."""
        await self.until(number * JOIN)
        try:
            cookies = await asyncio.to_thread(_cookies, self.load.address, person.cookie)
            async with live_tab(self.load.address, cookies) as tab:
                await self._act(tab, person)
        except (OSError, ConnectionClosed, InvalidHandshake, TimeoutError) as error:
            self._note("Connection", person, self.now(), 0.0, error=f"{type(error).__name__} {error}")

    async def _act(self, tab: LiveTab, person: Person) -> None:
        random, due = Random(person.seed), self.now()
        for step in _forever(person):
            await self.until(due)
            if self.now() >= self.ends:
                return
            at = self.now()
            answer = await _answer(tab, step)
            missing = "" if step.shows in answer.elements else f"no {step.shows} is shown"
            error = answer.failure or missing
            self._note(step.name, person, at, self.now() - at, wrote=step.writes, error=error)
            due = max(due + self.load.every * random.uniform(0.8, 1.2), self.now())

    def _note(self, name: str, person: Person, at: float, seconds: float, *, wrote: bool = False, error: str = "") -> None:
        self.outcome.samples.append(Sample(at, seconds, name, person.role, wrote, error))


def _forever(person: Person) -> Iterator[Step]:
    """The day begins on the start page."""
    yield Step("Overview", "markdown")
    yield from steps(person)


async def _answer(tab: LiveTab, step: Step) -> Answer:
    try:
        message = tab.screen.use(step.uses) if step.uses else tab.screen.visit(step.page, step.query)
    except KeyError as error:
        return Answer(failure=str(error))
    async with asyncio.timeout(PATIENCE):
        return await tab.ask(message)


def _cookies(address: str, cookie: str) -> str:
    """The first request of a browser: what is set there (by a proxy) is sent from then on."""
    place = urlsplit(address)
    connection = HTTPConnection(str(place.hostname), place.port, timeout=PATIENCE)
    try:
        connection.request("GET", "/", headers={"Cookie": cookie})
        answer = connection.getresponse()
        answer.read()
        given = [value.split(";")[0] for name, value in answer.getheaders() if name.lower() == "set-cookie"]
    finally:
        connection.close()
    return "; ".join([cookie, *given])


def _cpu(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)
