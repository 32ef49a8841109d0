"""A customer's orders: his rhythm as a chart, the list, one order with its lines, and new ones."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pandas as pd
import streamlit as st

from crm.analytics.rfm import Rhythm
from crm.catalogue.queries import product_choices
from crm.charts.customer import rhythm as rhythm_figure
from crm.customers import commands, queries
from crm.customers.commands import LineInput, OrderInput
from crm.customers.models import Customer, OrderKind
from crm.office.queries import today
from crm.ui.desk import act, figures, load, me
from crm.ui.dialog import open_dialog
from crm.ui.form import checked
from crm.ui.money import currency_of
from crm.ui.show import Built, empty, heading, show
from crm.ui.table import table
from crm.words import label, say
from crm.words.formats import date_short, money


def rhythm_chart(customer: Customer, orders: pd.DataFrame, pace: Rhythm | None) -> None:
    day = figures(today)
    if orders.empty:
        empty("No orders yet: {name} is a potential customer. The first order makes him a transacting one.", name=customer.name)
        return
    if pace is None or pace.median_gap_days is None:
        heading("His orders")
    elif pace.overdue_factor is not None and pace.overdue_factor > 2:
        heading("Out of his rhythm: silent {factor} times as long as usual", factor=round(pace.overdue_factor, 1))
    else:
        heading("In his rhythm: an order every {usual:day|days}", usual=round(pace.median_gap_days))
    expected = pace.expected_next if pace is not None and (pace.overdue_factor or 0) <= 2 else None
    picked = show(Built(rhythm_figure, orders, day, expected), key="customer.rhythm")
    if picked:
        one = picked[0]
        _open(int(one[0] if isinstance(one, list | tuple) else one), orders)


def orders(customer: Customer, found: pd.DataFrame, limit: int | None = None, key: str = "orders") -> None:
    if (
        limit is None
        and me().actor.grant("customers").change
        and st.button(say("New order"), icon=":material/add_shopping_cart:", key="order.add")
    ):
        open_dialog(say("New order of {name}", name=customer.name), new_order, customer)
    if found.empty:
        return
    chosen = table(
        found.head(limit or 500),
        key=f"{key}.table",
        columns=["ordered_on", "number", "kind", "lines", "amount"],
        currency=currency_of(me()),
        once=True,
    )
    if chosen.opened:
        _open(chosen.opened, found)


def _open(order_id: int, found: pd.DataFrame) -> None:
    numbers = dict(zip(found["id"], found["number"], strict=True))
    open_dialog(str(numbers.get(order_id, "")), order_dialog, order_id, found)


def order_dialog(order_id: int, found: pd.DataFrame) -> None:
    """One order with its lines; goods come back as a return, a wrong order is deleted."""
    rows = found.set_index("id", drop=False)
    if order_id not in rows.index:
        return
    order: Any = rows.loc[order_id]
    st.caption(f"{label(order['kind'], of='kind')} · {date_short(order['ordered_on'])}")
    table(
        load(queries.order_lines, order_id=order_id),
        key="order.lines",
        columns=["code", "description", "quantity", "unit_price", "amount"],
        opens=False,
        height="auto",
    )
    st.markdown(f"**{say('Total')} {money(order['amount'], currency_of(me()) or 'CNY')}**")
    actor = me().actor
    with st.container(horizontal=True):
        if (
            actor.grant("customers").change
            and order["kind"] != "return"
            and st.button(say("All of it came back"), icon=":material/undo:", key="order.return")
        ):
            act(commands.take_back, order_id, figures(today), done="Return recorded.")
        if actor.may("delete", "customers") and st.button(say("Delete this order"), icon=":material/delete:", key="order.delete"):
            act(commands.delete_order, order_id, int(order["version"]), done="Order deleted.")


def new_order(customer: Customer) -> None:
    products: dict[int, Any] = figures(product_choices)
    day: dt.date = figures(today)
    with st.form("order.form", border=False):
        cells = st.columns(3)
        ordered_on = cells[0].date_input(label("ordered_on"), value=day, format="YYYY-MM-DD", key="order.day")
        kinds = [kind.value for kind in OrderKind]
        kind = cells[1].selectbox(label("kind"), kinds, format_func=lambda code: label(code, of="kind"), key="order.kind")
        number = cells[2].text_input(label("number"), help=say("Left empty: the next free number."), key="order.number")
        lines = st.data_editor(
            pd.DataFrame(
                {
                    "product": pd.Series(dtype="str"),
                    "description": pd.Series(dtype="str"),
                    "quantity": pd.Series(dtype="float"),
                    "unit_price": pd.Series(dtype="float"),
                }
            ),
            num_rows="dynamic",
            key="order.new_lines",
            column_config={
                "product": st.column_config.SelectboxColumn(label("product"), options=list(products.values())),
                "description": st.column_config.TextColumn(label("description")),
                "quantity": st.column_config.NumberColumn(label("quantity"), default=1.0, required=True),
                "unit_price": st.column_config.NumberColumn(label("unit_price"), format="%.2f", required=True),
            },
        )
        remark = st.text_input(label("remark"), key="order.remark")
        sent = st.form_submit_button(say("Save order"), type="primary", icon=":material/check:")
    if sent:
        ids = {text: key for key, text in products.items()}
        values = {
            "number": number,
            "ordered_on": ordered_on,
            "kind": kind,
            "remark": remark,
            "lines": [_line(row, ids) for _, row in lines.iterrows()],
        }
        if (details := checked(OrderInput, values)) is not None:
            act(commands.add_order, customer.id, details, done="Order saved.")


def _line(row: Any, ids: dict[str, int]) -> LineInput:
    return LineInput(
        product_id=ids.get(row["product"]) if pd.notna(row["product"]) else None,
        description=row["description"] if pd.notna(row["description"]) else None,
        quantity=Decimal(str(row["quantity"])) if pd.notna(row["quantity"]) else Decimal(1),
        unit_price=Decimal(str(row["unit_price"])) if pd.notna(row["unit_price"]) else Decimal(0),
    )
