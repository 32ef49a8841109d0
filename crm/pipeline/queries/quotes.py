"""What can be asked about quotes: versions, lines, what waits for approval, and how much discount a role may give."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from functools import cache
from typing import Any

import pandas as pd
from pydantic import BaseModel, ConfigDict
from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import aliased

from crm.access import Role
from crm.catalogue.models import Product
from crm.customers.models import Customer
from crm.customers.queries.orders import by_currency
from crm.database import frame
from crm.errors import NotFound
from crm.office.queries import setting
from crm.pipeline.models import Opportunity, Quote, QuoteLine, QuoteState
from crm.session import ScopedSession, through_parent
from crm.staff.models import OrgUnit, User

_decider = aliased(User)

USUAL_LIMIT = Decimal(15)
"""Percent, where nobody has set another."""

LIVING = (QuoteState.DRAFT, QuoteState.ASKED, QuoteState.APPROVED, QuoteState.REFUSED, QuoteState.SENT)
"""States of a quote that may still become something."""


def quote(session: ScopedSession, quote_id: int) -> Quote:
    found = _one(session, Quote.id == quote_id)
    if found is None:
        raise NotFound()
    return found


def _one(session: ScopedSession, *where: ColumnElement[bool]) -> Quote | None:
    """The newest version of those that I see."""
    query = select(Quote).join(Opportunity, Opportunity.id == Quote.opportunity_id).where(*where)
    return session.scalar(through_parent(query.order_by(Quote.revision.desc()).limit(1), Quote))


class QuoteFilter(BaseModel):
    """Every field left empty means: any."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    search: str = ""
    """Words in the number, the deal or its customer."""
    state: tuple[str, ...] = ()
    mine: bool = False
    """Made by who asks."""
    amount_from: Decimal | None = None
    sent_from: dt.date | None = None
    sent_to: dt.date | None = None

    def conditions(self, session: ScopedSession) -> list[ColumnElement[bool]]:
        found = [_mentions(word) for word in self.search.split()]
        found += [Quote.state.in_(self.state)] if self.state else []
        found += [Quote.by_id == session.actor.user_id] if self.mine else []
        found += [Quote.amount >= self.amount_from] if self.amount_from is not None else []
        found += [Quote.sent_at >= _start_of(self.sent_from)] if self.sent_from else []
        return found + ([Quote.sent_at < _start_of(self.sent_to + dt.timedelta(1))] if self.sent_to else [])


ANY_QUOTE = QuoteFilter()


def quote_list(session: ScopedSession, where: QuoteFilter = ANY_QUOTE, page: int = 1, size: int = 50) -> pd.DataFrame:
    """The newest first -> columns of `quotes_of`, with opportunity_id, opportunity, customer_id, customer, currency."""
    query = _quotes().where(*where.conditions(session)).order_by(Quote.id.desc())
    return _with_discount(session, frame(session, through_parent(query.limit(size).offset((page - 1) * size), Quote)))


def quote_totals(session: ScopedSession, where: QuoteFilter = ANY_QUOTE) -> dict[str, Any]:
    """-> quotes, states {state: how many}, amounts and list_amounts {currency: sum}."""
    counted = (func.count(Quote.id), func.sum(Quote.amount), func.sum(Quote.list_amount))
    query: Any = select(Opportunity.board_id, Quote.state, *counted)
    query = query.join(Opportunity, Opportunity.id == Quote.opportunity_id)
    query = query.outerjoin(Customer, Customer.id == Opportunity.customer_id).where(*where.conditions(session))
    rows = session.execute(through_parent(query.group_by(Opportunity.board_id, Quote.state), Quote)).all()
    states: dict[str, int] = {}
    boards: dict[str, dict[int, float]] = {"amounts": {}, "list_amounts": {}}
    for board_id, state, quotes, amount, listed in rows:
        states[state] = states.get(state, 0) + quotes
        for name, value in (("amounts", amount), ("list_amounts", listed)):
            boards[name][board_id] = boards[name].get(board_id, 0.0) + float(value or 0)
    sums = {name: by_currency(session, by_board) for name, by_board in boards.items()}
    return {"quotes": sum(states.values()), "states": states, **sums}


