"""What a list of customers can be narrowed by: one definition for the page, saved views, classes, exports and bulk actions."""

from __future__ import annotations

import datetime as dt
import sqlite3
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator
from sqlalchemy import ColumnElement, String, and_, bindparam, column, false, func, or_, select, table

from crm.customers.models import Customer, CustomerGroup, CustomerScore, GroupMember, Loss
from crm.customers.scales import CELL, SCALE, Scale, in_cells
from crm.database import engine
from crm.office.models import Tagging
from crm.session import ScopedSession
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
    "p_alive",
    "expected_orders",
    "expected_value",
    "lifetime_value",
    "value_at_risk",
    "next_order_from",
    "next_order_until",
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
    """0 among them stands for nobody's: those that lie in a pool."""
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
    p_alive_from: float | None = None
    """Of the newest scores, as are the next ones: the chance to be a customer still, 0 to 1."""
    p_alive_to: float | None = None
    value_from: Decimal | None = None
    """Lifetime value."""
    value_to: Decimal | None = None
    risk_from: Decimal | None = None
    """Value at risk."""
    risk_to: Decimal | None = None
    next_order_from: dt.date | None = None
    """The time in which the next order is expected reaches into these days."""
    next_order_to: dt.date | None = None
    custom: tuple[tuple[str, str], ...] = Field(default=())
    rfm: tuple[Annotated[str, StringConstraints(pattern=CELL)], ...] = ()
    """Cells of recency and frequency ("5-4"), or of all three scores ("5-4-3")."""
    rfm_scale: Annotated[str, StringConstraints(pattern=SCALE)] = ""
    """The cut points of those cells, see crm.customers.scales; empty = the stored scores."""
    group_id: tuple[int, ...] = ()
    """In any of these groups."""
    loss_reason: tuple[str, ...] = ()
    """Entered for a loss that stands; an empty one = nobody has entered any."""
    loss_direction: tuple[str, ...] = ()

    @field_validator("rfm_scale")
    @classmethod
    def _is_scale(cls, text: str) -> str:
        return Scale.parse(text).written() if text else ""

    def conditions(self, session: ScopedSession) -> list[ColumnElement[bool]]:
        """The session is asked for the rules of groups and for the day that recency counts from."""
        found = [*self._choices(), *self._ranges()]
        found += [matches(word) for word in self.search.split()]
        found += [_custom_is(key, value) for key, value in self.custom]
        if self.owner_gone:
            gone = select(User.id).where(User.state != UserState.ACTIVE)
            found.append(Customer.owner_id.in_(gone))
        if self.tag_id:
            tagged = select(Tagging.subject_id).where(Tagging.subject_type == "customer", Tagging.tag_id.in_(self.tag_id))
            found.append(Customer.id.in_(tagged))
        if self.rfm:
            found.append(in_cells(session, self.rfm, self.rfm_scale, self.board_id))
        if self.group_id:
            found.append(_in_groups(session, self.group_id))
        found += [_lost(name, values) for name in ("reason", "direction") if (values := getattr(self, f"loss_{name}"))]
        if scored := self._scores():
            found.append(Customer.id.in_(select(CustomerScore.customer_id).where(*scored)))
        return found

    def _choices(self) -> list[ColumnElement[bool]]:
        names = ["stage", "kind", "life_cycle", "level", "credit_grade", "source", "region", "industry", "segment"]
        names += ["contribution_rating"]
        names += ["class_id", "owner_id", "team_id", "board_id"]
        chosen = {name: getattr(self, name) for name in names if getattr(self, name)}
        found = [_among(getattr(Customer, name), values) for name, values in chosen.items()]
        found += [Customer.import_job_id == self.import_job_id] if self.import_job_id else []
        return found + ([Customer.id.in_(_literally(self.ids))] if self.ids else [])

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

    def _scores(self) -> list[ColumnElement[bool]]:
        score = CustomerScore
        lower = {"p_alive": score.p_alive, "value": score.lifetime_value, "risk": score.value_at_risk}
        upper = lower | {"next_order": score.next_order_from}
        lower["next_order"] = score.next_order_until
        found = [column >= low for name, column in lower.items() if (low := getattr(self, f"{name}_from")) is not None]
        return found + [column <= high for name, column in upper.items() if (high := getattr(self, f"{name}_to")) is not None]


def _start(day: dt.date | None, days: int = 0) -> dt.datetime | None:
    return dt.datetime.combine(day + dt.timedelta(days), dt.time(), dt.UTC) if day else None


def _among(column: Any, values: tuple[Any, ...]) -> ColumnElement[bool]:
    """An empty string among the values stands for "not given"."""
    given = [value for value in values if value not in ("", 0)]
    conditions: list[ColumnElement[bool]] = [column.in_(given)] if given else []
    return or_(*conditions, column.is_(None)) if len(given) < len(values) else and_(*conditions)


def _lost(name: str, values: tuple[str, ...]) -> ColumnElement[bool]:
    """An empty string among the values stands for customers without an entered loss that stands."""
    standing = select(Loss.id).where(Loss.customer_id == Customer.id, Loss.standing(Customer.last_order_on))
    entered = standing.where(getattr(Loss, name).in_([value for value in values if value])).exists()
    return or_(entered, ~standing.exists()) if "" in values else entered


def _literally(ids: tuple[int, ...]) -> Any:
    """Numbers written into the statement: no database takes fifty thousand parameters."""
    return bindparam("ids", ids, expanding=True, literal_execute=True, unique=True)


def _in_groups(session: ScopedSession, ids: tuple[int, ...]) -> ColumnElement[bool]:
    """Members of the fixed ones, and who fits the rules today. A rule names no groups, so this ends."""
    groups = session.scalars(select(CustomerGroup).where(CustomerGroup.id.in_(ids))).all()
    fixed = [group.id for group in groups if group.rule is None]
    found: list[ColumnElement[bool]] = [
        Customer.id.in_(select(GroupMember.customer_id).where(GroupMember.group_id.in_(fixed))) if fixed else false()
    ]
    for group in groups:
        if group.rule is not None:
            rule = CustomerFilter.model_validate(group.rule | {"board_id": (group.board_id,)})
            found.append(and_(*rule.conditions(session)))
    return or_(*found)


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
