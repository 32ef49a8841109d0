"""What matters now: value, rhythm, what is due. The right third of a customer's page."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import streamlit as st

from crm.analytics.rfm import Rhythm, rhythm
from crm.customers import commands, queries
from crm.customers.models import Customer
from crm.office.queries import notes_of, pinned, today
from crm.ui.customer_profile import facts
from crm.ui.desk import act, figures, load, me
from crm.ui.show import heading
from crm.ui.table import records
from crm.ui.text import literal
from crm.words import label, say
from crm.words.formats import date_relative, date_short, money, number


def bought(orders: pd.DataFrame) -> pd.DataFrame:
    """Orders that are purchases: no returns, nothing given away."""
    return orders[(orders["kind"] != "return") & (orders["amount"] > 0)] if len(orders) else orders


def rhythm_of(orders: pd.DataFrame, day: dt.date) -> Rhythm | None:
    """His own pace, as far as it is known on a day."""
    past = [one for one in bought(orders)["ordered_on"] if one <= day] if len(orders) else []
    return rhythm(past, day) if past else None


def value_panel(customer: Customer, pace: Rhythm | None) -> None:
    day = figures(today)
    currency = next((board.currency for board in me().boards if board.id == customer.board_id), "CNY")
    with st.container(border=True, key="customer.value"):
        heading(
            "Value",
            about=say(
                "Orders up to {day}, returns taken off. R, F and M are fifths within the board: 5 is best.", day=date_short(day)
            ),
        )
        for title, text in _figures(customer, currency, day):
            with st.container(horizontal=True, vertical_alignment="center"):
                st.markdown(f":gray[{title}]", width="stretch")
                st.markdown(f"**{text}**", width="content", text_alignment="right")
        if pace is not None:
            st.markdown(_sentence(pace))
    _glance(customer, day)
    _due(customer, day)


def _glance(customer: Customer, day: dt.date) -> None:
    """What the daily records say, in a few lines: pinned notes, the last contact, what he buys, whose birthday comes."""
    lines = [
        f":material/keep: {literal(row.text)}" for row in records(load(pinned, subject_type="customer", subject_id=customer.id))
    ][:3]
    notes = load(notes_of, subject_type="customer", subject_id=customer.id)
    if len(notes):
        last = records(notes)[0]
        told = {"kind": label(last.kind, of="note"), "ago": date_relative(last.happened_on, day), "who": last.author or "–"}
        lines.append(say("Last contact: {kind}, {ago}, by {who}.", **told))
    bought_most = load(queries.top_products, customer_id=customer.id, limit=3)
    if len(bought_most):
        lines.append(say("Buys mostly {products}.", products=[literal(name) for name in bought_most["product"]]))
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


def _figures(customer: Customer, currency: str, day: dt.date) -> list[tuple[str, str]]:
    amount, count = float(customer.order_amount), customer.order_count
    rows = [
        (label("order_amount"), money(amount, currency)),
        (label("order_count"), number(count, 0)),
        (label("average_order"), money(amount / count, currency) if count else "–"),
        (label("last_order_on"), date_relative(customer.last_order_on, day) if customer.last_order_on else "–"),
    ]
    if customer.r_score:
        rows.append(("R · F · M", f"{customer.r_score} · {customer.f_score} · {customer.m_score}"))
        rows.append((label("segment"), label(customer.segment or "", of="segment")))
    return rows + facts(customer, ("asset_rating", "contribution_rating"))


def _sentence(pace: Rhythm) -> str:
    """His rhythm against his silence, in plain words."""
    silent = pace.days_since_last
    if pace.median_gap_days is None:
        return say("Bought on one day only, {days:day|days} ago.", days=silent)
    usual = round(pace.median_gap_days)
    if pace.overdue_factor is not None and pace.overdue_factor > 2:
        return say(
            ":material/warning: Usually buys every {usual:day|days}; silent for {days:day|days}, {factor} times as long.",
            usual=usual,
            days=silent,
            factor=round(pace.overdue_factor, 1),
        )
    between = {"start": pace.expected_from, "end": pace.expected_until}
    return say("Usually buys every {usual:day|days}; next order expected between {start} and {end}.", usual=usual, **between)


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
