"""Machinery: firms that buy machines, parts and hydraulics, with the people who decide there."""

from __future__ import annotations

import datetime as dt
from random import Random

from crm.catalogue.models import Product
from crm.customers.commands.parts import Influence
from crm.customers.models import (
    CorporateProfile,
    CreditGrade,
    CustomerCompetitor,
    CustomerInterest,
    Kind,
    Level,
    OrderKind,
    Relation,
    Source,
)
from crm.demo.names import EASTERN, Names, chinese_phone, firms, landline
from crm.demo.people import MACHINERY, Company
from crm.demo.talk import activities_on, preference
from crm.demo.writing import LAST_DAY, Book, Draft, LineDraft, OrderDraft, money

FIRMS = 116
"""Different ones; a few stand in the file twice."""
FIRST_DAY = dt.date(1996, 1, 2)
TRADES = ("精密机械", "模具", "汽车零部件", "阀门", "轴承", "电机", "重工", "纺织机械", "包装机械", "船舶配件")
INDUSTRIES = {
    "精密机械": "Precision engineering",
    "模具": "Moulds and dies",
    "汽车零部件": "Automotive parts",
    "阀门": "Valves",
    "轴承": "Bearings",
    "电机": "Electric motors",
    "重工": "Heavy industry",
    "纺织机械": "Textile machinery",
    "包装机械": "Packaging machinery",
    "船舶配件": "Shipbuilding",
}
_WEIGHTS = {
    "Cutting tools": 6,
    "Spare parts": 4,
    "Pumps and valves": 3,
    "Power units": 1,
    "Lathes": 1,
    "Machining centres": 1,
    "Grinding": 1,
}
SOLD = tuple(_WEIGHTS)
"""Lower categories of what the board sells."""
_PARTS = ("Cutting tools", "Spare parts", "Pumps and valves")
_POSTS = (
    ("总经理", "Management", Influence.DECIDES, None),
    ("采购经理", "Purchasing", Influence.INFLUENCES, 0),
    ("生产主管", "Production", Influence.USES, 0),
    ("财务", "Finance", Influence.PAYS, 0),
    ("工艺工程师", "Production", Influence.USES, 2),
)
RIVALS = ("Kestrel Machine Works", "北辰机床", "Toro Hydraulics", "海天数控", "Delmar Tools")
CONTRACT_FORMS = ("Framework", "Single order", "Lease")


def machinery_customers(book: Book, company: Company, names: Names, products: dict[str, list[Product]]) -> list[Draft]:
    """120 firms: some buy often, some seldom, some went silent, some never bought; a few stand in the file twice."""
    random = book.random
    east, west = company.of("rep", "rep2", "rep3", "lead"), company.of("rep4", "rep5", "lead2")
    drafts = []
    for number, (name, region, city) in enumerate(firms(random, FIRMS, TRADES, abroad=12), start=1):
        owner = random.choice(east if region in EASTERN else west)
        draft = Draft(_file(random, number, name, region, city), owner, _since(random))
        if random.randrange(8) == 0 and owner in east:
            draft.formerly = company.members["former"]
        people = names.western if region == "Abroad" else names.chinese
        posts = enumerate(_POSTS[: random.randrange(1, 6)])
        draft.contacts = [_person(random, next(people), post, place) for place, post in posts]
        draft.orders = _orders(random, number, draft.since, products)
        draft.parts = _parts(random, products)
        if random.randrange(3):
            activities_on(draft, random, MACHINERY, random.randrange(1, 5))
        drafts.append(draft)
    return drafts + _twice(random, drafts)


def _since(random: Random) -> dt.date:
    return FIRST_DAY + dt.timedelta(random.choice((0, 30, 90, 200, 350, 500, 700, 850)) + random.randrange(30))


def _file(random: Random, number: int, name: str, region: str, city: str) -> dict[str, object]:
    industry = next((english for chinese, english in INDUSTRIES.items() if chinese in name), "Machine building")
    return {
        "code": f"M{number:04}",
        "name": name,
        "kind": Kind.CORPORATE.value,
        "level": random.choice((Level.VIP, Level.A, Level.A, Level.B, Level.B, Level.B, Level.C, Level.D)).value,
        "credit_grade": random.choice(tuple(CreditGrade)).value,
        "source": random.choice((Source.EXHIBITION, Source.REFERRAL, Source.TELEPHONE, Source.PARTNER, Source.WEBSITE)).value,
        "region": region,
        "industry": industry,
        "phone": landline(random),
        "email": f"office{number}@firm.example",
        "website": f"https://firm{number}.example",
        "address": f"{city}工业园区{random.choice('东西南北')}路 {random.randrange(1, 300)} 号" if region != "Abroad" else None,
        "product_field": industry,
        "preferences": preference(random) if random.randrange(3) == 0 else None,
        "custom": {"contract_form": random.choice(CONTRACT_FORMS)} if random.randrange(4) else {},
    }


def _person(random: Random, name: str, post: tuple[str, str, Influence, int | None], place: int) -> dict[str, object]:
    position, department, influence, above = post
    phone = chinese_phone(random)
    return {
        "name": name,
        "position": position,
        "department": department,
        "influence": influence.value,
        "above": above,
        "phone": phone,
        "email": f"p{phone.replace(' ', '')[-8:]}@firm.example",
        "wechat": f"wx_{phone[-4:]}" if random.randrange(2) else None,
        "birthday": dt.date(random.randrange(1940, 1975), random.randrange(1, 13), random.randrange(1, 29)),
        "is_main": place == 0,
    }


