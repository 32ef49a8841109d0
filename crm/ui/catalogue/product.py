"""One product: what it is and can do, what it costs where, who delivers it, and who bought or asks for it."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from crm.catalogue import commands, queries
from crm.catalogue.commands import ProductInput, SupplyInput
from crm.catalogue.models import Product
from crm.customers.queries.orders import OrderFilter, order_totals
from crm.office.queries import today
from crm.pipeline.filters import OpportunityFilter
from crm.pipeline.queries import totals
from crm.ui.address import parameters
from crm.ui.desk import act, figures, find, go, load, me
from crm.ui.form import form
from crm.ui.money import currency_of
from crm.ui.show import empty, heading
from crm.ui.table import table
from crm.ui.text import literal
from crm.ui.versions import edit_form
from crm.words import label, say
from crm.words.formats import money, number

FIRST = ("name", "category_id", "unit", "price", "service_fee", "description")
"""What a new product is asked for; the rest waits on its record."""
TEXTS = ("description", "features", "known_problems", "upgrade", "installation", "warranty", "contract_terms")


def may_change() -> bool:
    return bool(me().actor.grant("catalogue").change)


def choices() -> dict[str, dict[Any, str]]:
    stock = {True: say("In stock"), False: say("To order")}
    return {"category_id": figures(queries.category_choices), "in_stock": stock}


def new_product(category_id: int | None) -> None:
    details = form(ProductInput, {"category_id": category_id}, key="product.add", choices=choices(), only=FIRST, save="Add")
    if details:
        act(commands.add_product, details, done="{name} added.", name=details.name)


def product_dialog(product_id: int) -> None:
    found = find(queries.product, product_id)
    if found is None:
        return
    names = ["about", "prices", "suppliers", "edit"] if may_change() else ["about", "prices", "suppliers"]
    titles = {"about": say("Product"), "prices": say("Prices"), "suppliers": say("Suppliers"), "edit": say("Edit")}
    tabs = st.tabs([titles[name] for name in names])
    draws = {"about": _about, "prices": _prices, "suppliers": _suppliers, "edit": _edit}
    for tab, name in zip(tabs, names, strict=True):
        with tab:
            draws[name](found)


def _about(found: Product) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{literal(found.code)}**", width="content")
        if found.category_id:
            st.caption(literal(figures(queries.category_choices).get(found.category_id, "")), width="content")
        if found.in_stock is not None:
            colour: Any = "green" if found.in_stock else "orange"
            st.badge(say("In stock") if found.in_stock else say("To order"), color=colour)
        st.space("stretch")
        _traces(found.id)
    facts = _facts(found)
    for cell, (title, value) in zip(st.columns(max(len(facts), 1)), facts, strict=False):
        cell.markdown(f":gray[{title}]  \n{value}")
    written = [name for name in TEXTS if getattr(found, name)]
    for name in written:
        st.markdown(f":gray[{label(name)}]  \n{literal(getattr(found, name))}")
    if not written:
        empty("Nothing is written about this product yet: features, known problems, installation, warranty, contract terms.")


def _facts(found: Product) -> list[tuple[str, str]]:
    currency = currency_of(me())
    amounts = [(name, getattr(found, name)) for name in ("price", "service_fee")]
    facts = [
        (label(name), money(value, currency) if currency else number(value, 2)) for name, value in amounts if value is not None
    ]
    facts += [(say("Unit of measure"), literal(found.unit))] if found.unit else []
    return facts + ([(label("renewal_months"), number(found.renewal_months))] if found.renewal_months else [])


def _traces(product_id: int) -> None:
    """The way to the orders with a line of it, and to the deals it is the product of."""
    actor = me().actor
    ways: list[tuple[str, str, str, Any]] = []
    if actor.grant("customers").see:
        bought = OrderFilter(product_id=product_id)
        count = figures(order_totals, where=bought)["orders"]
        ways += [("orders", say("{count:order|orders}", count=count), ":material/receipt_long:", bought)] if count else []
    if actor.grant("pipeline").see:
        asked = OpportunityFilter(product_id=(product_id,))
        count = figures(totals, where=asked)["opportunities"]
        ways += [("pipeline", say("{count:deal|deals}", count=count), ":material/handshake:", asked)] if count else []
    for path, text, icon, where in ways:
        if st.button(text, icon=icon, type="tertiary", key=f"product.{path}"):
            go(path, **({"show": "list"} if path == "pipeline" else {}), **parameters(where))


def _prices(found: Product) -> None:
    """Today on each board, then the lists behind it."""
    day, rows = figures(today), []
    for board in me().boards:
        now = figures(queries.list_prices, ids=(found.id,), day=day, board_id=board.id).get(found.id)
        rows.append(
            {"id": board.id, "board": board.name, "price_today": None if now is None else float(now), "currency": board.currency}
        )
    heading("What it costs today")
    frame = pd.DataFrame(rows, columns=["id", "board", "price_today", "currency"]).astype({"price_today": "float64"})
    table(frame, key="product.today", columns=["board", "price_today", "currency"], opens=False)
    listed = load(queries.prices_of, product_id=found.id)
    if listed.empty:
        st.caption(say("No price list names it: its own price holds everywhere."))
        return
    heading("In these price lists")
    columns = ["name", "board", "starts_on", "ends_on", "price"]
    table(listed.assign(board=listed["board"].fillna(say("All boards"))), key="product.lists", columns=columns, opens=False)


def _suppliers(found: Product) -> None:
    rows = load(queries.suppliers_of, product_id=found.id)
    if rows.empty:
        empty("Nobody is known to deliver it.")
    else:
        table(rows, key="product.suppliers", columns=["name", "rating", "their_code", "cost", "lead_days"], opens=False)
    every = figures(queries.supplier_choices)
    if not may_change() or not every:
        return
    with st.expander(say("A supplier of it"), icon=":material/local_shipping:"):
        chosen = st.selectbox(
            label("supplier"),
            list(every),
            index=None,
            format_func=every.__getitem__,
            placeholder=say("Choose"),
            key="product.supplier",
        )
        terms = form(
            SupplyInput, {"product_id": found.id}, key="product.supply", only=["cost", "lead_days", "their_code"], columns=3
        )
        if terms and chosen:
            act(commands.put_supply, chosen, terms, done="Saved.")


def _edit(found: Product) -> None:
    edit_form(ProductInput, found, commands.edit_product, key=f"product.{found.id}", done="Saved.", choices=choices())
    with st.popover(say("Delete"), icon=":material/delete:", key="product.delete"):
        st.markdown(say("{name} leaves the list. Orders that name it stay as they are.", name=literal(found.name)))
        if st.button(say("Delete"), type="primary", key="product.delete_yes"):
            act(commands.delete_product, found.id, done="{name} deleted.", name=found.name)
