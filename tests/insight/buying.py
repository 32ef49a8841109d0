"""Real buyers for the tests of models: CDNOW (comes with lifetimes) and Online Retail (lies outside the repository)."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path

import lifetimes
import numpy as np
import pandas as pd
import pytest

from crm.access import SYSTEM
from crm.bulk import bulk_insert
from crm.customers.commands import refresh_summaries
from crm.customers.models import Customer, Order
from crm.database import MONEY_SCALE
from crm.session import open_as
from crm.settings import ROOT
from tests.people import Person

CALIBRATED = dt.date(1997, 9, 30)
LAST_DAY = dt.date(1998, 6, 30)
REAL_DATA = Path(os.environ.get("CRM_REAL_DATA") or ROOT.parent / "shared" / "data")


def cdnow(customers: int = 2357) -> pd.DataFrame:
    """customer, date, amount; one row for each order, eight of them free."""
    file = Path(lifetimes.__file__).parent / "datasets" / "CDNOW_sample.txt"
    orders = pd.read_csv(file, sep=r"\s+", names=["master", "customer", "date", "quantity", "amount"])
    orders["date"] = pd.to_datetime(orders["date"].astype(str))
    return orders.loc[orders["customer"] <= customers, ["customer", "date", "amount"]]


def online_retail() -> pd.DataFrame:
    """customer, date, amount of each invoice that names a customer; cancellations are below zero."""
    file = REAL_DATA / "online_retail" / "online_retail.parquet"
    if not file.exists():
        pytest.skip("Online Retail is absent (set CRM_REAL_DATA)")
    lines = pd.read_parquet(file)
    lines = lines[lines["CustomerID"].notna()].assign(amount=lines["Quantity"] * lines["UnitPrice"])
    invoices = lines.groupby("InvoiceNo").agg(
        customer=("CustomerID", "first"), date=("InvoiceDate", "min"), amount=("amount", "sum")
    )
    return invoices.assign(date=invoices["date"].dt.normalize()).reset_index(drop=True)


def bring_in(orders: pd.DataFrame, *owners: Person) -> pd.Series[int]:
    """The customers and orders, in turn to the owners' names -> customer (of the frame) to id."""
    names = np.sort(orders["customer"].unique())
    whose = [owners[number % len(owners)] for number in range(len(names))]
    people = pd.DataFrame(
        {
            "code": [f"B{int(name):06}" for name in names],
            "name": [f"Buyer {int(name)}" for name in names],
            "name_key": [f"buyer {int(name)}" for name in names],
            "board_id": [owner.board_id for owner in whose],
            "owner_id": [owner.id for owner in whose],
            "team_id": [owner.unit_id for owner in whose],
        },
        index=names,
    ).assign(kind="retail", stage="transacting", search_text="", order_count=0, order_amount=0, life_cycle="potential")
    people["custom"] = [{}] * len(people)
    amounts = (orders["amount"] * MONEY_SCALE).round().astype("int64")
    with open_as(SYSTEM) as session:
        ids = bulk_insert(session, Customer, people)
        boards = people["board_id"].set_axis(ids)
        rows = pd.DataFrame({"customer_id": orders["customer"].map(ids).to_numpy(), "ordered_on": orders["date"].to_numpy()})
        rows = rows.assign(
            board_id=rows["customer_id"].map(boards),
            number=[f"B{number:07}" for number in range(len(rows))],
            kind=np.where(amounts < 0, "return", "sale"),
            amount=amounts.to_numpy(),
        )
        bulk_insert(session, Order, rows)
        refresh_summaries(session, None, LAST_DAY)
    return ids
