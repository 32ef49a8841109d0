"""Orders, their lines, and the customers and products they bring along, into the session's transaction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from crm.bulk import bulk_change, bulk_derive, bulk_insert
from crm.catalogue.models import Product
from crm.customers.commands import refresh_summaries
from crm.customers.imports.customer_writing import insert_customers, new_customers
from crm.customers.imports.lines import Existing
from crm.customers.imports.products import known_products
from crm.customers.imports.rows import Progress
from crm.customers.imports.upsert import stored
from crm.customers.models import Customer, Order, OrderKind, OrderLine, Stage
from crm.database import now
from crm.office.queries import today
from crm.session import ScopedSession

_REFRESHED = 10_000
"""Customers whose summaries one statement refreshes."""


@dataclass(frozen=True)
class OrderChange:
    """New and changed orders by their number in the file, the lines of the file, and what has to be there before them."""

    new: pd.DataFrame
    changed: pd.DataFrame
    existing: Existing
    lines: pd.DataFrame
    customers: pd.DataFrame
    products: pd.DataFrame


def write(session: ScopedSession, change: OrderChange, job_id: int, progress: Progress) -> None:
    note = {"import_job": job_id}
    if len(change.products):
        counted = progress.of(len(change.products), "Products")
        bulk_insert(session, Product, change.products.assign(import_job_id=job_id), note, counted)
    customer_ids = _write_customers(session, change, job_id, progress)
    order_ids = _write_orders(session, change, customer_ids, job_id, progress)
    _write_lines(session, change, order_ids, note, progress)
    touched = (
        pd.concat([customer_ids, change.new["customer_id"], change.changed["customer_id"]]).dropna().astype("int64").unique()
    )
    for start in range(0, len(touched), _REFRESHED):
        progress.at(start, len(touched), "Summaries of customers")
        refresh_summaries(session, touched[start : start + _REFRESHED].tolist(), today(session))
    progress.at(len(touched), len(touched), "Summaries of customers")


def _write_customers(session: ScopedSession, change: OrderChange, job_id: int, progress: Progress) -> pd.Series[Any]:
    """-> the ids of the new customers by `who`; who buys for the first time becomes a transacting customer."""
    bought = change.new[(change.new["kind"] != OrderKind.RETURN) & (change.new["amount"] > 0)]
    _convert(session, bought.dropna(subset="customer_id"), job_id)
    if change.customers.empty:
        return pd.Series(dtype="int64")
    first = bought.groupby("who")["ordered_on"].min().reindex(change.customers.index)
    rows = new_customers(change.customers, session).assign(converted_on=first)
    rows["stage"] = rows["stage"].mask(first.notna(), Stage.TRANSACTING.value)
    return insert_customers(session, rows, job_id, progress.of(len(rows), "Customers"))


def _convert(session: ScopedSession, bought: pd.DataFrame, job_id: int) -> None:
    first = bought.groupby("customer_id")["ordered_on"].min()
    there = stored(session, Customer, pd.Series(first.index), ["stage", "converted_on"])
    there["converted_on"] = pd.to_datetime(there["converted_on"])
    first = first.reindex(there.index)
    sooner = there["converted_on"].isna() | (first < there["converted_on"])
    moved = there[sooner | (there["stage"] != Stage.TRANSACTING)]
    if len(moved):
        days = moved["converted_on"].where(~sooner.reindex(moved.index), first.reindex(moved.index)).dt.date
        rows = moved.assign(stage=Stage.TRANSACTING.value, converted_on=days).rename_axis("id").reset_index()
        bulk_change(session, Customer, rows, {"import_job": job_id})


def _write_orders(
    session: ScopedSession, change: OrderChange, customer_ids: pd.Series[Any], job_id: int, progress: Progress
) -> pd.Series[Any]:
    """-> the id of each order of the file that is new or changed."""
    note = {"import_job": job_id}
    ids = change.changed["order_id"].astype("int64")
    if len(change.new):
        columns = ["number", "board_id", "kind", "ordered_on", "ordered_at", "seller_id", "amount"]
        whose = change.new["customer_id"].astype("Int64")
        whose = whose.where(whose.notna(), change.new["who"].map(customer_ids).astype("Int64"))
        rows = change.new[columns].assign(customer_id=whose.astype("int64"), import_job_id=job_id)
        ids = pd.concat([ids, bulk_insert(session, Order, rows, note, progress.of(len(rows), "Orders"))])
    if len(change.changed):
        heads = change.changed[["kind"]].assign(
            id=change.changed["order_id"].astype("int64"),
            ordered_on=change.changed["ordered_on"].dt.date,
            ordered_at=change.changed["ordered_at"].dt.tz_localize("UTC"),
        )
        bulk_change(session, Order, heads, note)
        bulk_derive(session, Order, change.changed[["amount"]].assign(id=heads["id"]))
    return ids


def _write_lines(
    session: ScopedSession, change: OrderChange, order_ids: pd.Series[Any], note: dict[str, Any], progress: Progress
) -> None:
    fresh = change.lines["order"].isin(change.new.index) | change.lines.index.isin(change.existing.added)
    lines = change.lines[fresh]
    if len(lines):
        products = known_products(session, lines["product"])
        rows = lines[["description", "quantity", "unit_price", "amount"]].assign(
            order_id=lines["order"].map(order_ids).astype("int64"), product_id=lines["product"].map(products).astype("Int64")
        )
        bulk_insert(session, OrderLine, rows, note, progress.of(len(rows), "Order lines"))
    if len(change.existing.removed):
        gone = pd.DataFrame({"id": change.existing.removed.to_numpy(), "deleted_at": pd.Timestamp(now())})
        bulk_change(session, OrderLine, gone, note)
