"""Campaigns, leads in every state, and what lies in the pools of the machinery board."""

from __future__ import annotations

import datetime as dt
from random import Random
from typing import Any

import pandas as pd

from crm.customers.models import Customer, Source
from crm.database import MONEY_SCALE
from crm.demo.machinery import INDUSTRIES, TRADES
from crm.demo.names import EASTERN, Names, chinese_phone, firms
from crm.demo.people import EAST, MACHINERY, WEST, Company, Member
from crm.demo.pipeline import Deals
from crm.demo.pools import pool_leads
from crm.demo.writing import Book, money
from crm.marketing.commands import NurturePlan, NurturePlans, NurtureStep, refresh_scores, set_nurture_plans
from crm.marketing.models import Campaign, Channel, Lead, LeadEvent, LeadState
from crm.office.models import Activity, ActivityKind
from crm.pipeline.models import Opportunity

_CAMPAIGNS = (
    ("Machine tool fair, spring 1998 春季机床展", Channel.EXHIBITION, 112, 108, 180_000, 172_400),
    ("Open house with trial cuts 开放日试切", Channel.EVENT, 64, 63, 45_000, 41_800),
    ("Letters to mould makers 模具厂直邮", Channel.EMAIL, 95, 60, 12_000, 9_600),
    ("Trade journal, hydraulics 液压专刊广告", Channel.ADVERTISING, 80, 20, 38_000, 24_500),
    ("Dealers' referrals 经销商推荐", Channel.PARTNER, 170, None, 30_000, 11_200),
)
"""Name, channel, days ago of its begin and end, budget, cost."""
_SOURCES = ("exhibition", "exhibition", "referral", "telephone", "partner", "website", "advertising")
_BY_SOURCE = {"exhibition": 0, "referral": 4, "partner": 4, "advertising": 3, "website": 2}
_NEEDS = (
    "Two machining centres for die-cast housings, before the end of the year.",
    "要换一台数控车床，直径 400 以内。",
    "Asks for the price list of valves and pumps.",
    "刀具月用量约 2 万元，想换供应商。",
    "Grinder for shafts up to 800 mm; has seen ours at the fair.",
    None,
)
_WORKED = (
    "Called; the plant manager decides, back from a trip next week.",
    "通了电话，要样本和报价。",
    "Visited; old machines from 1982, budget not yet approved.",
)
_LOST = (
    "Closed their workshop",
    "只要二手设备",
    "Wrong number, firm unknown",
    "Student who writes a thesis",
    "Buys within the group",
)
_STATES = (
    *[LeadState.COLLECTED] * 12,
    *[LeadState.ASSIGNED] * 11,
    *[LeadState.WORKED] * 14,
    *[LeadState.INVALID] * 11,
)
NURTURING = NurturePlans(
    plans=(
        NurturePlan(
            name="After the fair 展会之后",
            automatic=True,
            sources=(Source.EXHIBITION,),
            score_to=60,
            steps=(
                NurtureStep(after_days=1, kind=ActivityKind.CALL, topic="Thank for the visit 致谢并了解计划"),
                NurtureStep(after_days=7, kind=ActivityKind.EMAIL, topic="Send the catalogue and two references 寄样本和案例"),
                NurtureStep(after_days=30, kind=ActivityKind.CALL, topic="Invite to a trial cut 邀请试切"),
            ),
        ),
        NurturePlan(
            name="Keep warm 保持联系",
            steps=(
                NurtureStep(after_days=30, kind=ActivityKind.CALL, topic="Has the budget come? 预算是否到位"),
                NurtureStep(after_days=90, kind=ActivityKind.VISIT, topic="Look at the machines they have 看现有设备"),
            ),
        ),
    )
)
CONVERTED = 14
_RELEASED = 7
"""Of the collected ones so many were given back by their owner; the newest wait to be given out."""


