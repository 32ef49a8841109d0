"""A frame as a table: labels, formats and alignment by the names of its columns. Data in, chosen ids out."""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import pandas as pd
import pyarrow as pa  # type: ignore[import-untyped]
import streamlit as st

from crm.ui.content import Content
from crm.ui.dialog import opened as opened_dialogs
from crm.words import Language, label, language, say, speaking
from crm.words.formats import MISSING, date_format_for_table

COUNTS = frozenset(
    {"stopped", "silent_days", "days_in_stage", "leads", "collected", "assigned", "worked", "converted", "invalid", "open_leads"}
    | {"customers", "orders", "order_count", "rows", "read", "added", "changed", "refused", "unchanged", "r", "f", "m", "days"}
    | {"overdue_days", "days_left"}
    | {"products", "lead_days", "payment_days"}
    | {"cases", "open_cases", "reopened"}
    | {"expected", "present", "missing", "travel_days", "leave_days", "deals", "deals_without_action", "leads_without_action"}
    | {"people", "people_kept", "silent_people"}
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
    | {"budget", "cost_per_lead", "cost_per_conversion"}
    | {"list_amount", "list_price", "net_price_before", "net_price_after", "amount_before", "amount_after", "amount_change"}
    | {"cost", "usual_price", "service_fee", "price_today"}
    | {"received", "invoiced", "outstanding", "overdue", "allocated", "free", "receivable", "not_due", "returned", "refunded"}
    | {"line_amount", "part", "bonus", "cap", "target_amount", "actual_amount"}
    | {"to_invoice", "to_receive", "to_credit", "1_to_30_days", "31_to_60_days", "61_to_90_days", "over_90_days"}
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
        "attitude",
        "threat",
    }
    | {"product_type", "sex", "education", "marital_status", "area", "record_type", "target", "relation", "because", "purpose"}
    | {"was", "now", "method", "ageing", "forecast_category", "close_reason"}
    | {"lead_state", "channel", "subject", "pool_reason", "keeps"}
    | {"priority", "severity", "complaint_class"}
    | {"measure", "subject_kind"}
    | {"absence"}
)
SHARES = frozenset(
    {"share", "share_revenue", "share_percent"}
    | {"discount_percent", "largest_percent", "limit_percent"}
    | {"total_error", "own_share", "said_from", "said_to", "said_on_average", "happened"}
    | {"churn_rate", "rate_from", "rate_to", "called_wrongly"}
    | {"conversion", "conversion_from", "conversion_to"}
    | {
        "conversion",
        "low",
        "high",
        "from_start",
        "win_rate",
        "decided_rate",
        "lost_share",
        "share_won",
        "share_open",
        "share_lost",
    }
    | {
        "conversion_1",
        "conversion_2",
        "difference",
        "error",
        "absolute_error",
        "inside",
        "weighted_error",
        "chance",
        "said",
        "came",
    }
    | {"base_rate", "risk"}
    | {"survival", "retention", "probability", "left_before", "there_throughout", "left_inside"}
    | {"attained", "from_share", "to_share", "rate", "threshold"}
)
PARAMETERS = frozenset({"estimate", "standard_error", "lower_95", "upper_95"})
"""With the digits that are published."""
SCORES = frozenset({"mae", "rmse", "correlation", "log_score", "brier"})
ESTIMATES = frozenset(
    {"expected_value", "lifetime_value", "value_at_risk", "weighted"}
    | {"p10", "p50", "p90", "commit", "best_case", "total_after", "won_amount", "average_deal", "velocity"}
    | {"stake"}
    | {"reached", "aimed", "ahead_of_pace", "missing", "contribution", "covered"}
    | {"opening_worth", "new_worth", "grown_worth", "shrunk_worth", "lost_worth", "inherited_worth", "handed_over_worth"}
    | {"closing_worth", "worth_change", "value_before", "value_after", "sold"}
)
"""Money that nobody has received: without cents."""
HINTS = {
    "p_alive": "The chance that the customer has not silently left, by the published model",
    "expected_orders": "Orders to expect in the next 12 months, on average over customers like him",
    "expected_value": "Margin to expect in the next 12 months, discounted",
    "lifetime_value": "Margin to expect over the horizon of the published model, discounted",
    "value_at_risk": "What is lost of the lifetime value with the chance that he has left already",
    "next_order_from": "If he orders again, he does so with 80 % between these two days",
    "next_order_until": "If he orders again, he does so with 80 % between these two days",
    "risk": "The chance that the promise is broken, from how long cases like it took",
    "stake": "Risk times the lifetime value of the customer: the queue stands in this order",
    "orders_by_month": "Orders in each of the last 12 months; the right one is this month",
}
BADGES = {
    "shade": {"green": "#1f7a5c", "amber": "#d77f0f", "red": "#e0602f", "breached": "#c33c18"},
    "standing": {"kept": "#1f7a5c", "not_kept": "#e0602f", "silent": "#c33c18"},
}
"""Columns whose codes stand in colour, each as a word; or as the text that follows the code: "red: 2 h left"."""
DAYS = frozenset({"birthday", "valid_until", "next_order_from", "next_order_until"})


