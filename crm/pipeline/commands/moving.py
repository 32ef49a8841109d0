"""The way of a deal: on, back, won, lost, open again. Each step is an event that stays."""

from __future__ import annotations

import datetime as dt
from typing import Any

from pydantic import Field

from crm.customers.commands.details import Line, Prose
from crm.customers.models import Source
from crm.editing import Input, change
from crm.errors import Invalid
from crm.office.queries import today
from crm.pipeline.commands.deals import (
    TRACKED,
    Amount,
    OpportunityDetails,
    Swot,
    edit_opportunity,
    edit_swot,
    lines_sum,
)
from crm.pipeline.commands.recording import record_changes, record_stage
from crm.pipeline.commands.registration import require_registered
from crm.pipeline.models import DealLossReason, Opportunity, OpportunityState, Stage, WinReason
from crm.pipeline.queries.deals import move_needs
from crm.session import ScopedSession, get
from crm.words import label


class Move(Input):
    stage_id: int
    criteria_met: list[str] = Field(default_factory=list, description="What was ticked of the exit criteria.")


class FilledMove(Move):
    """A move together with what it asks for; a field left empty stays as it is."""

    need: Prose = Field(None, json_schema_extra={"long": True})
    amount: Amount | None = None
    expected_close_on: dt.date | None = None
    product_id: int | None = None
    source: Source | None = None
    customer_id: int | None = None
    strengths: Prose = Field(None, json_schema_extra={"long": True})
    weaknesses: Prose = Field(None, json_schema_extra={"long": True})


class Winning(Input):
    reason: WinReason
    closed_on: dt.date | None = Field(None, description="Empty = today.")
    amount: Amount | None = Field(None, description="Empty = as it stands; with lines it is their sum.")
    review: Prose = Field(None, description="What was learned.", json_schema_extra={"long": True})


class Losing(Input):
    reason: DealLossReason
    lost_to: Line | None = Field(None, description="The competitor who won.")
    closed_on: dt.date | None = Field(None, description="Empty = today.")
    review: Prose = Field(None, description="What was learned.", json_schema_extra={"long": True})


class Review(Input):
    """Looking back at a closed deal."""

    reason: str
    lost_to: Line | None = Field(None, description="The competitor who won.")
    review: Prose = Field(None, description="What was learned.", json_schema_extra={"long": True})


def move_opportunity(session: ScopedSession, opportunity_id: int, move: Move) -> Opportunity:
    """Forwards only with the exit criteria and the required fields of every stage that is left behind; back always."""
    deal = get(session, Opportunity, opportunity_id)
    _require_open(deal)
    target = get(session, Stage, move.stage_id)
    if target.pipeline_id != deal.pipeline_id:
        raise Invalid("This stage belongs to another pipeline.", field="stage_id")
    if target.id == deal.stage_id:
        return deal
    require_registered(deal)
    needs = move_needs(session, deal.id, target.id)
    if criteria := [one for one in needs.criteria if one not in move.criteria_met]:
        raise Invalid("Not ticked yet: {criteria}.", field="criteria_met", criteria="; ".join(criteria))
    if needs.fields:
        raise Invalid("Fill in first: {fields}.", field=needs.fields[0], fields=", ".join(map(label, needs.fields)))
    before = deal.stage_id
    deal.stage_id, deal.stage_since, deal.criteria_met = target.id, today(session), []
    session.flush()
    record_stage(session, deal, before)
    session.flush()
    return deal


def fill_and_move(session: ScopedSession, opportunity_id: int, move: FilledMove, version: int) -> Opportunity:
    """Both or nothing; `version` is that of the opportunity whose empty fields were filled."""
    deal = get(session, Opportunity, opportunity_id)
    _require_open(deal)
    given = {name: value for name, value in move.model_dump(exclude={*Move.model_fields}).items() if value is not None}
    for kind, edit in ((OpportunityDetails, edit_opportunity), (Swot, edit_swot)):
        known: dict[str, Any] = {name: getattr(deal, name) for name in kind.model_fields}
        if changed := {name: value for name, value in given.items() if name in known}:
            edit(session, deal.id, kind(**known | changed), version)  # type: ignore[arg-type]
            version = deal.version
    return move_opportunity(session, deal.id, Move(stage_id=move.stage_id, criteria_met=move.criteria_met))


