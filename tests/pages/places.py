"""Every page with all its sides, as addresses."""

from __future__ import annotations

from typing import Any

Where = dict[str, Any]
"""What stands in the address behind the page."""

SIDES: dict[str, tuple[str, ...]] = {
    "calendar": ("month", "week", "visits"),
    "leads": ("list", "funnel", "second"),
    "pools": ("public", "returned", "invalid"),
    "contracts": ("list", "receivables", "receipts", "renewals"),
    "cases": ("queue", "list", "visits"),
    "service": ("figures", "complaints", "satisfaction"),
    "funnel": ("funnel", "compare", "people", "time", "losses"),
    "forecast": ("forecast", "changed", "accuracy", "chances"),
    "targets": ("attainment", "plans"),
    "team": ("leaderboard", "value", "evaluations", "incentives", "discipline"),
    "roi": ("ledger", "compare", "costs"),
    "churn": ("who", "why"),
    "inbox": ("open", "done"),
}
RECORDS = ("customer", "opportunity", "contract", "case", "lead")
OTHERS: dict[str, list[Where]] = {"overview": [{}, {"view": "trade"}]}


def addresses(page: str, records: dict[str, int]) -> list[Where]:
    about: Where = {page: records[page]} if page in RECORDS else {}
    return [about | {"show": one} for one in SIDES.get(page, ())] + OTHERS.get(page, []) or [about]


VIEWS: dict[str, list[Where]] = {
    "customers": [{"show": "statistics"}],
    "pipeline": [{"show": "list"}],
    "calendar": [{"view": "week"}],
    "cases": [{"show": "problems"}],
    "products": [{"view": one} for one in ("categories", "suppliers", "prices")],
    "people": [{"view": one} for one in ("units", "away")],
    "audit": [{"view": "sign_ins"}],
    "settings": [
        {"view": one} for one in ("tags", "classes", "thresholds", "pipelines", "discounts", "promises", "reminders", "today")
    ],
}
"""Sides on which no figure of a headline stands."""


def every_side(page: str, records: dict[str, int]) -> list[Where]:
    return addresses(page, records) + VIEWS.get(page, [])
