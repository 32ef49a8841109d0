"""Keep in touch with leads by a plan: its next step stands among the planned activities, and done steps bring the one after."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import select

from crm.database import now
from crm.errors import CrmError, Invalid
from crm.marketing.commands.settings import require_board
from crm.marketing.filters import OPEN
from crm.marketing.models import Lead
from crm.marketing.nurturing import NurturePlan, NurturePlans, nurture_key
from crm.marketing.queries.settings import nurture_plans
from crm.office.commands import put_setting
from crm.office.models import Activity, Setting
from crm.office.queries import today
from crm.session import ScopedSession, get


def set_nurture_plans(session: ScopedSession, board_id: int, plans: NurturePlans) -> Setting:
    """Leads that follow a plan take its new steps from the next one on; without the plan they stop."""
    require_board(session, board_id)
    plans.check()
    return put_setting(session, nurture_key(board_id), plans.model_dump(mode="json"))


def nurture(session: ScopedSession, ids: Sequence[int], name: str) -> int:
    """Open leads start a plan of their board, in place of the one they follow. -> how many started."""
    found = [get(session, Lead, lead_id) for lead_id in ids]
    for lead in found:
        if lead.state not in OPEN:
            raise Invalid("{name} is closed already.", name=lead.name)
        plan = nurture_plans(session, lead.board_id).named(name)
        stop_nurturing(session, lead.id)
        _start(session, lead, plan)
    return len(found)


def nurture_new(session: ScopedSession, board_id: int) -> int:
    """Open leads that somebody works, that never followed a plan and suit an automatic one, start it. -> how many."""
    automatic = [plan for plan in nurture_plans(session, board_id).plans if plan.automatic]
    if not automatic:
        return 0
    new = select(Lead).where(Lead.board_id == board_id, Lead.state.in_(OPEN))
    new = new.where(Lead.owner_id.is_not(None), Lead.nurture_plan.is_(None))
    started = 0
    for lead in session.scalars(new.order_by(Lead.id)):
        plan = next((plan for plan in automatic if plan.suits(lead.source, lead.score)), None)
        if plan is not None:
            _start(session, lead, plan)
            started += 1
    return started


def stop_nurturing(session: ScopedSession, lead_id: int) -> Lead:
    """The planned step goes; that the lead followed the plan stays known, so that no automatic one begins."""
    lead = get(session, Lead, lead_id)
    if lead.nurture_activity_id is not None:
        planned = session.get(Activity, lead.nurture_activity_id)
        if planned is not None and planned.happened_on is None:
            planned.deleted_at = now()
        lead.nurture_activity_id = None
        session.flush()
    return lead


def go_on_nurturing(session: ScopedSession, lead: Lead, done: Activity) -> None:
    """After its planned step was done: the next one, if there is one."""
    if lead.nurture_activity_id != done.id or lead.nurture_plan is None:
        return
    lead.nurture_activity_id = None
    try:
        plan = nurture_plans(session, lead.board_id).named(lead.nurture_plan)
    except CrmError:
        plan = None
    step = lead.nurture_step + 1
    if plan is not None and step < len(plan.steps):
        _plan(session, lead, plan, step)
    session.flush()


def _start(session: ScopedSession, lead: Lead, plan: NurturePlan) -> None:
    lead.nurture_plan, lead.nurture_started_on = plan.name, today(session)
    _plan(session, lead, plan, 0)
    session.flush()


def _plan(session: ScopedSession, lead: Lead, plan: NurturePlan, number: int) -> None:
    step, day = plan.steps[number], today(session)
    due = (lead.nurture_started_on or day) + dt.timedelta(step.after_days)
    # A job is nobody: then the step is planned in the name of the lead's owner.
    author_id = session.actor.user_id or lead.owner_id
    about = {"subject_type": "lead", "subject_id": lead.id, "author_id": author_id}
    planned = Activity(**about, kind=step.kind, topic=step.topic, planned_on=max(due, day))
    session.add(planned)
    session.flush()
    lead.nurture_step, lead.nurture_activity_id = number, planned.id
