"""Which customer a row means: found again by code, phone or name, in the whole group, hidden and deleted records too."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
from sqlalchemy import select

from crm.bulk import changeable
from crm.customers.imports import standing
from crm.customers.imports.rows import Incoming, first_of_same
from crm.customers.models import Customer, name_key, phone_key
from crm.customers.queries.record import masked
from crm.session import ScopedSession

KEY_COLUMNS = {"code": "code", "phone": "phone_key", "name": "name_key"}
"""Key of a mapping -> the column by which customers are found again."""


_REDUCED: dict[str, Callable[[str], str | None]] = {"code": str, "phone": phone_key, "name": name_key}


def keys_of(values: pd.Series[Any], key: str) -> pd.Series[Any]:
    """The cells as they are compared: a name without its legal form, a phone by its last eleven digits."""
    reduce = _REDUCED[key]
    different = {value: reduce(value) for value in values.dropna().unique()}
    return values.map(different).astype("object").where(values.notna(), None)


def find_again(incoming: Incoming, key: str | None) -> None:
    """Adds `id`: the customer a row means, empty for a new one. Refuses rows whose customer is not the actor's to change, that
    are not clear, or that stand in the file already."""
    if key is None:
        incoming.rows["id"] = pd.Series(pd.NA, index=incoming.rows.index, dtype="Int64")
        return
    incoming.rows["key"] = keys_of(incoming.rows[key], key)
    incoming.reject(incoming.rows["key"].isna(), key, "The cell is empty, but the rows are found again by it.")
    _refuse_repeated(incoming, key)
    found = matches(incoming.session, incoming.rows[["key", "board_id"]], key)
    refuse_unclear(incoming, found["state"], key)
    incoming.rows["id"] = found["id"].reindex(incoming.rows.index).astype("Int64")


def refuse_unclear(incoming: Incoming, state: pd.Series[Any], name: str) -> None:
    """state (of `matches`) by row: only new customers and those of the actor stay."""

    def those(wanted: str) -> pd.Series[bool]:
        return state.reindex(incoming.rows.index).eq(wanted)

    incoming.reject(those("several"), name, "More than one customer has {value} here: choose another column to find them by.")
    incoming.reject(those("hidden"), name, "This customer is already followed by a colleague.")
    incoming.reject(those("locked"), name, "You may see this customer, but not change him.")
    incoming.reject(those("deleted"), name, "A deleted customer has {value}: restore him, or write another one.")


def _refuse_repeated(incoming: Incoming, key: str) -> None:
    first = first_of_same(incoming.rows[["key", "board_id"]])
    incoming.reject(first != incoming.rows.index, key, "Row {first} of the file has the same value already.", first=first)


def matches(session: ScopedSession, wanted: pd.DataFrame, key: str, follow_merges: bool = False) -> pd.DataFrame:
    """key, board_id (NA: any) -> state (new, mine, several, hidden, locked, deleted) and id (of mine), with the same index."""
    known = states(session, standing.customers_by(KEY_COLUMNS[key], wanted["key"]), follow_merges)
    if key != "code":
        known = known[known["state"] != "deleted"]
    pairs = wanted[["key", "board_id"]].reset_index(names="place").merge(known, on="key", suffixes=("", "_known"))
    pairs = pairs[pairs["board_id"].isna() | (pairs["board_id"] == pairs["board_id_known"])]
    # Who may change one of several people of a name means that one.
    pairs["rank"] = pairs["state"].map({"mine": 0, "locked": 1, "hidden": 2, "deleted": 3})
    pairs = pairs.sort_values(["place", "rank"], kind="stable").drop_duplicates(["place", "customer_id"])
    best = pairs.drop_duplicates("place").set_index("place")
    several = pairs[pairs["state"] == "mine"].groupby("place").size()
    result = pd.DataFrame({"state": "new", "id": pd.array([pd.NA] * len(wanted), dtype="Int64")}, index=wanted.index)
    result.loc[best.index, "state"] = best["state"]
    result.loc[several[several > 1].index, "state"] = "several"
    mine = best[best["state"] == "mine"]
    result.loc[mine.index, "id"] = mine["customer_id"].astype("Int64")
    return result


def states(session: ScopedSession, found: pd.DataFrame, follow_merges: bool = False) -> pd.DataFrame:
    """Adds what each standing customer is to the actor -> state, customer_id (where wanted, of what it was merged into)."""
    ids = found["id"].astype("Int64")
    if follow_merges:
        merged = found["merged_into_id"].notna()
        ids = ids.mask(merged, found["merged_into_id"].astype("Int64"))
        found = found.assign(deleted=found["deleted"].astype(bool) & ~merged)
    visible, open_to_me = visible_ids(session, ids), changeable(session, Customer, ids)
    state = pd.Series("hidden", index=found.index)
    state[ids.isin(visible)] = "locked"
    state[ids.isin(open_to_me)] = "mine"
    state[found["deleted"].astype(bool)] = "deleted"
    return found.assign(state=state, customer_id=ids)


def visible_ids(session: ScopedSession, ids: pd.Series[Any]) -> set[int]:
    wanted = ids.dropna().astype("int64").unique().tolist()
    parts = (wanted[start : start + 5_000] for start in range(0, len(wanted), 5_000))
    return {found for part in parts for found in session.scalars(select(Customer.id).where(Customer.id.in_(part)))}


def warn_of_twins(incoming: Incoming, new: pd.DataFrame) -> None:
    """New rows (name and perhaps phone) that look like a customer somebody has, or like an earlier row of the file."""
    for key in ("name", "phone"):
        if key not in new:
            continue
        keys = keys_of(new[key], key).dropna().rename("key")
        known = standing.customers_by(KEY_COLUMNS[key], keys)
        known = known[~known["deleted"].astype(bool)].drop_duplicates("key")
        seen = visible_ids(incoming.session, known["id"])
        known["name"] = [name if one in seen else masked(name) for one, name in zip(known["id"], known["name"], strict=True)]
        pairs = keys.reset_index().merge(known, on="key").set_index(keys.index.name or "index")
        names, boards = pairs["name"], pairs["board"]
        incoming.warn(pairs.index, key, "This looks like {name}, a customer of {board} already.", name=names, board=boards)
        first = first_of_same(keys.to_frame())
        again = keys.index[(first != keys.index) & ~keys.index.isin(pairs.index)]
        incoming.warn(again, key, "This looks like the customer in row {first}.", first=first)
