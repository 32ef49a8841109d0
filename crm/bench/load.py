"""How many people can work at the same time: signed in, over real websockets, each acting every few seconds."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from crm.bench.client import tab
from crm.bench.load_client import Load, Outcome, work
from crm.bench.load_people import Person, people, steps
from crm.bench.load_proxy import proxy
from crm.bench.place import Place
from crm.bench.report import judged, milliseconds, percentile, table
from crm.bench.server import Server, running
from crm.settings import ROOT

Tell = Callable[[str], None]
LADDER = (40, 60, 80, 100, 120, 150, 200)
LIMIT = 1.0
"""Seconds that 95 of 100 answers stay below."""
_RESULTS = "load.json"
_FIRST = 60
"""Actions of each role that are done once before anybody is timed."""


@dataclass(frozen=True, slots=True)
class Trial:
    """One number of people."""

    people: int
    p50: float
    p95: float
    p99: float
    runs: int
    errors: list[str]
    rate: float
    """Actions a second."""
    cpu: list[float]
    """Seconds of processor time in a second, of each process."""
    client: float
    """The same of the client."""
    before: float
    """Megabytes of all processes before anybody came."""
    after: float
    pages: dict[str, tuple[int, float, float]] = field(default_factory=dict)
    """Action -> how often, p50, p95."""

    @property
    def holds(self) -> bool:
        return self.p95 < LIMIT and not self.errors


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be measured."""

    place: Place
    processes: int
    seconds: float
    every: float

    @property
    def name(self) -> str:
        return f"load-{self.place.kind}-{self.processes}"

    @property
    def title(self) -> str:
        served = "one process" if self.processes == 1 else f"{self.processes} processes behind nginx"
        return f"Load: {self.place.kind_name}, {served}"


def largest(ladder: Sequence[int], holds: Callable[[int], bool]) -> list[int]:
    """Halves the ladder until the largest number that holds is found -> what was tried, in order of size."""
    low, high, tried = 0, len(ladder), set()
    while low < high:
        middle = (low + high) // 2
        tried.add(ladder[middle])
        low, high = (middle + 1, high) if holds(ladder[middle]) else (low, middle)
    return sorted(tried)


# ------------------------------------------------------------------------------------------------------- a trial


def try_out(wish: Wish, count: int, tell: Tell) -> Trial:
    """New processes, all pages opened once, then everybody."""
    tell(f"{wish.title}: {count} people ...")
    with wish.place.opened(), _serving(wish) as (servers, address):
        crowd = people(count)
        _warm(servers, crowd)
        load = Load(address, [server.process.pid for server in servers], crowd, wish.seconds, wish.every)
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
            found = judge(count, pool.submit(work, load).result())
    told = f"p95 {milliseconds(found.p95)}, {found.runs} actions, {sum(found.cpu):.2f} CPU s a second"
    tell(f"  {told}, {len(found.errors)} errors {found.errors[:3] or ''}")
    return found


@contextmanager
def _serving(wish: Wish) -> Iterator[tuple[list[Server], str]]:
    with ExitStack() as stack:
        servers = [stack.enter_context(running(wish.place)) for _ in range(wish.processes)]
        alone = len(servers) == 1
        yield servers, servers[0].address if alone else stack.enter_context(proxy([server.port for server in servers]))


def _warm(servers: list[Server], crowd: list[Person]) -> None:
    """What a process loads and compiles at the first use of a page is not part of the load."""
    by_role = {person.role: person for person in crowd}
    for server in servers:
        for person in by_role.values():
            wanted = {step.name: step for step, _ in zip(steps(person), range(_FIRST), strict=False) if not step.uses}
            with tab(server, person.cookie) as browser:
                for step in wanted.values():
                    browser.open(step.page, step.query)


def measure(
    wish: Wish, given: Sequence[int] = (), tell: Tell = print, attempt: Callable[[Wish, int, Tell], Trial] = try_out
) -> str:
    """Each given number of people, else the largest of the ladder that holds -> the section of the report.

    What was measured of the same product before is not measured again.
    """
    kept = _Kept(wish)

    def trial(count: int) -> Trial:
        return kept.get(count) or kept.put(attempt(wish, count, tell))

    if given:
        tried = [trial(count) for count in sorted(given)]
    else:
        tried = [trial(count) for count in largest(LADDER, lambda count: trial(count).holds)]
    return _told(wish, tried)


