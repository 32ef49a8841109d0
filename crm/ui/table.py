"""A frame as a table: labels, formats and alignment by the names of its columns. Data in, chosen ids out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd
import streamlit as st

from crm.ui.dialog import opened as opened_dialogs
from crm.words import label, language, say
from crm.words.formats import MISSING, date_format_for_table

COUNTS = frozenset(
    {"stopped"}
    | {"customers", "orders", "order_count", "rows", "read", "added", "changed", "refused", "unchanged", "r", "f", "m", "days"}
)
MONEY = frozenset(
    {
        "amount",
        "order_amount",
        "revenue",
        "price",
        "unit_price",
        "value",
        "quantity",
        "average_order",
        "change",
        "revenue_now",
        "revenue_before",
        "revenue_after",
        "revenue_per_customer",
        "spend_per_customer",
        "average_order_value",
        "value_low",
        "value_high",
        "worth",
    }
)
CODES = frozenset(
    {
        "kind",
        "stage",
        "life_cycle",
        "level",
        "segment",
        "role",
        "state",
        "source",
        "credit_grade",
        "action",
        "influence",
        "side",
        "place",
    }
    | {"product_type", "sex", "education", "marital_status", "area", "record_type", "target", "relation", "because", "purpose"}
    | {"was", "now"}
)
SHARES = frozenset(
    {"share", "share_revenue", "share_percent"}
    | {"total_error", "own_share", "said_from", "said_to", "said_on_average", "happened"}
    | {"churn_rate", "rate_from", "rate_to", "called_wrongly"}
    | {"survival", "retention", "probability", "left_before", "there_throughout", "left_inside"}
)
PARAMETERS = frozenset({"estimate", "standard_error", "lower_95", "upper_95"})
"""With the digits that are published."""
SCORES = frozenset({"mae", "rmse", "correlation", "log_score", "brier"})
ESTIMATES = frozenset({"expected_value", "lifetime_value", "value_at_risk"})
"""Money that nobody has received: without cents."""
HINTS = {
    "p_alive": "The chance that the customer has not silently left, by the published model",
    "expected_orders": "Orders to expect in the next 12 months, on average over customers like him",
    "expected_value": "Margin to expect in the next 12 months, discounted",
    "lifetime_value": "Margin to expect over the horizon of the published model, discounted",
    "value_at_risk": "What is lost of the lifetime value with the chance that he has left already",
    "next_order_from": "If he orders again, he does so with 80 % between these two days",
    "next_order_until": "If he orders again, he does so with 80 % between these two days",
    "orders_by_month": "Orders in each of the last 12 months; the right one is this month",
}
DAYS = frozenset({"birthday", "next_order_from", "next_order_until"})


@dataclass(frozen=True, slots=True)
class Chosen:
    """What a person picked in a table."""

    opened: int | None = None
    """The row whose cell was clicked."""
    ticked: list[int] = field(default_factory=list)
    """The rows with a tick, for bulk actions."""


def table(
    frame: pd.DataFrame,
    *,
    key: str,
    columns: Sequence[str] | None = None,
    labels: dict[str, str] | None = None,
    currency: str | None = None,
    many: bool = False,
    opens: bool = True,
    once: bool = False,
    height: int | str = "content",
) -> Chosen:
    """Show `columns` of a frame that has an `id`; -> what was clicked (`opens`) and ticked (`many`).

    `once` is for rows that open a dialog: the table forgets the click with the dialog, so that it stays closed and the same
    row opens again.
    """
    shown = [name for name in (columns or frame.columns) if name in frame and name != "id"]
    data = pd.DataFrame({name: _readable(frame[name], name) for name in shown})
    config = {name: _column(name, data[name], (labels or {}).get(name), currency) for name in shown}
    modes = (["multi-row"] if many else []) + (["single-cell"] if opens else [])
    draw: Any = st.dataframe
    options: dict[str, Any] = {
        "hide_index": True,
        "column_config": config,
        "key": f"{key}.{opened_dialogs()}" if once else key,
        "width": "stretch",
        "placeholder": MISSING,
        "height": height,
    }
    if not modes:
        draw(data, **options)
        return Chosen()
    event = draw(data, on_select="rerun", selection_mode=modes, **options)
    picked = event["selection"]
    ids = frame["id"].tolist()
    rows = [row for row in picked.get("rows", []) if row < len(ids)]
    cell = (picked.get("cells") or [None])[0]
    opened = ids[cell[0]] if cell and cell[0] < len(ids) else None
    return Chosen(opened, [ids[row] for row in rows])


def records(frame: pd.DataFrame) -> list[Any]:
    """The rows of a frame, for drawing one by one: attributes are columns."""
    return list(frame.itertuples())


def _readable(values: pd.Series[Any], name: str) -> pd.Series[Any]:
    """Codes become words; an empty text becomes an empty cell."""
    if name in CODES:
        words = {code: label(str(code), of=name) for code in values.dropna().unique()}
        return values.map(lambda code: words.get(code, ""))
    return values.fillna("") if pd.api.types.is_string_dtype(values) else values


def _column(name: str, values: pd.Series[Any], title: str | None, currency: str | None) -> Any:
    head = title or label(name, of="head")
    hint = say(HINTS[name]) if name in HINTS else None
    column = st.column_config
    if name in MONEY:
        decimals = "localized" if name == "quantity" else "%,.2f"
        return column.NumberColumn(f"{head} {currency}" if currency and name != "quantity" else head, format=decimals)
    if name in ESTIMATES:
        return column.NumberColumn(f"{head} {currency}" if currency else head, format="%,.0f", help=hint)
    if name == "p_alive":
        return column.NumberColumn(head, format="%.0f%%", width="small", help=hint)
    if name == "expected_orders":
        return column.NumberColumn(head, format="%.1f", help=hint)
    if name == "orders_by_month":
        return column.BarChartColumn(head, y_min=0, width="small", help=hint)
    if name in COUNTS:
        return column.NumberColumn(head, format="localized", width="small")
    if name in SHARES:
        return column.NumberColumn(head, format="%.1f%%")
    if name in PARAMETERS or name in SCORES:
        return column.NumberColumn(head, format="%.7f" if name in PARAMETERS else "%.3f")
    if name.endswith("_on") or name in DAYS:
        return column.DateColumn(head, format=date_format_for_table(), help=hint)
    if name.endswith("_at"):
        return column.DatetimeColumn(head, format=f"{date_format_for_table()} HH:mm")
    if pd.api.types.is_bool_dtype(values):
        return column.CheckboxColumn(head)
    if pd.api.types.is_numeric_dtype(values):
        return column.NumberColumn(head, format="localized")
    return column.TextColumn(head)


def same_language_key(key: str) -> str:
    """A widget key that changes with the language, for widgets that keep their texts."""
    return f"{key}_{language()}"