def quotes_of(session: ScopedSession, opportunity_id: int) -> pd.DataFrame:
    """The versions of a deal, newest first -> id, quote ("Q-7-2"), number, revision, state, valid_until, list_amount, amount,
    discount_percent (of the whole), largest_percent (of the whole or of any line), limit_percent (of who made it), asked_at,
    decided_at, decided_by, decision, sent_at, answered_on, answer, by_id, made_by, version."""
    query = _quotes().where(Quote.opportunity_id == opportunity_id).order_by(Quote.revision.desc())
    found = _with_discount(session, frame(session, through_parent(query, Quote)))
    return found.drop(columns=["opportunity_id", "opportunity", "customer_id", "customer", "currency"])


def quotes_to_approve(session: ScopedSession, limit: int = 200) -> pd.DataFrame:
    """What waits for the actor's word (never his own), the oldest first -> columns of `quote_list`; nothing for a person whose
    role does not approve."""
    mine = Quote.by_id != session.actor.user_id if session.actor.may("approve", "pipeline") else Quote.id < 0
    query = _quotes().where(Quote.state == QuoteState.ASKED, mine).order_by(Quote.asked_at, Quote.id).limit(limit)
    return _with_discount(session, frame(session, through_parent(query, Quote)))


def _mentions(word: str) -> ColumnElement[bool]:
    return or_(*(text.icontains(word, autoescape=True) for text in (Quote.number, Opportunity.name, Customer.name)))


def _start_of(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), dt.UTC)


def _with_discount(session: ScopedSession, found: pd.DataFrame) -> pd.DataFrame:
    listed = found["list_amount"]
    percent = ((listed - found["amount"]) * 100 / listed).where(listed > 0)
    largest = percent.fillna(0.0).combine(found["id"].map(_of_lines(session, found["id"].tolist())).fillna(0.0), max)
    limits = {role: float(discount_limit(session, Role(role))) for role in found["role"].dropna().unique()}
    titles = found["number"] + "-" + found["revision"].astype("str")
    about = {"quote": titles, "discount_percent": percent, "largest_percent": largest, "limit_percent": found["role"].map(limits)}
    return found.assign(**about).drop(columns="role")


def _of_lines(session: ScopedSession, ids: list[int]) -> dict[int, float]:
    """Quote id -> the largest discount of one of its lines against its list price, in percent."""
    if not ids:
        return {}
    listed = QuoteLine.quantity * QuoteLine.list_price
    query = select(QuoteLine.quote_id, QuoteLine.quantity, QuoteLine.list_price, QuoteLine.amount).where(listed > 0)
    largest: dict[int, float] = {}
    for quote_id, *values in session.execute(_lines(query.where(QuoteLine.quote_id.in_(ids)))):
        quantity, price, amount = map(float, values)
        off = 100 - 100 * amount / (quantity * price)
        largest[quote_id] = max(off, largest.get(quote_id, off))
    return largest


def _lines(query: Any) -> Any:
    """The rows of lines of the quotes that I see."""
    query = query.join(Quote, Quote.id == QuoteLine.quote_id).join(Opportunity, Opportunity.id == Quote.opportunity_id)
    return through_parent(query, QuoteLine, Quote)


@cache
def _quotes() -> Select[*tuple[Any, ...]]:
    by, decided_by = User.name.label("made_by"), _decider.name.label("decided_by")
    about = (Quote.id, Quote.opportunity_id, Opportunity.name.label("opportunity"), Opportunity.customer_id)
    of = (Customer.name.label("customer"), OrgUnit.currency, User.role)
    sums = (Quote.number, Quote.revision, Quote.state, Quote.valid_until, Quote.list_amount, Quote.amount)
    rest = (Quote.asked_at, Quote.decided_at, decided_by, Quote.decision, Quote.sent_at, Quote.answered_on, Quote.answer)
    query = select(*about, *of, *sums, *rest, Quote.by_id, by, Quote.version)
    query = query.join(Opportunity, Opportunity.id == Quote.opportunity_id).outerjoin(OrgUnit, OrgUnit.id == Opportunity.board_id)
    query = query.outerjoin(Customer, Customer.id == Opportunity.customer_id).outerjoin(User, User.id == Quote.by_id)
    return query.outerjoin(_decider, _decider.id == Quote.decided_by_id)


