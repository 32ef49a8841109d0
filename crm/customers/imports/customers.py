"""Customers from a file: new ones with their owner and extended file, and changes of those who are here."""

from __future__ import annotations

from decimal import Decimal
from functools import partial
from typing import Any

import pandas as pd
from pydantic import ValidationError

from crm.customers.commands.details import CustomerDetails
from crm.customers.imports import standing
from crm.customers.imports.customer_writing import CustomerChange, new_customers, profiles, write
from crm.customers.imports.fields import BASIC, CUSTOM, PROFILES
from crm.customers.imports.matching import find_again, warn_of_twins
from crm.customers.imports.owners import place_rows, require_place
from crm.customers.imports.rows import Incoming, Plan, first_of_same
from crm.customers.imports.upsert import DIFFERENCES, compare, joined_differences, plain_values, stored
from crm.customers.models import Customer, Kind
from crm.customers.queries.record import PROFILES as PROFILE_TABLES
from crm.database import MONEY_SCALE
from crm.office.fields import checked_custom
from crm.office.queries import custom_fields


def plan(incoming: Incoming) -> Plan:
    """Customers, by the key of the mapping."""
    placeless = place_rows(incoming)
    _check_addresses(incoming)
    find_again(incoming, incoming.mapping.key)
    if incoming.has("name"):
        incoming.reject(incoming.rows["id"].isna() & incoming.rows["name"].isna(), "name", "A new customer needs a name.")
    else:
        incoming.reject(incoming.rows["id"].isna(), "name", "There is no such customer, and the file has no names for new ones.")
    require_place(incoming, incoming.rows["id"].isna(), placeless)
    _check_codes(incoming)
    _check_kinds(incoming)
    _read_custom(incoming)
    return _plan(incoming)


def _check_addresses(incoming: Incoming) -> None:
    """E-mail addresses, by the rule of the command's own input."""
    if not incoming.has("email"):
        return
    wrong = {address for address in incoming.rows["email"].dropna().unique() if not _is_address(address)}
    incoming.reject(incoming.rows["email"].isin(wrong), "email", "{value} is not an e-mail address.")


def _is_address(text: str) -> bool:
    try:
        CustomerDetails(name="-", email=text)
    except ValidationError:
        return False
    return True


def _check_codes(incoming: Incoming) -> None:
    """A code is taken once in a board, by whomever; where customers are found by it, that is settled already."""
    if not incoming.has("code") or incoming.mapping.key == "code":
        return
    rows = incoming.rows[["code", "board_id"]].assign(own=incoming.rows["id"])
    first = first_of_same(rows[["code", "board_id"]])
    incoming.reject(
        (first != rows.index) & rows["code"].notna(), "code", "Row {first} of the file has the same value already.", first=first
    )
    known = standing.customers_by("code", incoming.rows["code"])[["key", "board_id", "id"]].rename(columns={"key": "code"})
    pairs = rows.dropna(subset="code").reset_index(names="place").merge(known, on=["code", "board_id"])
    taken = pairs.loc[pairs["own"].isna() | (pairs["own"] != pairs["id"]), "place"]
    incoming.reject(incoming.rows.index.isin(taken), "code", "Another customer of this board has this code.")


def _check_kinds(incoming: Incoming) -> None:
    """Adds `kind_now`; what is kept of private persons only cannot be filled for a firm, and the other way round."""
    rows = incoming.rows
    now_there = stored(incoming.session, Customer, rows["id"], ["kind"])["kind"]
    kinds = rows["id"].map(now_there).astype("object").where(rows["id"].notna(), Kind.CORPORATE.value)
    kinds = incoming.column("kind").astype("object").where(incoming.column("kind").notna(), kinds)
    incoming.rows["kind_now"] = kinds
    for kind, names in PROFILES.items():
        for name in (each for each in names if incoming.has(each)):
            misplaced = incoming.rows[name].notna() & (incoming.rows["kind_now"] != kind)
            if kind == Kind.RETAIL:
                incoming.reject(misplaced, name, "This is kept of private persons only; the customer is a firm.")
            else:
                incoming.reject(misplaced, name, "This is kept of firms only; the customer is a private person.")


def _read_custom(incoming: Incoming) -> None:
    """Adds `given`: the values of custom fields by key, checked as the command checks them."""
    specs = custom_fields(incoming.session, "customer")
    filled = [spec for spec in specs if incoming.has(CUSTOM + spec.key)]
    values = {spec.key: plain_values(incoming.rows[CUSTOM + spec.key]) for spec in filled}
    for spec in filled:
        if spec.kind == "number":
            values[spec.key] = [None if one is None else Decimal(one) / MONEY_SCALE for one in values[spec.key]]
    given: list[dict[str, Any]] = [{} for _ in range(len(incoming.rows))]
    for spec in filled:
        for row, value in zip(given, values[spec.key], strict=True):
            row |= checked_custom([spec], {spec.key: value}) if value is not None else {}
    incoming.rows["given"] = pd.Series(given, index=incoming.rows.index, dtype="object")
    for spec in specs:
        lacking = pd.Series([spec.key not in row for row in incoming.rows["given"]], index=incoming.rows.index)
        if spec.required:
            incoming.reject(lacking & incoming.rows["id"].isna(), CUSTOM + spec.key, "{name} must be filled in.", name=str(spec))


