"""A large company that nobody has: boards, owners, customers with Chinese and English names; with orders, deals, cases."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.random import Generator, default_rng

from crm import jobs, migrations, tables  # noqa: F401 - every table must be known before the first session
from crm.access import SYSTEM, Role
from crm.bench.aims import add_aims
from crm.bench.cases import add_cases
from crm.bench.deals import add_deals
from crm.bench.place import Place
from crm.bulk import bulk_insert
from crm.catalogue.models import Product, ProductCategory
from crm.customers.models import Contact, Customer, Order, OrderLine, Ownership, name_key, phone_key
from crm.database import MONEY_SCALE
from crm.demo.names import CITIES, chinese_people, western_people
from crm.office.commands import DemoDay, set_demo_today
from crm.office.models import Activity
from crm.session import ScopedSession, open_as
from crm.staff.models import OrgUnit, UnitKind, User

TODAY = dt.date(2026, 6, 10)
"""In the middle of a month, a quarter and a year: much lies behind, much ahead."""
DAYS = 3 * 365
BOARDS, TEAMS, REPS = 3, 4, 6
"""Boards; teams of a board; sales representatives of a team."""
PRODUCTS = 200
KEPT = (10, 71)
"""So many days ago the scores were kept too: the ends of May and of March."""
SEED = 7

_CHARACTERS = list(
    "华锐恒泰瑞丰金鼎宏业天成博远鑫盛永信东升联创正源德力安达三和万通新纪中诚广长兴建邦海纳双菱飞跃立嘉禾科明铭祥云"
)
_TRADES = (
    "精密机械",
    "模具",
    "汽车零部件",
    "阀门",
    "轴承",
    "电机",
    "重工",
    "食品",
    "化工",
    "医药",
    "纺织",
    "物流",
    "软件",
    "建材",
    "家具",
)
_FORMS = ("有限公司", "股份有限公司", "有限责任公司", "集团有限公司")
_LETTERS = list("ABCDEFGHIJKLMNOPRSTVW")
_PLACES = pd.DataFrame([(region, city) for region, cities in CITIES.items() for city in cities], columns=["region", "city"])


def make(customers: int, lines: int, deals: int, cases: int, place: Place, tell: Callable[[str], None] = print) -> None:
    """Fill the folder, unless it holds exactly this already."""
    content = {"customers": customers, "lines": lines, "deals": deals, "cases": cases, "seed": SEED, "schema": _schema()}
    if place.holds(content):
        told = f"{customers:,} customers, {lines:,} order lines, {deals:,} opportunities and {cases:,} cases"
        tell(f"{place.folder.name} holds {told} already.")
        return
    place.prepare()
    start = time.perf_counter()
    with place.opened():
        migrations.upgrade()
        with open_as(SYSTEM) as session:
            _fill(session, default_rng(SEED), (customers, lines, deals, cases), tell)
        tell("Summaries, life cycle, RFM ...")
        jobs.scores(TODAY)
        for days in KEPT:
            jobs.scores(TODAY - dt.timedelta(days))
    place.finish(content)
    tell(f"Done in {time.perf_counter() - start:.0f} s.")


def _schema() -> str:
    """Changes with any migration, also with one that is rewritten before it is released."""
    folder = Path(migrations.__file__).parent
    return sha256(b"".join(file.read_bytes() for file in sorted(folder.rglob("*.py")))).hexdigest()[:16]


def _fill(session: ScopedSession, random: Generator, counts: tuple[int, int, int, int], tell: Callable[[str], None]) -> None:
    customers, lines, deals, cases = counts
    owners = hire(session)
    products = _products(session, random)
    tell(f"{customers:,} customers ...")
    base = _customers(session, random, owners, customers)
    _activities(session, random, base)
    tell(f"{lines:,} order lines ...")
    _orders(session, random, base, products, lines)
    tell(f"{deals:,} opportunities ...")
    add_deals(session, random, base, products, deals, TODAY, DAYS)
    tell(f"{cases:,} cases ...")
    add_cases(session, random, base, products, cases, TODAY, DAYS)
    tell("Targets ...")
    add_aims(session, random, owners, base, TODAY)
    set_demo_today(session, DemoDay(day=TODAY))


# ----------------------------------------------------------------------------------------- people and products


def hire(session: ScopedSession) -> pd.DataFrame:
    """-> owner_id, team_id, board_id of everybody who can own a customer. Nobody has a password."""
    names = iter(western_people())
    group = _unit(session, "Bench Group", UnitKind.GROUP, None)
    _person(session, "executive", next(names), Role.EXECUTIVE, group)
    owners: list[dict[str, int]] = []
    for board_number in range(1, BOARDS + 1):
        board = _unit(session, f"Board {board_number}", UnitKind.BOARD, group)
        _person(session, f"director{board_number}", next(names), Role.DIRECTOR, board)
        for team_number in range(1, TEAMS + 1):
            team = _unit(session, f"Team {board_number}.{team_number}", UnitKind.DEPARTMENT, board)
            for number in range(1, REPS + 1):
                rep = _person(session, f"rep{board_number}.{team_number}.{number}", next(names), Role.REP, team)
                owners.append({"owner_id": rep, "team_id": team, "board_id": board})
    return pd.DataFrame(owners)


def _unit(session: ScopedSession, name: str, kind: UnitKind, parent_id: int | None) -> int:
    unit = OrgUnit(name=name, kind=kind, parent_id=parent_id)
    session.add(unit)
    session.flush()
    return unit.id


def _person(session: ScopedSession, username: str, name: str, role: Role, unit_id: int) -> int:
    user = User(username=username, name=name, role=role, unit_id=unit_id)
    session.add(user)
    session.flush()
    return user.id


def _products(session: ScopedSession, random: Generator) -> pd.DataFrame:
    """-> product_id, price (whole units)."""
    category = ProductCategory(code="C01", name="Goods")
    session.add(category)
    session.flush()
    prices = random.integers(5, 2_000, PRODUCTS)
    rows = {
        "code": [f"P{number:05}" for number in range(1, PRODUCTS + 1)],
        "name": [f"Product {n}" for n in range(1, PRODUCTS + 1)],
    }
    ids = bulk_insert(session, Product, pd.DataFrame(rows).assign(category_id=category.id, price=prices * MONEY_SCALE))
    return pd.DataFrame({"product_id": ids, "price": prices})


# ------------------------------------------------------------------------------------------------- customers


def _customers(session: ScopedSession, random: Generator, owners: pd.DataFrame, count: int) -> pd.DataFrame:
    """-> id, owner_id, team_id, board_id, first, last (days of buying, counted from the first), corporate."""
    base = owners.iloc[random.integers(0, len(owners), count)].reset_index(drop=True)
    corporate = random.random(count) < 0.6
    places = _PLACES.iloc[random.integers(0, len(_PLACES), count)].reset_index(drop=True)
    rows = base.assign(
        code=[f"B{number:07}" for number in range(1, count + 1)],
        name=np.where(corporate, _firms(random, places["city"]), _people(random, count)),
        kind=np.where(corporate, "corporate", "retail"),
        region=places["region"],
        industry=pd.Series("Manufacturing", index=base.index).where(corporate),
        level=_among(random, ["vip", "a", "b", "c", "d"], count),
        source=_among(random, ["referral", "website", "exhibition", "telephone"], count),
        phone=[f"+86 1{number:010}" for number in random.integers(3 * 10**9, 10**10, count)],
    )
    contacts = _contacts(random, count)
    words = contacts.groupby("customer", sort=False)["words"].agg(" ".join).reindex(range(count), fill_value="")
    ids = bulk_insert(session, Customer, rows.assign(**_derived(rows, words)))
    _write_contacts(session, contacts, ids)
    started = pd.Timestamp(TODAY - dt.timedelta(DAYS), tz="UTC")
    held = base[["owner_id", "team_id"]].assign(customer_id=ids, started_at=started, reason="created", by_id=base["owner_id"])
    bulk_insert(session, Ownership, held)
    first = random.integers(0, DAYS - 30, count)
    return base.assign(id=ids, first=first, last=first + (random.random(count) * (DAYS - first)).astype(int), corporate=corporate)


def _derived(rows: pd.DataFrame, words: pd.Series[Any]) -> dict[str, Any]:
    parts = zip(rows["name"], rows["code"], rows["phone"], words, strict=True)
    return {
        "stage": "transacting",
        "custom": [{}] * len(rows),
        "name_key": [name_key(name) for name in rows["name"]],
        "phone_key": [phone_key(phone) for phone in rows["phone"]],
        "search_text": [" ".join([*(part for part in each if part), ""]).casefold() for each in parts],
        "order_count": 0,
        "order_amount": 0,
        "life_cycle": "potential",
    }


def _firms(random: Generator, cities: Any) -> np.ndarray[Any, Any]:
    """Three in four Chinese ("苏州华锐模具有限公司"), the others English ("Clara Q. Winslow Ltd")."""
    count = len(cities)
    chinese = np.asarray(cities, dtype=str)
    for words in (_CHARACTERS, _CHARACTERS, _TRADES, _FORMS):
        chinese = np.char.add(chinese, _among(random, words, count))
    english = np.char.add(_people(random, count, 0.0), " Ltd")
    return np.where(random.random(count) < 0.75, chinese, english)


def _people(random: Generator, count: int, chinese_share: float = 0.5) -> np.ndarray[Any, Any]:
    """王海燕明, Clara Q. Winslow."""
    western = np.char.partition(np.array(western_people())[random.integers(0, len(western_people()), count)], " ")
    middle = np.char.add(np.char.add(" ", _among(random, _LETTERS, count)), ". ")
    full = np.char.add(np.char.add(western[:, 0], middle), western[:, 2])
    chinese = np.char.add(_among(random, np.array(chinese_people()), count), _among(random, _CHARACTERS, count))
    return np.where(random.random(count) < chinese_share, chinese, full)


def _among(random: Generator, values: Any, count: int) -> np.ndarray[Any, Any]:
    pool = np.asarray(values)
    return pool[random.integers(0, len(pool), count)]


def _contacts(random: Generator, count: int) -> pd.DataFrame:
    """Four customers in ten have one, some two -> customer (position), name, phone, words for the search."""
    customer = np.sort(random.choice(count, size=count * 4 // 10 + count // 10))
    rows = pd.DataFrame({"customer": customer, "name": _people(random, len(customer))})
    rows["phone"] = [f"139{number:08}" for number in random.integers(0, 10**8, len(rows))]
    return rows.assign(words=rows["name"] + " " + rows["phone"])


def _write_contacts(session: ScopedSession, contacts: pd.DataFrame, ids: pd.Series[int]) -> None:
    rows = pd.DataFrame(
        {"customer_id": ids.to_numpy()[contacts["customer"]], "name": contacts["name"], "phone": contacts["phone"]}
    )
    keys = rows["phone"].map(phone_key)
    bulk_insert(session, Contact, rows.assign(phone_key=keys, is_main=~rows["customer_id"].duplicated(), position="Purchasing"))


def _activities(session: ScopedSession, random: Generator, base: pd.DataFrame) -> None:
    """With one customer in five; after one of them in four something is planned."""
    chosen = base.iloc[random.integers(0, len(base), len(base) // 5)]
    about = pd.DataFrame(
        {
            "subject_type": "customer",
            "subject_id": chosen["id"].to_numpy(),
            "author_id": chosen["owner_id"].to_numpy(),
            "kind": _among(random, ["call", "visit", "email"], len(chosen)),
            "pinned": False,
        }
    )
    happened = pd.Timestamp(TODAY) - pd.to_timedelta(random.integers(1, 300, len(chosen)), unit="D")
    waiting = random.random(len(chosen)) < 0.25
    due = pd.Timestamp(TODAY) + pd.to_timedelta(random.integers(-30, 30, len(chosen)), unit="D")
    done = about.assign(happened_on=happened, text="Talked about the next order. 谈了下一单。")
    bulk_insert(session, Activity, done)
    bulk_insert(session, Activity, about.assign(planned_on=due, topic="Call again")[waiting])


# ---------------------------------------------------------------------------------------------------- orders


def _orders(session: ScopedSession, random: Generator, base: pd.DataFrame, products: pd.DataFrame, count: int) -> None:
    """Some customers buy often and most seldom; two and a half lines an order, two orders in a hundred come back."""
    orders = max(1, count * 2 // 5)
    rates = random.gamma(0.7, size=len(base))
    buyer = np.sort(random.choice(len(base), size=orders, p=rates / rates.sum()))
    theirs = base.iloc[buyer]
    span = (theirs["last"] - theirs["first"]).to_numpy()
    day = theirs["first"].to_numpy() + (random.random(orders) * (span + 1)).astype(int)
    back = random.random(orders) < 0.02
    of_line = np.sort(np.concatenate([np.arange(orders), random.integers(0, orders, count - orders)]))
    sold = products.iloc[random.integers(0, len(products), count)]
    quantity = random.integers(1, 12, count) * np.where(back[of_line], -1, 1)
    amount = quantity * sold["price"].to_numpy() * MONEY_SCALE
    rows = pd.DataFrame(
        {
            "customer_id": theirs["id"].to_numpy(),
            "board_id": theirs["board_id"].to_numpy(),
            "number": [f"SO{number:08}" for number in range(1, orders + 1)],
            "kind": np.where(back, "return", "sale"),
            "ordered_on": pd.Timestamp(TODAY - dt.timedelta(DAYS)) + pd.to_timedelta(day, unit="D"),
            "seller_id": theirs["owner_id"].to_numpy(),
            "amount": np.bincount(of_line, amount, orders).astype("int64"),
        }
    )
    ids = bulk_insert(session, Order, rows)
    lines = pd.DataFrame({"order_id": ids.to_numpy()[of_line], "product_id": sold["product_id"].to_numpy()})
    lines = lines.assign(quantity=quantity * MONEY_SCALE, unit_price=sold["price"].to_numpy() * MONEY_SCALE, amount=amount)
    bulk_insert(session, OrderLine, lines)
