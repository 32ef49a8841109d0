"""Names of people and firms that nobody has: the words of names.toml, put together by a seeded generator."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

_WORDS = tomllib.loads((Path(__file__).parent / "names.toml").read_text(encoding="utf-8"))
_PEOPLE: dict[str, list[str]] = {key: words.split() for key, words in _WORDS["people"].items()}
_BRANDS: list[str] = _WORDS["firms"]["brands"].split()
_ABROAD: list[str] = _WORDS["firms"]["abroad"]
CITIES: dict[str, list[str]] = _WORDS["cities"]
"""region: cities"""
EASTERN = ("Jiangsu", "Zhejiang", "Shandong", "Liaoning", "Abroad")
_FORMS = ("有限公司", "有限公司", "有限公司", "股份有限公司", "有限责任公司")


def western_people() -> list[str]:
    """Every name there can be, "Clara Winslow"."""
    return [f"{first} {family}" for first in _PEOPLE["first"] for family in _PEOPLE["family"]]


def chinese_people() -> list[str]:
    """Every name there can be, "王海燕"."""
    return [family + given for family in _PEOPLE["chinese_family"] for given in _PEOPLE["chinese_given"]]


@dataclass(frozen=True, slots=True)
class Names:
    """Names of people, each given once."""

    western: Iterator[str]
    chinese: Iterator[str]

    @classmethod
    def drawn(cls, random: Random) -> Names:
        return cls(*(iter(random.sample(names, len(names))) for names in (western_people(), chinese_people())))


def firms(random: Random, count: int, trades: tuple[str, ...], abroad: int = 0) -> list[tuple[str, str, str]]:
    """Different firms -> (name, region, city); the last `abroad` of them are not Chinese."""
    bodies = random.sample([(brand, trade) for brand in _BRANDS for trade in trades], count - abroad)
    regions = list(CITIES)
    found = []
    for brand, trade in bodies:
        region = random.choice(regions)
        city = random.choice(CITIES[region])
        found.append((f"{city}{brand}{trade}{random.choice(_FORMS)}", region, city))
    return found + [(name, "Abroad", "") for name in random.sample(_ABROAD, abroad)]


def chinese_phone(random: Random) -> str:
    return f"139 {random.randrange(10_000):04} {random.randrange(10_000):04}"


def landline(random: Random) -> str:
    return f"0{random.randrange(510, 900)}-{random.randrange(10_000_000):08}"


def american_phone(random: Random) -> str:
    """With the exchange 555, which is nobody's."""
    return f"+1 {random.randrange(201, 990)} 555 {random.randrange(10_000):04}"
