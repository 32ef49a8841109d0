"""What people typed, inside markdown: text, never markup."""

from __future__ import annotations

import re
from typing import Any

_MARKS = re.compile(r"([\\*_`\[\]#<>$:~|])")


def literal(value: Any) -> str:
    """The text as it was typed, whatever markdown would make of it."""
    return _MARKS.sub(r"\\\1", str(value)).replace("\n", "  \n")
