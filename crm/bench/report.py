"""docs/benchmarks.md: each benchmark writes its own section, between its marks; the text around them is left alone."""

from __future__ import annotations

import datetime as dt
import math
import os
import platform
import re
import sqlite3
import time
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

from crm.settings import ROOT

FILE = ROOT / "docs" / "benchmarks.md"
_HEAD = """# Benchmarks

Measured by `python -m crm bench`, which writes this page. Figures of a machine that does other work at the same time are upper
bounds; processor time suffers less from that than wall time.
"""


def table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Markdown; every column but the first is aligned to the right."""
    escaped = [[cell.replace("|", "\\|") for cell in row] for row in [columns, *rows]]
    rule = [":--", *["--:"] * (len(columns) - 1)]
    return "\n".join("| " + " | ".join(row) + " |" for row in [escaped[0], rule, *escaped[1:]])


def write(section: str, title: str, text: str, file: Path = FILE) -> None:
    """Put the text into the section of the page, in the place of what stood there before."""
    before = file.read_text(encoding="utf-8") if file.exists() else _HEAD
    body = f"<!-- {section} -->\n## {title}\n\n{machine()}\n\n{text.strip()}\n<!-- /{section} -->"
    marked = re.compile(rf"<!-- {section} -->.*?<!-- /{section} -->", re.DOTALL)
    after = marked.sub(lambda _: body, before) if marked.search(before) else f"{before.rstrip()}\n\n{body}\n"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(after, encoding="utf-8")


def machine() -> str:
    """The machine without its name."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    parts = [f"{os.cpu_count()} cores", f"{memory:.0f} GB", platform.system(), f"Python {platform.python_version()}"]
    parts += [f"{name} {version(name)}" for name in ("streamlit", "sqlalchemy", "pandas")]
    busy = f"five million additions in Python {_yardstick():.2f} s, load {os.getloadavg()[0]:.1f}"
    return f"{dt.date.today()} · {' · '.join(parts)} · SQLite {sqlite3.sqlite_version} · {busy}"


def _yardstick() -> float:
    """Processor time of a fixed piece of work: what else the machine did while it measured shows here."""
    start, total = time.process_time(), 0
    for number in range(5_000_000):
        total += number
    return time.process_time() - start


def percentile(values: Sequence[float], share: float) -> float:
    """The value that this share of the values does not pass (nearest rank)."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(len(ordered) * share) - 1)]


def milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:,.0f} ms"


def judged(value: float, target: float | None) -> str:
    """The figure in milliseconds, bold where it misses its target."""
    missed = target is not None and value > target
    return f"**{milliseconds(value)}**" if missed else milliseconds(value)
