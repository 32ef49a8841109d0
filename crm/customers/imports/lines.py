"""The lines of orders that are here already against those of the file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd
from sqlalchemy import BigInteger, select, type_coerce

from crm.catalogue.models import Product
from crm.customers.imports.upsert import difference, joined_differences, stored
from crm.customers.models import Order, OrderLine
from crm.database import MONEY_SCALE, frame
from crm.session import ScopedSession

_PART = 5_000
_SHOWN = 500
"""Differences of single lines that a preview lists."""

LINE = ["product", "description", "quantity", "unit_price", "amount"]
"""What makes two lines the same."""


@dataclass(frozen=True)
class Existing:
    """What stands of the orders of a file.

    `heads`: stored ordered_on, kind, amount, lines by order id; `added`: index of the file's new lines; `removed`: ids of stored
    lines that the file has no more; `touched`: the orders (as numbered in the file) whose lines differ.
    """

    heads: pd.DataFrame
    added: pd.Index[Any]
    removed: pd.Series[Any]
    touched: pd.Index[Any]
    differences: pd.DataFrame


def compare_lines(session: ScopedSession, orders: pd.DataFrame, lines: pd.DataFrame) -> Existing:
    here = orders[orders["order_id"].notna()]
    held = _stored_lines(session, here["order_id"])
    heads = stored(session, Order, here["order_id"], ["ordered_on", "kind", "amount"])
    heads = heads.assign(ordered_on=pd.to_datetime(heads["ordered_on"]), lines=held.groupby("order_id").size())
    wanted = lines[lines["order"].isin(here.index)]
    wanted = wanted.assign(order_id=wanted["order"].map(here["order_id"]).astype("int64"))
    by_line = _numbered(wanted).merge(_numbered(held), on=["order_id", "same", "nth"], how="outer", suffixes=("", "_held"))
    added = pd.Index(by_line.loc[by_line["id"].isna(), "place"].astype("int64"))
    removed = by_line.loc[by_line["place"].isna(), ["order_id", "id"]].astype("int64")
    numbers = pd.Series(here.index, index=here["order_id"].astype("int64"))
    touched = pd.Index(wanted.loc[added, "order"]).union(pd.Index(removed["order_id"].map(numbers)))
    differences = _line_differences(here, wanted.loc[added], held[held["id"].isin(removed["id"])], numbers)
    return Existing(heads.fillna({"lines": 0}), added, removed["id"], touched, differences)


def _stored_lines(session: ScopedSession, order_ids: pd.Series[Any]) -> pd.DataFrame:
    """-> id, order_id, and the columns of LINE as in a file."""
    money = [type_coerce(getattr(OrderLine, name), BigInteger).label(name) for name in ("quantity", "unit_price", "amount")]
    query = select(OrderLine.id, OrderLine.order_id, Product.code.label("product"), OrderLine.description, *money)
    query = query.outerjoin(Product, Product.id == OrderLine.product_id).order_by(OrderLine.id)
    wanted = order_ids.astype("int64").tolist()
    parts = [wanted[start : start + _PART] for start in range(0, len(wanted), _PART)] or [[]]
    found = [frame(session, query.where(OrderLine.order_id.in_(part))) for part in parts]
    return pd.concat(found, ignore_index=True)


def _numbered(lines: pd.DataFrame) -> pd.DataFrame:
    """-> order_id, `same` (equal for equal lines), `nth` (of the equal ones of an order), `place` or `id` of the line."""
    plain = lines[LINE].astype(
        {"product": "str", "description": "str", "quantity": "int64", "unit_price": "int64", "amount": "int64"}
    )
    same = pd.util.hash_pandas_object(plain, index=False)
    result = pd.DataFrame({"order_id": lines["order_id"].astype("int64"), "same": same.to_numpy()})
    result["nth"] = result.groupby(["order_id", "same"]).cumcount()
    return result.assign(id=lines["id"].to_numpy()) if "id" in lines else result.assign(place=lines.index)


def _line_differences(here: pd.DataFrame, added: pd.DataFrame, removed: pd.DataFrame, numbers: pd.Series[Any]) -> pd.DataFrame:
    new = added.head(_SHOWN)
    old = removed.head(_SHOWN)
    order_of_old = old["order_id"].map(numbers)
    parts = []
    if len(new):
        parts.append(difference(new.index, new["order"].map(here["number"]), "line", [None] * len(new), _told(new)))
    if len(old):
        rows = pd.Index(order_of_old.map(here["row"]))
        texts = difference(rows, pd.Series(dtype="object"), "line", _told(old), [None] * len(old))
        parts.append(texts.assign(key=order_of_old.map(here["number"]).to_numpy()))
    return joined_differences(parts)


def _told(lines: pd.DataFrame) -> list[str]:
    """A line in short: 6 × 85123A · 2.55."""
    names = lines["product"].where(lines["product"].notna(), lines["description"]).fillna("–")
    numbers = zip(lines["quantity"] / MONEY_SCALE, names, lines["unit_price"] / MONEY_SCALE, strict=True)
    return [f"{quantity:g} × {name} · {price:.2f}" for quantity, name, price in numbers]