def judge(count: int, outcome: Outcome) -> Trial:
    """The figures of what happened."""
    came, begin, end = outcome.usage
    span = end.at - begin.at
    timed = [one for one in outcome.samples if begin.at <= one.at]
    seconds = [one.seconds for one in timed] or [0.0]
    by_page: dict[str, list[float]] = {}
    for one in timed:
        by_page.setdefault(one.name, []).append(one.seconds)
    pages = {name: (len(each), percentile(each, 0.5), percentile(each, 0.95)) for name, each in sorted(by_page.items())}
    return Trial(
        people=count,
        p50=percentile(seconds, 0.5),
        p95=percentile(seconds, 0.95),
        p99=percentile(seconds, 0.99),
        runs=len(timed),
        errors=[f"{one.role}, {one.name}: {one.error}" for one in outcome.samples if one.error],
        rate=len(timed) / span,
        cpu=[(after - before) / span for before, after in zip(begin.cpu, end.cpu, strict=True)],
        client=(end.client - begin.client) / span,
        before=came.memory,
        after=end.memory,
        pages=pages,
    )


# ------------------------------------------------------------------------------------------------------ the report

_COLUMNS = (
    "People", "p50", "p95", "p99", "Errors", "Actions a second", "CPU s a second", "CPU an action", "Memory before", "after",
    "a person", "CPU s a second of the client",
)  # fmt: skip


def _told(wish: Wish, tried: list[Trial]) -> str:
    good = [trial for trial in tried if trial.holds]
    best = max(good, key=lambda trial: trial.people) if good else None
    head = f"Most people with p95 under {LIMIT:.0f} s and no error: **{best.people if best else 'none of these'}**."
    shown = best or tried[0]
    rows = [
        [name, f"{runs:,}", milliseconds(p50), milliseconds(p95)]
        for name, (runs, p50, p95) in sorted(shown.pages.items(), key=lambda page: -page[1][0])
    ]
    pages = f"With {shown.people} people:\n\n{table(('Action', 'Times', 'p50', 'p95'), rows)}"
    mistakes = "\n".join(f"- {trial.people} people: {error}" for trial in tried for error in trial.errors[:3])
    parts = [head, table(_COLUMNS, [_row(trial) for trial in tried]), mistakes, pages, _note(wish)]
    return "\n\n".join(part for part in parts if part)


def _row(trial: Trial) -> list[str]:
    cpu = " + ".join(f"{each:.2f}" for each in trial.cpu)
    return [
        str(trial.people),
        milliseconds(trial.p50),
        judged(trial.p95, LIMIT),
        milliseconds(trial.p99),
        str(len(trial.errors)),
        f"{trial.rate:.1f}",
        cpu,
        milliseconds(sum(trial.cpu) / max(trial.rate, 0.001)),
        f"{trial.before:,.0f} MB",
        f"{trial.after:,.0f} MB",
        f"{(trial.after - trial.before) / trial.people:.2f} MB",
        f"{trial.client:.2f}",
    ]


def _note(wish: Wish) -> str:
    return (
        f"Everybody acts every {wish.every:g} s on average for {wish.seconds:g} s, after all have come and some time more; one "
        "action in twenty saves something (a call logged, a customer edited, a note on a case), which makes old what was kept of "
        "the tables it wrote. Of a hundred people 64 are representatives, 22 service agents, 9 team leads, 4 directors, 1 "
        "executive; which pages they open how often stands in `crm/bench/load_people.py`. Timed from the request until the page "
        "is drawn whole, over the websocket. The client works on the same machine. An exception in a page, a page without what "
        "belongs on it, a lost connection, and an answer that takes longer than 30 s are errors."
    )


# --------------------------------------------------------------------------------------------------- kept results


class _Kept:
    """Trials of exactly this product, in a file beside the database."""

    def __init__(self, wish: Wish) -> None:
        self.file = wish.place.folder / _RESULTS
        self.key = f"{fingerprint()} {wish.name} {wish.seconds:g} {wish.every:g}"

    def get(self, count: int) -> Trial | None:
        found = self._all().get(self.key, {}).get(str(count))
        return Trial(**found) if found else None

    def put(self, trial: Trial) -> Trial:
        content = self._all()
        content.setdefault(self.key, {})[str(trial.people)] = asdict(trial)
        self.file.write_text(json.dumps(content))
        return trial

    def _all(self) -> dict[str, dict[str, dict[str, Any]]]:
        content: dict[str, dict[str, dict[str, Any]]] = json.loads(self.file.read_text()) if self.file.exists() else {}
        return content


def fingerprint() -> str:
    """Changes with the product's code."""
    files: list[Path] = [ROOT / "Home.py", ROOT / "asgi.py", *ROOT.glob("pages/**/*.py"), *ROOT.glob("crm/**/*.py")]
    return sha256(b"".join(file.read_bytes() for file in sorted(files))).hexdigest()[:16]
