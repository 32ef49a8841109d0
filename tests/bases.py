"""Whole bases of customers from a frame of purchases, written in bulk."""

from __future__ import annotations

import pandas as pd

from crm.access import SYSTEM
from crm.analytics.clv.simulate import simulate_pareto_nbd
from crm.bulk import bulk_insert
from crm.customers.models import Customer, Order
from crm.database import MONEY_SCALE
from crm.session import open_as
from tests.people import Person

SLOWLY = {"r": 0.55, "alpha": 10.6, "s": 0.6, "beta": 11.7}


def sell(bought: pd.DataFrame, owner: Person) -> None:
    """customer_id, date, amount: an order a row, of customers of this owner."""
    with open_as(SYSTEM) as session:
        names = sorted(bought["customer_id"].unique())
        keys_of = [f"{owner.username}{name}" for name in names]
        people = pd.DataFrame({"code": keys_of, "name": keys_of, "name_key": keys_of, "search_text": keys_of})
        whose = {"board_id": owner.board_id, "owner_id": owner.id, "team_id": owner.unit_id}
        what = {"kind": "retail", "stage": "transacting", "life_cycle": "active", "order_count": 0, "order_amount": 0}
        rows = people.assign(**whose, **what, custom=[{}] * len(people))
        ids = dict(zip(names, bulk_insert(session, Customer, rows), strict=True))
        orders = pd.DataFrame({"customer_id": bought["customer_id"].map(ids), "ordered_on": bought["date"], "kind": "sale"})
        orders["amount"] = (bought["amount"] * MONEY_SCALE).round().astype("int64")
        orders["number"] = [f"{owner.username}{number}" for number in range(len(orders))]
        bulk_insert(session, Order, orders.assign(board_id=owner.board_id, seller_id=owner.id))


def some_purchases(customers: int, seed: int = 5) -> pd.DataFrame:
    bought, _ = simulate_pareto_nbd(SLOWLY, customers, 60, seed=seed, entry=10)
    return bought.assign(amount=20.0 + bought["customer_id"] % 7)
