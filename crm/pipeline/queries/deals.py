"""One opportunity, and what hangs on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd
from sqlalchemy import select

from crm.catalogue.models import Product
from crm.customers.models import Contact, Customer
from crm.database import frame
from crm.errors import NotFound
from crm.office.queries import moment as moment
from crm.pipeline.models import (
    Assessment,
    Expense,
    Opportunity,
    OpportunityChange,
    OpportunityCompetitor,
    OpportunityContact,
    OpportunityCustomer,
    OpportunityLine,
    OpportunityMember,
    Sample,
    Stage,
    StageEvent,
)
from crm.pipeline.queries.stages import stages_of
from crm.session import ScopedSession, get, through_parent
from crm.staff.models import OrgUnit, User

Rows = Any


def opportunity(session: ScopedSession, opportunity_id: int) -> Opportunity:
    """With its customer (None where he is not mine to see), its pipeline and its stage."""
    found = get(session, Opportunity, opportunity_id)
    _ = found.customer, found.pipeline, found.stage
    return found


def may_change(session: ScopedSession, opportunity_id: int) -> bool:
    """A colleague's deal may be seen with its customer and still not be mine to change."""
    return get(session, Opportunity, opportunity_id).changeable_by(session.actor, session)


def held_by(session: ScopedSession, opportunity_id: int) -> dict[str, str]:
    """-> owner, unit; a dash where nobody has it."""
    query = select(User.name, OrgUnit.name).select_from(Opportunity)
    query = query.outerjoin(User, User.id == Opportunity.owner_id).outerjoin(OrgUnit, OrgUnit.id == Opportunity.team_id)
    found = session.execute(query.where(Opportunity.id == opportunity_id)).one_or_none()
    if found is None:
        raise NotFound()
    owner, unit = found
    return {"owner": owner or "–", "unit": unit or "–"}


def probability(deal: Opportunity) -> float:
    """By the model, or else as the firm set it for the stage; 1 and 0 once it is decided."""
    if deal.state != "open":
        return 1.0 if deal.state == "won" else 0.0
    return deal.win_probability if deal.win_probability is not None else deal.stage.probability


@dataclass(frozen=True, slots=True)
class MoveNeeds:
    """What is missing for a move; nothing = it goes at once."""

    criteria: tuple[str, ...] = ()
    """Exit criteria that nobody has ticked."""
    fields: tuple[str, ...] = ()
    """Required columns of the opportunity that are empty."""


def move_needs(session: ScopedSession, opportunity_id: int, stage_id: int) -> MoveNeeds:
    """Forwards: what every stage that is left behind asks for. Back: nothing."""
    deal, target = get(session, Opportunity, opportunity_id), get(session, Stage, stage_id)
    if target.pipeline_id != deal.pipeline_id:
        return MoveNeeds()
    since = get(session, Stage, deal.stage_id).position
    left = [stage for stage in stages_of(session, deal.pipeline_id) if since <= stage.position < target.position]
    criteria = dict.fromkeys(one for stage in left for one in stage.exit_criteria if one not in deal.criteria_met)
    fields = dict.fromkeys(name for stage in left for name in stage.required_fields if not getattr(deal, name))
    return MoveNeeds(tuple(criteria), tuple(fields))


def lines(session: ScopedSession, opportunity_id: int) -> pd.DataFrame:
    """-> id, product_id, code, product, description, quantity, unit_price, discount_percent, amount, version."""
    kind = OpportunityLine
    query = select(
        kind.id,
        kind.product_id,
        Product.code,
        Product.name.label("product"),
        kind.description,
        kind.quantity,
        kind.unit_price,
        kind.discount_percent,
        kind.amount,
        kind.version,
    ).outerjoin(Product, Product.id == kind.product_id)
    return _of(session, kind, query, opportunity_id)


def decision_makers(session: ScopedSession, opportunity_id: int) -> pd.DataFrame:
    """-> id, contact_id, name, position, customer, phone, email, role, attitude, remark, version."""
    kind = OpportunityContact
    query = (
        select(
            kind.id,
            kind.contact_id,
            Contact.name,
            Contact.position,
            Customer.name.label("customer"),
            Contact.phone,
            Contact.email,
            kind.role,
            kind.attitude,
            kind.remark,
            kind.version,
        )
        .join(Contact, Contact.id == kind.contact_id)
        .outerjoin(Customer, Customer.id == Contact.customer_id)
    )
    return _of(session, kind, query, opportunity_id)


def members(session: ScopedSession, opportunity_id: int) -> pd.DataFrame:
    """The colleagues who work on it besides the owner -> id, user_id, name, unit, part, version."""
    kind = OpportunityMember
    query = select(kind.id, kind.user_id, User.name, OrgUnit.name.label("unit"), kind.part, kind.version)
    query = query.join(User, User.id == kind.user_id).outerjoin(OrgUnit, OrgUnit.id == User.unit_id)
    return _of(session, kind, query, opportunity_id)


