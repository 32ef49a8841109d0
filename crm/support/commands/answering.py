"""What somebody without sign-in may do: open a survey by its token and answer it, once."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field, StringConstraints
from sqlalchemy import select

from crm.access import SYSTEM
from crm.editing import Input
from crm.errors import Invalid, NotFound
from crm.pipeline.queries.deals import moment
from crm.session import ScopedSession, open_as
from crm.support.guesses import Guesses
from crm.support.models import Case, FeedbackInvitation, SurveyAnswer
from crm.support.queries.feedback import firm_name

_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")
_guesses = Guesses()


class Answer(Input):
    csat: int = Field(ge=1, le=5, title="How satisfied are you?", description="1 = not at all, 5 = very.")
    nps: int | None = Field(None, ge=0, le=10, title="How likely is it that you recommend us?", description="0 to 10.")
    comment: Annotated[str, StringConstraints(strip_whitespace=True, max_length=5000)] | None = Field(
        None, json_schema_extra={"long": True}
    )


@dataclass(frozen=True)
class OpenSurvey:
    """All that the page without sign-in may show."""

    item: str
    language: str
    day: dt.date
    """On which it was asked."""
    firm: str
    subject: str | None
    """Of the case that it is about."""


def open_survey(token: str, address: str = "") -> OpenSurvey:
    """What is asked, or NotFound: a wrong, a used and an old link are the same answer. `address`: where it is asked from."""
    with _counted(token, address) as everything:
        found = _invitation(everything, token)
        case = everything.get(Case, found.case_id) if found.case_id is not None else None
        about = (firm_name(everything), case.subject if case is not None else None)
        return OpenSurvey(found.item, found.language, found.sent_at.date(), *about)


def answer_survey(token: str, answer: Answer, address: str = "") -> None:
    """Once; then the link is used up. Of two who answer at the same moment one is told that it is used."""
    try:
        with _counted(token, address) as everything:
            found = _invitation(everything, token)
            everything.add(SurveyAnswer(invitation_id=found.id, at=moment(everything), **answer.model_dump()))
    except Invalid as error:
        raise _refusal() from error


def _invitation(everything: ScopedSession, token: str) -> FeedbackInvitation:
    query = select(FeedbackInvitation).where(FeedbackInvitation.token_hash == hash_of(token))
    found = everything.scalars(query).first()
    if found is not None and found.expires_at > moment(everything):
        answered = select(SurveyAnswer.id).where(SurveyAnswer.invitation_id == found.id)
        if everything.scalars(answered).first() is None:
            return found
    raise _refusal()


@contextmanager
def _counted(token: str, address: str) -> Iterator[ScopedSession]:
    """Everything, for whoever has not tried too many wrong tokens from this address; what cannot be a token asks no database."""
    if _guesses.too_many(address):
        raise NotFound("Too many links that do not work were opened from here. Please try again in some minutes.")
    try:
        if not _TOKEN.fullmatch(token):
            raise _refusal()
        with open_as(SYSTEM) as everything:
            yield everything
    except NotFound:
        _guesses.wrong(address)
        raise


def _refusal() -> NotFound:
    return NotFound("This link does not work: it was used already, or it is too old.")


def hash_of(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
