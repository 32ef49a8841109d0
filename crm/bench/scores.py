"""The nightly job on a large base: how long, how much memory; in a process of its own, as `python -m crm run scores` does it."""

from __future__ import annotations

import datetime as dt
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.random import Generator, default_rng
from sqlalchemy import Index, Table

from crm import jobs, migrations
from crm.access import SYSTEM
from crm.bench.data import DAYS, SEED, TODAY, hire
from crm.bench.place import Place
from crm.bench.report import table
from crm.bulk import bulk_insert
from crm.customers.models import Customer, Order
from crm.database import MONEY_SCALE, analyze
from crm.insight.commands import boards
from crm.insight.queries import RunSettings
from crm.insight.queries.fitting import fit_settings
from crm.office.commands import DemoDay, set_demo_today
from crm.session import ScopedSession, open_as
from crm.settings import ROOT

LONGEST, FIT, MEMORY = 60.0, 2.0, 2_048
"""Targets: seconds of the job, seconds of a fit, MB."""
_PART = 1_000_000


def measure(place: Place, customers: int, orders: int, tell: Callable[[str], None] = print) -> str:
    """-> the section of the report."""
    make(place, customers, orders, tell)
    return worked(place, tell)


def worked(place: Place, tell: Callable[[str], None] = print) -> str:
    rows = []
    for name, work, target in (
        ("First run: a contest of models for each board", "first", "—"),
        ("Every night: refit, scores, snapshot", "night", f"{LONGEST:.0f} s, {MEMORY:,} MB"),
        ("Again for the same day", "again", "—"),
        ("Fit of BG/NBD to the largest board", "fit", f"{FIT:.0f} s"),
    ):
        found = run(place, work)
        rows.append(_row(name, found, target, FIT if work == "fit" else LONGEST if work == "night" else None))
        tell(", ".join(rows[-1]))
    return table(("Work", "Customers scored", "Time", "CPU", "Most memory", "Target"), rows) + "\n\n" + _NOTE


_NOTE = (
    "Orders of three years in three boards. Time is of the job in a process that has started, memory that of the whole process. "
    "Every night the age of every customer has moved, so all scores are written; of the customers' own columns only what differs."
)


