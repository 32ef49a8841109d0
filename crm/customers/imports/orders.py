"""Orders from a file, one line of an order in each row: an order comes in whole or not at all."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from crm.customers.imports import standing
from crm.customers.imports.lines import Existing, compare_lines
from crm.customers.imports.matching import keys_of, matches, refuse_unclear
from crm.customers.imports.order_writing import OrderChange, write
from crm.customers.imports.owners import person_named, place_rows, require_place
from crm.customers.imports.products import Products, find_products
from crm.customers.imports.rows import Incoming, Plan, first_of_same
from crm.customers.imports.upsert import difference, joined_differences, stored
from crm.customers.models import Customer, OrderKind
from crm.database import MONEY_SCALE
from crm.errors import CrmError
from crm.exchange.texts import trimmed
from crm.words import say

LARGEST_AMOUNT = 9 * 10**10
"""Of one line: its exact product still fits into 64 bits."""


def plan(incoming: Incoming) -> Plan:
    """Orders by their number within the board; customers by the key of the mapping."""
    steps = (find_customers, _find_sellers, _price_lines, _refuse_second_customer, _refuse_broken_orders)
    for done, step in enumerate(steps, start=3):
        step(incoming)
        incoming.checking(done / 10)
    orders = _find_orders(incoming, _orders(incoming))
    incoming.checking(0.9)
    _tell_of_oddities(incoming)
    return _plan(incoming, orders, find_products(incoming))


# ----------------------------------------------------------------------------------------------- whose lines they are


def find_customers(incoming: Incoming) -> None:
    """Adds customer_key, `who` (a number for each customer of the file), customer_id (empty for a new one) and board_id."""
    field = "customer_name" if incoming.mapping.key == "customer_name" else "customer_code"
    incoming.reject(incoming.column(field).isna(), field, "This line names no customer.")
    placeless = place_rows(incoming)
    key = field.removeprefix("customer_")
    incoming.rows["customer_key"] = keys_of(incoming.rows[field], key).astype("str")
    incoming.rows["who"] = incoming.rows.groupby(["customer_key", "board_id"], dropna=False).ngroup()
    first = incoming.rows.drop_duplicates("who").set_index("who")
    found = matches(incoming.session, first[["customer_key", "board_id"]].rename(columns={"customer_key": "key"}), key, True)
    refuse_unclear(incoming, incoming.rows["who"].map(found["state"]), field)
    incoming.rows["customer_id"] = incoming.rows["who"].map(found["id"]).astype("Int64")
    require_place(incoming, incoming.rows["customer_id"].isna(), placeless)
    boards = stored(incoming.session, Customer, found["id"], ["board_id"])["board_id"]
    theirs = incoming.rows["customer_id"].map(boards).astype("Int64")
    incoming.rows["board_id"] = theirs.where(theirs.notna(), incoming.rows["board_id"]).astype("int64")


def _find_sellers(incoming: Incoming) -> None:
    named = incoming.column("seller")
    ids: dict[Any, int] = {}
    for name in named.dropna().unique():
        try:
            ids[name] = person_named(incoming.session, name)
        except CrmError as error:
            incoming.reject(incoming.column("seller").eq(name).fillna(False), "seller", error.template, **error.values)
    incoming.rows["seller_id"] = incoming.column("seller").map(ids).astype("Int64")


# --------------------------------------------------------------------------------------------------- what they cost


def _price_lines(incoming: Incoming) -> None:
    """Each line gets unit_price and amount in ten-thousandths; a return has negative ones, whichever sign was written."""
    price, amount = _integers(incoming, "unit_price"), _integers(incoming, "amount")
    incoming.reject(price.isna() & amount.isna(), "unit_price", "This line has neither a price nor an amount.")
    rows = incoming.rows
    quantity = rows["quantity"].astype("int64")
    price, amount = price.reindex(rows.index), amount.reindex(rows.index)
    size = quantity.astype("float64") * price.astype("Float64").fillna(0).astype("float64") / MONEY_SCALE**2
    whole = amount.astype("Float64").fillna(0).astype("float64") / MONEY_SCALE
    incoming.reject(
        size.abs().gt(LARGEST_AMOUNT) | whole.abs().gt(LARGEST_AMOUNT), "quantity", "The amount of this line is too large."
    )
    rows = incoming.rows
    quantity, price, amount = (values.reindex(rows.index) for values in (quantity, price, amount))
    product = pd.Series(_rounded(quantity.to_numpy() * price.fillna(0).astype("int64").to_numpy()), index=rows.index)
    amount = amount.where(amount.notna(), product).astype("int64")
    share = (amount.astype("float64") * MONEY_SCALE / quantity.where(quantity != 0, MONEY_SCALE)).round().astype("int64")
    price = price.where(price.notna(), share).astype("int64")
    back = incoming.column("kind").eq(OrderKind.RETURN.value).fillna(False).to_numpy(dtype=bool)
    incoming.rows = rows.assign(
        quantity=np.where(back, -quantity.abs(), quantity),
        unit_price=np.where(back, price.abs(), price),
        amount=np.where(back, -amount.abs(), amount),
    )


def _integers(incoming: Incoming, name: str) -> pd.Series[Any]:
    return incoming.rows[name] if incoming.has(name) else pd.Series(pd.NA, index=incoming.rows.index, dtype="Int64")


def _rounded(products: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Of two numbers in ten-thousandths: back to ten-thousandths, half to even as in `LineInput`."""
    whole, rest = np.divmod(products, MONEY_SCALE)
    up = (rest * 2 > MONEY_SCALE) | ((rest * 2 == MONEY_SCALE) & (whole % 2 == 1))
    result: np.ndarray[Any, Any] = whole + up
    return result