PRESS = "press"
"""The column of the buttons."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """What a person picked in a table."""

    opened: int | None = None
    """The row whose cell was clicked."""
    ticked: list[int] = field(default_factory=list)
    """The rows with a tick, for bulk actions."""
    pressed: int | None = None
    """The row whose button was pressed."""


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
    press: str | Sequence[str | None] | None = None,
    height: int | str = "content",
    widths: Mapping[str, int] | None = None,
    press_last: bool = False,
) -> Chosen:
    """Show `columns` of a frame that has an `id`; -> what was clicked (`opens`), ticked (`many`), and in which row the button
    was pressed whose text is `press` (one for all rows, or one for each; None = no button there), in the first column or in the
    last (`press_last`).

    `once` is for rows that open a dialog: the table forgets the click with the dialog, so that it stays closed and the same
    row opens again.
    """
    asked = Content(frame, [*(columns or frame.columns)], dict(labels or {}), currency, dict(widths or {}), press, press_last)
    data, config = _prepared(asked, language())
    config = {name: dict(column) for name, column in config.items()}
    if press is not None:
        config[PRESS] = st.column_config.ButtonColumn("", key=f"{key}.{PRESS}", type="tertiary", width="small")
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
    selecting = {"on_select": "rerun", "selection_mode": modes} if modes else {}
    event = draw(data, **selecting, **options)
    picked = event["selection"] if modes else {}
    ids = frame["id"].tolist() if "id" in frame else []
    rows = [row for row in picked.get("rows", []) if row < len(ids)]
    cell = (picked.get("cells") or [None])[0]
    opened = ids[cell[0]] if cell and cell[0] < len(ids) and cell[1] != PRESS else None
    press_at = st.session_state.get(f"{key}.{PRESS}") if press is not None else None
    return Chosen(opened, [ids[row] for row in rows], ids[press_at["row"]] if press_at else None)


@lru_cache(maxsize=400)
def _prepared(asked: Content, spoken: Language) -> tuple[Any, dict[str, Any]]:
    """-> the rows as the browser gets them, and the columns; made once for the same content, whoever asks."""
    frame, columns, labels, currency, widths, press, press_last = asked.values
    shown = [name for name in columns if name in frame and name != "id"]
    with speaking(spoken):
        data = pd.DataFrame({name: _readable(frame[name], name) for name in shown})
        config = {name: _column(name, data[name], labels.get(name), currency) for name in shown}
    for name in set(widths) & set(config):
        config[name]["width"] = widths[name]
    if press is not None:
        data.insert(len(shown) if press_last else 0, PRESS, press)
    try:
        return pa.Table.from_pandas(data), config
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError):
        return data, config  # Streamlit writes mixed columns as text


def records(frame: pd.DataFrame) -> list[Any]:
    """The rows of a frame, for drawing one by one: attributes are columns. As `itertuples()`, which makes a class each time."""
    kind = _row(tuple(frame.columns))
    return [kind(*row) for row in zip(frame.index, *(values.tolist() for _, values in frame.items()), strict=True)]


@lru_cache(maxsize=400)
def _row(names: tuple[str, ...]) -> type[Any]:
    return namedtuple("Row", ["Index", *names], rename=True)


def _readable(values: pd.Series[Any], name: str) -> pd.Series[Any]:
    """Codes become words; an empty text becomes an empty cell."""
    if name in BADGES:
        return values.map(lambda code: [code] if isinstance(code, str) else [])
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
    if name in BADGES:
        told = sorted({code for codes in values for code in codes})
        return column.MultiselectColumn(
            head,
            options=told,
            color=[BADGES[name][code.partition(":")[0]] for code in told],
            format_func=lambda code: code.partition(": ")[2] or label(code, of=name),
            width="small",
        )
    if name == "p_alive":
        return column.NumberColumn(head, format="%.0f%%", width="small", help=hint)
    if name == "score":
        return column.ProgressColumn(head, min_value=0, max_value=100, format="%d", width="small")
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
        return column.NumberColumn(head, format=_same_decimals(values.dropna().astype(float)))
    return column.TextColumn(head)


def _same_decimals(values: pd.Series[float]) -> str:
    """As many as one of the values needs, and three at most."""
    needed = next((places for places in range(3) if values.round(places).equals(values.round(3))), 3)
    return f"%,.{needed}f" if needed else "localized"


def same_language_key(key: str) -> str:
    """A widget key that changes with the language, for widgets that keep their texts."""
    return f"{key}_{language()}"