def run(place: Place, work: str) -> dict[str, float]:
    command = [sys.executable, "-m", "crm.bench.scores", work]
    done = subprocess.run(command, cwd=ROOT, env=os.environ | place.environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    told: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return told


def _row(name: str, found: dict[str, float], target: str, longest: float | None) -> list[str]:
    seconds, memory = f"{found['seconds']:.1f} s", f"{found['memory']:,.0f} MB"
    return [
        name,
        f"{found['customers']:,.0f}",
        f"**{seconds}**" if longest is not None and found["seconds"] > longest else seconds,
        f"{found['cpu']:.1f} s",
        f"**{memory}**" if found["memory"] > MEMORY else memory,
        target,
    ]


# ------------------------------------------------------------------------------------------------------ the data


def make(place: Place, customers: int, orders: int, tell: Callable[[str], None] = print) -> None:
    """Fill the folder anew, as if all orders had come in by a file: nothing is derived yet."""
    place.prepare()
    start = time.perf_counter()
    with place.opened():
        migrations.upgrade()
        with open_as(SYSTEM) as session:
            random = default_rng(SEED)
            base = _customers(session, random, hire(session), customers)
            tell(f"{orders:,} orders ...")
            _orders(session, random, base, orders)
            set_demo_today(session, DemoDay(day=TODAY))
        analyze()
    tell(f"Made in {time.perf_counter() - start:.0f} s.")


def _customers(session: ScopedSession, random: Generator, owners: pd.DataFrame, count: int) -> pd.DataFrame:
    """-> id, board_id, owner_id, rate (of buying), spend (mean of an order), first, last (days of buying)."""
    base = owners.iloc[np.sort(random.integers(0, len(owners), count))].reset_index(drop=True)
    names = np.char.mod("Customer %07d", np.arange(1, count + 1))
    rows = base.assign(name=names, name_key=np.char.lower(names), code=np.char.mod("B%07d", np.arange(1, count + 1)))
    blank: dict[str, Any] = {"custom": [{}] * count, "search_text": "", "order_count": 0, "order_amount": 0}
    rows = rows.assign(kind="retail", stage="transacting", life_cycle="potential", **blank)
    with _without_indexes(session, Customer):
        ids = bulk_insert(session, Customer, rows)
    first = random.integers(0, DAYS - 30, count)
    days = (random.random(count) * (DAYS - first)).astype(int)
    return base.assign(
        id=ids, rate=random.gamma(0.7, size=count), spend=50 * random.gamma(4, size=count), first=first, last=first + days
    )


def _orders(session: ScopedSession, random: Generator, base: pd.DataFrame, count: int) -> None:
    """In the order in which they came: board by board, day by day."""
    buyer = np.repeat(np.arange(len(base)), random.multinomial(count, base["rate"] / base["rate"].sum()))
    span = (base["last"] - base["first"]).to_numpy()[buyer]
    day = base["first"].to_numpy()[buyer] + (random.random(count) * (span + 1)).astype(int)
    came = np.lexsort((day, base["board_id"].to_numpy()[buyer]))
    with _without_indexes(session, Order):
        for start in range(0, count, _PART):
            part = came[start : start + _PART]
            theirs = base.iloc[buyer[part]]
            cents = (theirs["spend"].to_numpy() * random.gamma(2, 0.5, len(part)) * 100).astype("int64") + 1
            back = random.random(len(part)) < 0.02
            rows = pd.DataFrame(
                {
                    "customer_id": theirs["id"].to_numpy(),
                    "board_id": theirs["board_id"].to_numpy(),
                    "number": np.char.mod("SO%08d", np.arange(start + 1, start + len(part) + 1)),
                    "kind": np.where(back, "return", "sale"),
                    "ordered_on": pd.Timestamp(TODAY - dt.timedelta(DAYS)) + pd.to_timedelta(day[part], unit="D"),
                    "amount": cents * np.where(back, -1, 1) * (MONEY_SCALE // 100),
                }
            )
            bulk_insert(session, Order, rows)


@contextmanager
def _without_indexes(session: ScopedSession, kind: Any) -> Iterator[None]:
    """Built at the end, they take a fraction of the time."""
    made: Table = kind.__table__
    indexes: list[Index] = sorted(made.indexes, key=lambda index: str(index.name))
    for index in indexes:
        index.drop(session.connection())
    yield
    for index in indexes:
        index.create(session.connection())


# ------------------------------------------------------------------------------------------------------ the work


def _work(name: str) -> None:
    """What the process of its own does; its last line is the result."""
    begin, busy = time.perf_counter(), time.process_time()
    if name == "fit":
        seconds, cpu, customers = _fit()
    else:
        done = jobs.scores(TODAY + dt.timedelta(name != "first"))
        seconds, cpu, customers = time.perf_counter() - begin, time.process_time() - busy, done["modelled"]
    print(json.dumps({"seconds": seconds, "cpu": cpu, "customers": customers, "memory": _peak()}))


def _peak() -> float:
    """MB at most; getrusage() would count what the parent held when it started this process."""
    status = Path("/proc/self/status")
    lines = status.read_text().splitlines() if status.exists() else []
    highest = next((line.split()[1] for line in lines if line.startswith("VmHWM")), None)
    return float(highest or resource.getrusage(resource.RUSAGE_SELF).ru_maxrss) / 1024


def _fit() -> tuple[float, float, int]:
    """Of the model alone: the histories are read before."""
    with open_as(SYSTEM) as session:
        found = [fit_settings(session, board_id, RunSettings(), TODAY) for board_id in boards(session)]
    largest = max(found, key=lambda fit: len(fit.history))
    begin, busy = time.perf_counter(), time.process_time()
    type(largest.model)().fit(*(largest.history[name] for name in ("frequency", "recency", "T")))
    return time.perf_counter() - begin, time.process_time() - busy, len(largest.history)


if __name__ == "__main__":
    _work(sys.argv[1])
