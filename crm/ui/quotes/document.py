"""A quote as a sheet to send to the customer, in his language and in the money of the board."""

from __future__ import annotations

from functools import partial
from typing import Any

import streamlit as st

from crm.exchange.offers import Column, offer_xlsx
from crm.office.commands import log_export
from crm.pipeline.models import Quote
from crm.pipeline.queries import quote, quote_lines
from crm.session import ScopedSession, get
from crm.staff.models import OrgUnit, User
from crm.staff.sign_in import SignedIn
from crm.ui.deferred import still_here
from crm.ui.desk import me
from crm.ui.exporter import MIME
from crm.ui.table import records
from crm.words import Language, label, say

LANGUAGES: dict[Language, str] = {"en": "English", "zh": "中文"}
MONEY, QUANTITY, PERCENT = "#,##0.00", "#,##0.##", '0.0"%"'


def document_button(quote_id: int, title: str) -> None:
    """Nothing for whoever may not export. Every file that goes out stands in the export log."""
    person = me()
    if not person.actor.may("export", "pipeline"):
        return
    with st.popover("", icon=":material/print:", help=say("Quote as an Excel sheet for the customer"), key="quote.document"):
        for spoken, name in LANGUAGES.items():
            st.download_button(
                name,
                data=partial(document, person, spoken, quote_id),
                file_name=f"{title}.{spoken}.xlsx",
                mime=MIME["xlsx"],
                key=f"quote.document.{spoken}",
                on_click="ignore",
                icon=":material/table_view:",
                width="stretch",
            )


def document(person: SignedIn, spoken: Language, quote_id: int) -> bytes:
    with still_here(person, spoken) as session:
        found = quote(session, quote_id)
        log_export(session, "quote", "xlsx", 1, {"quote": found.title, "language": spoken}, "pipeline")
        return _sheet(session, found)


def _sheet(session: ScopedSession, found: Quote) -> bytes:
    board = get(session, OrgUnit, found.opportunity.board_id)
    seller = session.get(User, found.opportunity.owner_id or found.by_id)
    customer = found.opportunity.customer
    facts = [
        (label("quote"), found.title),
        (label("valid_until"), found.valid_until),
        (label("customer"), customer.name if customer else None),
        (say("Offered by"), board.name),
        (say("Subject"), found.opportunity.name),
        (say("Your contact"), seller.name if seller else None),
    ]
    lines = records(quote_lines(session, found.id))
    discounts = any(line.discount_percent for line in lines)
    rows = [_cells(place, line, discounts) for place, line in enumerate(lines, start=1)]
    total = (say("Total {currency}", currency=board.currency or ""), found.amount)
    return offer_xlsx(say("Quotation"), facts, _columns(board.currency or "", discounts), rows, total, found.terms or "")


def _columns(currency: str, discounts: bool) -> list[Column]:
    columns = [
        Column("#", 12),
        Column(label("description"), 34),
        Column(say("Unit of measure"), 9),
        Column(label("quantity"), 11, QUANTITY),
        Column(f"{label('unit_price')} {currency}".strip(), 15, MONEY),
    ]
    columns += [Column(say("Discount"), 10, PERCENT)] if discounts else []
    return [*columns, Column(f"{label('amount')} {currency}".strip(), 17, MONEY)]


def _cells(place: int, line: Any, discounts: bool) -> list[object]:
    unit = line.unit if isinstance(line.unit, str) else None
    cells = [str(place), line.description, unit, float(line.quantity), float(line.unit_price)]
    return [*cells, *([float(line.discount_percent)] if discounts else []), float(line.amount)]
