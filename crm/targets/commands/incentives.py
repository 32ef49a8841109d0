"""Rules of what an attainment earns, and the statements reckoned by them."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict
from decimal import Decimal
from typing import Annotated, Any

import pandas as pd
from pydantic import Field
from sqlalchemy import select

from crm.analytics.errors import AnalyticsError
from crm.analytics.incentive import Pay, Tier, check_tiers, pay
from crm.database import now
from crm.editing import Input, change
from crm.errors import Invalid
from crm.session import ScopedSession, get
from crm.staff.models import OrgUnit, UnitKind
from crm.targets.commands.plans import Called
from crm.targets.measures import rule_of
from crm.targets.models import IncentiveRule, IncentiveStatement, Measure, PayKind, PeriodKind, SubjectKind
from crm.targets.periods import last_day
from crm.targets.queries.attainment import attainment
from crm.targets.queries.plans import TargetFilter

Share = Annotated[Decimal, Field(ge=0, le=100)]


class TierInput(Input):
    from_share: Share
    rate: Share


class IncentiveInput(Input):
    name: Called
    measure: Measure
    period: PeriodKind = PeriodKind.QUARTER
    kind: PayKind
    bonus: Decimal | None = Field(None, gt=0, description="What meeting the target exactly at a rate of 1 earns.")
    tiers: list[TierInput] = Field(min_length=1, max_length=20)
    threshold: float = Field(0.0, ge=0, le=10, description="Below this share of the target nothing is paid.")
    cap: Decimal | None = Field(None, gt=0)
    starts_on: dt.date
    ends_on: dt.date | None = None


def add_incentive(session: ScopedSession, details: IncentiveInput, board_id: int) -> IncentiveRule:
    session.actor.must("approve", "targets")
    if get(session, OrgUnit, board_id).kind != UnitKind.BOARD:
        raise Invalid("A rule belongs to a board: choose one.", field="board_id")
    added = IncentiveRule(board_id=board_id, **_values(details))
    session.add(added)
    session.flush()
    return added


def edit_incentive(session: ScopedSession, rule_id: int, details: IncentiveInput, version: int) -> IncentiveRule:
    """Statements that were made stay as they are."""
    rule = get(session, IncentiveRule, rule_id)
    change(session, rule, _values(details), version)
    session.flush()
    return rule


def remove_incentive(session: ScopedSession, rule_id: int) -> None:
    get(session, IncentiveRule, rule_id).deleted_at = now()
    session.flush()


def _values(details: IncentiveInput) -> dict[str, Any]:
    _check(details)
    told = [{"from_share": str(one.from_share), "rate": str(one.rate)} for one in details.tiers]
    return details.model_dump() | {"tiers": told}


def _check(details: IncentiveInput) -> None:
    if details.kind == PayKind.COMMISSION and not rule_of(details.measure).money:
        raise Invalid("A commission is a share of money: {measure} earns a bonus.", field="kind", measure=details.measure)
    if (details.kind == PayKind.BONUS) != (details.bonus is not None):
        raise Invalid("A bonus, and only a bonus, needs its amount.", field="bonus")
    if details.ends_on is not None and details.ends_on < details.starts_on:
        raise Invalid("The last day lies before the first.", field="ends_on")
    try:
        check_tiers([Tier(one.from_share, one.rate) for one in details.tiers])
    except AnalyticsError as error:
        raise Invalid(error.template, field="tiers", **error.values) from error


def reckon(rule: IncentiveRule, actual: Decimal, base: Decimal) -> Pay:
    """What an attainment earns by a rule, with its lines."""
    tiers = [Tier(Decimal(one["from_share"]), Decimal(one["rate"])) for one in rule.tiers]
    whole = base if rule.kind == PayKind.COMMISSION else rule.bonus or Decimal(0)
    try:
        return pay(actual, base, tiers, whole=whole, threshold=Decimal(str(rule.threshold)), cap=rule.cap)
    except AnalyticsError as error:
        raise Invalid(error.template, field="tiers", **error.values) from error


def preview(details: IncentiveInput, base: Decimal, shares: list[float]) -> pd.DataFrame:
    """What a rule would pay for a target of `base`, before it is kept -> share (of the target), actual, amount.

    Raises Invalid for a rule that cannot be."""
    rule = IncentiveRule(board_id=0, **_values(details))
    actuals = [base * Decimal(str(share)) for share in shares]
    amounts = [reckon(rule, actual, base).amount for actual in actuals]
    told = {"share": shares, "actual": actuals, "amount": amounts}
    return pd.DataFrame(told).astype({"actual": "float64", "amount": "float64"})


def make_statements(session: ScopedSession, rule_id: int, starts_on: dt.date) -> int:
    """For everybody with an approved target of the rule's measure in a period that is over -> how many statements are new: one
    that says the same as the newest is not written again. For those whom the actor may judge; not for himself."""
    rule = get(session, IncentiveRule, rule_id)
    session.actor.must("approve", "targets")
    where = TargetFilter(approved=True, board_id=rule.board_id, measure=(rule.measure,), period=(rule.period,))
    same = {"subject_kind": (SubjectKind.PERSON,), "starts_from": starts_on, "starts_to": starts_on}
    found = attainment(session, where.model_copy(update=same))
    if not rule.starts_on <= starts_on <= (rule.ends_on or starts_on):
        raise Invalid("The rule {name} does not hold on {day}.", field="starts_on", name=rule.name, day=starts_on)
    if found.empty:
        raise Invalid("Nobody has an approved target of {measure} from {day}.", measure=rule.measure, day=starts_on)
    if (found["state"] != "over").any():
        raise Invalid("This period is not over yet.", field="starts_on")
    made = 0
    others: Any = found[found["subject_id"] != session.actor.user_id].itertuples()
    for one in others:
        if not one.base or one.actual != one.actual:
            continue
        base, actual = (Decimal(str(value)) for value in (one.base, one.actual))
        made += _state(session, rule, one, base, actual)
    session.flush()
    return made


def _state(session: ScopedSession, rule: IncentiveRule, one: Any, base: Decimal, actual: Decimal) -> bool:
    reckoned = reckon(rule, actual, base)
    lines = [{name: str(value) for name, value in asdict(line).items()} for line in reckoned.lines]
    query = select(IncentiveStatement).where(
        IncentiveStatement.rule_id == rule.id,
        IncentiveStatement.owner_id == int(one.subject_id),
        IncentiveStatement.starts_on == one.starts_on,
    )
    newest = session.scalars(query.order_by(IncentiveStatement.id.desc()).limit(1)).first()
    if newest is not None and (newest.base, newest.actual, newest.amount, newest.lines) == (base, actual, reckoned.amount, lines):
        return False
    about = {"owner_id": int(one.subject_id), "team_id": int(one.team_id), "by_id": session.actor.user_id}
    span = {"starts_on": one.starts_on, "ends_on": last_day(rule.period, one.starts_on)}
    sums = {"base": base, "actual": actual, "amount": reckoned.amount, "lines": lines}
    session.add(IncentiveStatement(rule_id=rule.id, target_id=int(one.id), **about, **span, **sums))
    return True
