"""The opportunities of the machinery board: simulated with known rates, and everything that hangs on them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from random import Random
from typing import Any

import pandas as pd

from crm.bulk import bulk_insert
from crm.catalogue.models import Product
from crm.database import MONEY_SCALE, Base
from crm.demo.deal_parts import add_parts
from crm.demo.deals import Market, Sale
from crm.demo.machinery import FIRST_DAY, RIVALS
from crm.demo.people import MACHINERY, Company
from crm.demo.recording import Stages, activity_rows, change_rows, deal_rows, event_rows
from crm.demo.simulation import OPEN, History, Known, draw, known
from crm.demo.talk import said_about_deal, to_do_about_deal
from crm.demo.writing import LAST_DAY, Book
from crm.office.models import Activity
from crm.pipeline.commands import seed_pipelines
from crm.pipeline.models import Opportunity, OpportunityChange, OpportunityLine, Pipeline, StageEvent
from crm.pipeline.queries import stages_of
from crm.session import ScopedSession, get

DEALS, SEED = 820, 2002
REPORTED_FROM = 300_000
"""Opportunities of this amount or more wait for a lead's confirmation."""
REPS = ("rep", "rep2", "rep3", "rep4", "rep5", "lead", "lead2")
"""Who sells, in the order of the effects that the simulation gives them."""
_NEEDS = (
    "两台旧车床精度不够，下半年要更换。",
    "Second shift starts in autumn; they need capacity for castings up to 600 kg.",
    "新厂房投产，需要整线设备和培训。",
    "Cycle time must come down by a fifth; the present machine is the bottleneck.",
    "液压站漏油严重，要求交货快、有现场安装。",
    "Framework order for tools and spare parts, called off monthly.",
    "客户要求表面粗糙度 Ra 0.8，需要试切。",
)
_REVIEWS = (
    "We were late with the offer; the drawing lay with us for three weeks.",
    "试切结果说服了生产主管，价格不是决定因素。",
    "The director decided alone; we had only talked to purchasing.",
    "对方付款条件更好，下次要早点谈分期。",
    "Delivery within four weeks made the difference.",
)


@dataclass(frozen=True, slots=True)
class Drawn:
    history: History
    known: Known
    facts: dict[int, dict[str, Any]]
    """Of Known.deals."""


@dataclass(frozen=True, slots=True)
class Deals:
    """What was written, by the number that the simulation gave each deal."""

    drawn: Drawn
    stages: Stages
    ids: dict[int, int]
    numbers: dict[int, str]
    names: dict[int, str]
    sales: dict[int, Sale]
    scale: pd.Series[float]
    """Amounts of the simulation times this are those of the lines."""


def add_deals(book: Book, company: Company, products: list[Product], without: set[int]) -> Deals:
    """`book` is settled: its days have been moved already. without: customers to whom nobody sells anything."""
    session, random, day = book.session, book.random, LAST_DAY + book.moved
    start = FIRST_DAY + book.moved
    history = draw(DEALS, start, (day - start).days, SEED, len(REPS))
    now = known(history, day)
    market = Market(session, company.units[MACHINERY], company.of(*REPS), products, random, without)
    facts = {int(deal): about for deal, about in zip(now.deals.index, _records(now.deals), strict=True)}
    sales = market.sales(facts)
    found = _written(session, company.units[MACHINERY], Drawn(history, now, facts), sales, products, random)
    by = {deal: sale.owner.id for deal, sale in sales.items()}
    written: tuple[tuple[type[Base], pd.DataFrame], ...] = (
        (StageEvent, event_rows(now, found.ids, found.stages, by)),
        (OpportunityChange, change_rows(now, found.ids, by, found.scale)),
        (OpportunityLine, _lines(found)),
        (Activity, _done(now, found, by, random)),
    )
    for kind, rows in written:
        bulk_insert(session, kind, rows)
    book.insert(Activity, _planned(found, random, day))
    add_parts(book, company, found)
    get(session, Pipeline, found.stages.pipeline_id).register_from = Decimal(REPORTED_FROM)
    return found


def _records(deals: pd.DataFrame) -> list[dict[str, Any]]:
    rows: Any = deals.to_dict("records")
    return list(rows)


def pipeline_stages(session: ScopedSession) -> Stages:
    pipeline = seed_pipelines(session)
    stages = stages_of(session, pipeline.id)
    return Stages(pipeline.id, tuple(stage.id for stage in stages), tuple(stage.probability for stage in stages))


