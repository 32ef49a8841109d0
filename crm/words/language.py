"""Which language is being spoken now."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Literal

Language = Literal["en", "zh"]

_forced: ContextVar[Language | None] = ContextVar("language", default=None)


def _english() -> str:
    return "en"


_source: Callable[[], str] = _english


def use_language_from(source: Callable[[], str]) -> None:
    """A door (the pages, the command line) says where the current language comes from; `zh-CN` and the like count as Chinese."""
    global _source
    _source = source


def language() -> Language:
    return _forced.get() or ("zh" if _source().lower().startswith("zh") else "en")


@contextmanager
def speaking(chosen: Language) -> Iterator[None]:
    """Whatever the door says, speak this language inside the block."""
    token = _forced.set(chosen)
    try:
        yield
    finally:
        _forced.reset(token)
