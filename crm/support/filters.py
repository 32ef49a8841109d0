"""What a list of cases can be narrowed by: one definition for lists, the queue, the figures and exports."""

from __future__ import annotations

import datetime as dt
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict
from sqlalchemy import ColumnElement, and_, func, or_, select

from crm.customers.filters import matches
from crm.customers.models import Customer
from crm.office.models import Tagging
from crm.support.models import OPEN, Case, Escalation, FeedbackInvitation, SurveyAnswer

Sort = Literal["opened_at", "number", "subject", "priority", "state", "solved_at", "closed_at", "updated_at"]
ENDED_AT: Any = func.coalesce(Case.solved_at, Case.closed_at)


class CaseFilter(BaseModel):
    """Every field left empty means: any. Days are UTC days, the last one counts."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    search: str = ""
    """Words in the number, the subject, or the customer."""
    state: tuple[str, ...] = ()
    open: bool | None = None
    """Not solved yet; False = solved or closed."""
    kind: tuple[str, ...] = ()
    priority: tuple[str, ...] = ()
    severity: tuple[str, ...] = ()
    channel: tuple[str, ...] = ()
    complaint_class: tuple[str, ...] = ()
    responsible_unit_id: tuple[int, ...] = ()
    cause: tuple[str, ...] = ()
    owner_id: tuple[int, ...] = ()
    """0 = nobody yet."""
    team_id: tuple[int, ...] = ()
    board_id: tuple[int, ...] = ()
    customer_id: tuple[int, ...] = ()
    product_id: tuple[int, ...] = ()
    order_id: tuple[int, ...] = ()
    contract_id: tuple[int, ...] = ()
    problem_id: tuple[int, ...] = ()
    tag_id: tuple[int, ...] = ()
    ids: tuple[int, ...] = ()
    import_job_id: int | None = None
    escalated_to_id: int | None = None
    """Whom somebody told that the case is or gets late."""
    made_sla: bool | None = None
    reopened: bool | None = None
    csat_at_most: int | None = None
    """A customer answered with this mark or a worse one."""
    opened_from: dt.date | None = None
    opened_to: dt.date | None = None
    solved_from: dt.date | None = None
    solved_to: dt.date | None = None
    closed_from: dt.date | None = None
    closed_to: dt.date | None = None
    ended_from: dt.date | None = None
    """Solved, or closed without."""
    ended_to: dt.date | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        found = [*self._choices(), *self._days(), *self._yes_or_no()]
        found += [_mentions(word) for word in self.search.split()]
        if self.tag_id:
            tagged = select(Tagging.subject_id).where(Tagging.subject_type == "service_case", Tagging.tag_id.in_(self.tag_id))
            found.append(Case.id.in_(tagged))
        if self.escalated_to_id is not None:
            told = select(Escalation.case_id).where(Escalation.to_id == self.escalated_to_id)
            found.append(Case.id.in_(told))
        if self.csat_at_most is not None:
            asked = select(FeedbackInvitation.case_id).join(SurveyAnswer, SurveyAnswer.invitation_id == FeedbackInvitation.id)
            found.append(Case.id.in_(asked.where(SurveyAnswer.csat <= self.csat_at_most)))
        return found

    def _choices(self) -> list[ColumnElement[bool]]:
        names = [
            "state",
            "kind",
            "priority",
            "severity",
            "channel",
            "complaint_class",
            "responsible_unit_id",
            "cause",
            "owner_id",
        ]
        names += ["team_id", "board_id", "customer_id", "product_id", "order_id", "contract_id", "problem_id"]
        found = [_among(getattr(Case, name), getattr(self, name)) for name in names if getattr(self, name)]
        found += [Case.import_job_id == self.import_job_id] if self.import_job_id else []
        return found + ([Case.id.in_(self.ids)] if self.ids else [])

    def _yes_or_no(self) -> list[ColumnElement[bool]]:
        asked: list[tuple[bool | None, ColumnElement[bool]]] = [
            (self.open, Case.state.in_(OPEN)),
            (self.made_sla, Case.made_sla.is_(True)),
            (self.reopened, Case.reopened > 0),
        ]
        found = [condition if wanted else ~condition for wanted, condition in asked if wanted is not None]
        return [*found, Case.made_sla.is_not(None)] if self.made_sla is False else found

    def _days(self) -> list[ColumnElement[bool]]:
        ranges: list[tuple[Any, dt.date | None, dt.date | None]] = [
            (Case.opened_at, self.opened_from, self.opened_to),
            (Case.solved_at, self.solved_from, self.solved_to),
            (Case.closed_at, self.closed_from, self.closed_to),
            (ENDED_AT, self.ended_from, self.ended_to),
        ]
        lower = [column >= beginning(first) for column, first, _ in ranges if first is not None]
        return lower + [column < beginning(last + dt.timedelta(1)) for column, _, last in ranges if last is not None]


def beginning(day: dt.date) -> dt.datetime:
    """Of the UTC day."""
    return dt.datetime.combine(day, dt.time(), dt.UTC)


def _among(column: Any, values: tuple[Any, ...]) -> ColumnElement[bool]:
    """An empty string or 0 among the values stands for "not given"."""
    given = [value for value in values if value not in ("", 0)]
    conditions: list[ColumnElement[bool]] = [column.in_(given)] if given else []
    return or_(*conditions, column.is_(None)) if len(given) < len(values) else and_(*conditions)


def _mentions(word: str) -> ColumnElement[bool]:
    of_customer = Case.customer_id.in_(select(Customer.id).where(matches(word)))
    return or_(Case.subject.icontains(word, autoescape=True), Case.number.icontains(word, autoescape=True), of_customer)
