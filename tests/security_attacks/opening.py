"""Opens one hostile file as the import does, within the memory and the time that it may take. Run as a program by its test."""

from __future__ import annotations

import json
import os
import resource
import sys
from collections.abc import Callable
from pathlib import Path

from crm.exchange.errors import ExchangeError
from crm.exchange.reading import read_table, sniff
from tests.security_attacks.bombs import BOMBS, HARMLESS

MEMORY, SECONDS = 700 * 1024**2, 40
"""Beyond what the program takes by itself."""


def opened(made: bytes) -> dict[str, object]:
    begun = resource.getrusage(resource.RUSAGE_SELF).ru_utime
    try:
        form = sniff(made, "customers.csv")
        found: dict[str, object] = {"rows": len(read_table(made, "customers.csv", form).frame)}
    except ExchangeError as error:
        found = {"said": error.template.format(**error.values)}
    except BaseException as error:
        found = {"broke": repr(error)[:300]}
    return found | {"seconds": round(resource.getrusage(resource.RUSAGE_SELF).ru_utime - begun, 1)}


def within(make: Callable[[], bytes]) -> dict[str, object]:
    """In a child of its own, so that one file cannot take what another needs."""
    made = make()
    reader, writer = os.pipe()
    if not (child := os.fork()):
        held = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (held + MEMORY, held + MEMORY))
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
        os.write(writer, json.dumps(opened(made)).encode())
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as told:
        text = told.read()
    status = os.waitpid(child, 0)[1]
    return dict(json.loads(text)) if text else {"broke": f"ended by {status}"}


if __name__ == "__main__":
    wanted = {**BOMBS, **{name: make for name, (make, _) in HARMLESS.items()}}
    chosen = sys.argv[1:] or list(wanted)
    for name in chosen:
        print(json.dumps({"name": name, **within(wanted[name])}), flush=True)
