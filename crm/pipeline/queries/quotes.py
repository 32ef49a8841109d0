"""What can be asked about quotes: versions, lines, what waits for approval, and how much discount a role may give."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pandas as pd
from sqlalchemy import Select, select
from sqlalchemy.orm import aliased

from crm.access import Role
from crm.catalogue.models import Product
from crm.customers.models import Customer
from crm.database import frame
from crm.office.queries import setting
from crm.pipeline.models import Opportunity, Quote, QuoteLine, QuoteState
from crm.session import ScopedSession, get, through_parent
from crm.staff.models import User

_decider = aliased(User)

USUAL_LIMIT = Decimal(15)
"""Percent, where nobody has set another."""

LIVING = (QuoteState.DRAFT, QuoteState.ASKED, QuoteState.APPROVED, QuoteState.REFUSED, QuoteState.SENT)
"""States of a quote that may still become something."""


def quote(session: ScopedSession, quote_id: int) -> Quote:
    return get(session, Quote, quote_id)


def quotes_of(session: ScopedSession, opportunity_id: int) -> pd.DataFrame:
    """The versions of a deal, newest first -> id, number, revision, state, valid_until, list_amount, amount, discount_percent,
    asked_at, decided_at, decided_by, decision, sent_at, answered_on, answer, made_by, version."""
    query = _quotes().where(Quote.opportunity_id == opportunity_id).order_by(Quote.revision.desc())
    found = frame(session, through_parent(query, Quote))
    return _with_discount(found).drop(columns=["opportunity_id", "opportunity", "customer"])


def quotes_to_approve(session: ScopedSession, limit: int = 200) -> pd.DataFrame:
    """What waits for the actor's word (never his own), the oldest first -> as `quotes_of`, with opportunity_id, opportunity,
    customer; nothing for a person whose role does not approve."""
    mine = Quote.by_id != session.actor.user_id if session.actor.may("approve", "pipeline") else Quote.id < 0
    query = _quotes().where(Quote.state == QuoteState.ASKED, mine).order_by(Quote.asked_at, Quote.id).limit(limit)
    return _with_discount(frame(session, query))


def _with_discount(found: pd.DataFrame) -> pd.DataFrame:
    listed = found["list_amount"]
    return found.assign(discount_percent=((listed - found["amount"]) * 100 / listed).where(listed > 0))


def _quotes() -> Select[*tuple[Any, ...]]:
    by, decided_by = User.name.label("made_by"), _decider.name.label("decided_by")
    about = (Quote.id, Quote.opportunity_id, Opportunity.name.label("opportunity"), Customer.name.label("customer"))
    sums = (Quote.number, Quote.revision, Quote.state, Quote.valid_until, Quote.list_amount, Quote.amount)
    rest = (Quote.asked_at, Quote.decided_at, decided_by, Quote.decision, Quote.sent_at, Quote.answered_on, Quote.answer, by)
    query = select(*about, *sums, *rest, Quote.version).join(Opportunity, Opportunity.id == Quote.opportunity_id)
    query = query.outerjoin(Customer, Customer.id == Opportunity.customer_id).outerjoin(User, User.id == Quote.by_id)
    return query.outerjoin(_decider, _decider.id == Quote.decided_by_id)


def quote_lines(session: ScopedSession, quote_id: int) -> pd.DataFrame:
    """-> id, product_id, code, description, quantity, list_price, unit_price, discount_percent, amount."""
    quote(session, quote_id)
    about = (QuoteLine.id, QuoteLine.product_id, Product.code, QuoteLine.description, QuoteLine.quantity, QuoteLine.list_price)
    query = select(*about, QuoteLine.unit_price, QuoteLine.discount_percent, QuoteLine.amount)
    query = query.outerjoin(Product, Product.id == QuoteLine.product_id)
    return frame(session, query.where(QuoteLine.quote_id == quote_id).order_by(QuoteLine.id))


def newest_quote(session: ScopedSession, opportunity_id: int) -> Quote | None:
    return session.scalar(select(Quote).where(Quote.opportunity_id == opportunity_id).order_by(Quote.revision.desc()).limit(1))


def accepted_quote(session: ScopedSession, opportunity_id: int) -> Quote | None:
    query = select(Quote).where(Quote.opportunity_id == opportunity_id, Quote.state == QuoteState.ACCEPTED)
    return session.scalar(query.order_by(Quote.revision.desc()).limit(1))


def discount_limit(session: ScopedSession, role: Role) -> Decimal:
    """Up to so many percent this role gives without asking: the setting "quotes", one value or one for each role."""
    limit = (setting(session, "quotes") or {}).get("discount_limit_percent", USUAL_LIMIT)
    if isinstance(limit, dict):
        limit = limit.get(role.value, limit.get("other", USUAL_LIMIT))
    return Decimal(str(limit))
