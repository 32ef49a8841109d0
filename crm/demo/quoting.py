"""Quotes of the demo company, in versions: sent with the solution, accepted with the win, one waiting for a word from above."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, replace
from random import Random
from typing import Any

from crm.demo.deals import SoldLine
from crm.demo.pipeline import Deals
from crm.demo.simulation import LOST, WON
from crm.demo.writing import Book, money
from crm.pipeline.models import Quote, QuoteLine, QuoteState

_FROM_STAGE = 3
"""Position of the stage with which a deal is quoted."""
_OPEN_STATES = (
    QuoteState.ASKED,
    QuoteState.SENT,
    QuoteState.DRAFT,
    QuoteState.SENT,
    QuoteState.APPROVED,
    QuoteState.SENT,
    QuoteState.REFUSED,
    QuoteState.SENT,
    QuoteState.SENT,
)
"""Of the last version, one deal after the other."""
_LARGE_DISCOUNT = 19
"""Percent: needs approval."""
_TERMS = ("30 % with the order, 60 % on delivery, 10 % after acceptance.", "预付 30%，发货前 60%，验收后 10%。", "Net 30 days.")
_DECISIONS = {QuoteState.APPROVED: "Reference customer for the region.", QuoteState.REFUSED: "毛利太低，先降到 15% 以内。"}
_ANSWERS = {
    QuoteState.ACCEPTED: ("Ordered by fax.", "同意，按此签合同。", "Accepted with the shorter delivery time."),
    QuoteState.DECLINED: ("Another supplier was cheaper.", "今年没有预算了。", "They repair the old machine."),
}


@dataclass(frozen=True, slots=True)
class _Version:
    deal: int
    revision: int
    state: QuoteState
    day: dt.date
    lines: tuple[SoldLine, ...]


def add_quotes(
    book: Book, approvers: dict[int, int], found: Deals, prices: dict[int, int], names: dict[int, str]
) -> dict[int, int]:
    """approvers: unit -> who decides there; prices: list prices in whole units -> deal: id of the accepted quote."""
    versions = list(_versions(book.random, found))
    ids = book.insert(Quote, [_quote(book.random, found, version, prices, approvers) for version in versions])
    book.insert(
        QuoteLine,
        [
            {
                "quote_id": quote_id,
                "product_id": line.product_id,
                "description": names[line.product_id],
                "quantity": money(line.quantity),
                "list_price": money(prices[line.product_id]),
                "unit_price": money(line.price),
                "discount_percent": money(line.discount),
                "amount": line.amount,
            }
            for quote_id, version in zip(ids, versions, strict=True)
            for line in version.lines
        ],
    )
    accepted = zip(versions, ids, strict=True)
    return {version.deal: quote_id for version, quote_id in accepted if version.state == QuoteState.ACCEPTED}


def _versions(random: Random, found: Deals) -> Iterator[_Version]:
    events = found.drawn.known.events
    entered = events[(events["position"] >= _FROM_STAGE) & (events["state"] == "open")].groupby("deal")["at"].first()
    number = 0
    for deal, facts in found.drawn.facts.items():
        if deal not in entered.index:
            continue
        first = entered[deal].date()
        last = facts["closed_on"].date() if facts["state"] != "open" else found.drawn.known.day
        lines = found.sales[deal].lines
        if facts["state"] == WON:
            state = QuoteState.ACCEPTED
        elif facts["state"] == LOST:
            state = QuoteState.DECLINED
        else:
            state, number = _OPEN_STATES[number % len(_OPEN_STATES)], number + 1
        if state in (QuoteState.ASKED, QuoteState.APPROVED, QuoteState.REFUSED):
            lines = tuple(_reduced(line) for line in lines)
        revisions = random.choice((1, 1, 2, 2, 3)) if (last - first).days > 6 else 1
        for revision in range(1, revisions + 1):
            day = first + (last - first) * revision / (revisions + 1)
            newest = revision == revisions
            yield _Version(deal, revision, state if newest else QuoteState.REPLACED, day, lines if newest else _dearer(lines))


def _reduced(line: SoldLine) -> SoldLine:
    return replace(line, discount=_LARGE_DISCOUNT, amount=money(line.price * line.quantity) * (100 - _LARGE_DISCOUNT) // 100)


def _dearer(lines: tuple[SoldLine, ...]) -> tuple[SoldLine, ...]:
    """As first offered: without a discount."""
    return tuple(replace(line, discount=0, amount=money(line.price * line.quantity)) for line in lines)


def _quote(random: Random, found: Deals, version: _Version, prices: dict[int, int], approvers: dict[int, int]) -> dict[str, Any]:
    sale, state, deal = found.sales[version.deal], version.state, found.drawn.facts[version.deal]
    at = dt.datetime.combine(version.day, dt.time(8), dt.UTC)
    row: dict[str, Any] = {
        "opportunity_id": found.ids[version.deal],
        "number": f"Q-{found.numbers[version.deal]}",
        "revision": version.revision,
        "state": state.value,
        "valid_until": version.day + dt.timedelta(random.choice((30, 60, 90))),
        "amount": sum(line.amount for line in version.lines),
        "list_amount": sum(money(prices[line.product_id] * line.quantity) for line in version.lines),
        "terms": random.choice(_TERMS),
        "by_id": sale.owner.id,
    }
    if state in (QuoteState.SENT, QuoteState.ACCEPTED, QuoteState.DECLINED, QuoteState.REPLACED):
        row |= {"sent_at": at}
    if state in _ANSWERS:
        row |= {"answered_on": deal["closed_on"].date(), "answer": random.choice(_ANSWERS[state])}
    if state in (QuoteState.ASKED, *_DECISIONS):
        row |= {"asked_at": at}
    if state in _DECISIONS:
        decided = {"decided_at": at + dt.timedelta(hours=5), "decided_by_id": approvers[sale.owner.unit_id]}
        row |= decided | {"decision": _DECISIONS[state]}
    return row
