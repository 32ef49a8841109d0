"""What a list of customers can be narrowed by: one definition for the page, saved views, classes, exports and bulk actions."""

from __future__ import annotations

import datetime as dt
import sqlite3
from decimal import Decimal
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import ColumnElement, String, and_, column, func, or_, select, table

from crm.customers.models import Customer
from crm.database import engine
from crm.office.models import Tagging
from crm.staff.models import User, UserState

Sort = Literal[
    "name",
    "code",
    "last_order_on",
    "first_order_on",
    "order_count",
    "order_amount",
    "created_at",
    "level",
    "region",
    "life_cycle",
]


class CustomerFilter(BaseModel):
    """Every field left empty means: any."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    search: str = ""
    stage: tuple[str, ...] = ()
    kind: tuple[str, ...] = ()
    life_cycle: tuple[str, ...] = ()
    level: tuple[str, ...] = ()
    credit_grade: tuple[str, ...] = ()
    source: tuple[str, ...] = ()
    region: tuple[str, ...] = ()
    industry: tuple[str, ...] = ()
    segment: tuple[str, ...] = ()
    contribution_rating: tuple[str, ...] = ()
    class_id: tuple[int, ...] = ()
    owner_id: tuple[int, ...] = ()
    team_id: tuple[int, ...] = ()
    board_id: tuple[int, ...] = ()
    tag_id: tuple[int, ...] = ()
    ids: tuple[int, ...] = ()
    import_job_id: int | None = None
    """Those who came new with one file."""
    owner_gone: bool = False
    """Only customers whose owner is frozen or has left: they need somebody new."""
    amount_from: Decimal | None = None
    amount_to: Decimal | None = None
    orders_from: int | None = None
    orders_to: int | None = None
    last_order_from: dt.date | None = None
    last_order_to: dt.date | None = None
    first_order_from: dt.date | None = None
    first_order_to: dt.date | None = None
    created_from: dt.date | None = None
    created_to: dt.date | None = None
    custom: tuple[tuple[str, str], ...] = Field(default=())

    def conditions(self) -> list[ColumnElement[bool]]:
        found = [*self._choices(), *self._ranges()]
        found += [matches(word) for word in self.search.split()]
        found += [_custom_is(key, value) for key, value in self.custom]
        if self.owner_gone:
            gone = select(User.id).where(User.state != UserState.ACTIVE)
            found.append(Customer.owner_id.in_(gone))
        if self.tag_id:
            tagged = select(Tagging.subject_id).where(Tagging.subject_type == "customer", Tagging.tag_id.in_(self.tag_id))
            found.append(Customer.id.in_(tagged))
        return found

    def _choices(self) -> list[ColumnElement[bool]]:
        names = ["stage", "kind", "life_cycle", "level", "credit_grade", "source", "region", "industry", "segment"]
        names += ["contribution_rating"]
        names += ["class_id", "owner_id", "team_id", "board_id"]
        chosen = {name: getattr(self, name) for name in names if getattr(self, name)}
        found = [_among(getattr(Customer, name), values) for name, values in chosen.items()]
        found += [Customer.import_job_id == self.import_job_id] if self.import_job_id else []
        return found + ([Customer.id.in_(self.ids)] if self.ids else [])

    def _ranges(self) -> list[ColumnElement[bool]]:
        ranges: list[tuple[Any, Any, Any]] = [
            (Customer.order_amount, self.amount_from, self.amount_to),
            (Customer.order_count, self.orders_from, self.orders_to),
            (Customer.last_order_on, self.last_order_from, self.last_order_to),
            (Customer.first_order_on, self.first_order_from, self.first_order_to),
            (Customer.created_at, _start(self.created_from), None),
        ]
        lower = [values >= low for values, low, _ in ranges if low is not None]
        upper = [values <= high for values, _, high in ranges if high is not None]
        if self.created_to is not None:
            upper.append(Customer.created_at < _start(self.created_to, days=1))
        return lower + upper


def _start(day: dt.date | None, days: int = 0) -> dt.datetime | None:
    return dt.datetime.combine(day + dt.timedelta(days), dt.time(), dt.UTC) if day else None


def _among(column: Any, values: tuple[Any, ...]) -> ColumnElement[bool]:
    """An empty string among the values stands for "not given"."""
    given = [value for value in values if value not in ("", 0)]
    conditions: list[ColumnElement[bool]] = [column.in_(given)] if given else []
    return or_(*conditions, column.is_(None)) if len(given) < len(values) else and_(*conditions)


def _custom_is(key: str, value: str) -> ColumnElement[bool]:
    stored = Customer.custom[key].as_string()
    # SQLite lowers plain letters alone: what was typed exactly so is found in every script.
    return or_(stored == value, func.lower(stored) == value.lower())


_words = table("customer_words", column("term", String))
_index = table("customer_search", column("rowid"), column("customer_search"))


def matches(word: str) -> ColumnElement[bool]:
    """`search_text` contains the word: by the trigram index, one character alone by LIKE."""
    folded = word.casefold()
    if len(folded) >= 3 and engine().dialect.name == "sqlite" and sqlite3.sqlite_version_info >= (3, 34):
        quoted = '"' + folded.replace('"', '""') + '"'
        return Customer.id.in_(select(_index.c.rowid).where(_index.c.customer_search.op("MATCH")(quoted)))
    if len(folded) == 2 and engine().dialect.name == "sqlite" and sqlite3.sqlite_version_info >= (3, 34):
        return Customer.id.in_(select(_index.c.rowid).where(_index.c.customer_search.op("MATCH")(_beginning_with(folded))))
    return Customer.search_text.contains(folded, autoescape=True)


def _beginning_with(two: str) -> Any:
    """All trigrams of the index that begin with two characters, as one question to it."""
    beyond = two + "\U0010ffff"
    quoted = '"' + func.replace(_words.c.term, '"', '""') + '"'
    terms = select(func.group_concat(quoted, " OR ")).where(_words.c.term >= two, _words.c.term < beyond)
    return func.coalesce(terms.scalar_subquery(), '""')
