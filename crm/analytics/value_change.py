"""How the worth of a person's customers changed between two days, and through what: nothing is left over.

Worth is the expected value of each customer as it was kept on both days; whose he was on both days tells what happened."""

from __future__ import annotations

import numpy as np
import pandas as pd

from crm.analytics.checks import require_columns
from crm.analytics.errors import AnalyticsError

PARTS = ("new", "grown", "shrunk", "lost", "inherited", "handed_over")
"""In the order of the waterfall, between opening and closing."""


def value_changes(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """Customers on two days, each with customer_id, owner (missing = nobody's), value, lost (given up by the firm's rule) ->
    customer_id, owner, part (one of PARTS, or same), change, value_before, value_after: a row for each customer and each owner
    whom he changes. For every owner: value before + all his changes = value after, to the last bit of a float sum of a few.

    new: was not there before. lost: is gone or given up, his value and what is left of it. grown, shrunk: stayed with his owner.
    Changed hands: the one who had him hands over what he was worth before, the other inherits what he is worth now - what he
    was worth then as inherited, and the change since as grown or shrunk, which is the new owner's doing."""
    require_columns(before, ("customer_id", "owner", "value", "lost"))
    require_columns(after, ("customer_id", "owner", "value", "lost"))
    for part in (before, after):
        if part["customer_id"].duplicated().any():
            raise AnalyticsError("A customer stands here more than once.")
    both = before.merge(after, how="outer", on="customer_id", suffixes=("_before", "_after"), indicator=True)
    was, now = (both[f"value_{side}"].astype("float64").fillna(0.0) for side in ("before", "after"))
    came, gone = both["_merge"] == "right_only", both["_merge"] == "left_only"
    fell = gone | (_true(both["lost_after"]) & ~_true(both["lost_before"]))
    keeper, holder = both["owner_before"], both["owner_after"].where(~gone, both["owner_before"])
    same = _true(keeper == holder) | (keeper.isna() & holder.isna())
    moved = ~came & ~same
    ids = both["customer_id"]
    step = np.select([came, fell, now > was, now < was], ["new", "lost", "grown", "shrunk"], default="same")
    stayed = _rows(ids, holder, step, now - was, was, now)[~moved.to_numpy()]
    given = _rows(ids, keeper, "handed_over", -was, was, 0.0 * was)[moved.to_numpy()]
    taken = _rows(ids, holder, "inherited", was, 0.0 * was, was)[moved.to_numpy()]
    since = _rows(ids, holder, step, now - was, was, now)[(moved & (now != was)).to_numpy()]
    told = pd.concat([stayed, given, taken, since], ignore_index=True)
    return told[told["owner"].notna()].reset_index(drop=True)


def _true(column: pd.Series) -> pd.Series:
    return column.astype("boolean").fillna(False).astype(bool)


def _rows(ids: pd.Series, owner: pd.Series, part: object, change: pd.Series, was: pd.Series, now: pd.Series) -> pd.DataFrame:
    return pd.DataFrame(
        {"customer_id": ids, "owner": owner, "part": part, "change": change, "value_before": was, "value_after": now}
    )


def waterfall(changes: pd.DataFrame) -> pd.DataFrame:
    """The changes of one or several owners -> step (opening, PARTS, closing), change, total, customers.

    What one of them handed over to another of them stands on both sides and adds up to nothing."""
    taken = changes["part"] != "inherited"
    once = changes[taken & ~_since_taken(changes)]
    opening = float(once.loc[once["part"] != "new", "value_before"].sum())
    groups = changes[changes["part"] != "same"].groupby("part")["change"].agg(["sum", "size"]).reindex(PARTS, fill_value=0)
    steps = np.concatenate(([opening], groups["sum"].to_numpy(dtype="float64")))
    total = np.cumsum(steps)
    counts = [0, *groups["size"].astype(int), 0]
    return pd.DataFrame(
        {"step": ["opening", *PARTS, "closing"], "change": [*steps, total[-1]], "total": [*total, total[-1]], "customers": counts}
    )


def _since_taken(changes: pd.DataFrame) -> pd.Series:
    """Rows that tell what became of a customer after he was inherited: his worth before was another's."""
    pairs = pd.MultiIndex.from_frame(changes[["customer_id", "owner"]])
    inherited = pairs[(changes["part"] == "inherited").to_numpy()]
    return pd.Series(pairs.isin(inherited), index=changes.index)


def summed(changes: pd.DataFrame) -> pd.DataFrame:
    """By owner -> owner, opening, one column for each of PARTS, closing; opening + the parts = closing."""
    opening = changes[(changes["part"] != "inherited") & ~_since_taken(changes)].groupby("owner")["value_before"].sum()
    parts = changes.pivot_table(index="owner", columns="part", values="change", aggfunc="sum", fill_value=0.0)
    told = parts.reindex(columns=list(PARTS), fill_value=0.0)
    told.insert(0, "opening", opening.reindex(told.index, fill_value=0.0))
    told["closing"] = told["opening"] + told[list(PARTS)].sum(axis=1)
    return told.rename_axis(columns=None).reset_index()
