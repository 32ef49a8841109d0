"""A published model and scores, without fitting anything."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from crm.access import SYSTEM
from crm.customers.models import Customer, CustomerScore, ModelRun
from crm.session import open_as
from tests.people import TODAY

BG_NBD = {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426}
"""Fader, Hardie, Lee 2005, table 2."""
SPEND = {"p": 6.25, "q": 3.74, "v": 15.44}


def a_run(board_id: int, **changes: Any) -> ModelRun:
    """The published BG/NBD of CDNOW, with a spend model, up to a month before TODAY."""
    values: dict[str, Any] = {
        "model": "bg_nbd",
        "by_id": 0,
        "cutoff_on": TODAY - dt.timedelta(30),
        "customers": 2357,
        "settings": {},
        "parameters": BG_NBD | {"spend": SPEND},
        "intervals": {},
        "diagnosis": "interior",
        "holdout": {},
    }
    with open_as(SYSTEM) as session:
        run = ModelRun(board_id=board_id, **values | changes)
        session.add(run)
    return run


def a_score(customer: Customer, run: ModelRun, **changes: Any) -> CustomerScore:
    """As of TODAY: still there with 80 %, two orders to come, worth 300 in all, 75 of it at risk."""
    values: dict[str, Any] = {
        "as_of": TODAY,
        "frequency": 3,
        "recency": 20.0,
        "T": 30.0,
        "monetary_value": Decimal(50),
        "expected_spend": Decimal(50),
        "p_alive": 0.8,
        "expected_orders": 2.0,
        "expected_value": Decimal(100),
        "lifetime_value": Decimal(300),
        "value_at_risk": Decimal(75),
        "next_order_from": TODAY + dt.timedelta(10),
        "next_order_until": TODAY + dt.timedelta(40),
    }
    with open_as(SYSTEM) as session:
        score = CustomerScore(customer_id=customer.id, model_run_id=run.id, **values | changes)
        session.add(score)
    return score
