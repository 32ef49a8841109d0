"""Services: contracts that run out and are renewed, for firms and for private clients."""

from __future__ import annotations

import datetime as dt
from random import Random
from typing import Any

from dateutil.relativedelta import relativedelta

from crm.catalogue.models import Product
from crm.customers.models import Holding, Kind, Level, OrderKind, RetailProfile, Source
from crm.demo.machinery import INDUSTRIES
from crm.demo.names import CITIES, Names, chinese_phone, firms, landline
from crm.demo.people import SERVICES, Company
from crm.demo.talk import activities_on, preference
from crm.demo.writing import LAST_DAY, Book, Draft, LineDraft, OrderDraft, money

FIRMS, CLIENTS = 48, 32
_TRADES = ("食品", "化工", "医药", "纺织机械", "电机", "包装机械")
_MORE = {"食品": "Food", "化工": "Chemicals", "医药": "Pharmaceuticals"}
_HELD = (
    ("asset", "current_deposit"),
    ("asset", "term_deposit"),
    ("asset", "fund"),
    ("asset", "wealth_product"),
    ("liability", "loan"),
    ("liability", "card"),
    ("intermediary", "insurance"),
)
_PLACES = (("us", None), ("us", None), ("competitor", "城市银行"), ("competitor", "Harbour Bank"))


def service_customers(book: Book, company: Company, names: Names, products: dict[str, list[Product]]) -> list[Draft]:
    random = book.random
    owners, agents = company.of("rep9", "rep10", "lead4"), tuple(company.of("agent", "agent2"))
    drafts = []
    for number, (name, region, city) in enumerate(firms(random, FIRMS, _TRADES), start=1):
        draft = Draft(_firm(random, number, name, region, city), random.choice(owners), _since(random))
        draft.contacts = [{"name": next(names.chinese), "position": "设备经理", "phone": chinese_phone(random), "is_main": True}]
        draft.orders = _contracts(random, number, draft.since, products["Maintenance"], products["Advice and training"])
        drafts.append(draft)
    for number in range(FIRMS + 1, FIRMS + CLIENTS + 1):
        draft = Draft(_client(random, number, next(names.chinese)), random.choice(owners), _since(random))
        draft.orders = _contracts(random, number, draft.since, products["Private clients"], [])
        draft.parts = [(RetailProfile, _profile(random)), *((Holding, row) for row in _holdings(random))]
        drafts.append(draft)
    for draft in drafts:
        if random.randrange(4):
            activities_on(draft, random, SERVICES, random.randrange(1, 4), authors=(*agents, *agents, draft.owner))
    return drafts


def _since(random: Random) -> dt.date:
    return dt.date(1996, 1, 8) + dt.timedelta(random.randrange(800))


def _firm(random: Random, number: int, name: str, region: str, city: str) -> dict[str, Any]:
    trades = INDUSTRIES | _MORE
    return {
        "code": f"S{number:04}",
        "name": name,
        "kind": Kind.CORPORATE.value,
        "level": random.choice((Level.A, Level.B, Level.B, Level.C)).value,
        "source": random.choice((Source.REFERRAL, Source.PARTNER, Source.TELEPHONE)).value,
        "region": region,
        "industry": next(english for chinese, english in trades.items() if chinese in name),
        "phone": landline(random),
        "address": f"{city}开发区 {random.randrange(1, 200)} 号",
    }


def _client(random: Random, number: int, name: str) -> dict[str, Any]:
    return {
        "code": f"S{number:04}",
        "name": name,
        "kind": Kind.RETAIL.value,
        "level": random.choice((Level.VIP, Level.A, Level.B, Level.C)).value,
        "source": random.choice((Source.STORE, Source.REFERRAL, Source.SOCIAL)).value,
        "region": random.choice(tuple(CITIES)),
        "phone": chinese_phone(random),
        "preferences": preference(random) if random.randrange(2) else None,
    }


def _profile(random: Random) -> dict[str, Any]:
    return {
        "sex": random.choice(("female", "male")),
        "birthday": dt.date(random.randrange(1935, 1978), random.randrange(1, 13), random.randrange(1, 29)),
        "occupation": random.choice(("Teacher", "Engineer", "医生", "Shop owner", "公务员")),
        "education": random.choice(("school", "college", "bachelor", "master")),
        "marital_status": random.choice(("single", "married", "married")),
    }


def _holdings(random: Random) -> list[dict[str, Any]]:
    found = []
    for side, product in random.sample(_HELD, random.choice((0, 2, 3, 4, 5))):
        place, institution = random.choice(_PLACES)
        where = {"place": place, "institution": institution, "as_of": LAST_DAY - dt.timedelta(random.randrange(60))}
        amount = money(random.choice((2, 5, 8, 20, 50, 120, 300, 800)) * 1_000 + random.randrange(1_000))
        found.append({"side": side, "product_type": product, "amount": amount, **where})
    return found


def _contracts(random: Random, number: int, since: dt.date, services: list[Product], extras: list[Product]) -> list[OrderDraft]:
    """One or two services, each renewed about when it ran out until the customer stopped; training in between."""
    bought: list[tuple[dt.date, Product, OrderKind]] = []
    for service in random.sample(services, random.choice((1, 1, 2))):
        day, kind = since + dt.timedelta(random.randrange(60)), OrderKind.SALE
        while day <= LAST_DAY:
            bought.append((day, service, kind))
            kind = OrderKind.RENEWAL
            day += relativedelta(months=service.renewal_months or 12) + dt.timedelta(random.randrange(-20, 25))
            if random.randrange(6) == 0:
                break
    if extras and random.randrange(2):
        bought.append((since + dt.timedelta(random.randrange(60, 110)), random.choice(extras), OrderKind.SALE))
    rows = sorted(((day, product.id, product, kind) for day, product, kind in bought), key=lambda row: row[:2])
    return [
        OrderDraft(f"S{number:04}-{place:02}", day, (LineDraft(product_id, 1, money(int(product.price or 0))),), kind.value)
        for place, (day, product_id, product, kind) in enumerate(rows, start=1)
    ]
