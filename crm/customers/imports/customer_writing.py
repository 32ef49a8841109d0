"""Customers of a file, new and changed, into the session's transaction; with their ownership, keys and extended files."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd
from sqlalchemy import select

from crm.bulk import bulk_change, bulk_derive, bulk_insert
from crm.customers.imports import standing
from crm.customers.imports.fields import BASIC, PROFILES
from crm.customers.imports.rows import Progress
from crm.customers.imports.upsert import compare, plain_values, stored
from crm.customers.models import Contact, Customer, Kind, LifeCycle, Ownership, Source, Stage
from crm.customers.queries.record import PROFILES as PROFILE_TABLES
from crm.database import frame, now
from crm.session import ScopedSession

KEYED = {"name", "code", "phone", "email"}
"""What the search text and the keys of duplicates are made of."""


@dataclass(frozen=True)
class CustomerChange:
    """What becomes of the customers of a file."""

    new: pd.DataFrame
    changed: pd.DataFrame
    profiles: pd.DataFrame
    """By row number: `id` of the customer (empty for a new one), `kind_now`, and the values of his extended file."""


def new_customers(rows: pd.DataFrame, session: ScopedSession) -> pd.DataFrame:
    """Rows with name, board_id, owner_id, team_id and whatever else is known -> rows of the table, without id and job."""
    values = {name: rows[name] for name in BASIC if name in rows}
    columns = pd.DataFrame(values, index=rows.index)
    for name, default in (("kind", Kind.CORPORATE.value), ("source", Source.IMPORT.value)):
        given = columns[name] if name in columns else pd.Series(pd.NA, index=rows.index, dtype="object")
        columns[name] = given.astype("object").where(given.notna(), default)
    columns["code"] = with_codes(rows["code"] if "code" in rows else pd.Series(pd.NA, index=rows.index, dtype="object"))
    places = rows[["owner_id", "team_id", "board_id"]].astype("int64")
    custom = rows["given"] if "given" in rows else pd.Series([{} for _ in range(len(rows))], index=rows.index)
    columns = columns.join(places).assign(
        custom=custom,
        stage=Stage.POTENTIAL.value,
        life_cycle=LifeCycle.POTENTIAL.value,
        order_count=0,
        order_amount=0,
    )
    return columns.join(search_keys(columns, {}))


def with_codes(codes: pd.Series[Any]) -> pd.Series[Any]:
    """The codes, and the next free numbers for those who have none."""
    lacking = codes.index[codes.isna()]
    if lacking.empty:
        return codes
    taken, start = set(codes.dropna()), standing.last_customer_id() + 1
    found: list[str] = []
    while len(found) < len(lacking):
        tried = [f"C{number:06}" for number in range(start, start + len(lacking) - len(found))]
        start += len(tried)
        taken |= set(standing.customers_by("code", tried)["key"])
        found += [code for code in tried if code not in taken]
    return codes.astype("object").where(codes.notna(), pd.Series(found, index=lacking))


def search_keys(customers: pd.DataFrame, contact_words: Mapping[Any, str]) -> pd.DataFrame:
    """name, code, phone, email (and words of contacts by index) -> name_key, phone_key, search_text, by the record's own rule."""
    parts = [
        plain_values(customers[name]) if name in customers else [None] * len(customers)
        for name in ("name", "code", "phone", "email")
    ]
    found = []
    for index, name, code, phone, email in zip(customers.index, *parts, strict=True):
        one = Customer(name=name, code=code, phone=phone, email=email)
        one.set_keys(contact_words.get(index, ""))
        found.append((one.name_key, one.phone_key, one.search_text))
    return pd.DataFrame(found, columns=["name_key", "phone_key", "search_text"], index=customers.index, dtype="object")


def insert_customers(
    session: ScopedSession, rows: pd.DataFrame, job_id: int, written: Callable[[int], None] | None = None
) -> pd.Series[Any]:
    """Rows of the table -> their ids; each begins the history of its ownership."""
    ids = bulk_insert(session, Customer, rows.assign(import_job_id=job_id), {"import_job": job_id}, written)
    held = rows[["owner_id", "team_id"]].assign(
        customer_id=ids, started_at=pd.Timestamp(now()), reason="import", by_id=session.actor.user_id
    )
    bulk_insert(session, Ownership, held, {"import_job": job_id})
    return ids


def refresh_search(session: ScopedSession, ids: list[int]) -> None:
    """Keys of duplicates and search text of customers whose basic file or contacts changed."""
    now_there = stored(session, Customer, pd.Series(ids), list(KEYED))
    words: dict[Any, str] = {}
    for start in range(0, len(ids), 5_000):
        of_these = Contact.customer_id.in_(ids[start : start + 5_000])
        query = select(Contact.customer_id, Contact.name, Contact.phone, Contact.email).where(of_these).order_by(Contact.id)
        for customer_id, *parts in session.execute(query):
            words[customer_id] = " ".join([words.get(customer_id, ""), *(part for part in parts if part)]).strip()
    bulk_derive(session, Customer, search_keys(now_there, words).reset_index(names="id"))


def profiles(session: ScopedSession, table: Any, customer_ids: pd.Series[Any], columns: list[str]) -> pd.DataFrame:
    """Extended files by customer -> profile_id and the columns, indexed by customer."""
    ids = customer_ids.dropna().astype("int64").unique().tolist()
    parts = [ids[start : start + 5_000] for start in range(0, len(ids), 5_000)] or [[]]
    query = select(table.id, table.customer_id)
    links = pd.concat([frame(session, query.where(table.customer_id.in_(part))) for part in parts], ignore_index=True)
    values = stored(session, table, links["id"], columns)
    found = links.set_index("id").join(values).rename_axis("profile_id").reset_index()
    return found.set_index("customer_id")


def write(session: ScopedSession, change: CustomerChange, job_id: int, progress: Progress) -> None:
    written = progress.of(len(change.new), "Customers")
    ids = pd.Series(dtype="int64")
    if len(change.new):
        ids = insert_customers(session, change.new, job_id, written)
    if len(change.changed):
        progress.at(0, len(change.changed), "Changes of customers")
        bulk_change(session, Customer, change.changed, {"import_job": job_id})
        if KEYED & set(change.changed.columns):
            refresh_search(session, change.changed["id"].tolist())
    if len(change.profiles):
        progress.at(0, len(change.profiles), "Extended files")
        _write_profiles(session, change.profiles, ids, job_id)


def _write_profiles(session: ScopedSession, given: pd.DataFrame, new_ids: pd.Series[Any], job_id: int) -> None:
    for kind, table in PROFILE_TABLES.items():
        own = [name for name in PROFILES[kind] if name in given]
        rows = given.loc[given["kind_now"] == kind, ["id", *own]]
        if rows.empty or not own:
            continue
        customers = rows["id"].where(rows["id"].notna(), new_ids.reindex(rows.index)).astype("int64")
        held = profiles(session, table, customers, own)
        known = customers.isin(held.index)
        added = rows.loc[~known, own].assign(customer_id=customers[~known])
        if len(added):
            bulk_insert(session, table, added, {"import_job": job_id})
        if known.any():
            here = rows.loc[known, own].assign(id=customers[known])
            changed, _ = compare(table, here, held[own], here["id"])
            bulk_change(session, table, changed.assign(id=changed["id"].map(held["profile_id"])), {"import_job": job_id})
