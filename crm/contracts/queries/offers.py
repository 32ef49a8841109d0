"""What a new contract begins with."""

from __future__ import annotations

from typing import Any

from crm.customers.models import Customer
from crm.pipeline.models import Opportunity
from crm.pipeline.queries.quotes import accepted_quote
from crm.session import ScopedSession, get
from crm.staff.models import OrgUnit


def contract_offered(session: ScopedSession, opportunity_id: int) -> dict[str, Any]:
    """Of a deal -> name, amount (of the accepted quote, else of the deal), currency, customer_id, customer, closed_on; quote
    (id, number), or None."""
    deal = get(session, Opportunity, opportunity_id)
    quote, board = accepted_quote(session, opportunity_id), get(session, OrgUnit, deal.board_id)
    about = {"name": deal.name, "currency": board.currency, "closed_on": deal.closed_on, "customer_id": deal.customer_id}
    about |= {"customer": get(session, Customer, deal.customer_id).name}
    return about | {"amount": quote.amount if quote else deal.amount, "quote": (quote.id, quote.title) if quote else None}
