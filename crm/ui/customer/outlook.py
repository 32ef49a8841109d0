"""What the model says of a customer: is he still there, what will he bring, when does he order next, and why."""

from __future__ import annotations

from functools import partial
from typing import Any

import streamlit as st

from crm.analytics.rfm import Rhythm
from crm.charts.customer import alive
from crm.customers.models import Customer, LifeCycle
from crm.insight.queries.outlook import Ahead, Forecast, Outlook, purchase_rows
from crm.office.thresholds import Thresholds
from crm.ui.desk import me
from crm.ui.insight.about import about, titled
from crm.ui.insight.clv_words import model_name
from crm.ui.show import Built, plain
from crm.ui.text import literal
from crm.words import label, say
from crm.words.formats import date_short, money, number, percent, short_money

CLV = r"\mathrm{CLV} = P(\text{alive}) \cdot E[M] \cdot \text{margin} \cdot \int_0^h E[\text{rate}(t)]\, e^{-\delta t}\, dt"
OVERDUE = 2.0
"""So many times as long as usual: out of his rhythm."""
LEAST = 0.05
"""Below this chance of an order within a year, no days are named for it."""


def title(customer: Customer, found: Outlook | None, currency: str) -> None:
    """The answer in one line, and what it is behind the sign beside it."""
    with _titled(found, currency):
        if found is not None:
            about(
                "customer.value",
                definition=_definition(found),
                formula=CLV,
                scope=say("His own purchases; the model speaks for all customers of his board"),
                as_of=found.day,
                n=found.customers,
                rows=partial(purchase_rows, customer_id=customer.id, until=found.day),
                columns=("ordered_on", "number", "kind", "amount"),
            )


def _titled(found: Outlook | None, currency: str) -> Any:
    forecast = found.forecast if found else None
    if forecast is None:
        return titled("Not bought yet" if found and not found.outside else "Value", "customer.value")
    chance = percent(forecast.p_alive, 0)
    if forecast.lifetime_value is None:
        return titled("{chance} still a customer", "customer.value", chance=chance)
    worth = short_money(round(forecast.lifetime_value), currency)
    return titled("{chance} still a customer, worth {worth}", "customer.value", chance=chance, worth=worth)


def _definition(found: Outlook) -> str:
    return say(
        "The chance that he has not silently left, and what he will bring: from when and how much he bought, by the model "
        "{model} as fitted to {customers:customer|customers} with purchases up to {cutoff}. Values are a margin of {margin}, "
        "discounted at {discount} a year; lifetime value looks {months:month|months} ahead. Small figures: the range that 8 "
        "of 10 such customers keep within.",
        model=model_name(found.model),
        customers=found.customers,
        cutoff=found.cutoff_on,
        margin=percent(found.margin, 0),
        discount=percent(found.annual_discount, 0),
        months=found.horizon_months,
    )


def no_model() -> None:
    """What is missing, and who can bring it."""
    st.markdown(say("Nobody has chosen a customer model for this board yet, so there is no forecast."))
    if me().actor.may("publish", "insight"):
        st.page_link("pages/insight/lifetime_value.py", label=say("Choose a model"), icon=":material/query_stats:")
    else:
        st.caption(say("A director or an analyst chooses it under Insight, Lifetime value."))


def not_yet(found: Outlook, currency: str) -> None:
    """A customer without an order: what is known, and what not."""
    if found.outside:
        st.markdown(say("The model of this board was fitted to a part of its customers; he is not one of them."))
        return
    ordinary = found.newcomer
    known = say("Whether and when he buys is not known: the model begins with the first order.")
    if ordinary.value is None:
        then = say(
            "After it, a customer of this board orders {orders} times more within 12 months.", orders=number(ordinary.orders, 1)
        )
    else:
        then = say(
            "After it, a customer of this board orders {orders} times more within 12 months, worth {value}.",
            orders=number(ordinary.orders, 1),
            value=literal(money(round(ordinary.value), currency)),
        )
    st.markdown(f"{known} {then}")


def chart(found: Outlook, forecast: Forecast) -> None:
    plain(Built(alive, forecast.path, forecast.silence, found.purchase_days, found.day), key="customer.alive")


def why(found: Outlook | None, pace: Rhythm) -> str:
    """His rhythm against his silence, in one or two sentences; without a model his rhythm alone."""
    sentences = [_rhythm(pace)]
    if found is not None and found.forecast is not None:
        sentences.append(_silence(found, found.forecast))
    return " ".join(sentence for sentence in sentences if sentence)