def _orders(random: Random, number: int, since: dt.date, products: dict[str, list[Product]]) -> list[OrderDraft]:
    """Bought about every `pace` days until today, or until the firm fell silent; one in nine never bought."""
    if random.randrange(9) == 0:
        return []
    pace = random.choice((14, 21, 30, 30, 45, 60, 90, 120))
    silent_for = random.choice((0, 0, 0, 0, 0, 150, 240, 400))
    end, day = LAST_DAY - dt.timedelta(silent_for), since + dt.timedelta(random.randrange(1, 40))
    found: list[OrderDraft] = []
    while day <= end:
        found.append(OrderDraft(f"M{number:04}-{len(found) + 1:03}", day, _lines(random, products, first=not found)))
        if random.randrange(40) == 0 and day + dt.timedelta(9) <= LAST_DAY:
            found.append(_returned(found[-1]))
        day += dt.timedelta(pace // 2 + random.randrange(pace + 1))
    return found


def _lines(random: Random, products: dict[str, list[Product]], first: bool) -> tuple[LineDraft, ...]:
    """Parts as a rule; a machine with the first order, and now and then later."""
    categories = [name for name, weight in _WEIGHTS.items() for _ in range(weight)]
    chosen = ["Machining centres" if random.randrange(2) else "Lathes"] if first else []
    chosen += [random.choice(_PARTS if random.randrange(4) else categories) for _ in range(random.randrange(1, 4))]
    lines = []
    for category in chosen:
        product = random.choice(products[category])
        quantity = random.choice((2, 4, 5, 10, 20)) if category in _PARTS else 1
        price = int(product.price or 0) * random.choice((100, 100, 98, 95, 92, 88)) // 100
        lines.append(LineDraft(product.id, quantity, money(price * quantity)))
    return tuple(lines)


def _returned(order: OrderDraft) -> OrderDraft:
    """The last line comes back a few days later."""
    line = order.lines[-1]
    back = (LineDraft(line.product_id, -line.quantity, -line.amount),)
    return OrderDraft(f"{order.number}-R", order.day + dt.timedelta(9), back, OrderKind.RETURN.value)


def _parts(random: Random, products: dict[str, list[Product]]) -> list[tuple[type, dict[str, object]]]:
    found: list[tuple[type, dict[str, object]]] = []
    if random.randrange(3):
        found.append((CorporateProfile, _profile(random)))
    for rival in random.sample(RIVALS, random.choice((0, 0, 1, 1, 2))):
        sold = random.choice(("Lathes", "Machining centres", "Hydraulics"))
        about: dict[str, object] = {"products": sold, "strengths": "Price", "weaknesses": "Service"}
        about |= {"name": rival, "share_percent": random.randrange(1, 9) * 5}
        found.append((CustomerCompetitor, about))
    machines = products["Machining centres"] + products["Grinding"]
    found += [(CustomerInterest, {"product_id": one.id}) for one in random.sample(machines, random.choice((0, 0, 1, 2)))]
    return found


def _profile(random: Random) -> dict[str, object]:
    employees = random.choice((30, 60, 120, 260, 500, 1_200))
    return {
        "registration_number": f"9132{random.randrange(10**10):010}",
        "employees": employees,
        "annual_revenue": money(employees * random.randrange(120, 400) * 1_000),
        "business_strategy": random.choice(("Export within three years", "做细分市场第一", "Follow the car makers")),
        "production_scale": f"{employees // 6} machines in {random.randrange(1, 4)} halls",
        "product_range": random.choice(("Castings and turned parts", "注塑模具", "Valves DN15 to DN300")),
        "business_condition": random.choice(("Growing", "Steady", "订单不足")),
        "growth_bottleneck": random.choice(("Skilled operators", "Floor space", "资金周转")),
        "transport_needs": random.choice(("Crane on site", "需要送货到车间")),
    }


def _twice(random: Random, drafts: list[Draft]) -> list[Draft]:
    """The same firm entered by a colleague, written a little differently or with the same phone."""
    spellings = ("{}（公司）", " {} ", "{} Co., Ltd", "{}")
    found = []
    pairs = zip(random.sample(drafts[:100], 4), spellings, strict=True)
    for number, (draft, spelling) in enumerate(pairs, start=len(drafts) + 1):
        name = str(draft.values["name"])
        phone = draft.values["phone"] if spelling == "{}" else None
        values = {
            "code": f"M{number:04}",
            "name": (name[:2] + " " + name[2:] if spelling == "{}" else spelling.format(name)).strip(),
            "kind": Kind.CORPORATE.value,
            "source": Source.EXHIBITION.value,
            "region": draft.values["region"],
            "phone": phone,
        }
        found.append(Draft(values, draft.owner, LAST_DAY - dt.timedelta(20)))
    return found


def relate(book: Book, drafts: list[Draft]) -> None:
    """A group with its companies, suppliers, guarantors and partners."""
    random = book.random
    chosen = random.sample(drafts[:110], 44)
    group, rest = chosen[:6], chosen[6:]
    rows = [(group[0], below, "parent_company") for below in group[1:5]] + [(group[1], group[5], "parent_company")]
    kinds = ("supplier", "guarantor", "partner", "supplier")
    rows += [(rest[place], rest[place + 1], kinds[place // 2 % 4]) for place in range(0, 36, 2)]
    book.insert(Relation, [{"customer_id": one.id, "other_id": other.id, "kind": kind} for one, other, kind in rows])
