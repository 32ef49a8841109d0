"""A large opportunity is reported, and worked on when a lead has confirmed it: so that two do not chase the same one."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from crm.editing import Input, change
from crm.errors import Invalid, Refused
from crm.pipeline.commands.recording import record_changes
from crm.pipeline.models import Opportunity, OpportunityState, Pipeline, Registration
from crm.session import ScopedSession, get


class Confirmation(Input):
    note: Annotated[str, StringConstraints(strip_whitespace=True, max_length=300)] | None = None


class Refusal(Input):
    note: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300)] = Field(
        description="The owner reads it."
    )


def confirm_registration(session: ScopedSession, opportunity_id: int, said: Confirmation, version: int) -> Opportunity:
    """By somebody whose role approves; nobody confirms his own."""
    return _decide(session, opportunity_id, Registration.CONFIRMED, said.note, version)


def refuse_registration(session: ScopedSession, opportunity_id: int, said: Refusal, version: int) -> Opportunity:
    return _decide(session, opportunity_id, Registration.REFUSED, said.note, version)


def ask_registration(session: ScopedSession, opportunity_id: int, version: int) -> Opportunity:
    """Once more, after a refusal."""
    deal = get(session, Opportunity, opportunity_id)
    if deal.registration != Registration.REFUSED:
        raise Invalid("Only a refused opportunity is reported again.")
    return _set(session, deal, Registration.ASKED, None, version)


def require_registered(deal: Opportunity) -> None:
    """Refuses what must not be done before the lead has confirmed."""
    if deal.registration == Registration.ASKED:
        raise Invalid("This opportunity waits for a lead's confirmation; until then it stays where it is.")
    if deal.registration == Registration.REFUSED:
        raise Invalid("A lead refused this opportunity: report it again, or close it as lost.")


def registration_of(session: ScopedSession, deal: Opportunity) -> str | None:
    """What the opportunity needs with its present amount; once decided it stays decided."""
    limit = get(session, Pipeline, deal.pipeline_id).register_from
    if deal.registration is not None or limit is None or deal.amount < limit:
        return deal.registration
    return None if session.actor.may("approve", "pipeline") else Registration.ASKED


def _decide(session: ScopedSession, opportunity_id: int, to: Registration, note: str | None, version: int) -> Opportunity:
    session.actor.must("approve", "pipeline")
    deal = get(session, Opportunity, opportunity_id)
    if deal.owner_id == session.actor.user_id:
        raise Refused("Nobody confirms an opportunity of his own.")
    if deal.registration != Registration.ASKED or deal.state != OpportunityState.OPEN:
        raise Invalid("This opportunity does not wait for a confirmation.")
    return _set(session, deal, to, note, version)


def _set(session: ScopedSession, deal: Opportunity, to: Registration, note: str | None, version: int) -> Opportunity:
    before = {"registration": deal.registration}
    change(session, deal, {"registration": to, "registration_note": note}, version)
    record_changes(session, deal, before, note)
    session.flush()
    return deal
