"""Make a plan, approve it, and keep every version of it."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints
from sqlalchemy import select
from sqlalchemy.orm import aliased

from crm.customers.commands.details import board_of
from crm.database import now
from crm.editing import Input, change
from crm.errors import Invalid, Refused
from crm.pipeline.queries.deals import moment
from crm.session import ScopedSession, get
from crm.staff.models import OrgUnit, User
from crm.targets.models import PlanState, PlanVersion, Target, TargetPlan, TargetRevision
from crm.targets.queries.planning import units_to_plan
from crm.targets.queries.subjects import Subjects

Called = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300)]


class PlanDetails(Input):
    name: Called
    year: int = Field(ge=1990, le=2100)
    remark: str | None = Field(None, max_length=2000, json_schema_extra={"long": True})


class Because(Input):
    reason: Reason


def add_plan(session: ScopedSession, details: PlanDetails, unit_id: int | None = None) -> TargetPlan:
    """A draft of the actor for a unit (his own without) in his reach; board plans are named by the board itself."""
    maker = get(session, User, session.actor.user_id)
    team = unit_id or maker.unit_id
    board = board_of(session, team)
    if team not in units_to_plan(session):
        raise Refused("You may not change this: {title}.", title=get(session, OrgUnit, team).name)
    plan = TargetPlan(
        **details.model_dump(), state=PlanState.DRAFT, edition=0, board_id=board.id, team_id=team, owner_id=maker.id
    )
    session.add(plan)
    session.flush()
    return plan


def edit_plan(session: ScopedSession, plan_id: int, details: PlanDetails, version: int) -> TargetPlan:
    plan = get(session, TargetPlan, plan_id)
    if details.year != plan.year and session.scalars(select(Target.id).where(Target.plan_id == plan_id)).first() is not None:
        raise Invalid(
            "The targets of this plan lie in {year}: a plan of another year is another plan.", field="year", year=plan.year
        )
    change(session, plan, details.model_dump(), version)
    session.flush()
    return plan


def delete_plan(session: ScopedSession, plan_id: int) -> None:
    """Only a draft: what was approved stays known."""
    plan = get(session, TargetPlan, plan_id)
    if plan.edition:
        raise Invalid("This plan was approved and stays.")
    plan.deleted_at = now()
    session.flush()


def approve_plan(session: ScopedSession, plan_id: int, version: int, because: Because | None = None) -> TargetPlan:
    """From now on its targets hold; each change of them is a version with its reason."""
    session.actor.must("approve", "targets")
    plan = get(session, TargetPlan, plan_id)
    if not plan.is_draft:
        raise Invalid("This plan is approved already.")
    targets = list(session.scalars(select(Target).where(Target.plan_id == plan_id)))
    if not targets:
        raise Invalid("There is no target in this plan yet.")
    _refuse_twice(session, plan)
    at, who = moment(session), session.actor.user_id
    change(session, plan, {"state": PlanState.APPROVED.value, "approved_at": at, "approved_by_id": who}, version)
    new_version(session, plan, because.reason if because else "approved", targets)
    return plan


def new_version(session: ScopedSession, plan: TargetPlan, reason: str, targets: list[Target]) -> PlanVersion:
    """Keeps the targets as they hold from here on; those that were deleted as taken out."""
    plan.edition += 1
    session.flush()
    about = {"number": plan.edition, "by_id": session.actor.user_id}
    kept = PlanVersion(plan_id=plan.id, reason=reason, at=moment(session), **about)
    session.add(kept)
    for target in sorted(targets, key=lambda one: one.id):
        levels = {name: None if target.deleted_at else getattr(target, name) for name in ("base", "stretch", "challenge")}
        session.add(TargetRevision(target_id=target.id, number=plan.edition, **levels))
    session.flush()
    return kept


def _refuse_twice(session: ScopedSession, plan: TargetPlan) -> None:
    """One subject has one target of a measure and a period that holds."""
    other = aliased(Target)
    same = [
        getattr(other, name) == getattr(Target, name) for name in ("measure", "subject_kind", "subject_id", "period", "starts_on")
    ]
    query = (
        select(TargetPlan.name, Target.measure, Target.subject_kind, Target.subject_id, Target.starts_on)
        .select_from(Target)
        .join(other, other.plan_id != Target.plan_id)
        .join(TargetPlan, TargetPlan.id == other.plan_id)
        .where(Target.plan_id == plan.id, TargetPlan.state == PlanState.APPROVED, *same)
    )
    if (twice := session.execute(query.limit(1)).first()) is not None:
        raise Invalid(
            "{subject} has a target of {measure} from {day} in the approved plan {plan} already.",
            subject=Subjects.of(session).name(twice.subject_kind, twice.subject_id) or "–",
            measure=twice.measure,
            day=twice.starts_on,
            plan=twice.name,
        )
