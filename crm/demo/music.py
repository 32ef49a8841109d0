"""Music retail: the real orders of the CDNOW sample that lifetimes ships. The names of the people are made up."""

from __future__ import annotations

import datetime as dt
from importlib.util import find_spec
from pathlib import Path

from crm.customers.models import Kind, Source
from crm.demo.names import Names, american_phone
from crm.demo.people import MUSIC, Company
from crm.demo.talk import activities_on
from crm.demo.writing import Book, Draft, LineDraft, OrderDraft

FILE = "CDNOW_sample.txt"
TAG = "CDNOW sample"
"""On every customer of this board: real orders under a made-up name."""
REGIONS = (
    "California",
    "New York",
    "Texas",
    "Illinois",
    "Pennsylvania",
    "Ohio",
    "Massachusetts",
    "Washington",
    "Florida",
    "Georgia",
)


def music_customers(book: Book, company: Company, names: Names, cd: int, job_id: int) -> list[Draft]:
    """One draft for each customer of the file, in its order."""
    random, orders = book.random, read_orders(cd)
    sellers = company.of("rep6", "rep7", "rep8", "rep6", "rep7", "lead3")
    drafts = []
    for code, theirs in orders.items():
        values = {
            "code": code,
            "name": next(random.choice((names.western, names.western, names.western, names.chinese))),
            "kind": Kind.RETAIL.value,
            "source": random.choice((Source.WEBSITE, Source.WEBSITE, Source.ADVERTISING, Source.REFERRAL)).value,
            "region": random.choice(REGIONS),
            "phone": american_phone(random),
            "email": f"{code.lower()}@mail.example",
            "import_job_id": job_id,
        }
        drafts.append(Draft(values, random.choice(sellers), theirs[0].day, orders=theirs))
    for draft in random.sample(drafts, 160):
        activities_on(draft, random, MUSIC)
    return drafts


def content() -> bytes:
    """The file as it was published. Found without importing the package, which would take seconds."""
    package = find_spec("lifetimes")
    folder = package.submodule_search_locations if package else None
    return (Path((folder or [""])[0]) / "datasets" / FILE).read_bytes()


def read_orders(cd: int) -> dict[str, list[OrderDraft]]:
    """Customer's code -> orders by day: number of the customer in the whole set, number in the sample, day, discs, dollars."""
    found: dict[str, list[OrderDraft]] = {}
    for number, line in enumerate(content().decode().splitlines(), start=1):
        whole, _, day, discs, dollars = line.split()
        units, cents = dollars.split(".")
        amount = (int(units) * 100 + int(cents.ljust(2, "0"))) * 100
        lines = (LineDraft(cd, int(discs), amount),)
        order = OrderDraft(f"CD{number:06}", dt.datetime.strptime(day, "%Y%m%d").date(), lines)
        found.setdefault(f"CD{whole}", []).append(order)
    return found
