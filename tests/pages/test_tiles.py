"""Every headline figure, on every page and for every role, equals the sum of the rows it leads to."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

from crm.access import SYSTEM
from crm.session import open_as
from crm.ui.menu import BY_PATH, PAGES, allowed
from tests.conftest import new_database
from tests.pages import tile_world
from tests.pages.opened import opened
from tests.pages.places import Where, addresses
from tests.people import people_of

ROLES = ("eve", "dana", "ben", "anna", "bao", "gia", "mia", "amir", "ada")
OF_SOME = ("overview", "calendar", "targets")
AREAS = {"overview", "service", "forecast", "churn", "team", "roi"}


@pytest.fixture(scope="module")
def firm(request, tmp_path_factory):
    """Filled once; nothing here changes it."""
    with new_database("sqlite", True, request, tmp_path_factory.mktemp("tiles")):
        with open_as(SYSTEM) as session:
            people = people_of(session)
        yield people, tile_world.fill(people)


@dataclass
class Walk:
    """What one person finds: each page and address is opened once."""

    person: Any
    seen: dict[Any, Any] = field(default_factory=dict)
    broken: list[str] = field(default_factory=list)
    counted: list[tuple[str, Where, tuple[str, ...]]] = field(default_factory=list)

    def open(self, page: str, where: Where) -> Any:
        key = (page, tuple(sorted((name, str(value)) for name, value in where.items())))
        if key not in self.seen:
            at = opened(BY_PATH[page].path, self.person, **{name: value for name, value in where.items() if value is not None})
            said = [one.message for one in at.exception] + [one.value for one in at.error]
            self.broken += [f"{page} {where}: {one}" for one in said]
            totals = at.session_state["_totals"].get(page) if "_totals" in at.session_state else None
            self.seen[key] = (list(at.session_state["_tiles"].values()) if "_tiles" in at.session_state else [], totals)
        return self.seen[key]

    def follow(self, page: str, where: Where) -> None:
        tiles, _ = self.open(page, where)
        self.counted.append((page, where, tuple(one.name for one in tiles)))
        for one in tiles:
            if one.page is None:
                continue
            _, totals = self.open(one.page, one.where)
            if one.total is None or one.value is None:
                continue
            place = f"{page} {where}: {one.name} = {one.value} leads to {one.page} {one.where}"
            if totals is None or one.total not in totals:
                self.broken.append(f"{place}, which does not tell its {one.total}")
            elif totals[one.total] != pytest.approx(one.value, rel=1e-9, abs=0.005):
                self.broken.append(f"{place}, where {one.total} is {totals[one.total]}")


def walked(person: Any, places: list[tuple[str, Where]]) -> Walk:
    walk = Walk(person)
    for page, where in places:
        if allowed(person.actor, BY_PATH[page].needs):
            walk.follow(page, where)
    return walk


@pytest.fixture(scope="module")
def everywhere(firm):
    """All pages with all their sides, by who sees everything."""
    people, records = firm
    pages = [page.url_path for page in PAGES if not page.public]
    return walked(people.eve, [(page, where) for page in pages for where in addresses(page, records)])


@pytest.fixture(scope="module")
def with_figures(everywhere):
    """Where there are any, the same ones once; and where only some roles have some."""
    once = {(page, names): where for page, where, names in reversed(everywhere.counted) if names}
    found = [(page, where) for (page, _), where in once.items()]
    return found + [(page, {}) for page in OF_SOME if (page, {}) not in found]


@pytest.mark.parametrize("name", ROLES)
def test_every_figure_equals_the_rows_it_leads_to(firm, everywhere, with_figures, name):
    people, _ = firm
    walk = everywhere if name == "eve" else walked(getattr(people, name), with_figures)
    assert walk.broken == [], "\n" + "\n".join(walk.broken)


def test_there_are_figures_in_every_area(everywhere):
    assert {page for page, _, names in everywhere.counted if names} >= AREAS
    assert sum(len(names) for _, _, names in everywhere.counted) > 40