def _rhythm(pace: Rhythm) -> str:
    silent = pace.days_since_last
    if pace.median_gap_days is None:
        return say("Bought on one day only, {days:day|days} ago.", days=silent)
    usual, factor = round(pace.median_gap_days), pace.overdue_factor or 0
    if factor > OVERDUE:
        return say(
            ":material/warning: Usually buys every {usual:day|days}; silent for {days:day|days}, {factor} times as long.",
            usual=usual,
            days=silent,
            factor=round(factor, 1),
        )
    return say("Usually buys every {usual:day|days}, silent for {days:day|days}: within his rhythm.", usual=usual, days=silent)


def _silence(found: Outlook, forecast: Forecast) -> str:
    if len(found.purchase_days) == 1 and forecast.p_alive > 0.999:
        return say("One purchase says nothing of leaving yet: this model takes him for active.")
    if forecast.half_on is None:
        return ""
    if forecast.half_on <= found.day:
        return say("More likely gone than not since {day}.", day=forecast.half_on)
    return say("If he stays silent, he is more likely gone than not from {day} on.", day=forecast.half_on)


def made_of(customer: Customer, chance: float | None, limits: Thresholds) -> str:
    """His life-cycle state and what made it: the chance of the newest scores, or his silence."""
    state = customer.life_cycle
    if state == LifeCycle.POTENTIAL:
        return say("{state}: no order yet.", state=label(state, of="life_cycle"))
    if chance is None:
        limit = limits.dormant_days if state == LifeCycle.LOST else limits.active_days
        return say(BY_SILENCE[state], state=label(state, of="life_cycle"), limit=limit)
    share = limits.dormant_chance if state == LifeCycle.LOST else limits.active_chance
    return say(BY_CHANCE[state], state=label(state, of="life_cycle"), limit=percent(share, 0))


BY_CHANCE = {
    "active": "{state}: his chance is at least {limit}.",
    "dormant": "{state}: his chance is below {limit}.",
    "lost": "{state}: his chance is below {limit}.",
}
BY_SILENCE = {
    "active": "{state}: he bought within {limit:day|days}.",
    "dormant": "{state}: he has not bought for more than {limit:day|days}.",
    "lost": "{state}: he has not bought for more than {limit:day|days}.",
}


def ahead(forecast: Forecast, currency: str) -> None:
    """Orders and value of the next 12, 24 and 36 months, each with its range."""
    lines: list[tuple[str, ...]] = [(say("Ahead"), f":gray[{label('orders')}]", f":gray[{label('value')}, {currency}]")]
    for one in forecast.ahead:
        orders = f"**{number(one.orders, 1)}** :gray[:small[{number(one.orders_low, 0)}–{number(one.orders_high, 0)}]]"
        lines.append((say("{months:month|months}", months=one.months), orders, _worth(one)))
    aligned(lines)


def _worth(one: Ahead) -> str:
    if one.value is None:
        return "–"
    if one.value_low is None or one.value_high is None:
        return f"**{_whole(one.value)}**"
    return f"**{_whole(one.value)}** :gray[:small[{_whole(one.value_low)}–{_whole(one.value_high)}]]"


def _whole(amount: float) -> str:
    return short_money(round(amount))


def figures_of(found: Outlook | None, currency: str) -> list[tuple[str, str]]:
    """(label, text): what is not in the title, the chart or the grid."""
    forecast = found.forecast if found else None
    if found is None or forecast is None:
        return []
    rows = []
    if forecast.lifetime_value is not None and forecast.value_at_risk is not None:
        worth = money(round(forecast.lifetime_value), currency)
        rows.append((say("Lifetime value, {months:month|months}", months=found.horizon_months), _round(worth)))
        rows.append((label("value_at_risk"), _round(money(round(forecast.value_at_risk), currency))))
    rows.append((say("Orders within 12 months"), percent(1 - forecast.none_in_a_year, 0)))
    if forecast.next_from is not None and 1 - forecast.none_in_a_year >= LEAST:
        rows.append((label("next_order_from"), date_short(forecast.next_from)))
        rows.append(
            (label("next_order_until"), date_short(forecast.next_until) if forecast.next_until else say("not foreseeable"))
        )
    return rows


def _round(text: str) -> str:
    """Nobody has received it yet: no cents."""
    return text.removesuffix(".00")


def aligned(lines: list[tuple[str, ...]]) -> None:
    """Words at the left, figures right-aligned beside them, line by line; an element of the page for each column."""
    if not lines:
        return
    with st.container(horizontal=True, gap="small"):
        for position, column in enumerate(zip(*lines, strict=True)):
            if position:
                st.markdown("  \n".join(column), width="content", text_alignment="right")
            else:
                st.markdown("  \n".join(f":gray[{words}]" for words in column), width="stretch")