# ------------------------------------------------------------------------------------------------ orders as wholes


def _refuse_second_customer(incoming: Incoming) -> None:
    first = first_of_same(incoming.rows[["order_number", "board_id"]])
    other = incoming.rows["who"] != incoming.rows["who"].reindex(first).to_numpy()
    incoming.reject(other, "order_number", "Row {first} gives the order {value} to another customer.", first=first)


def _refuse_broken_orders(incoming: Incoming) -> None:
    """Lines of an order of which another line was refused."""
    problems = incoming.all_problems()
    if problems.empty or incoming.rows.empty:
        return
    numbers = trimmed(incoming.table.frame[incoming.mapping.columns["order_number"]].reindex(problems["row"]))
    broken = pd.Series(problems["row"].to_numpy(), index=numbers.to_numpy())
    broken = broken[broken.index.notna()].groupby(level=0).min()
    first = incoming.rows["order_number"].map(broken)
    incoming.reject(
        first.notna(),
        "order_number",
        "Row {first} of the same order was refused, and an order comes in whole or not at all.",
        first=first.astype("Int64"),
    )


def _orders(incoming: Incoming) -> pd.DataFrame:
    """One row for each order, numbered as the new column `order` of the lines
    -> row, number, board_id, who, customer_id, seller_id, ordered_at, ordered_on, kind, amount, lines."""
    incoming.rows["order"] = incoming.rows.groupby(["board_id", "order_number"], sort=False).ngroup()
    rows = incoming.rows.rename_axis("row").reset_index()
    grouped = rows.groupby("order")
    orders = grouped.agg(
        row=("row", "first"),
        number=("order_number", "first"),
        board_id=("board_id", "first"),
        who=("who", "first"),
        customer_id=("customer_id", "first"),
        seller_id=("seller_id", "first"),
        ordered_at=("ordered_at", "min"),
        amount=("amount", "sum"),
        most=("quantity", "max"),
        lines=("row", "size"),
    )
    kind = grouped["kind"].first() if "kind" in rows else pd.Series(pd.NA, index=orders.index, dtype="str")
    back = (orders["amount"] < 0) | (orders["most"] < 0)
    orders["kind"] = kind.where(kind.notna(), np.where(back, OrderKind.RETURN.value, OrderKind.SALE.value))
    orders["ordered_on"] = orders["ordered_at"].dt.normalize()
    if (orders["ordered_on"] == orders["ordered_at"]).all():
        orders["ordered_at"] = pd.NaT
    return orders.drop(columns="most")


def _find_orders(incoming: Incoming, orders: pd.DataFrame) -> pd.DataFrame:
    """Adds order_id: the order of this number that the customer has already. Another's number is refused."""
    known = standing.orders_by_number(orders["number"]).rename(columns={"id": "order_id", "customer_id": "held_by"})
    joined = orders.reset_index().merge(known, on=["board_id", "number"], how="left").set_index("order")
    deleted = joined["deleted"].eq(True)
    others = joined["order_id"].notna() & ~deleted & (joined["held_by"] != joined["customer_id"]).fillna(True)
    of_line = incoming.rows["order"]
    incoming.reject(of_line.map(deleted), "order_number", "An order of this number was deleted.")
    of_line = incoming.rows["order"]
    incoming.reject(of_line.map(others), "order_number", "Another customer has an order of this number.")
    stays = joined.loc[~deleted & ~others]
    return stays.assign(order_id=stays["order_id"].astype("Int64")).drop(columns=["held_by", "deleted"])


