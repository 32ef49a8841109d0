"""What is said on a case, by the customer and by us."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from pydantic import Field, StringConstraints

from crm.editing import Input
from crm.errors import Invalid
from crm.pipeline.queries.deals import moment
from crm.session import ScopedSession, get
from crm.support.commands.cases import record
from crm.support.models import ENDED, Case, CaseComment, CaseState, Happening


class CommentInput(Input):
    text: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=20_000)] = Field(
        json_schema_extra={"long": True}
    )
    public: bool = Field(True, description="The customer gets to know it.")
    by_customer: bool = Field(False, description="He said it, we wrote it down.")
    wait: bool = Field(False, title="Wait for the customer", description="The clocks stand still until he answers.")
    at: dt.datetime | None = Field(None, description="Empty = now.")


def comment(session: ScopedSession, case_id: int, input: CommentInput) -> CaseComment:
    """A word of the customer ends the waiting for him; our first public one ends the clock of the first response."""
    case = get(session, Case, case_id)
    at = _moment(session, case, input)
    if input.by_customer and not input.public:
        raise Invalid("What the customer says, he knows.", field="public")
    told = {"text": input.text, "public": input.public, "by_customer": input.by_customer}
    added = CaseComment(case_id=case.id, at=at, by_id=session.actor.user_id, **told)
    session.add(added)
    if input.public and not input.by_customer and (case.answered_at is None or at < case.answered_at):
        case.answered_at = at
    if (state := _next_state(case, input)) != case.state:
        case.state = state
        record(session, case, Happening.STATE)
    session.flush()
    return added


def _next_state(case: Case, input: CommentInput) -> str:
    if case.state in ENDED:
        return case.state
    if input.by_customer:
        return CaseState.IN_PROGRESS.value if case.state == CaseState.WAITING_CUSTOMER else case.state
    if input.public and input.wait:
        return CaseState.WAITING_CUSTOMER.value
    return CaseState.IN_PROGRESS.value if input.public and case.state == CaseState.NEW else case.state


def _moment(session: ScopedSession, case: Case, input: CommentInput) -> dt.datetime:
    at = moment(session)
    if input.at is None:
        return at
    given = input.at if input.at.tzinfo else input.at.replace(tzinfo=dt.UTC)
    if not case.opened_at <= given <= at:
        raise Invalid("It was said after the case began, and not in the future.", field="at")
    return given
