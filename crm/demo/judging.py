"""How the people of the demo company are judged, and what their results earned them."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from dateutil.relativedelta import relativedelta
from sqlalchemy import select

from crm.demo.people import MACHINERY, SERVICES, Company
from crm.demo.targets import as_of
from crm.pipeline.models import Opportunity, OpportunityState
from crm.session import ScopedSession, acting_as, get
from crm.staff.models import User
from crm.staff.sign_in import actor_for
from crm.targets.commands import (
    Criterion,
    EvaluationInput,
    FormInput,
    IncentiveInput,
    ReviewInput,
    TierInput,
    add_form,
    add_incentive,
    close_evaluation,
    make_statements,
    review,
    start_evaluation,
)
from crm.targets.models import EvaluationKind, Measure, PayKind, PeriodKind

_WORK = (
    ("results", "Results 业绩", 40),
    ("customers", "Care of customers 客户关系", 25),
    ("diligence", "Diligence of records 记录规范", 20),
    ("together", "Working together 团队协作", 15),
)
_PROJECT = (
    ("need", "Need understood 需求理解", 30),
    ("offer", "Offer and price 方案与报价", 30),
    ("time", "Kept to the time 进度", 20),
    ("paid", "Money came in 回款", 20),
)


def judge(session: ScopedSession, company: Company, today: dt.date) -> None:
    """Forms, three evaluations of which one is closed, and what was earned in the last two quarters that are over."""
    director, lead = (actor_for(session, get(session, User, company.members[name].id)) for name in ("director", "lead"))
    with acting_as(director, session) as theirs:
        work = add_form(theirs, _form("Half-year review 半年考核", EvaluationKind.WORK, _WORK)).id
        project = add_form(theirs, _form("Project review 项目评估", EvaluationKind.PROJECT, _PROJECT)).id
    spring = today.replace(day=1) - relativedelta(months=5)
    ended = spring - dt.timedelta(1)
    span = {"starts_on": spring - relativedelta(months=6), "ends_on": ended}
    with as_of(session, ended + dt.timedelta(9)):
        with acting_as(lead, session) as theirs:
            told = EvaluationInput(form_id=work, user_id=company.members["rep"].id, **span)
            first = start_evaluation(theirs, told)
            remark = "The largest customers came back; two visits were written down late."
            review(
                theirs, first.id, ReviewInput(marks={"results": 4, "customers": 5, "diligence": 3, "together": 4}, remark=remark)
            )
        with acting_as(director, session) as theirs:
            review(theirs, first.id, ReviewInput(marks={"results": 4, "customers": 4, "diligence": 3, "together": 5}))
            close_evaluation(theirs, first.id, "Good half-year. Write visits down on the same day.", first.version)
    with as_of(session, today - dt.timedelta(4)), acting_as(lead, session) as theirs:
        now = {"starts_on": spring, "ends_on": today}
        second = start_evaluation(theirs, EvaluationInput(form_id=work, user_id=company.members["rep2"].id, **now))
        review(theirs, second.id, ReviewInput(marks={"results": 3, "customers": 4, "diligence": 5, "together": 4}))
        won = select(Opportunity).where(Opportunity.state == OpportunityState.WON)
        newest = theirs.scalars(won.order_by(Opportunity.closed_on.desc(), Opportunity.id).limit(1)).one()
        days = {"starts_on": newest.created_on, "ends_on": newest.closed_on}
        start_evaluation(theirs, EvaluationInput(form_id=project, opportunity_id=newest.id, **days))


def pay(session: ScopedSession, company: Company, today: dt.date) -> None:
    """Rules of two boards; statements of the last two quarters that are over."""
    starts = today.replace(month=1, day=1) - relativedelta(years=1)
    quarter = today.replace(month=(today.month - 1) // 3 * 3 + 1, day=1)
    rules = {
        MACHINERY: (
            "director",
            IncentiveInput(
                name="Commission on revenue 销售提成",
                measure=Measure.REVENUE,
                period=PeriodKind.QUARTER,
                kind=PayKind.COMMISSION,
                tiers=_tiers(("0", "0.002"), ("1", "0.004"), ("1.2", "0.006")),
                threshold=0.6,
                cap=Decimal(25_000),
                starts_on=starts,
            ),
        ),
        SERVICES: (
            "director3",
            IncentiveInput(
                name="Bonus for solved cases 结案奖金",
                measure=Measure.CASES,
                period=PeriodKind.QUARTER,
                kind=PayKind.BONUS,
                bonus=Decimal(3_000),
                tiers=_tiers(("0", "0.8"), ("1", "1.5")),
                threshold=0.8,
                starts_on=starts,
            ),
        ),
    }
    for board, (username, rule) in rules.items():
        leader = actor_for(session, get(session, User, company.members[username].id))
        with acting_as(leader, session) as theirs:
            rule_id = add_incentive(theirs, rule, company.units[board]).id
        for months in (6, 3) if board == MACHINERY else (3,):
            start = quarter - relativedelta(months=months)
            with as_of(session, start + relativedelta(months=3, days=7)), acting_as(leader, session) as theirs:
                make_statements(theirs, rule_id, start)


def _form(name: str, kind: EvaluationKind, criteria: tuple[tuple[str, str, int], ...]) -> FormInput:
    told = [Criterion(key=key, name=called, weight=weight) for key, called, weight in criteria]
    return FormInput(name=name, kind=kind, criteria=told)


def _tiers(*tiers: tuple[str, str]) -> list[TierInput]:
    return [TierInput(from_share=Decimal(start), rate=Decimal(rate)) for start, rate in tiers]