def add_leads(book: Book, company: Company, names: Names, product_ids: list[int], found: Deals) -> None:
    random, day = book.random, found.drawn.known.day
    campaigns = _campaigns(book, company, day)
    firms_ = firms(random, len(_STATES), TRADES)
    leads = [
        _lead(random, company, names, number, one, state, campaigns, product_ids, day)
        for number, (one, state) in enumerate(zip(firms_, _STATES, strict=True))
    ]
    leads += _converted(book, found, campaigns)
    book.session.add_all(leads)
    book.session.flush()
    for lead in leads[len(_STATES) :]:
        deal = book.session.get_one(Opportunity, lead.custom["opportunity_id"])
        deal.lead_id, deal.campaign_id = lead.id, lead.campaign_id
    book.session.flush()
    book.insert(LeadEvent, [row for lead in leads for row in _events(lead, company.members["lead"].id)])
    book.insert(Activity, [row for lead in leads for row in _activities(random, lead, day)])
    pool_leads(book, leads)
    for lead in leads:
        lead.custom = {}
    book.session.flush()
    refresh_scores(book.session, day)
    set_nurture_plans(book.session, company.units[MACHINERY], NURTURING)


def _campaigns(book: Book, company: Company, day: dt.date) -> list[int]:
    marketer, board_id = company.members["marketer"], company.units[MACHINERY]
    rows = [
        {
            "name": name,
            "channel": channel.value,
            "board_id": board_id,
            "team_id": board_id,
            "owner_id": marketer.id,
            "starts_on": day - dt.timedelta(begins),
            "ends_on": day - dt.timedelta(ends) if ends else None,
            "budget": money(budget),
            "cost": money(cost),
        }
        for name, channel, begins, ends, budget, cost in _CAMPAIGNS
    ]
    return book.insert(Campaign, rows)


# ---------------------------------------------------------------------------------------------------------- leads


def _lead(
    random: Random,
    company: Company,
    names: Names,
    number: int,
    firm: tuple[str, str, str],
    state: LeadState,
    campaigns: list[int],
    product_ids: list[int],
    day: dt.date,
) -> Lead:
    name, region, _ = firm
    source = random.choice(_SOURCES)
    came = _moment(
        day, random.randrange(2, 9) if state == LeadState.COLLECTED and number >= _RELEASED else random.randrange(12, 110)
    )
    unit = company.units[EAST if region in EASTERN else WEST]
    lead = Lead(
        name=name,
        board_id=company.units[MACHINERY],
        team_id=unit,
        contact=next(names.chinese) if random.randrange(6) else None,
        position=random.choice(("采购经理", "总经理", "Plant manager", "设备科长")),
        phone=chinese_phone(random) if random.randrange(8) else None,
        email=f"info{number}@lead.example" if random.randrange(2) else None,
        region=region,
        industry=next((english for chinese, english in INDUSTRIES.items() if chinese in name), None),
        employees=random.choice((None, 20, 45, 80, 150, 260, 600)),
        source=source,
        campaign_id=campaigns[_BY_SOURCE[source]] if source in _BY_SOURCE and random.randrange(5) else None,
        need=random.choice(_NEEDS),
        product_id=random.choice(product_ids) if random.randrange(2) else None,
        budget=random.choice((None, None, 30_000, 80_000, 150_000, 300_000, 650_000)),
        wanted_by=day + dt.timedelta(random.randrange(20, 200)) if random.randrange(3) == 0 else None,
        state=state.value,
        created_at=came,
    )
    lead.set_keys()
    if state != LeadState.COLLECTED or number < _RELEASED:
        _assign(random, company, lead, unit, day)
    return lead


def _assign(random: Random, company: Company, lead: Lead, unit_id: int, day: dt.date) -> None:
    owner = random.choice([member for member in _reps(company) if member.unit_id == unit_id])
    lead.assigned_at = lead.created_at + dt.timedelta(hours=random.choice((3, 5, 24, 26, 50)))
    if lead.state == LeadState.COLLECTED:
        lead.custom = {"released_by": owner.id}
        return
    lead.owner_id = owner.id
    if lead.state in (LeadState.WORKED, LeadState.INVALID):
        lead.worked_at = lead.assigned_at + dt.timedelta(days=random.randrange(1, 6))
    if lead.state == LeadState.INVALID and lead.worked_at:
        lead.closed_at = lead.worked_at + dt.timedelta(days=random.randrange(1, 4))
        lead.invalid_reason = random.choice(_LOST)
        if random.randrange(5) < 2:
            lead.second_follow_up_on = day + dt.timedelta(random.choice((-3, 0, 20, 60)))


