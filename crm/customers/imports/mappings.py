"""Named ways to read a file: those that come with the product, and those that people saved."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path

from crm.errors import Invalid
from crm.exchange.mapping import Mapping
from crm.office import commands, queries
from crm.session import ScopedSession

BUILT_IN = Path(__file__).parents[1] / "mappings"


@cache
def built_in() -> tuple[Mapping, ...]:
    return tuple(Mapping.model_validate(tomllib.loads(file.read_text("utf-8"))) for file in sorted(BUILT_IN.glob("*.toml")))


def known_mappings(session: ScopedSession, target: str) -> dict[str, Mapping]:
    """By name; a saved one stands before one of the product with the same name."""
    saved = queries.mappings(session, target)
    return {one.name: one for one in built_in() if one.target == target} | {
        name: Mapping.model_validate(values) for name, values in saved.items()
    }


def find_mapping(session: ScopedSession, target: str, name: str) -> Mapping:
    known = known_mappings(session, target)
    if name not in known:
        raise Invalid(
            "There is no mapping {name} for {target}; there are: {known}.", name=name, target=target, known=sorted(known)
        )
    return known[name]


def save_mapping(session: ScopedSession, name: str, mapping: Mapping) -> None:
    """Keep the mapping under a name, for everybody."""
    named = mapping.model_copy(update={"name": name.strip()})
    commands.save_mapping(session, mapping.target, name, named.model_dump(mode="json"))
