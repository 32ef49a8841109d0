"""What matters now: value, rhythm, what is due. The right third of a customer's page."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd
import streamlit as st

from crm.analytics.rfm import Rhythm, rhythm
from crm.customers import commands, queries
from crm.customers.models import Customer
from crm.insight.queries.outlook import chance_of_state
from crm.insight.queries.outlook import outlook as outlook_of
from crm.office.queries import MOST, activities_of, pinned, thresholds, today
from crm.ui.customer import outlook
from crm.ui.customer_profile import facts
from crm.ui.desk import act, figures, load, me
from crm.ui.show import heading
from crm.ui.support.mood import mood_line
from crm.ui.table import records
from crm.ui.text import literal, typed
from crm.words import label, say
from crm.words.formats import date_relative, money, number


def bought(orders: pd.DataFrame) -> pd.DataFrame:
    """Orders that are purchases: no returns, nothing given away."""
    return orders[(orders["kind"] != "return") & (orders["amount"] > 0)] if len(orders) else orders


def rhythm_of(orders: pd.DataFrame, day: dt.date) -> Rhythm | None:
    """His own pace, as far as it is known on a day."""
    past = [one for one in bought(orders)["ordered_on"].tolist() if one <= day] if len(orders) else []
    return rhythm(past, day) if past else None


def value_panel(customer: Customer, pace: Rhythm | None) -> None:
    day = figures(today)
    currency = next((board.currency for board in me().boards if board.id == customer.board_id), "CNY")
    found = figures(outlook_of, customer_id=customer.id, day=day)
    with st.container(border=True, key="customer.value"):
        outlook.title(customer, found, currency)
        if found is None:
            outlook.no_model()
        elif found.forecast is None:
            outlook.not_yet(found, currency)
        else:
            outlook.chart(found, found.forecast)
        reason = outlook.made_of(customer, figures(chance_of_state, customer_id=customer.id), figures(thresholds))
        st.markdown(f"{outlook.why(found, pace)}  \n:gray[{reason}]" if pace else f":gray[{reason}]")
        mood_line(customer.id, "customer")
        if found is not None and found.forecast is not None:
            outlook.ahead(found.forecast, currency)
        for rows in (outlook.figures_of(found, currency), _so_far(customer, currency, day), _judged(customer)):
            outlook.aligned([(name, f"**{literal(text)}**") for name, text in rows])
    _glance(customer, day)
    _due(customer, day)


def _glance(customer: Customer, day: dt.date) -> None:
    """What the daily records say, in a few lines: pinned activities, the last contact, what he buys, whose birthday comes."""
    about: dict[str, Any] = {"subject_type": "customer", "subject_id": customer.id}
    rows = load(activities_of, **about)
    important = rows[rows["pinned"].astype(bool)] if len(rows) < MOST else load(pinned, **about)
    lines = [f":material/keep: {literal(row.text if pd.notna(row.text) else row.topic)}" for row in records(important.head(3))]
    done = rows[rows["happened_on"].notna()].head(1)
    if len(done):
        last = records(done)[0]
        told = {"kind": label(last.kind, of="kind"), "ago": date_relative(last.happened_on, day), "who": last.author or "–"}
        lines.append(say("Last contact: {kind}, {ago}, by {who}.", **typed(told)))
    bought_most = figures(queries.top_products, customer_id=customer.id, limit=3)
    if bought_most:
        lines.append(say("Buys mostly {products}.", products=[literal(one.product) for one in bought_most]))
    lines += [say("{name} has a birthday on {day}.", name=literal(name), day=when) for name, when in _birthdays(customer, day)]
    if lines:
        with st.container(border=True, key="customer.glance"):
            heading("At a glance")
            st.markdown("  \n".join(lines))


def _birthdays(customer: Customer, day: dt.date, within: int = 30) -> list[tuple[str, dt.date]]:
    """Contacts whose birthday comes in the next days."""
    found = []
    for row in records(load(queries.contacts, customer_id=customer.id)):
        if pd.notna(row.birthday):
            coming = [when for year in (day.year, day.year + 1) if (when := _in_year(row.birthday, year)) >= day]
            if (coming[0] - day).days <= within:
                found.append((str(row.name), coming[0]))
    return found


def _in_year(birthday: dt.date, year: int) -> dt.date:
    """29 February is kept on the 28th in other years."""
    try:
        return birthday.replace(year=year)
    except ValueError:
        return dt.date(year, 2, 28)


def _so_far(customer: Customer, currency: str, day: dt.date) -> list[tuple[str, str]]:
    amount, count = float(customer.order_amount), customer.order_count
    return [
        (label("order_amount"), money(amount, currency)),
        (label("order_count"), number(count, 0)),
        (label("average_order"), money(amount / count, currency) if count else "–"),
        (label("last_order_on"), date_relative(customer.last_order_on, day) if customer.last_order_on else "–"),
    ]


def _judged(customer: Customer) -> list[tuple[str, str]]:
    rows = []
    if customer.r_score:
        rows.append((label("segment"), label(customer.segment or "", of="segment")))
        rows.append(("R · F · M", f"{customer.r_score} · {customer.f_score} · {customer.m_score}"))
    return rows + facts(customer, ("asset_rating", "contribution_rating"))


def _due(customer: Customer, day: dt.date) -> None:
    """Services that run out; one click records the renewal."""
    due = load(queries.renewals_due, until=day + dt.timedelta(60), customer_id=customer.id)
    if due.empty:
        return
    with st.container(border=True, key="customer.renewals"):
        heading("Renewals due")
        for row in records(due):
            with st.container(horizontal=True, vertical_alignment="center"):
                st.markdown(f"{literal(row.product)} :gray[{date_relative(row.ends_on, day)}]", width="stretch")
                if me().actor.grant("customers").change and st.button(
                    say("Renewed"),
                    key=f"renew.{row.product_id}",
                    help=say("Records the renewal with today's date at the list price"),
                ):
                    act(commands.record_renewal, customer.id, row.product_id, day, done="Renewal recorded.")