def _reps(company: Company) -> list[Member]:
    return company.of("rep", "rep2", "rep3", "rep4", "rep5")


def _converted(book: Book, found: Deals, campaigns: list[int]) -> list[Lead]:
    """What some of the newer deals began as."""
    since = pd.Timestamp(found.drawn.known.day - dt.timedelta(150))
    recent = [deal for deal, facts in found.drawn.facts.items() if facts["created_on"] >= since]
    leads = []
    for deal in book.random.sample(recent, CONVERTED):
        sale, facts = found.sales[deal], found.drawn.facts[deal]
        source = str(facts["source"])
        customer = book.session.get_one(Customer, sale.customer_id)
        closed = dt.datetime.combine(facts["created_on"].date(), dt.time(1), dt.UTC)
        came = closed - dt.timedelta(days=book.random.randrange(6, 30))
        lead = Lead(
            name=customer.name,
            board_id=customer.board_id,
            team_id=sale.owner.unit_id,
            owner_id=sale.owner.id,
            phone=customer.phone,
            region=customer.region,
            industry=customer.industry,
            source=source,
            campaign_id=campaigns[_BY_SOURCE[source]] if source in _BY_SOURCE else None,
            need=book.random.choice(_NEEDS),
            budget=sale.amount // MONEY_SCALE,
            state=LeadState.CONVERTED.value,
            created_at=came,
            assigned_at=came + dt.timedelta(hours=4),
            worked_at=came + dt.timedelta(days=2),
            closed_at=closed,
            customer_id=sale.customer_id,
            custom={"opportunity_id": found.ids[deal]},
        )
        lead.set_keys()
        leads.append(lead)
    return leads


def _moment(day: dt.date, days: int) -> dt.datetime:
    return dt.datetime.combine(day - dt.timedelta(days), dt.time(2), dt.UTC)


def _events(lead: Lead, assigner_id: int) -> list[dict[str, Any]]:
    """Step by step, as the dates of the lead say."""
    released_by = lead.custom.get("released_by")
    steps: list[tuple[Any, LeadState, int | None, str | None]] = [(lead.created_at, LeadState.COLLECTED, None, "created")]
    if lead.assigned_at:
        steps.append((lead.assigned_at, LeadState.ASSIGNED, lead.owner_id or released_by, None))
    if released_by and lead.assigned_at:
        steps.append((lead.assigned_at + dt.timedelta(days=4), LeadState.COLLECTED, None, "released"))
    if lead.worked_at:
        steps.append((lead.worked_at, LeadState.WORKED, lead.owner_id, None))
    if lead.closed_at:
        steps.append((lead.closed_at, LeadState(lead.state), lead.owner_id, lead.invalid_reason))
    rows: list[dict[str, Any]] = []
    before, owner = None, None
    for at, state, owner_id, reason in steps:
        change = {"from_state": before, "to_state": state.value, "from_owner_id": owner, "to_owner_id": owner_id}
        by_id = lead.owner_id or released_by if before else assigner_id
        rows.append({"lead_id": lead.id, "at": at, "by_id": by_id, "reason": reason} | change)
        before, owner = state.value, owner_id
    return rows


def _activities(random: Random, lead: Lead, day: dt.date) -> list[dict[str, Any]]:
    if lead.worked_at is None:
        return []
    about = {"subject_type": "lead", "subject_id": lead.id, "author_id": lead.owner_id, "kind": ActivityKind.CALL.value}
    rows = [about | {"happened_on": lead.worked_at.date(), "text": random.choice(_WORKED)}]
    if lead.state == LeadState.WORKED:
        rows.append(about | {"planned_on": day + dt.timedelta(random.choice((-2, 0, 1, 4, 9))), "topic": "Call again"})
    return rows