def _written(
    session: ScopedSession,
    board_id: int,
    drawn: Drawn,
    sales: dict[int, Sale],
    products: list[Product],
    random: Random,
) -> Deals:
    stages, deals = pipeline_stages(session), drawn.known.deals
    titles = {one.id: one.name for one in products}
    main = {deal: max(sale.lines, key=lambda line: line.amount).product_id for deal, sale in sales.items()}
    names = {deal: f"{titles[main[deal]]} – {sale.customer}"[:200] for deal, sale in sales.items()}
    numbers = {deal: f"OP{number:06}" for number, deal in enumerate(drawn.facts, start=1)}
    columns: dict[str, dict[int, Any]] = {
        "number": numbers,
        "name": names,
        "product_id": main,
        "customer_id": {deal: sale.customer_id for deal, sale in sales.items()},
        "owner_id": {deal: sale.owner.id for deal, sale in sales.items()},
        "team_id": {deal: sale.owner.unit_id for deal, sale in sales.items()},
        "amount": {deal: sale.amount for deal, sale in sales.items()},
    }
    own = {name: deals.index.map(values) for name, values in columns.items()}
    told = _told(deals, random)
    rows = deal_rows(drawn.known, stages).assign(**own, **told, board_id=board_id)
    rows = rows.assign(registration=_reported(deals, rows["amount"]))
    ids = {int(deal): number for deal, number in zip(rows.index, bulk_insert(session, Opportunity, rows), strict=True)}
    scale = pd.Series(columns["amount"]).reindex(deals.index) / MONEY_SCALE / deals["amount"]
    return Deals(drawn, stages, ids, numbers, names, sales, scale)


def _reported(deals: pd.DataFrame, amount: pd.Series[Any]) -> pd.Series[Any]:
    """Large open ones: the new ones wait for the lead, the others are confirmed."""
    large = (amount >= REPORTED_FROM * MONEY_SCALE) & (deals["state"] == OPEN)
    new = deals["position"] == 0
    return pd.Series(None, index=deals.index, dtype=object).mask(large, "confirmed").mask(large & new, "asked")


def _told(deals: pd.DataFrame, random: Random) -> dict[str, pd.Series[Any]]:
    """What people wrote into the fields of text."""

    def some(texts: tuple[str, ...], where: pd.Series[bool], share: int) -> pd.Series[Any]:
        chosen = [random.choice(texts) if here and random.randrange(100) < share else None for here in where]
        return pd.Series(chosen, index=deals.index, dtype=object)

    late, closed = deals["position"] >= 3, deals["state"] != OPEN
    rivals = pd.Series([RIVALS[int(one)] if one >= 0 else None for one in deals["rival"]], index=deals.index, dtype=object)
    need = some(_NEEDS, deals["position"] >= 0, 55)
    return {
        "need": need.where(need.notna() | (deals["position"] < 2), _NEEDS[1]),
        "lost_to": rivals,
        "review": some(_REVIEWS, closed, 35),
        "strengths": some(("Trial cut convinced them", "服务网点近", "Known from the last machine"), late, 40),
        "weaknesses": some(("Price", "交货期长", "No reference in their trade"), late, 40),
        "chances": some(("Second plant next year", "老板支持换新"), late, 30),
        "threats": some(("Budget may be cut", "竞争对手降价"), late, 30),
    }


def _lines(found: Deals) -> pd.DataFrame:
    rows = [
        {
            "opportunity_id": found.ids[deal],
            "product_id": line.product_id,
            "quantity": line.quantity * MONEY_SCALE,
            "unit_price": line.price * MONEY_SCALE,
            "discount_percent": line.discount * MONEY_SCALE,
            "amount": line.amount,
        }
        for deal, sale in found.sales.items()
        for line in sale.lines
    ]
    return pd.DataFrame(rows)


def _done(now: Known, found: Deals, by: dict[int, int], random: Random) -> pd.DataFrame:
    rows = activity_rows(now, found.ids, by)
    said = [said_about_deal(random) for _ in range(len(rows))]
    return rows.assign(kind=[kind for kind, _ in said], text=[text for _, text in said])


def _planned(found: Deals, random: Random, day: dt.date) -> list[dict[str, Any]]:
    """What comes next with the open deals that somebody works: due within two weeks, some of it overdue."""
    rows = []
    for deal, facts in found.drawn.facts.items():
        if facts["state"] != OPEN or facts["left_alone"]:
            continue
        if random.randrange(5) == 0:
            continue
        kind, topic = to_do_about_deal(random)
        due = day + dt.timedelta(random.choice((-9, -4, -1, 0, 0, 1, 2, 3, 5, 7, 10, 14)))
        about = {"subject_type": "opportunity", "subject_id": found.ids[deal], "author_id": found.sales[deal].owner.id}
        rows.append(about | {"kind": kind, "topic": topic, "planned_on": due})
    return rows