def _tell_of_oddities(incoming: Incoming) -> None:
    rows = incoming.rows
    times = rows.groupby("order")["ordered_at"].nunique()
    if several := int((times > 1).sum()):
        incoming.warn_of_file("{count:order has|orders have} more than one time; the earliest counts.", count=several)
    columns = [name for name in (*incoming.mapping.columns, *incoming.mapping.constants) if name in rows]
    if repeated := int(rows.duplicated(columns).sum()):
        incoming.warn_of_file(
            "{count:line repeats|lines repeat} another line of the same order exactly; all are kept.", count=repeated
        )


# --------------------------------------------------------------------------------------------------- the plan of it


def _plan(incoming: Incoming, orders: pd.DataFrame, products: Products) -> Plan:
    lines = pd.DataFrame(
        {
            "order": incoming.rows["order"],
            "product": products.codes.reindex(incoming.rows.index),
            "description": products.descriptions.reindex(incoming.rows.index),
            **{name: incoming.rows[name].astype("int64") for name in ("quantity", "unit_price", "amount")},
        }
    )
    existing = compare_lines(incoming.session, orders, lines)
    heads = _head_differences(incoming, orders, existing)
    changed = orders.index.isin(heads["order"])
    is_new = orders["order_id"].isna()
    customers = _new_customers(incoming, orders)
    change = OrderChange(orders[is_new], orders[changed], existing, lines, customers, products.new)
    differences = joined_differences([part for part in (heads.drop(columns="order"), existing.differences) if len(part)])
    in_rows = orders["lines"]
    columns = [name for name in incoming.mapping.columns if name in incoming.rows]
    fresh = incoming.rows["order"].isin(orders.index[is_new])
    return Plan(
        new=int(in_rows[is_new].sum()),
        changed=int(in_rows[changed].sum()),
        unchanged=int(in_rows[~is_new & ~changed].sum()),
        differences=differences,
        sample=_readable(incoming.rows.loc[fresh, columns].head(50)),
        detail={"orders": int(is_new.sum()), "customers": len(customers), "products": len(products.new)},
        write=partial(write, incoming.session, change),
    )


def _readable(rows: pd.DataFrame) -> pd.DataFrame:
    money = [name for name in ("quantity", "unit_price", "amount") if name in rows]
    return rows.assign(**{name: rows[name] / MONEY_SCALE for name in money})


def _head_differences(incoming: Incoming, orders: pd.DataFrame, existing: Existing) -> pd.DataFrame:
    """Of orders that are here already and differ -> order, row, key, field, before, after."""
    here = orders[orders["order_id"].notna()].join(existing.heads.add_suffix("_then"), on="order_id")
    parts = []
    for name in ("ordered_on", "kind", "amount", "lines"):
        differs = here[name].ne(here[f"{name}_then"])
        before, after = here.loc[differs, f"{name}_then"], here.loc[differs, name]
        if name == "amount":
            before, after = before / MONEY_SCALE, after / MONEY_SCALE
        if name == "ordered_on":
            before, after = before.dt.date, after.dt.date
        index = pd.Index(here.loc[differs, "row"])
        key = pd.Series(here.loc[differs, "number"].to_numpy(), index=index)
        parts.append(difference(index, key, name, before.array, after.array).assign(order=here.index[differs]))
    touched = here.loc[here.index.isin(existing.touched)]
    rest = touched[~touched.index.isin(pd.concat(parts)["order"])]
    index = pd.Index(rest["row"])
    key = pd.Series(rest["number"].to_numpy(), index=index)
    same_sum = difference(index, key, "lines", rest["lines_then"].array, rest["lines"].array).assign(order=rest.index)
    return pd.concat([*parts, same_sum], ignore_index=True)


def _new_customers(incoming: Incoming, orders: pd.DataFrame) -> pd.DataFrame:
    """Customers whom the lines name and nobody has yet, by `who` -> what `customers.new_customers` takes."""
    rows = incoming.rows[incoming.rows["customer_id"].isna() & incoming.rows["order"].isin(orders.index)]
    first = rows.drop_duplicates("who").set_index("who")
    found = first[["owner_id", "team_id", "board_id"]].copy()
    for name in ("customer_code", "customer_name", "region", "customer_kind"):
        values = rows.groupby("who")[name].first() if name in rows else pd.Series(dtype="object")
        found[name.removeprefix("customer_")] = values.reindex(found.index).astype("object")
    nameless = found["name"].isna()
    found.loc[nameless, "name"] = [say("Customer {code}", code=code) for code in found.loc[nameless, "code"]]
    return found
