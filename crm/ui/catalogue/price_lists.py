"""Price lists: which hold today, and one of them with its prices in a grid."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pandas as pd
import streamlit as st

from crm.catalogue import commands, queries
from crm.catalogue.commands import PriceInput, PriceListInput
from crm.catalogue.models import PriceList
from crm.office.queries import today
from crm.ui.address import number
from crm.ui.catalogue.grids import grid
from crm.ui.catalogue.picking import hits, search_field
from crm.ui.catalogue.product import may_change
from crm.ui.desk import act, figures, find, load, me
from crm.ui.dialog import open_dialog
from crm.ui.form import form
from crm.ui.paging import page_of, pager
from crm.ui.show import empty, heading
from crm.ui.table import table
from crm.ui.text import literal
from crm.ui.versions import edit_form
from crm.words import label, say
from crm.words.formats import date_short

SIZE = 50


def price_lists() -> None:
    """The one in the address, else all."""
    asked = number("list", 0)
    found = find(queries.price_list, asked) if asked else None
    if found is not None:
        _one(found)
    else:
        _all()


def _boards() -> dict[int, str]:
    return {board.id: board.name for board in me().boards}


# ------------------------------------------------------------------------------------------------------ the lists


def _all() -> None:
    rows = load(queries.price_lists, size=500)
    day: dt.date = figures(today)
    with st.container(horizontal=True, vertical_alignment="center"):
        with st.container(width="stretch"):
            if len(rows):
                heading(
                    "{valid} of {count:price list|price lists} hold today", valid=int(_holds(rows, day).sum()), count=len(rows)
                )
        if may_change() and st.button(say("New price list"), icon=":material/add:", type="primary", key="price_list.new"):
            open_dialog(say("New price list"), new_price_list, width="medium")
    if rows.empty:
        empty("No price lists yet: each product costs its own price. A list gives other prices from a day on.")
        return
    shown = rows.assign(board=rows["board"].fillna(say("All boards")), holds_today=_holds(rows, day))
    columns = ["name", "board", "starts_on", "ends_on", "holds_today", "products", "remark"]
    if chosen := table(shown, key="price_lists.table", columns=columns, once=True).opened:
        st.query_params.from_dict({"view": "prices", "list": str(chosen)})
        st.rerun()


def _holds(rows: pd.DataFrame, day: dt.date) -> pd.Series[Any]:
    begun = rows["starts_on"].map(lambda start: start <= day)
    return begun & rows["ends_on"].map(lambda end: pd.isna(end) or end >= day)


def new_price_list() -> None:
    """Empty, or with the prices of another list to begin with."""
    known = load(queries.price_lists, size=500)
    names = dict(zip(known["id"].tolist(), known["name"].tolist(), strict=True))
    copied: dict[str, int | None] = {}

    def copy_from() -> dict[str, Any]:
        copied["from"] = st.selectbox(
            say("Begin with the prices of"),
            list(names),
            index=None,
            format_func=names.__getitem__,
            placeholder=say("None: begin empty"),
            key="price_list.copy",
        )
        return {}

    day = figures(today)
    details = form(
        PriceListInput, {"starts_on": day}, key="price_list.add", choices={"board_id": _boards()}, save="Add", extra=copy_from
    )
    if details:
        act(commands.add_price_list, details, copied.get("from"), done="{name} added.", name=details.name)


# ------------------------------------------------------------------------------------------------------------ one


def _one(found: PriceList) -> None:
    total = figures(queries.price_count, price_list_id=found.id)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            "", icon=":material/arrow_back:", key="price_list.back", type="tertiary", help=say("All price lists"), on_click=_back
        )
        st.markdown(f"**{literal(found.name)}**", width="content")
        st.caption(_where_and_when(found), width="content")
        st.space("stretch")
        if may_change() and st.button(say("Edit"), icon=":material/edit:", key="price_list.edit"):
            open_dialog(say("Edit {name}", name=found.name), edit_price_list, found.id, width="medium")
    if found.remark:
        st.caption(literal(found.remark))
    heading("{count:price|prices} in this list", count=total)
    if may_change():
        key = f"prices.{found.id}"
        search_field(key)
        hits(key, lambda product_id, code, name: _add(found.id, product_id))
    if not total:
        empty("No prices yet: look for a product above. It begins with its usual price.")
        return
    _prices(found.id, total)


def _back() -> None:
    st.query_params.from_dict({"view": "prices"})


def _where_and_when(found: PriceList) -> str:
    board = _boards().get(found.board_id, "–") if found.board_id else say("All boards")
    if found.ends_on is None:
        return say("{board} · from {start} until a later list", board=literal(board), start=date_short(found.starts_on))
    days = {"start": date_short(found.starts_on), "end": date_short(found.ends_on)}
    return say("{board} · {start} to {end}", board=literal(board), **days)


def _add(price_list_id: int, product_id: int) -> None:
    product = find(queries.product, product_id)
    price = product.price if product is not None and product.price is not None else Decimal(0)
    act(commands.put_price, price_list_id, PriceInput(product_id=product_id, price=price), rerun=False)


def _prices(price_list_id: int, total: int) -> None:
    page = page_of(total, SIZE)
    rows = load(queries.prices_in, price_list_id=price_list_id, page=page, size=SIZE)
    columns = ("code", "name", "unit", "usual_price", "price")
    if may_change():
        money = st.column_config.NumberColumn(label("price"), min_value=0.0, format="%,.2f", required=True)
        key = f"prices.{price_list_id}.{page}"
        grid(rows, PriceInput, commands.save_prices, price_list_id, key=key, columns=columns, edited={"price": money})
    else:
        table(rows, key=f"prices.table.{page}", columns=columns, labels={"unit": say("Unit of measure")}, opens=False)
    pager(total, SIZE, "prices.page")


def edit_price_list(price_list_id: int) -> None:
    found = find(queries.price_list, price_list_id)
    if found is None:
        return
    key = f"price_list.{price_list_id}"
    edit_form(PriceListInput, found, commands.edit_price_list, key=key, done="Saved.", choices={"board_id": _boards()})
    with st.popover(say("Delete"), icon=":material/delete:", key="price_list.delete"):
        st.markdown(say("{name} no longer holds. Quotes keep the prices they were made with.", name=literal(found.name)))
        if st.button(say("Delete"), type="primary", key="price_list.delete_yes"):
            act(commands.delete_price_list, price_list_id, done="{name} deleted.", name=found.name)