def quote_lines(session: ScopedSession, quote_id: int) -> pd.DataFrame:
    """-> id, product_id, code, description, unit, quantity, list_price, unit_price, discount_percent, amount."""
    quote(session, quote_id)
    about = (QuoteLine.id, QuoteLine.product_id, Product.code, QuoteLine.description, Product.unit, QuoteLine.quantity)
    query = select(*about, QuoteLine.list_price, QuoteLine.unit_price, QuoteLine.discount_percent, QuoteLine.amount)
    query = query.outerjoin(Product, Product.id == QuoteLine.product_id)
    return frame(session, _lines(query).where(QuoteLine.quote_id == quote_id).order_by(QuoteLine.id))


def changed_lines(session: ScopedSession, earlier_id: int, later_id: int) -> pd.DataFrame:
    """Two versions line by line, in the order of the later one -> id, description, change (added, taken_out, changed, same),
    and quantity, net_price, amount, each of them with _before and _after, and amount_change.

    Lines of one product (or, without a product, of one description) belong together, the first to the first."""
    before, after = (_to_compare(quote_lines(session, one)) for one in (earlier_id, later_id))
    names = {name: (f"{name}_before", f"{name}_after") for name in ("quantity", "net_price", "amount")}
    both = after.merge(before, on=["key", "turn"], how="outer", suffixes=("_after", "_before"), indicator=True)
    both = both.sort_values(["place_after", "place_before"], na_position="last", ignore_index=True)
    same = pd.concat([both[left] == both[right] for left, right in names.values()], axis=1).all(axis=1)
    told = both["_merge"].map({"left_only": "added", "right_only": "taken_out", "both": "changed"}).astype("str")
    both["change"] = told.mask((told == "changed") & same, "same")
    both["description"] = both["description_after"].fillna(both["description_before"])
    both["amount_change"] = both["amount_after"].fillna(0) - both["amount_before"].fillna(0)
    both["id"] = range(1, len(both) + 1)
    return both[["id", "description", "change", *[name for pair in names.values() for name in pair], "amount_change"]]


def _to_compare(lines: pd.DataFrame) -> pd.DataFrame:
    products = "p" + lines["product_id"].astype("Int64").astype("str")
    keys = products.where(lines["product_id"].notna(), "d" + lines["description"].astype("str"))
    known = lines.assign(key=keys, place=range(len(lines)))
    net = (known["unit_price"] * (100 - known["discount_percent"].astype("float64")) / 100).round(4)
    known = known.assign(net_price=net, turn=known.groupby("key").cumcount())
    for name in ("quantity", "amount"):
        known[name] = known[name].astype("float64")
    return known[["key", "turn", "place", "description", "quantity", "net_price", "amount"]]


def newest_quote(session: ScopedSession, opportunity_id: int) -> Quote | None:
    return _one(session, Quote.opportunity_id == opportunity_id)


def accepted_quote(session: ScopedSession, opportunity_id: int) -> Quote | None:
    return _one(session, Quote.opportunity_id == opportunity_id, Quote.state == QuoteState.ACCEPTED)


def discount_limits(session: ScopedSession) -> dict[str, Decimal]:
    """Role -> its own limit, and "other" -> that of all the rest, in percent."""
    limits = (setting(session, "quotes") or {}).get("discount_limit_percent", {})
    found = limits if isinstance(limits, dict) else {"other": limits}
    return {"other": USUAL_LIMIT} | {role: Decimal(str(limit)) for role, limit in found.items()}


def discount_limit(session: ScopedSession, role: Role) -> Decimal:
    """Up to so many percent this role gives without asking: the setting "quotes", one value or one for each role."""
    limits = discount_limits(session)
    return limits.get(role.value, limits["other"])
