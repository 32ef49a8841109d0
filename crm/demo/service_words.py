"""What is said at the service desks: the sentences of service_topics.toml, in the language of the customer."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

WORDS: dict[str, Any] = tomllib.loads((Path(__file__).parent / "service_topics.toml").read_text(encoding="utf-8"))
_ENGLISH, _OF = 2, 5
"""So many of so many customers here write English; abroad all do."""


@dataclass(frozen=True, slots=True)
class Topic:
    """What a case is about."""

    key: str
    kind: str
    categories: tuple[str, ...]
    weight: int
    cause: str
    subject: dict[str, str]
    text: dict[str, str]
    solution: dict[str, str]
    complaint_class: str | None = None
    unit: str | None = None
    """Whom a complaint is about."""
    team: str | None = None
    """Who else has to do with it."""
    problem: str | None = None
    item: str = "case"


def topics(board: str) -> list[Topic]:
    found = []
    for row in WORDS["topic"]:
        if row["board"] == board:
            about = {name: value for name, value in row.items() if name not in ("board", "class", "categories")}
            categories = tuple(row["categories"])
            found.append(Topic(**about, categories=categories, complaint_class=row.get("class")))
    return found


def language(customer_id: int, region: str | None) -> str:
    return "en" if region == "Abroad" or customer_id % _OF < _ENGLISH else "zh"


def one_of(random: Random, name: str, spoken: str) -> str:
    return str(random.choice(WORDS[name][spoken]))


def product_name(name: str, spoken: str) -> str:
    """Products carry both names: "Machining centre VMC-650 立式加工中心"."""
    *english, chinese = name.split()
    if not english:
        return name
    if spoken == "en":
        return " ".join(english)
    codes = [word for word in english if any(sign.isdigit() for sign in word) and any(sign.isupper() for sign in word)]
    return " ".join([*codes, chinese])
