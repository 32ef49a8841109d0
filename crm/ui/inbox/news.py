"""What waits for the decision of a person today, asked of the areas themselves, so that it is gone once it is decided; and how
much there is for him in all."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from crm.office.queries import unread
from crm.pipeline.queries import decisions, quotes_to_approve, registrations_to_confirm
from crm.session import ScopedSession
from crm.targets.queries.deciding import evaluations_to_score, judgements, plans_to_approve, unscored
from crm.ui.table import records


@dataclass(frozen=True, slots=True)
class Waiting:
    kind: str
    since: Any
    """The day; None where nobody asked on a day."""
    page: str
    where: dict[str, Any]
    values: dict[str, Any] = field(default_factory=dict)


def waiting(session: ScopedSession) -> list[Waiting]:
    """Nothing is asked of an area in which the actor has no word."""
    actor = session.actor
    sales = [*_quotes(session), *_deals(session)] if actor.may("approve", "pipeline") else []
    plans = _plans(session) if actor.may("approve", "targets") else []
    return [*sales, *plans, *_evaluations(session)]


def news(session: ScopedSession) -> int:
    """The figure at the bell: what is new to me, and what waits for me."""
    return unread(session) + waiting_count(session)


def waiting_count(session: ScopedSession) -> int:
    return decisions(session) + judgements(session)


def _quotes(session: ScopedSession) -> list[Waiting]:
    return [
        Waiting("quote", row.asked_at, "quotes", {"view": "approve"}, _of_quote(row))
        for row in records(quotes_to_approve(session))
    ]


def _of_quote(row: Any) -> dict[str, Any]:
    return {"quote": row.quote, "about": row.opportunity, "percent": float(row.largest_percent), "name": row.made_by or "–"}


def _deals(session: ScopedSession) -> list[Waiting]:
    return [
        Waiting("deal", row.created_on, "opportunity", {"opportunity": row.id}, _of_deal(row))
        for row in records(registrations_to_confirm(session))
    ]


def _of_deal(row: Any) -> dict[str, Any]:
    return {"about": row.name, "amount": (float(row.amount), row.currency), "name": row.owner or "–"}


def _plans(session: ScopedSession) -> list[Waiting]:
    return [
        Waiting("plan", None, "targets", {"show": "plans", "plan": row.id}, _of_plan(row))
        for row in records(plans_to_approve(session))
    ]


def _of_plan(row: Any) -> dict[str, Any]:
    return {"about": row.name, "count": int(row.targets), "unit": row.unit}


def _evaluations(session: ScopedSession) -> list[Waiting]:
    return (
        [
            Waiting("evaluation", row.ends_on, "team", {"show": "evaluations", "evaluation": row.id}, _of_evaluation(row))
            for row in records(evaluations_to_score(session))
        ]
        if unscored(session)
        else []
    )


def _of_evaluation(row: Any) -> dict[str, Any]:
    about = row.project if row.kind == "project" else row.person
    return {"about": about or "–", "form": row.form}
