"""How long a large file takes to come in, and how much memory: in a process of its own, as `python -m crm import` does it."""

from __future__ import annotations

import csv
import datetime as dt
import gzip
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from random import Random
from typing import Any

from crm import migrations
from crm.access import SYSTEM
from crm.bench.data import hire
from crm.bench.place import Place
from crm.bench.report import table
from crm.customers.imports import run_file
from crm.demo.names import Names
from crm.session import open_as
from crm.settings import ROOT

LINES, CUSTOMERS = 541_909, 10_000
LONGEST = {"orders": 60.0, "customers": 5.0}
"""Targets, in seconds."""
MEMORY = 1_500
"""Target, in MB."""


def measure(folder: Path, orders: Path | None, mapping: str | None, tell: Callable[[str], None] = print) -> str:
    """-> the section of the report."""
    files = folder.parent / f"{folder.name}-files"
    files.mkdir(parents=True, exist_ok=True)
    if orders is None:
        orders, mapping = order_file(files / "orders.csv.gz", LINES), "online_retail"
    listed = customer_file(files / "customers.csv", CUSTOMERS)
    rows = []
    for path, target, name in ((orders, "orders", mapping), (listed, "customers", None)):
        place = Place(folder)
        prepare(place)
        found = run(place, path.resolve(), target, name)
        rows.append(_row(target, found))
        tell(", ".join(rows[-1]))
    return table(("File", "Rows", "Taken in", "Refused", "Time", "Rows a second", "Most memory", "Target"), rows) + "\n\n" + _NOTE


_NOTE = (
    "Time is of the whole command: start of the process, reading, checking, writing, refreshing summaries and scores. The file "
    "of orders that is made here has the columns of Online Retail, and a quarter of its invoices names no customer; in the list "
    "of customers five rows in a hundred are faulty."
)


def prepare(place: Place) -> None:
    place.prepare()
    with place.opened():
        migrations.upgrade()
        with open_as(SYSTEM) as session:
            hire(session)


def run(place: Place, path: Path, target: str, mapping: str | None) -> dict[str, Any]:
    command = [sys.executable, "-m", "crm.bench.importing", str(path), target, *([mapping] if mapping else [])]
    start = time.perf_counter()
    done = subprocess.run(command, cwd=ROOT, env=os.environ | place.environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told | {"seconds": time.perf_counter() - start}


def _row(target: str, found: dict[str, Any]) -> list[str]:
    seconds, memory, longest = found["seconds"], found["memory"], LONGEST[target]
    return [
        {"orders": "Order lines", "customers": "Customers"}[target],
        f"{found['read']:,}",
        f"{found['added'] + found['changed'] + found['unchanged']:,}",
        f"{found['refused']:,}",
        f"{seconds:.1f} s" if seconds <= longest else f"**{seconds:.1f} s**",
        f"{found['read'] / seconds:,.0f}",
        f"{memory:,.0f} MB" if memory <= MEMORY else f"**{memory:,.0f} MB**",
        f"{longest:.0f} s, {MEMORY:,} MB",
    ]


# --------------------------------------------------------------------------------------------------- the files


def order_file(path: Path, lines: int) -> Path:
    """Invoices like those of Online Retail; a quarter of them names no customer, two in a hundred are returns."""
    random, start, rows = Random(11), dt.datetime(2024, 12, 1, 8), []
    invoice, left = 500_000, 0
    for number in range(lines):
        if left == 0:
            invoice, left = invoice + 1, random.randrange(1, 42)
            customer = "" if random.randrange(4) == 0 else str(10_000 + int(4_400 * random.random() ** 2))
            sign = ("C", -1) if random.randrange(50) == 0 else ("", 1)
            day = start + dt.timedelta(minutes=number)
        left -= 1
        stock = random.randrange(4_000)
        goods = (f"{20_000 + stock}", f"ARTICLE {stock}", sign[1] * random.randrange(1, 25))
        rows.append(
            (f"{sign[0]}{invoice}", *goods, f"{day:%Y-%m-%d %H:%M}:00", f"{(stock % 97 + 5) / 4:.2f}", customer, "United Kingdom")
        )
    head = ("InvoiceNo", "StockCode", "Description", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID", "Country")
    return _write(path, head, rows)


def customer_file(path: Path, count: int) -> Path:
    """A list of customers; every twentieth row has one of five faults."""
    random = Random(12)
    names = Names.drawn(random)
    faults: tuple[tuple[int, str], ...] = ((1, ""), (1, "x" * 300), (3, "not an address"), (5, "splendid"), (2, "animal"))
    rows = []
    for number in range(count):
        row = [f"L{number:06}", f"{next(names.western)} {number} Ltd", "corporate", f"c{number}@firm.example"]
        row += [f"+44 20 {random.randrange(10**8):08}", random.choice("abc"), random.choice(("London", "苏州", "Leeds"))]
        if number % 20 == 7:
            place, wrong = faults[number // 20 % len(faults)]
            row[place] = wrong
        rows.append(row)
    return _write(path, ("Code", "Name", "Kind", "Email", "Phone", "Level", "Region"), rows)


def _write(path: Path, head: Sequence[str], rows: Iterable[Sequence[Any]]) -> Path:
    with gzip.open(path, "wt", newline="", encoding="utf-8") if path.suffix == ".gz" else path.open("w", newline="") as file:
        out = csv.writer(file)
        out.writerow(head)
        out.writerows(rows)
    return path


def _work(path: str, target: str, mapping: str | None = None) -> None:
    """What the process of its own does; its last line is the result."""
    outcome = run_file(Path(path), target, mapping)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    counts = {name: getattr(outcome, name) for name in ("read", "added", "changed", "unchanged", "refused")}
    print(json.dumps(counts | {"memory": peak}))


if __name__ == "__main__":
    _work(*sys.argv[1:])
