"""Contacts of customers from a file; the customer is named by his code."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import select

from crm.bulk import bulk_change, bulk_insert
from crm.customers.imports.customer_writing import refresh_search
from crm.customers.imports.matching import keys_of, matches, refuse_unclear
from crm.customers.imports.owners import place_rows
from crm.customers.imports.rows import Incoming, Plan, Progress, first_of_same
from crm.customers.imports.upsert import compare, stored
from crm.customers.models import Contact
from crm.database import frame
from crm.session import ScopedSession

COLUMNS = (
    "name",
    "position",
    "department",
    "influence",
    "phone",
    "email",
    "wechat",
    "birthday",
    "is_main",
    "interests",
    "remark",
)


@dataclass(frozen=True)
class ContactChange:
    new: pd.DataFrame
    changed: pd.DataFrame
    customer_ids: list[int]
    """Whose contacts are new or changed."""


def plan(incoming: Incoming) -> Plan:
    """Contacts, found again within their customer by the key of the mapping: name, phone or e-mail."""
    _find_customers(incoming)
    key = incoming.mapping.key or "name"
    incoming.reject(incoming.rows[key].isna(), key, "The cell is empty, but the rows are found again by it.")
    first = first_of_same(incoming.rows[["customer_id", key]])
    incoming.reject(first != incoming.rows.index, key, "Row {first} of the file has the same value already.", first=first)
    _find_contacts(incoming, key)
    _one_main_contact(incoming)
    rows = incoming.rows
    is_new = rows["id"].isna()
    columns = [name for name in COLUMNS if name in rows]
    here = rows.loc[~is_new, ["id", *columns]]
    changed, differences = compare(Contact, here, stored(incoming.session, Contact, here["id"], columns), rows["name"])
    touched = rows.loc[is_new | rows.index.isin(changed.index), "customer_id"]
    change = ContactChange(_new(rows.loc[is_new, ["customer_id", *columns]]), changed, touched.astype("int64").unique().tolist())
    return Plan(
        new=int(is_new.sum()),
        changed=len(changed),
        unchanged=len(here) - len(changed),
        differences=differences,
        sample=rows.loc[is_new, [name for name in incoming.mapping.columns if name in rows]].head(50),
        detail={"contacts": int(is_new.sum())},
        write=partial(_write, incoming.session, change),
    )


def _find_customers(incoming: Incoming) -> None:
    """Adds customer_id. The board is that of the importing person, where he has one."""
    place_rows(incoming)
    wanted = pd.DataFrame({"key": keys_of(incoming.rows["customer_code"], "code"), "board_id": incoming.rows["board_id"]})
    found = matches(incoming.session, wanted, "code", follow_merges=True)
    refuse_unclear(incoming, found["state"], "customer_code")
    customer_id = found["id"].reindex(incoming.rows.index)
    incoming.reject(customer_id.isna(), "customer_code", "There is no customer with the code {value}.")
    incoming.rows["customer_id"] = customer_id.reindex(incoming.rows.index).astype("int64")


def _find_contacts(incoming: Incoming, key: str) -> None:
    """Adds `id`: the contact of this customer with the same name, phone or e-mail."""
    ids = incoming.rows["customer_id"].unique().tolist()
    query = select(Contact.id, Contact.customer_id, getattr(Contact, key).label(key))
    parts = [ids[start : start + 5_000] for start in range(0, len(ids), 5_000)] or [[]]
    known = pd.concat([frame(incoming.session, query.where(Contact.customer_id.in_(part))) for part in parts], ignore_index=True)
    known = known.drop_duplicates(["customer_id", key]).astype({key: "str"})
    pairs = incoming.rows[["customer_id", key]].reset_index(names="row").merge(known, on=["customer_id", key]).set_index("row")
    incoming.rows["id"] = pairs["id"].reindex(incoming.rows.index).astype("Int64")


def _one_main_contact(incoming: Incoming) -> None:
    if not incoming.has("is_main"):
        return
    main = incoming.rows[incoming.rows["is_main"].fillna(False).astype(bool)]
    first = first_of_same(main[["customer_id"]]).reindex(incoming.rows.index)
    again = first.notna() & (first != incoming.rows.index)
    incoming.reject(again, "is_main", "Row {first} names the main contact of this customer already.", first=first.astype("Int64"))


def _new(rows: pd.DataFrame) -> pd.DataFrame:
    main = rows["is_main"].fillna(False).astype(bool) if "is_main" in rows else np.zeros(len(rows), dtype=bool)
    return rows.assign(is_main=main, phone_key=keys_of(rows["phone"], "phone") if "phone" in rows else None)


def _write(session: ScopedSession, change: ContactChange, job_id: int, progress: Progress) -> None:
    note = {"import_job": job_id}
    main = [part.loc[part["is_main"].eq(True)] for part in (change.new, change.changed) if "is_main" in part]
    _step_down(session, change, pd.concat(main) if main else pd.DataFrame(), note)
    if len(change.new):
        bulk_insert(session, Contact, change.new, note, progress.of(len(change.new), "Contacts"))
    if len(change.changed):
        rows = change.changed
        if "phone" in rows:
            rows = rows.assign(phone_key=keys_of(rows["phone"], "phone"))
        bulk_change(session, Contact, rows, note)
    progress.at(0, len(change.customer_ids), "Summaries of customers")
    refresh_search(session, change.customer_ids)


def _step_down(session: ScopedSession, change: ContactChange, main: pd.DataFrame, note: dict[str, Any]) -> None:
    """A customer has one main contact: those who were it are it no more."""
    if main.empty:
        return
    kept = set(main["id"].dropna()) if "id" in main else set()
    there = Contact.customer_id.in_(change.customer_ids) & Contact.is_main
    ids = [one for one in session.scalars(select(Contact.id).where(there)) if one not in kept]
    bulk_change(session, Contact, pd.DataFrame({"id": ids, "is_main": False}), note)
