"""From lead to cash on the machinery board: deals, quotes, contracts, receipts, leads, pools, suppliers and price lists."""

from __future__ import annotations

from random import Random

from crm.catalogue.models import Product
from crm.demo.contracts import add_contracts
from crm.demo.forecasting import look_back
from crm.demo.leads import add_leads
from crm.demo.machinery import FIRMS, SOLD
from crm.demo.names import Names
from crm.demo.people import EAST, MACHINERY, WEST, Company
from crm.demo.pipeline import add_deals
from crm.demo.pools import add_pools, idle_customers
from crm.demo.quoting import add_quotes
from crm.demo.suppliers import add_price_lists, add_suppliers
from crm.demo.writing import Book

_SEED = 1999


def sell(book: Book, company: Company, names: Names, products: dict[str, list[Product]]) -> None:
    """After the customers and their orders are there."""
    settled = book.settled(Random(_SEED))
    board_id, sold = company.units[MACHINERY], [one for name in SOLD for one in products[name]]
    idle = idle_customers(book.session, board_id, f"M{FIRMS:04}")
    deals = add_deals(settled, company, sold, idle.all)
    look_back(settled, board_id, deals)
    approvers = {company.units[EAST]: company.members["lead"].id, company.units[WEST]: company.members["lead2"].id}
    prices, titles = {one.id: int(one.price or 0) for one in sold}, {one.id: one.name for one in sold}
    accepted = add_quotes(settled, approvers, deals, prices, titles)
    add_contracts(settled, board_id, company.members["boardadmin"].id, deals, accepted)
    add_leads(settled, company, names, list(prices), deals)
    add_pools(settled, board_id, idle, deals.drawn.known.day)
    add_suppliers(settled, products)
    add_price_lists(settled, board_id, sold)
