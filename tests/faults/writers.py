"""Processes that all do the same work at the same time, in an order of their own, and what each of them was told."""

from __future__ import annotations

import multiprocessing
import random
import traceback
from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any

from crm.database import engine
from crm.errors import CrmError

Deed = Callable[[int], Any]
"""Done by the process of this number."""
AT_ONCE = multiprocessing.get_context("fork")
PATIENCE = 120
"""Seconds until the last one has to be through."""


def all_at_once(processes: int, deeds: dict[str, Deed]) -> Counter[tuple[str, str]]:
    """-> (deed, what became of it): "done", or the class of the refusal. Anything else than a refusal fails."""
    engine().dispose()  # nothing open goes over into another process
    started, told = AT_ONCE.Barrier(processes), AT_ONCE.Queue()
    running = [AT_ONCE.Process(target=_work, args=(number, deeds, started, told)) for number in range(processes)]
    for one in running:
        one.start()
    found = [told.get(timeout=PATIENCE) for _ in running]
    for one in running:
        one.join(PATIENCE)
    broken = [trace for _, traces in found for trace in traces]
    assert not broken, "\n".join(broken)
    return sum((counted for counted, _ in found), Counter())


def _work(number: int, deeds: dict[str, Deed], started: Any, told: Any) -> None:
    counted: Counter[tuple[str, str]] = Counter()
    broken: list[str] = []
    order = list(deeds)
    random.Random(number).shuffle(order)
    started.wait(PATIENCE)
    for name in order:
        kind = name.partition(" ")[0]
        try:
            deeds[name](number)
        except CrmError as refusal:
            counted[kind, type(refusal).__name__] += 1
            assert "locked" not in str(refusal)
        except BaseException:
            broken.append(f"{name} of process {number}:\n{traceback.format_exc()}")
        else:
            counted[kind, "done"] += 1
    engine().dispose()
    told.put((counted, broken))


def for_each(deed: Callable[..., Any], name: str, rows: list[Any]) -> dict[str, Deed]:
    """One deed for each row: `deed(row, number)`."""
    return {f"{name} {place}": partial(deed, row) for place, row in enumerate(rows)}
