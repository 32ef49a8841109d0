"""The lines of a quote as a grid that counts while one types: found by name or code, priced, discounted, taken out."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pandas as pd
import streamlit as st

from crm.catalogue.queries import product_titles
from crm.pipeline.commands import QuoteLineInput
from crm.pipeline.pricing import QuotePrices
from crm.ui.catalogue.picking import hits, search_field
from crm.ui.desk import figures
from crm.ui.form import checked
from crm.words import label, say
from crm.words.formats import MISSING

Row = dict[str, Any]
NEW: Row = {"product_id": None, "code": "", "description": "", "quantity": 1.0, "unit_price": None, "discount_percent": 0.0}
TYPES = {"code": "str", "description": "str", "quantity": "float64", "unit_price": "float64", "discount_percent": "float64"}


def begin(key: str, lines: Sequence[QuoteLineInput]) -> None:
    ids = tuple(sorted({line.product_id for line in lines if line.product_id is not None}))
    codes: dict[int, tuple[str, str]] = figures(product_titles, ids=ids)
    st.session_state[key] = {"rows": [_row(line, codes) for line in lines], "turn": 0}


def _row(line: QuoteLineInput, codes: dict[int, tuple[str, str]]) -> Row:
    code, name = codes.get(line.product_id or 0, ("", ""))
    numbers = {name: _float(getattr(line, name)) for name in ("quantity", "unit_price", "discount_percent")}
    return {"product_id": line.product_id, "code": code, "description": line.description or name, **numbers}


def _float(value: Decimal | None) -> float | None:
    return None if value is None else float(value)


def present(key: str) -> list[Row]:
    """The rows with what was typed into them; those marked for it are taken out."""
    rows = _typed(key)
    kept = [row for row in rows if not row.get("remove")]
    if len(kept) < len(rows):
        _keep(key, kept)
    return kept


def inputs(rows: Sequence[Row]) -> list[QuoteLineInput] | None:
    """None after telling what is wrong with a line."""
    names = ("product_id", "description", "quantity", "unit_price", "discount_percent")
    found = [checked(QuoteLineInput, {name: row[name] for name in names} | _empty_as_usual(row)) for row in rows]
    return [line for line in found if line is not None] if None not in found else None


def _empty_as_usual(row: Row) -> Row:
    return {"discount_percent": 0.0} if row["discount_percent"] is None else {}


def adding(key: str) -> None:
    """Type a part of a name or a code, click a product; or a line without one."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        search_field(key)
        st.button(say("Line without a product"), icon=":material/add:", key=f"{key}.free", on_click=_add, args=(key, NEW))
    hits(key, lambda one, code, name: _add(key, NEW | {"product_id": one, "code": code, "description": name}))


def _add(key: str, row: Row) -> None:
    _keep(key, [*_typed(key), dict(row)])


def _keep(key: str, rows: list[Row]) -> None:
    """Rows came or went: what was typed becomes part of them, and the grid starts anew."""
    turn = st.session_state[key]["turn"] + 1
    st.session_state[key] = {"rows": rows, "turn": turn}


def _grid_key(key: str) -> str:
    return f"{key}.grid.{st.session_state[key]['turn']}"


def _typed(key: str) -> list[Row]:
    typed = (st.session_state.get(_grid_key(key)) or {}).get("edited_rows", {})
    return [row | typed.get(place, {}) for place, row in enumerate(st.session_state[key]["rows"])]


def grid(key: str, prices: QuotePrices | None) -> None:
    """The same rows in the same order keep what was typed; list prices and amounts follow it."""
    rows = pd.DataFrame(st.session_state[key]["rows"], columns=list(NEW)).astype(TYPES)
    known = prices is not None and len(prices.amounts) == len(rows)
    rows["list_price"] = [float(one) for one in prices.list_prices] if prices is not None and known else None
    rows["amount"] = [float(one) for one in prices.amounts] if prices is not None and known else None
    rows = rows.astype({"list_price": "float64", "amount": "float64"}).assign(remove=False)
    column = st.column_config
    st.data_editor(
        rows,
        key=_grid_key(key),
        num_rows="fixed",
        hide_index=True,
        width="stretch",
        placeholder=MISSING,
        column_order=["code", "description", "quantity", "list_price", "unit_price", "discount_percent", "amount", "remove"],
        column_config={
            "code": column.TextColumn(label("code"), disabled=True, width="small"),
            "description": column.TextColumn(label("description"), width="medium", max_chars=300),
            "quantity": column.NumberColumn(label("quantity"), min_value=0.0, width="small"),
            "list_price": column.NumberColumn(label("list_price"), format="%,.2f", disabled=True),
            "unit_price": column.NumberColumn(
                label("unit_price"), format="%,.2f", min_value=0.0, help=say("Left empty: the list price.")
            ),
            "discount_percent": column.NumberColumn(
                say("Discount %"), format="%.1f", min_value=0.0, max_value=100.0, width="small"
            ),
            "amount": column.NumberColumn(label("amount"), format="%,.2f", disabled=True),
            "remove": column.CheckboxColumn(say("Remove"), width="small"),
        },
    )