def further_customers(session: ScopedSession, opportunity_id: int) -> pd.DataFrame:
    """-> id, customer_id, name (empty where the customer is not mine to see), part, version."""
    kind = OpportunityCustomer
    query = select(kind.id, kind.customer_id, Customer.name, kind.part, kind.version)
    return _of(session, kind, query.outerjoin(Customer, Customer.id == kind.customer_id), opportunity_id)


def competitors(session: ScopedSession, opportunity_id: int) -> pd.DataFrame:
    """-> id, name, offer, price, strengths, weaknesses, threat, version."""
    kind = OpportunityCompetitor
    columns = (kind.id, kind.name, kind.offer, kind.price, kind.strengths, kind.weaknesses, kind.threat, kind.version)
    return _of(session, kind, select(*columns), opportunity_id)


def samples(session: ScopedSession, opportunity_id: int) -> pd.DataFrame:
    """-> id, product_id, product, description, quantity, sent_on, returned_on, answer, version."""
    kind = Sample
    query = select(
        kind.id,
        kind.product_id,
        Product.name.label("product"),
        kind.description,
        kind.quantity,
        kind.sent_on,
        kind.returned_on,
        kind.answer,
        kind.version,
    )
    return _of(session, kind, query.outerjoin(Product, Product.id == kind.product_id), opportunity_id)


def expenses(session: ScopedSession, opportunity_id: int) -> pd.DataFrame:
    """-> id, kind, spent_on, amount, description, by, version."""
    kind = Expense
    query = select(kind.id, kind.kind, kind.spent_on, kind.amount, kind.description, User.name.label("by"), kind.version)
    return _of(session, kind, query.outerjoin(User, User.id == kind.by_id), opportunity_id)


def assessments(session: ScopedSession, opportunity_id: int) -> pd.DataFrame:
    """Newest first -> id, assessed_on, budget, authority, need, timing, fit, competition, score (0-100), remark, by, version."""
    kind = Assessment
    marks = (kind.budget, kind.authority, kind.need, kind.timing, kind.fit, kind.competition)
    query = select(kind.id, kind.assessed_on, *marks, kind.remark, User.name.label("by"), kind.version)
    query = query.outerjoin(User, User.id == kind.by_id)
    found = frame(session, _part(kind, query, opportunity_id).order_by(kind.assessed_on.desc(), kind.id.desc()))
    names = [mark.key for mark in marks]
    return found.assign(score=((found[names].astype("float64").mean(axis=1) - 1) * 25).round())


def stage_events(session: ScopedSession, opportunity_id: int) -> pd.DataFrame:
    """Every move, oldest first -> id, at, state, from_stage_id, to_stage_id, stage, stage_name, stage_name_zh, position, by."""
    kind = StageEvent
    query = (
        select(
            kind.id,
            kind.at,
            kind.state,
            kind.from_stage_id,
            kind.to_stage_id,
            Stage.code.label("stage"),
            Stage.name.label("stage_name"),
            Stage.name_zh.label("stage_name_zh"),
            Stage.position,
            User.name.label("by"),
        )
        .outerjoin(Stage, Stage.id == kind.to_stage_id)
        .outerjoin(User, User.id == kind.by_id)
    )
    return frame(session, _part(kind, query, opportunity_id).order_by(kind.at, kind.id))


def changes(session: ScopedSession, opportunity_id: int) -> pd.DataFrame:
    """Of amount, close date, owner and forecast category, newest first -> id, at, field, before, after, reason, by;
    owners by name."""
    kind = OpportunityChange
    query = select(kind.id, kind.at, kind.field, kind.before, kind.after, kind.reason, User.name.label("by"))
    query = query.outerjoin(User, User.id == kind.by_id)
    found = frame(session, _part(kind, query, opportunity_id).order_by(kind.at.desc(), kind.id.desc()))
    of_owner = found["field"] == "owner_id"
    if of_owner.any():
        names = {str(row.id): row.name for row in session.execute(select(User.id, User.name))}
        for side in ("before", "after"):
            found[side] = found[side].where(~of_owner, found[side].map(names))
    return found


def _of(session: ScopedSession, kind: Any, query: Rows, opportunity_id: int) -> pd.DataFrame:
    return frame(session, _part(kind, query, opportunity_id).order_by(kind.id))


def _part(kind: Any, query: Rows, opportunity_id: int) -> Rows:
    """The rows of one table that belong to a deal which I see."""
    query = query.join(Opportunity, Opportunity.id == kind.opportunity_id).where(kind.opportunity_id == opportunity_id)
    return through_parent(query, kind)
