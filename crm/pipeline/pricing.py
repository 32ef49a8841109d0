"""What the lines of a quote come to, before and when it is saved: list prices of the day, amounts, the discount and its limit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from pydantic import Field
from sqlalchemy import select

from crm.catalogue.models import Product
from crm.catalogue.queries import list_prices
from crm.editing import Input
from crm.errors import Invalid
from crm.office.queries import today
from crm.pipeline.models import Opportunity, OpportunityLine, Quote, QuoteLine
from crm.pipeline.models.quotes import in_money
from crm.pipeline.queries.quotes import discount_limit
from crm.session import ScopedSession, get


class QuoteLineInput(Input):
    product_id: int | None = None
    description: str | None = Field(None, max_length=300)
    quantity: Decimal = Field(Decimal(1), gt=0)
    unit_price: Decimal | None = Field(None, ge=0, description="Left empty: the list price.")
    discount_percent: Decimal = Field(Decimal(0), ge=0, le=100)


@dataclass(frozen=True, slots=True)
class QuotePrices:
    """A quote that is not saved yet, in figures."""

    list_prices: tuple[Decimal, ...]
    """Of each line."""
    amounts: tuple[Decimal, ...]
    amount: Decimal
    list_amount: Decimal
    discount_percent: Decimal
    largest_percent: Decimal
    """Of the whole or of any line: what the limit is held against."""
    limit_percent: Decimal
    """Of who asks."""

    @property
    def needs_approval(self) -> bool:
        return self.largest_percent > self.limit_percent


def quote_prices(session: ScopedSession, opportunity_id: int, lines: Sequence[QuoteLineInput]) -> QuotePrices:
    found = priced(session, get(session, Opportunity, opportunity_id), lines)
    quote = Quote(**sums(found), lines=found)
    return QuotePrices(
        list_prices=tuple(line.list_price for line in found),
        amounts=tuple(line.amount for line in found),
        amount=quote.amount,
        list_amount=quote.list_amount,
        discount_percent=quote.discount_percent,
        largest_percent=quote.largest_discount_percent,
        limit_percent=discount_limit(session, session.actor.role),
    )


def lines_of_deal(session: ScopedSession, opportunity_id: int) -> list[QuoteLineInput]:
    """The lines of the opportunity, as a quote begins with them."""
    query = select(OpportunityLine).where(OpportunityLine.opportunity_id == opportunity_id).order_by(OpportunityLine.id)
    return [copied(line) for line in session.scalars(query)]


def lines_of_quote(session: ScopedSession, quote_id: int) -> list[QuoteLineInput]:
    return [copied(line) for line in get(session, Quote, quote_id).lines if line.deleted_at is None]


def copied(line: OpportunityLine | QuoteLine) -> QuoteLineInput:
    about = {"product_id": line.product_id, "description": line.description, "quantity": line.quantity}
    return QuoteLineInput(**about, unit_price=line.unit_price, discount_percent=line.discount_percent)


def sums(lines: Sequence[QuoteLine]) -> dict[str, Decimal]:
    listed = sum((in_money(line.quantity * line.list_price) for line in lines), Decimal(0))
    return {"amount": sum((line.amount for line in lines), Decimal(0)), "list_amount": listed}


def priced(session: ScopedSession, opportunity: Opportunity, asked: Sequence[QuoteLineInput]) -> list[QuoteLine]:
    """The list prices of the day; what has none is listed at the price that is asked."""
    if not asked:
        raise Invalid("A quote needs at least one line.", field="lines")
    # With those that left the catalogue since: a new version of an old quote names them still.
    wanted = {line.product_id for line in asked if line.product_id is not None}
    products = {one: get(session, Product, one, with_deleted=True) for one in wanted}
    listed = list_prices(session, products, today(session), opportunity.board_id)
    return [_line(line, products.get(line.product_id or 0), listed.get(line.product_id or 0)) for line in asked]


def _line(asked: QuoteLineInput, product: Product | None, listed: Decimal | None) -> QuoteLine:
    name = asked.description or (product.name if product else None)
    if name is None:
        raise Invalid("Choose a product, or say what the line is for.", field="description")
    price = asked.unit_price if asked.unit_price is not None else listed
    if price is None:
        raise Invalid("{name} has no list price: say what it costs.", field="unit_price", name=name)
    about = {"product_id": asked.product_id, "description": name, "quantity": asked.quantity}
    line = QuoteLine(
        **about,
        list_price=price if listed is None else listed,
        unit_price=in_money(price),
        discount_percent=asked.discount_percent,
    )
    line.amount = in_money(line.quantity * line.net_price)
    return line
