"""Forms with weighted criteria, and the evaluations made with them."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

from pydantic import Field, StringConstraints

from crm.database import now
from crm.editing import Input, change
from crm.errors import Invalid
from crm.pipeline.queries.deals import moment
from crm.session import ScopedSession, get
from crm.staff.models import User, UserState
from crm.staff.sign_in import actor_for
from crm.targets.commands.plans import Called
from crm.targets.models import Evaluation, EvaluationForm, EvaluationKind, EvaluationState, Review
from crm.targets.queries.judging import PROJECTS

Prose = Annotated[str, StringConstraints(strip_whitespace=True, max_length=5000)]
WHOLE = 100


class Criterion(Input):
    key: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
    name: Called
    weight: int = Field(gt=0, le=WHOLE, description="Percent.")


class FormInput(Input):
    name: Called
    kind: EvaluationKind
    highest: int = Field(5, ge=2, le=100)
    criteria: list[Criterion] = Field(min_length=1, max_length=30)
    remark: Prose | None = Field(None, json_schema_extra={"long": True})


class EvaluationInput(Input):
    """Of a person's work from day to day, or of the project that an opportunity, a contract or a campaign is."""

    form_id: int
    user_id: int | None = None
    opportunity_id: int | None = None
    contract_id: int | None = None
    campaign_id: int | None = None
    starts_on: dt.date
    ends_on: dt.date
    reviewer_ids: list[int] = Field([], max_length=20, description="Who is asked for marks; nobody = the manager of the person.")


class ReviewInput(Input):
    marks: dict[str, int]
    remark: Prose | None = Field(None, json_schema_extra={"long": True})


def add_form(session: ScopedSession, details: FormInput) -> EvaluationForm:
    _check_criteria(details)
    added = EvaluationForm(**details.model_dump())
    session.add(added)
    session.flush()
    return added


def edit_form(session: ScopedSession, form_id: int, details: FormInput, version: int) -> EvaluationForm:
    """Evaluations that have begun keep the criteria they began with."""
    _check_criteria(details)
    form = get(session, EvaluationForm, form_id)
    change(session, form, details.model_dump(), version)
    session.flush()
    return form


def remove_form(session: ScopedSession, form_id: int) -> None:
    get(session, EvaluationForm, form_id).deleted_at = now()
    session.flush()


def _check_criteria(details: FormInput) -> None:
    if len({one.key for one in details.criteria}) < len(details.criteria):
        raise Invalid("Two criteria have the same key.", field="criteria")
    if (total := sum(one.weight for one in details.criteria)) != WHOLE:
        raise Invalid("The weights add up to {total} %, not to 100 %.", field="criteria", total=total)


def start_evaluation(session: ScopedSession, details: EvaluationInput) -> Evaluation:
    form = get(session, EvaluationForm, details.form_id)
    if details.ends_on < details.starts_on:
        raise Invalid("The last day lies before the first.", field="ends_on")
    owner_id, team_id = _about(session, form, details)
    names = {"starts_on": details.starts_on, "ends_on": details.ends_on, **{name: getattr(details, name) for name in PROJECTS}}
    about = {"kind": form.kind, "highest": form.highest, "criteria": list(form.criteria), "state": EvaluationState.OPEN}
    added = Evaluation(form_id=form.id, owner_id=owner_id, team_id=team_id, **names, **about)
    added.reviewer_ids = _reviewers(session, added, details.reviewer_ids)
    session.add(added)
    session.flush()
    return added


def start_evaluations(session: ScopedSession, details: EvaluationInput, subject: str, ids: list[int]) -> list[Evaluation]:
    """One for each of several people (`user_id`) or projects, all with the same form, days and reviewers: all of them or none."""
    if not ids:
        raise Invalid("Choose at least one.", field=subject)
    return [start_evaluation(session, details.model_copy(update={subject: one})) for one in ids]


