"""Files from the world: a year of an online shop, and a CRM's own export."""

from __future__ import annotations

import os
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import func, select

from crm.access import SYSTEM
from crm.customers.imports import find_mapping, run, run_file, suggested
from crm.customers.models import Customer, Kind, Order, OrderKind, OrderLine
from crm.exchange.reading import read_table
from crm.session import open_as
from crm.settings import ROOT
from tests.conftest import pointed_at
from tests.people import People

pytestmark = pytest.mark.real_data

DATA = Path(os.environ.get("CRM_REAL_DATA") or ROOT.parent / "shared" / "data")


def needed(name: str) -> Path:
    path = DATA / name
    if not path.exists():
        pytest.skip(f"{name} of the real data is absent (set CRM_REAL_DATA)")
    return path


# ------------------------------------------------------------------------------------------------- online retail

COMMAND = """
import re, sys, time
from pathlib import Path
from crm.customers.imports import run_file
begin = time.monotonic()
run_file(Path(sys.argv[1]), "orders", "online_retail", refused_path=Path(sys.argv[2]), speak=lambda line: None)
most = re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())  # getrusage would count the parent's as well
print(time.monotonic() - begin, int(most[1]) / 1024)
"""


@pytest.fixture(scope="module")
def shop(templates: dict[bool, Path], tmp_path_factory: pytest.TempPathFactory):
    """The whole year, brought in by a process of its own -> (seconds, megabytes, file of the refused rows)."""
    file = needed("online_retail/online_retail.csv.gz")
    folder = tmp_path_factory.mktemp("shop")
    (folder / "crm.db").write_bytes(templates[True].read_bytes())
    url = f"sqlite:///{folder / 'crm.db'}"
    environment = os.environ | {"DATABASE_URL": url, "CRM_DATA_DIR": str(folder), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", COMMAND, str(file), str(folder / "refused.csv")]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    seconds, megabytes = map(float, done.stdout.split())
    with pointed_at(url, folder):
        yield seconds, megabytes, folder / "refused.csv"


def asked(query):
    with open_as(SYSTEM) as session:
        return session.execute(query).all()


def test_a_year_of_orders_comes_in_to_the_penny(shop):
    assert asked(select(func.count(Customer.id))) == [(4_372,)]
    lines, total = asked(select(func.count(OrderLine.id), func.sum(OrderLine.amount)))[0]
    assert (lines, round(total, 2)) == (406_829, Decimal("8300065.81"))
    assert asked(select(func.count(Order.id), func.sum(Order.amount))) == [(22_190, total)]
    assert {kind for (kind,) in asked(select(Customer.kind).distinct())} == {Kind.RETAIL}


def test_what_was_bought_agrees_with_the_publisher(shop):
    bought = (OrderLine.quantity > 0) & (OrderLine.unit_price > 0)
    query = select(
        func.count(OrderLine.id),
        func.count(Order.id.distinct()),
        func.count(Order.customer_id.distinct()),
        func.sum(OrderLine.amount),
    ).join(Order, Order.id == OrderLine.order_id)
    lines, orders, customers, amount = asked(query.where(bought))[0]
    assert (lines, orders, customers, round(amount, 2)) == (397_884, 18_532, 4_338, Decimal("8911407.90"))
    best = select(Customer.code, func.sum(OrderLine.amount)).select_from(OrderLine).where(bought)
    best = best.join(Order, Order.id == OrderLine.order_id).join(Customer, Customer.id == Order.customer_id)
    best = best.group_by(Customer.code).order_by(func.sum(OrderLine.amount).desc()).limit(3)
    assert [(code, round(sum, 2)) for code, sum in asked(best)] == [
        ("14646", Decimal("280206.02")),
        ("18102", Decimal("259657.30")),
        ("17450", Decimal("194550.79")),
    ]


def test_the_summaries_of_customers_follow(shop):
    orders, customers = asked(select(func.sum(Customer.order_count), func.count(Customer.id)).where(Customer.order_count > 0))[0]
    assert (orders, customers) == (18_532, 4_338)
    assert round(asked(select(func.sum(Customer.order_amount)))[0][0], 2) == Decimal("8300065.81")
    assert asked(select(func.count(Customer.id)).where(Customer.order_count > 0, Customer.segment.is_(None))) == [(0,)]
    back = asked(select(func.count(Order.id), func.max(Order.amount)).where(Order.kind == OrderKind.RETURN))[0]
    assert back[0] == 3_654 and back[1] <= 0


def test_the_lines_without_customer_come_back_with_their_reason(shop):
    table = read_table(shop[2], "refused.csv")
    text = shop[2].read_text("utf-8-sig").splitlines()
    assert len(table.frame) == 135_080
    assert text[0].endswith("reason (import)") and text[1].endswith("CustomerID: This line names no customer.")


def test_half_a_million_lines_take_neither_a_minute_nor_much_memory(shop):
    seconds, megabytes, _ = shop
    assert seconds < 60 and megabytes < 1_500


def test_the_same_year_again_changes_nothing(shop):
    file = needed("online_retail/online_retail.csv.gz")
    outcome = run_file(file, "orders", "online_retail", only_try=True, refused_path=shop[2], speak=lambda line: None)
    assert (outcome.added, outcome.changed, outcome.unchanged, outcome.refused) == (0, 0, 406_829, 135_080)


# --------------------------------------------------------------------------------------------- a CRM's own export


@pytest.mark.parametrize("mapping_name", [None, "salesforce_accounts"])
def test_accounts_of_another_crm_come_in_by_their_headings(people: People, mapping_name):
    file = needed("salesforce_dataloader/samples/accountData.csv")
    table = read_table(file, file.name)
    with open_as(people.dana.actor) as session:
        mapping = find_mapping(session, "customers", mapping_name) if mapping_name else suggested(session, "customers", table)
        job = run(session, "customers", table, mapping, file.name, "0" * 64).job
    assert (job.read, job.added + job.refused) == (423, 423)
    assert job.added >= 400
    first = asked(select(Customer.code, Customer.name, Customer.owner_id).order_by(Customer.id).limit(1))[0]
    assert tuple(first) == ("001x0000002xLCVAA2", "Gravity Investments", people.dana.id)