# -------------------------------------------------------------------------------------------------- what changes


def _plan(incoming: Incoming) -> Plan:
    rows = incoming.rows
    is_new = rows["id"].isna()
    _warn_of_owners(incoming, rows[~is_new])
    columns = [name for name in BASIC if incoming.has(name)]
    changed, differences = _changes(incoming, rows[~is_new], columns)
    extended, further = _profile_changes(incoming, rows)
    new = new_customers(rows[is_new], incoming.session)
    warn_of_twins(incoming, rows.loc[is_new, [name for name in ("name", "phone") if incoming.has(name)]])
    differences = joined_differences([part for part in (differences, further) if len(part)])
    touched = differences["row"].nunique()
    shown = [name for name in incoming.mapping.columns if name in rows] or columns
    return Plan(
        new=int(is_new.sum()),
        changed=touched,
        unchanged=int((~is_new).sum()) - touched,
        differences=differences,
        sample=rows.loc[is_new, shown].head(50),
        detail={"customers": int(is_new.sum())},
        write=partial(write, incoming.session, CustomerChange(new, changed, extended)),
    )


def _warn_of_owners(incoming: Incoming, here: pd.DataFrame) -> None:
    if not incoming.has("owner") or here.empty:
        return
    owner = stored(incoming.session, Customer, here["id"], ["owner_id"])["owner_id"]
    other = here.index[incoming.rows.loc[here.index, "owner"].notna() & (here["id"].map(owner) != here["owner_id"])]
    incoming.warn(other, "owner", "This customer keeps his owner: assign him to {value} on his page.")


def _changes(incoming: Incoming, here: pd.DataFrame, columns: list[str]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Customers who are here -> the rows for `bulk_change`, with the derived keys; and the differences."""
    now_there = stored(incoming.session, Customer, here["id"], [*BASIC, "custom"])
    key = here["id"].map(now_there["name"])
    changed, differences = compare(Customer, here[["id", *columns]], now_there, key)
    custom, custom_differences = _custom_changes(here, now_there["custom"], key)
    changed = changed.merge(custom, on="id", how="outer") if len(custom) else changed
    # A customer of whom only another column changes keeps the value that is there.
    for name in changed.columns.drop("id"):
        kept = changed["id"].map(now_there[name])
        changed[name] = changed[name].where(changed[name].notna(), kept)
    return changed, joined_differences([part for part in (differences, custom_differences) if len(part)])


def _custom_changes(here: pd.DataFrame, there: pd.Series[Any], key: pd.Series[Any]) -> tuple[pd.DataFrame, pd.DataFrame]:
    lines, merged = [], {}
    for row, customer_id, given in zip(here.index, here["id"], here["given"], strict=True):
        before = there[customer_id] or {}
        differing = {name: value for name, value in given.items() if before.get(name) != value}
        lines += [(row, key[row], CUSTOM + name, before.get(name), value) for name, value in differing.items()]
        if differing:
            merged[int(customer_id)] = {**before, **differing}
    changed = pd.DataFrame(
        {"id": pd.Series(list(merged), dtype="int64"), "custom": pd.Series(list(merged.values()), dtype="object")}
    )
    return changed, pd.DataFrame(lines, columns=list(DIFFERENCES), dtype="object")


def _profile_changes(incoming: Incoming, rows: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The extended files that get values -> row (index), customer_id (empty for a new customer), kind, values; differences."""
    names = [name for names in PROFILES.values() for name in names if incoming.has(name)]
    if not names:
        return pd.DataFrame(), pd.DataFrame()
    given = rows.loc[rows[names].notna().any(axis=1), ["id", "kind_now", *names]]
    parts = []
    for kind, table in PROFILE_TABLES.items():
        here = given[given["id"].notna() & (given["kind_now"] == kind)]
        own = [name for name in names if name in PROFILES[kind]]
        if here.empty or not own:
            continue
        held = profiles(incoming.session, table, here["id"], own)
        title = here["id"].map(stored(incoming.session, Customer, here["id"], ["name"])["name"])
        _, found = compare(table, here[["id", *own]], held, title)
        parts.append(found)
    differences = joined_differences([part for part in parts if len(part)])
    return given[given["id"].isna() | given.index.isin(differences["row"])], differences