def _reviewers(session: ScopedSession, evaluation: Evaluation, asked: list[int]) -> list[int]:
    """Those asked, who all may judge this; without any the manager of whose work it is, where he may."""
    people = {one: session.get(User, one) for one in asked}
    if not asked and evaluation.owner_id is not None:
        owner = get(session, User, evaluation.owner_id)
        manager = session.get(User, owner.manager_id) if owner.manager_id is not None else None
        return [manager.id] if manager is not None and _may_judge(session, evaluation, manager) else []
    if wrong := [one for one in people.values() if one is None or not _may_judge(session, evaluation, one)]:
        names = ", ".join(one.name if one else "?" for one in wrong)
        raise Invalid("They may not judge this: {names}.", field="reviewer_ids", names=names)
    return list(people)


def _may_judge(session: ScopedSession, evaluation: Evaluation, person: User) -> bool:
    return person.state == UserState.ACTIVE and evaluation.changeable_by(actor_for(session, person), session)


def _about(session: ScopedSession, form: EvaluationForm, details: EvaluationInput) -> tuple[int | None, int]:
    projects = [name for name in PROJECTS if getattr(details, name) is not None]
    if form.kind == EvaluationKind.WORK:
        if details.user_id is None or projects:
            raise Invalid("This form judges the work of a person: say of whom.", field="user_id")
        person = get(session, User, details.user_id)
        return person.id, person.unit_id
    if len(projects) != 1 or details.user_id is not None:
        raise Invalid("This form judges a project: say which opportunity, contract or campaign.", field="opportunity_id")
    project: Any = get(session, PROJECTS[projects[0]], getattr(details, projects[0]))
    return project.owner_id, project.team_id


def review(session: ScopedSession, evaluation_id: int, given: ReviewInput) -> Review:
    """The marks of the actor, all of them; a later review of his takes the place of this one, and both stay known."""
    evaluation = get(session, Evaluation, evaluation_id)
    if evaluation.state != EvaluationState.OPEN:
        raise Invalid("This evaluation is closed.")
    keys = {one["key"]: one["name"] for one in evaluation.criteria}
    if lacking := [name for key, name in keys.items() if key not in given.marks]:
        raise Invalid("A mark is missing: {names}.", field="marks", names=", ".join(lacking))
    if unknown := [key for key in given.marks if key not in keys]:
        raise Invalid("There is no such criterion: {names}.", field="marks", names=", ".join(unknown))
    if wrong := [keys[key] for key, mark in given.marks.items() if not 1 <= mark <= evaluation.highest]:
        template = "Marks go from 1 to {highest}: {names}."
        raise Invalid(template, field="marks", highest=evaluation.highest, names=", ".join(wrong))
    score = weighted(evaluation.criteria, given.marks, evaluation.highest)
    about = {"at": moment(session), "by_id": session.actor.user_id, "score": score}
    added = Review(evaluation_id=evaluation.id, marks=dict(given.marks), remark=given.remark, **about)
    session.add(added)
    session.flush()
    return added


def weighted(criteria: list[dict[str, Any]], marks: dict[str, int], highest: int) -> float:
    """0 (all marks 1) to 100 (all marks the highest)."""
    total: int = sum(one["weight"] * (marks[one["key"]] - 1) for one in criteria)
    whole: int = sum(one["weight"] for one in criteria) * (highest - 1)
    return round(100 * total / whole, 4)


def close_evaluation(session: ScopedSession, evaluation_id: int, conclusion: str | None, version: int) -> Evaluation:
    """No further reviews; the person reads what came of it."""
    evaluation = get(session, Evaluation, evaluation_id)
    change(session, evaluation, {"state": EvaluationState.CLOSED.value, "conclusion": conclusion}, version)
    session.flush()
    return evaluation


def reopen_evaluation(session: ScopedSession, evaluation_id: int, version: int) -> Evaluation:
    evaluation = get(session, Evaluation, evaluation_id)
    change(session, evaluation, {"state": EvaluationState.OPEN.value}, version)
    session.flush()
    return evaluation