def tick_criteria(session: ScopedSession, opportunity_id: int, criteria_met: list[str]) -> Opportunity:
    """Which exit criteria of the present stage are met."""
    deal = get(session, Opportunity, opportunity_id)
    _require_open(deal)
    known = get(session, Stage, deal.stage_id).exit_criteria
    deal.criteria_met = [one for one in known if one in criteria_met]
    session.flush()
    return deal


def win(session: ScopedSession, opportunity_id: int, winning: Winning) -> Opportunity:
    """Won for the sum of its lines; without lines for the amount given, or as it stood."""
    deal = get(session, Opportunity, opportunity_id)
    require_registered(deal)
    total = lines_sum(session, deal.id)
    if total is not None and winning.amount not in (None, total):
        raise Invalid("The amount is the sum of the lines: change them.", field="amount")
    before = {name: getattr(deal, name) for name in TRACKED}
    _close(session, deal, OpportunityState.WON, winning.closed_on)
    if (amount := total if total is not None else winning.amount) is not None:
        deal.amount = amount
    deal.close_reason, deal.lost_to = winning.reason, None
    deal.review = winning.review or deal.review
    return _closed(session, deal, before)


def lose(session: ScopedSession, opportunity_id: int, losing: Losing) -> Opportunity:
    deal = get(session, Opportunity, opportunity_id)
    before = {name: getattr(deal, name) for name in TRACKED}
    _close(session, deal, OpportunityState.LOST, losing.closed_on)
    deal.close_reason, deal.lost_to = losing.reason, losing.lost_to
    deal.review = losing.review or deal.review
    return _closed(session, deal, before)


def edit_review(session: ScopedSession, opportunity_id: int, review: Review, version: int) -> Opportunity:
    """Why it was won or lost, said better afterwards; when and for how much stays."""
    deal = get(session, Opportunity, opportunity_id)
    if deal.state == OpportunityState.OPEN:
        raise Invalid("An open opportunity has no review yet.")
    won = deal.state == OpportunityState.WON
    if review.reason not in list[str](WinReason if won else DealLossReason):
        raise Invalid("Choose the reason.", field="reason")
    values = {"close_reason": review.reason, "lost_to": None if won else review.lost_to, "review": review.review}
    change(session, deal, values, version)
    session.flush()
    return deal


def reopen(session: ScopedSession, opportunity_id: int) -> Opportunity:
    """Open again in the stage where it was; the review stays."""
    deal = get(session, Opportunity, opportunity_id)
    if deal.state == OpportunityState.OPEN:
        raise Invalid("This opportunity is open.")
    deal.state, deal.closed_on, deal.close_reason, deal.lost_to = OpportunityState.OPEN, None, None, None
    deal.stage_since = today(session)
    session.flush()
    record_stage(session, deal, deal.stage_id)
    session.flush()
    return deal


def _require_open(deal: Opportunity) -> None:
    if deal.state != OpportunityState.OPEN:
        raise Invalid("This opportunity is closed: reopen it first.")


def _close(session: ScopedSession, deal: Opportunity, state: OpportunityState, day: dt.date | None) -> None:
    _require_open(deal)
    closed_on = day or today(session)
    if closed_on > today(session):
        raise Invalid("What is decided cannot lie in the future.", field="closed_on")
    if closed_on < deal.stage_since:
        raise Invalid("It cannot end before its last move, on {day}.", field="closed_on", day=deal.stage_since)
    deal.state, deal.closed_on = state, closed_on


def _closed(session: ScopedSession, deal: Opportunity, before: dict[str, Any]) -> Opportunity:
    record_changes(session, deal, before)
    session.flush()
    # Told later than it was decided: the event belongs to the day of the decision.
    late = deal.closed_on if deal.closed_on != today(session) else None
    record_stage(session, deal, deal.stage_id, at=dt.datetime.combine(late, dt.time(23, 59), dt.UTC) if late else None)
    session.flush()
    return deal
