"""Products: from their own file, and those that the lines of orders name."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

import pandas as pd
from sqlalchemy import func, or_, select

from crm.access import Reach
from crm.bulk import bulk_change, bulk_insert
from crm.catalogue.models import Product, ProductCategory
from crm.customers.imports.rows import Incoming, Plan, Progress, first_of_same
from crm.customers.imports.upsert import compare, stored
from crm.database import frame
from crm.session import WITH_DELETED, ScopedSession

COLUMNS = ("code", "name", "category_id", "unit", "price", "renewal_months", "description")


@dataclass(frozen=True)
class Products:
    """Of the lines of a file: the code of each line's product (empty where there is none), its text, and the new products."""

    codes: pd.Series[Any]
    descriptions: pd.Series[Any]
    new: pd.DataFrame


def known_products(session: ScopedSession, codes: pd.Series[Any]) -> dict[str, int]:
    """Code -> id; the removed ones too, whose codes are still taken."""
    wanted = codes.dropna().unique().tolist()
    found: dict[str, int] = {}
    for start in range(0, len(wanted), 5_000):
        query = select(Product.code, Product.id).where(Product.code.in_(wanted[start : start + 5_000]))
        found |= {row.code: row.id for row in session.execute(query, execution_options={WITH_DELETED: True})}
    return found


def find_products(incoming: Incoming) -> Products:
    """Unknown products are new, named by their most frequent text; for who may not add products, the text keeps the code."""
    codes, texts = incoming.column("product_code"), incoming.column("description")
    unknown = codes.notna() & ~codes.isin(known_products(incoming.session, codes))
    if incoming.session.actor.grant("catalogue").change is Reach.EVERYTHING:
        return Products(codes, texts, _named(codes[unknown], texts[unknown]))
    if count := codes[unknown].nunique():
        incoming.warn_of_file(
            "{count:product is|products are} not in the catalogue; their lines keep code and text.", count=count
        )
    with_code = (codes[unknown] + " " + texts[unknown].fillna("")).str.strip()
    return Products(codes.mask(unknown), texts.mask(unknown, with_code), _named(codes[:0], texts[:0]))


def _named(codes: pd.Series[Any], texts: pd.Series[Any]) -> pd.DataFrame:
    """-> code, name."""
    pairs = pd.DataFrame({"code": codes, "name": texts})
    counted = (
        pairs.dropna().groupby(["code", "name"], sort=False).size().sort_values(ascending=False, kind="stable").reset_index()
    )
    names = counted.drop_duplicates("code").set_index("code")["name"]
    new = pd.DataFrame({"code": codes.drop_duplicates()}).reset_index(drop=True)
    return new.assign(name=new["code"].map(names).astype("str").fillna(new["code"]))


# ------------------------------------------------------------------------------------------------ a file of products


def plan(incoming: Incoming) -> Plan:
    """Products by their code."""
    first = first_of_same(incoming.rows[["code"]])
    incoming.reject(first != incoming.rows.index, "code", "Row {first} of the file has the same value already.", first=first)
    _find_categories(incoming)
    ids = known_products(incoming.session, incoming.rows["code"])
    incoming.rows["id"] = incoming.rows["code"].map(ids).astype("Int64")
    visible = stored(incoming.session, Product, incoming.rows["id"], ["name"])
    removed = incoming.rows["id"].notna() & ~incoming.rows["id"].isin(visible.index)
    incoming.reject(removed, "code", "A product of this code was removed.")
    incoming.reject(incoming.rows["id"].isna() & incoming.column("name").isna(), "name", "A new product needs a name.")
    rows = incoming.rows
    is_new = rows["id"].isna()
    columns = [name for name in COLUMNS if name in rows]
    here = rows.loc[~is_new, ["id", *columns]]
    changed, differences = compare(Product, here, stored(incoming.session, Product, here["id"], columns), rows["code"])
    return Plan(
        new=int(is_new.sum()),
        changed=len(changed),
        unchanged=len(here) - len(changed),
        differences=differences,
        sample=rows.loc[is_new, [name for name in incoming.mapping.columns if name in rows]].head(50),
        detail={"products": int(is_new.sum())},
        write=partial(_write, incoming.session, rows.loc[is_new, columns], changed),
    )


def _find_categories(incoming: Incoming) -> None:
    if not incoming.has("category"):
        return
    ids = {}
    for name in incoming.rows["category"].dropna().unique():
        called = or_(func.lower(ProductCategory.code) == name.lower(), ProductCategory.name == name)
        found = frame(incoming.session, select(ProductCategory.id).where(called))
        if len(found) == 1:
            ids[name] = int(found["id"].iloc[0])
    unknown = incoming.rows["category"].notna() & ~incoming.rows["category"].isin(ids)
    incoming.reject(unknown, "category", "There is no category {value}.")
    incoming.rows["category_id"] = incoming.rows["category"].map(ids).astype("Int64")


def _write(session: ScopedSession, new: pd.DataFrame, changed: pd.DataFrame, job_id: int, progress: Progress) -> None:
    if len(new):
        bulk_insert(session, Product, new.assign(import_job_id=job_id), {"import_job": job_id}, progress.of(len(new), "Products"))
    if len(changed):
        bulk_change(session, Product, changed, {"import_job": job_id})
