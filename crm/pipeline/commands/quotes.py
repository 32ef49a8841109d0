"""Quotes: made from the lines of a deal or from products, approved where the discount is large, sent, answered, revised."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from pydantic import Field
from sqlalchemy import func, select

from crm.access import Role
from crm.bulk import hold
from crm.database import now
from crm.editing import Input, change
from crm.errors import Invalid, Refused
from crm.office.commands import put_setting
from crm.office.models import Setting
from crm.office.queries import today
from crm.pipeline.models import Opportunity, OpportunityState, Quote, QuoteLine, QuoteState
from crm.pipeline.pricing import QuoteLineInput, lines_of_deal, lines_of_quote, priced, sums
from crm.pipeline.queries.deals import moment
from crm.pipeline.queries.quotes import LIVING, accepted_quote, discount_limit, newest_quote, quote
from crm.session import WITH_DELETED, ScopedSession, get

_CHANGEABLE = (QuoteState.DRAFT, QuoteState.REFUSED)
_SENDABLE = (QuoteState.DRAFT, QuoteState.APPROVED)


class DiscountLimits(Input):
    """Up to so many percent a person gives without asking."""

    limit_percent: Decimal = Field(Decimal(15), ge=0, le=100)
    per_role: dict[str, Decimal] = Field(default_factory=dict, json_schema_extra={"hidden": True})
    """Of the roles for which another limit holds."""


class QuoteInput(Input):
    valid_until: dt.date | None = None
    terms: str | None = Field(None, max_length=5000, json_schema_extra={"long": True})
    lines: list[QuoteLineInput] | None = Field(None, json_schema_extra={"hidden": True})
    """None = those of the opportunity (of a new quote), or those that it has."""


class QuoteAnswer(Input):
    """What the customer said."""

    answered_on: dt.date | None = None
    answer: str | None = Field(None, max_length=300)


def set_discount_limits(session: ScopedSession, input: DiscountLimits) -> Setting:
    if unknown := set(input.per_role) - set(Role):
        raise Invalid("There is no role “{role}”.", field="per_role", role=min(unknown))
    limits = {role: str(limit) for role, limit in input.per_role.items()} | {"other": str(input.limit_percent)}
    return put_setting(session, "quotes", {"discount_limit_percent": limits})


def new_quote(session: ScopedSession, opportunity_id: int, input: QuoteInput) -> Quote:
    """The first version; later ones come by `revise_quote`, unless the customer declined the last."""
    hold(session, Quote)
    opportunity = _open(session, opportunity_id)
    last = newest_quote(session, opportunity_id)
    if last is not None and last.state in (*LIVING, QuoteState.ACCEPTED):
        raise Invalid("There is the quote {quote} already: change it, or make a new version of it.", quote=last.title)
    lines = input.lines if input.lines is not None else lines_of_deal(session, opportunity_id)
    return _added(session, opportunity, input, lines)


def edit_quote(session: ScopedSession, quote_id: int, input: QuoteInput, version: int) -> Quote:
    """Only a draft, or one whose approval was refused, which becomes a draft again."""
    found = quote(session, quote_id)
    _open(session, found.opportunity_id)
    _check_state(found, _CHANGEABLE)
    lines = None if input.lines is None else priced(session, found.opportunity, input.lines)
    values: dict[str, Any] = {"valid_until": input.valid_until, "terms": input.terms, "state": QuoteState.DRAFT}
    values |= {"asked_at": None, "decided_at": None, "decided_by_id": None, "decision": None}
    # A new time, so that the lock also holds where only lines change.
    change(session, found, values | {"updated_at": now()} | (sums(lines) if lines is not None else {}), version)
    if lines is not None:
        for old in found.lines:
            old.deleted_at = now()
        session.add_all(_of(found, lines))
    session.flush()
    session.refresh(found, ["lines"])
    return found


def revise_quote(session: ScopedSession, quote_id: int, input: QuoteInput, version: int) -> Quote:
    """The next version of the newest quote; what was offered before stays as it was, as replaced. -> the new one."""
    hold(session, Quote)
    found = quote(session, quote_id)
    opportunity = _open(session, found.opportunity_id)
    newest = newest_quote(session, found.opportunity_id)
    if newest is None or newest.id != found.id:
        raise Invalid("There is a newer version of this quote: {quote}.", quote=newest.title if newest else "—")
    if found.state == QuoteState.ACCEPTED:
        raise Invalid("The customer has accepted {quote}: it is not changed any more.", quote=found.title)
    lines = input.lines if input.lines is not None else lines_of_quote(session, found.id)
    if found.state != QuoteState.DECLINED:
        change(session, found, {"state": QuoteState.REPLACED}, version)
    return _added(session, opportunity, input, lines)


# ------------------------------------------------------------------------------------------------------- approval


def ask_approval(session: ScopedSession, quote_id: int, version: int) -> Quote:
    found = quote(session, quote_id)
    _open(session, found.opportunity_id)
    _check_state(found, (QuoteState.DRAFT,))
    if not _above_limit(session, found):
        raise Invalid("This discount needs no approval: send the quote.")
    return _moved(session, found, QuoteState.ASKED, version, asked_at=moment(session))


def approve_quote(session: ScopedSession, quote_id: int, version: int, decision: str | None = None) -> Quote:
    """By somebody whose role approves, and who did not make or ask for it."""
    return _decide(session, quote_id, version, QuoteState.APPROVED, decision)


def refuse_quote(session: ScopedSession, quote_id: int, version: int, decision: str) -> Quote:
    if not decision.strip():
        raise Invalid("Say why it is refused.", field="decision")
    return _decide(session, quote_id, version, QuoteState.REFUSED, decision)


def _decide(session: ScopedSession, quote_id: int, version: int, state: QuoteState, decision: str | None) -> Quote:
    session.actor.must("approve", "pipeline")
    found = quote(session, quote_id)
    _check_state(found, (QuoteState.ASKED,))
    if session.actor.user_id == found.by_id:
        raise Refused("Nobody approves a quote of his own.")
    about = {
        "decided_at": moment(session),
        "decided_by_id": session.actor.user_id,
        "decision": (decision or "").strip()[:300] or None,
    }
    return _moved(session, found, state, version, **about)


def _above_limit(session: ScopedSession, found: Quote) -> bool:
    return found.largest_discount_percent > discount_limit(session, session.actor.role)


# ------------------------------------------------------------------------------------------------- to the customer


def send_quote(session: ScopedSession, quote_id: int, version: int) -> Quote:
    """From here on it is never changed. A discount above the limit of who sends it must have been approved."""
    found = quote(session, quote_id)
    _open(session, found.opportunity_id)
    _check_state(found, _SENDABLE)
    if found.state == QuoteState.DRAFT and _above_limit(session, found):
        limit = discount_limit(session, session.actor.role)
        raise Invalid("A discount above {limit} % needs approval.", limit=f"{limit.normalize():f}")
    if found.valid_until is not None and found.valid_until < today(session):
        raise Invalid("This quote is no longer valid: give it a later day.", field="valid_until")
    return _moved(session, found, QuoteState.SENT, version, sent_at=moment(session))


def accept_quote(session: ScopedSession, quote_id: int, input: QuoteAnswer, version: int) -> Quote:
    """The customer takes it; also where the deal was marked as won first."""
    hold(session, Quote)
    found = quote(session, quote_id)
    _check_state(found, (QuoteState.SENT,))
    if found.opportunity.state == OpportunityState.LOST or accepted_quote(session, found.opportunity_id) is not None:
        raise Invalid("This opportunity is lost, or another quote of it was accepted.")
    return _moved(session, found, QuoteState.ACCEPTED, version, **_answer(session, input))


def decline_quote(session: ScopedSession, quote_id: int, input: QuoteAnswer, version: int) -> Quote:
    found = quote(session, quote_id)
    _check_state(found, (QuoteState.SENT,))
    return _moved(session, found, QuoteState.DECLINED, version, **_answer(session, input))


def _answer(session: ScopedSession, input: QuoteAnswer) -> dict[str, Any]:
    return {"answered_on": input.answered_on or today(session), "answer": input.answer}


# --------------------------------------------------------------------------------------------------------- parts


def _open(session: ScopedSession, opportunity_id: int) -> Opportunity:
    opportunity = get(session, Opportunity, opportunity_id)
    if opportunity.state != OpportunityState.OPEN:
        raise Invalid("This opportunity is closed: open it again before you quote.")
    return opportunity


def _check_state(found: Quote, allowed: tuple[QuoteState, ...]) -> None:
    if found.state not in allowed:
        raise Invalid("This does not go with the state of quote {quote}: look at it again.", quote=found.title)


def _moved(session: ScopedSession, found: Quote, state: QuoteState, version: int, **about: Any) -> Quote:
    change(session, found, {"state": state} | about, version)
    session.flush()
    return found


def _added(session: ScopedSession, opportunity: Opportunity, input: QuoteInput, asked: list[QuoteLineInput]) -> Quote:
    lines = priced(session, opportunity, asked)
    ever = select(func.max(Quote.revision)).where(Quote.opportunity_id == opportunity.id)
    last = session.scalar(ever, execution_options={WITH_DELETED: True}) or 0
    about = {"number": f"Q-{opportunity.number}"[:40], "revision": last + 1, "by_id": session.actor.user_id}
    about |= {"valid_until": input.valid_until, "terms": input.terms}
    added = Quote(opportunity_id=opportunity.id, **about, **sums(lines))
    session.add(added)
    session.flush()
    session.add_all(_of(added, lines))
    session.flush()
    session.refresh(added, ["lines"])
    return added


def _of(found: Quote, lines: list[QuoteLine]) -> list[QuoteLine]:
    for line in lines:
        line.quote_id = found.id
    return lines
