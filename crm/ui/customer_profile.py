"""A customer on one page, for a file or a print: facts by section."""

from __future__ import annotations

from typing import Any

import pandas as pd

from crm.customers import queries
from crm.office.queries import activities_of
from crm.session import ScopedSession
from crm.words import label, say
from crm.words.formats import date_short, number

BASIC: tuple[str, ...] = (
    "code",
    "kind",
    "stage",
    "life_cycle",
    "level",
    "credit_grade",
    "source",
    "region",
    "industry",
    "phone",
    "email",
    "website",
)
BASIC += ("address", "product_field", "preferences", "remark")
TRADE = ("first_order_on", "last_order_on", "order_count", "order_amount", "segment", "asset_rating", "contribution_rating")
_HIDDEN = {"id", "created_at", "updated_at", "version", "deleted_at", "customer_id"}

Sections = list[tuple[str, list[tuple[str, Any]]]]


def facts(record: Any, names: tuple[str, ...]) -> list[tuple[str, Any]]:
    """(label, readable value) of the columns that hold something."""
    return [(label(name), readable(name, getattr(record, name))) for name in names if getattr(record, name) not in (None, "", {})]


def readable(name: str, value: Any) -> Any:
    """Codes as words, days as dates, numbers by the language."""
    if name in {
        "kind",
        "stage",
        "life_cycle",
        "level",
        "credit_grade",
        "source",
        "segment",
        "sex",
        "education",
        "marital_status",
        "influence",
    }:
        return label(str(value), of=name)
    if hasattr(value, "isoformat"):
        return date_short(value)
    return value if isinstance(value, str) else number(value)


def extended_names(profile: Any) -> tuple[str, ...]:
    return tuple(column.name for column in profile.__table__.columns if column.name not in _HIDDEN)


def profile_sections(session: ScopedSession, customer_id: int) -> Sections:
    customer = queries.customer(session, customer_id)
    profile = queries.profile(session, customer_id)
    owner = queries.followed_by(session, customer_id)
    sections: Sections = [
        (say("Basic file"), facts(customer, BASIC)),
        (say("Trade"), [*facts(customer, TRADE), (label("owner"), f"{owner['owner']} · {owner['unit']}")]),
    ]
    if profile is not None:
        sections.append((say("Extended file"), facts(profile, extended_names(profile))))
    sections.append((say("Key persons"), _people(queries.contacts(session, customer_id))))
    sections.append((say("Competitors"), _pairs(queries.competitors(session, customer_id), "name", "products")))
    sections.append((say("Latest activities"), _done(activities_of(session, "customer", customer_id))))
    return [(title, rows) for title, rows in sections if rows]


def _done(activities: pd.DataFrame) -> list[tuple[str, Any]]:
    latest = activities.dropna(subset="happened_on").head(5)
    told = latest["text"].fillna(latest["topic"]).fillna("")
    return [(date_short(day), str(text)[:300]) for day, text in zip(latest["happened_on"], told, strict=True)]


def _people(contacts: pd.DataFrame) -> list[tuple[str, Any]]:
    parts = ["position", "phone", "email"]
    return [
        (str(row["name"]), " · ".join(str(row[name]) for name in parts if pd.notna(row[name]))) for _, row in contacts.iterrows()
    ]


def _pairs(frame: pd.DataFrame, first: str, second: str) -> list[tuple[str, Any]]:
    return [(str(row[first]), row[second] if pd.notna(row[second]) else "") for _, row in frame.iterrows()]
