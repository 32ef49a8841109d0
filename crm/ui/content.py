"""What is made of values alone may be kept for everybody, whoever asked first: here is the key."""

from __future__ import annotations

import hashlib
import pickle
from typing import Any


class Content:
    """Values, frames among them, that are equal where all they contain is. A function among them is known by its name, so that it
    must stand in a module and remember nothing."""

    def __init__(self, *values: Any) -> None:
        self.values = values
        self._digest = hashlib.sha256(pickle.dumps(values, protocol=5)).digest()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Content) and self._digest == other._digest

    def __hash__(self) -> int:
        return hash(self._digest)
