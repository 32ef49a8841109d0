"""Who tries too many links that do not work, by address. Kept in memory: a guess costs nothing in the database."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from threading import Lock


class Guesses:
    """At most `most` wrong ones within `seconds` from one address. Where the address is unknown (the same computer) nobody is
    shut out: it would be everybody."""

    def __init__(
        self, most: int = 20, seconds: float = 600, addresses: int = 10_000, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._most, self._seconds, self._addresses, self._clock = most, seconds, addresses, clock
        self._wrong: dict[str, deque[float]] = {}
        self._lock = Lock()

    def too_many(self, address: str) -> bool:
        with self._lock:
            return len(self._recent(address)) >= self._most

    def wrong(self, address: str) -> None:
        if not address:
            return
        with self._lock:
            times = self._recent(address)
            times.append(self._clock())
            self._wrong.pop(address, None)
            self._wrong[address] = times
            if len(self._wrong) > self._addresses:
                del self._wrong[next(iter(self._wrong))]

    def _recent(self, address: str) -> deque[float]:
        times = self._wrong.get(address) or deque(maxlen=self._most)
        while times and times[0] <= self._clock() - self._seconds:
            times.popleft()
        return times
