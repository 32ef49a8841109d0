"""The errors a person can be shown: an English template and its values, translated where they are shown."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from string import Formatter
from typing import Any

from crm.exchange.errors import ExchangeError


class _Plain(Formatter):
    """Knows the nouns that follow numbers in templates: {count:row|rows}."""

    def format_field(self, value: Any, format_spec: str) -> str:
        one, bar, many = format_spec.partition("|")
        return f"{value} {one if value == 1 else many}" if bar else str(super().format_field(value, format_spec))


class CrmError(Exception):
    """Something a person did cannot be done; the message says what, and nothing was changed."""

    def __init__(self, template: str, /, **values: Any) -> None:
        super().__init__(template)
        self.template = template
        self.values = values

    def __str__(self) -> str:
        """English, for logs and the command line; people see the template through `crm.words.say`."""
        return _Plain().vformat(self.template, (), self.values)

    def __reduce__(self) -> tuple[Any, ...]:
        return (_rebuild, (type(self), self.template, self.values))


def _rebuild(kind: type[CrmError], template: str, values: dict[str, Any]) -> CrmError:
    return kind(template, **values)


@contextmanager
def told_of_files() -> Iterator[None]:
    """What a file is refused for inside the block, as an error that a person can be shown."""
    try:
        yield
    except ExchangeError as error:
        raise CrmError(error.template, **error.values) from error


class NotFound(CrmError):
    """Missing or hidden: the same answer, so that nobody learns what exists."""

    def __init__(self, template: str = "This record does not exist, or it is not yours to see.", /, **values: Any) -> None:
        super().__init__(template, **values)


class Refused(CrmError):
    """The person may see it, but not do this."""


class Invalid(CrmError):
    """The input breaks a rule; `field` names the column it belongs to, where there is one."""

    def __init__(self, template: str, /, *, field: str | None = None, **values: Any) -> None:
        super().__init__(template, **values)
        self.field = field


class Outage(CrmError):
    """Not the person's doing: database or disk fail. Nothing of the transaction was saved, unless the sentence says so."""


class Stale(CrmError):
    """Somebody else saved first. Carries both versions so that nothing typed is lost."""

    def __init__(self, mine: dict[str, Any], theirs: dict[str, Any], by: str | None = None) -> None:
        super().__init__("{who} saved this record before you. Nothing of yours is lost: compare and save again.", who=by or "—")
        self.mine, self.theirs, self.by = mine, theirs, by

    def __reduce__(self) -> tuple[Any, ...]:
        return (Stale, (self.mine, self.theirs, self.by))


class UnscopedStatement(RuntimeError):
    """A programming error: a statement that the scope could not limit."""
